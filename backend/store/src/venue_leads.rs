//! How far orders of masters at exchanges have become signals.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension as _, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::ticket::Ticket;
use flotilla_domain::venue_trades::Slot;
use rust_decimal::Decimal;

use crate::Tx;
use crate::error::{StoreResult, known};

/// An order, as far as it became signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadOrder {
    /// The exchange's name of it.
    pub order_id: String,
    /// So much of it.
    pub filled: Decimal,
    /// Price times quantity of that.
    pub value: Decimal,
    /// Nothing more of it will be filled.
    pub is_over: bool,
}

/// What a master holds in one contract and slot, as far as it became signals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadPosition {
    /// Contract.
    pub symbol: String,
    /// Which position.
    pub slot: Slot,
    /// Below zero is short.
    pub quantity: Decimal,
    /// Under which followers have it.
    pub ticket: Option<Ticket>,
    /// Its stop, as followers were told last.
    pub stop_loss: Option<Decimal>,
    /// Its target, as followers were told last.
    pub take_profit: Option<Decimal>,
}

#[derive(QueryableByName)]
struct OrderRow {
    #[diesel(sql_type = Text)]
    order_id: String,
    #[diesel(sql_type = Numeric)]
    filled: Decimal,
    #[diesel(sql_type = Numeric)]
    value: Decimal,
    #[diesel(sql_type = Bool)]
    is_over: bool,
}

#[derive(QueryableByName)]
struct PositionRow {
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    slot: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Nullable<BigInt>)]
    ticket: Option<i64>,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
}

#[derive(QueryableByName)]
struct UidRow {
    #[diesel(sql_type = Nullable<Text>)]
    uid: Option<String>,
}

#[derive(QueryableByName)]
struct ToldRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    leads_until: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct BegunRow {
    #[diesel(sql_type = Bool)]
    has_begun: bool,
}

/// Whether the orders of an account are followed already: of that one at the exchange, where its number is known.
pub async fn has_begun(tx: &mut Tx, account: AccountId, uid: Option<&str>) -> StoreResult<bool> {
    let row: Option<BegunRow> = sql_query(
        "select leads_from is not null and coalesce(leads_uid, uid, $2) is not distinct from coalesce($2, leads_uid, uid)
            as has_begun
         from venue_accounts where account_id = $1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Nullable<Text>, _>(uid)
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.is_some_and(|row| row.has_begun))
}

/// Number of the account at the exchange whose orders are, or were, signals of this one.
pub async fn leading_uid(tx: &mut Tx, account: AccountId) -> StoreResult<Option<String>> {
    let row: Option<UidRow> = sql_query(
        "select coalesce(leads_uid, uid) as uid from venue_accounts
         where account_id = $1 and leads_from is not null",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.and_then(|row| row.uid))
}

/// Begins to follow an account's orders: what it holds and what was filled `until` now is nobody's signal. What is known
/// of another one at the exchange is forgotten: its followers must have left before.
pub async fn begin(
    tx: &mut Tx,
    whose: (OwnerId, AccountId),
    (uid, until): (Option<&str>, DateTime<Utc>),
    (held, filled): (&[LeadPosition], &[LeadOrder]),
) -> StoreResult<()> {
    let (owner, account) = whose;
    sql_query(
        "insert into venue_accounts (account_id, owner_id, leads_from, leads_until, leads_uid)
         values ($1, $2, now(), $3, $4)
         on conflict (account_id) do update set
            leads_from = now(), leads_until = excluded.leads_until, leads_uid = excluded.leads_uid",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Timestamptz, _>(until)
    .bind::<Nullable<Text>, _>(uid)
    .execute(tx)
    .await?;
    sql_query("delete from venue_lead_orders where account_id = $1")
        .bind::<SqlUuid, _>(account.uuid())
        .execute(tx)
        .await?;
    sql_query(
        "update venue_lead_positions set quantity = 0, ticket = null, stop_loss = null, take_profit = null
         where account_id = $1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .execute(tx)
    .await?;
    for position in held {
        save_position(tx, whose, position).await?;
    }
    for order in filled {
        save_order(tx, whose, order).await?;
    }
    Ok(())
}

/// Until when all fills of a master became signals, where that was noted: of this account at the exchange, where its
/// number is known.
pub async fn told_until(
    tx: &mut Tx,
    account: AccountId,
    uid: Option<&str>,
) -> StoreResult<Option<DateTime<Utc>>> {
    let row: Option<ToldRow> = sql_query(
        "select leads_until from venue_accounts
         where account_id = $1 and coalesce(leads_uid, $2) is not distinct from coalesce($2, leads_uid)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Nullable<Text>, _>(uid)
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.and_then(|row| row.leads_until))
}

/// Notes until when all fills of a master became signals: whoever goes on begins there. Nothing once another account at
/// the exchange leads.
pub async fn keep_told(
    tx: &mut Tx,
    account: AccountId,
    uid: Option<&str>,
    until: DateTime<Utc>,
) -> StoreResult<()> {
    sql_query(
        "update venue_accounts set leads_until = $3, leads_uid = coalesce(leads_uid, $2)
         where account_id = $1 and leads_from is not null and (leads_until is null or leads_until < $3)
            and coalesce(leads_uid, $2) is not distinct from coalesce($2, leads_uid)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Nullable<Text>, _>(uid)
    .bind::<Timestamptz, _>(until)
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of `ids` that are known.
pub async fn list_orders(tx: &mut Tx, account: AccountId, ids: &[String]) -> StoreResult<Vec<LeadOrder>> {
    let rows: Vec<OrderRow> = sql_query(
        "select order_id, filled, value, is_over from venue_lead_orders
         where account_id = $1 and order_id = any($2)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Array<Text>, _>(ids)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(OrderRow::order).collect())
}

/// Replaces what is known of an order.
pub async fn save_order(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    order: &LeadOrder,
) -> StoreResult<()> {
    sql_query(
        "insert into venue_lead_orders (account_id, owner_id, order_id, filled, value, is_over)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id, order_id) do update set
            filled = excluded.filled, value = excluded.value, is_over = excluded.is_over, at = now()",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(order.order_id.as_str())
    .bind::<Numeric, _>(order.filled)
    .bind::<Numeric, _>(order.value)
    .bind::<Bool, _>(order.is_over)
    .execute(tx)
    .await?;
    Ok(())
}

/// What the account holds, as far as it became signals.
pub async fn list_positions(tx: &mut Tx, account: AccountId) -> StoreResult<Vec<LeadPosition>> {
    let rows: Vec<PositionRow> = sql_query(
        "select symbol, slot, quantity, ticket, stop_loss, take_profit from venue_lead_positions
         where account_id = $1 and quantity <> 0
         order by symbol, slot",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    rows.into_iter().map(PositionRow::position).collect()
}

/// Replaces what the account holds in one contract and slot.
pub async fn save_position(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    position: &LeadPosition,
) -> StoreResult<()> {
    sql_query(
        "insert into venue_lead_positions (account_id, owner_id, symbol, slot, quantity, ticket, stop_loss, take_profit)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (account_id, symbol, slot) do update set
            quantity = excluded.quantity, ticket = excluded.ticket, stop_loss = excluded.stop_loss,
            take_profit = excluded.take_profit",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(position.symbol.as_str())
    .bind::<Text, _>(position.slot.as_str())
    .bind::<Numeric, _>(position.quantity)
    .bind::<Nullable<BigInt>, _>(position.ticket.map(Ticket::value))
    .bind::<Nullable<Numeric>, _>(position.stop_loss)
    .bind::<Nullable<Numeric>, _>(position.take_profit)
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets orders that were over long ago: nothing tells of them any more.
pub async fn forget_old(tx: &mut Tx) -> StoreResult<()> {
    sql_query("delete from venue_lead_orders where is_over and at < now() - interval '8 days'")
        .execute(tx)
        .await?;
    Ok(())
}

impl OrderRow {
    fn order(self) -> LeadOrder {
        let Self { order_id, filled, value, is_over } = self;
        LeadOrder { order_id, filled, value, is_over }
    }
}

impl PositionRow {
    fn position(self) -> StoreResult<LeadPosition> {
        Ok(LeadPosition {
            symbol: self.symbol,
            slot: known("venue_lead_positions.slot", &self.slot)?,
            quantity: self.quantity,
            ticket: self.ticket.and_then(|ticket| Ticket::new(ticket).ok()),
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
        })
    }
}
