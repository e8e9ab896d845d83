//! What accounts at exchanges hold.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, CopyId, OwnerId, TradeId};
use flotilla_domain::trade::Direction;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};

/// An open position, as the exchange says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenuePosition {
    /// Contract.
    pub symbol: String,
    /// Which way it profits.
    pub direction: Direction,
    /// In the base currency.
    pub quantity: Decimal,
    /// Average entry price.
    pub average_price: Decimal,
    /// Price by which the exchange judges it.
    pub mark_price: Option<Decimal>,
    /// Open profit, in the margin currency.
    pub unrealised: Decimal,
    /// Leverage.
    pub leverage: Option<Decimal>,
    /// Price at which it is liquidated.
    pub liquidation_price: Option<Decimal>,
}

/// An open position of one of an owner's accounts, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPosition {
    /// The account.
    pub account_id: AccountId,
    /// Instrument.
    pub symbol: String,
    /// Which way it profits.
    pub direction: Direction,
    /// In the base currency at an exchange, in lots at a terminal.
    pub quantity: Decimal,
    /// The copy it belongs to.
    pub copy_id: Option<CopyId>,
    /// Row of the journal, at a terminal.
    pub trade_id: Option<TradeId>,
    /// Average entry price.
    pub average_price: Option<Decimal>,
    /// Price by which the exchange judges it.
    pub mark_price: Option<Decimal>,
    /// Open profit, in the account's currency.
    pub unrealised: Option<Decimal>,
    /// Leverage.
    pub leverage: Option<Decimal>,
    /// Price at which it is liquidated.
    pub liquidation_price: Option<Decimal>,
    /// Whether the exchange says so; otherwise the journal.
    pub is_at_venue: bool,
    /// Whether nothing here has opened it.
    pub is_foreign: bool,
    /// When that was last known to be so.
    pub read_at: DateTime<Utc>,
    /// Time of the database.
    pub now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct PositionRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    copy_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    trade_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Numeric>)]
    average_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    mark_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    unrealised: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    leverage: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    liquidation_price: Option<Decimal>,
    #[diesel(sql_type = Bool)]
    is_at_venue: bool,
    #[diesel(sql_type = Bool)]
    is_foreign: bool,
    #[diesel(sql_type = Timestamptz)]
    read_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// Replaces all that an account holds.
pub async fn replace(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    held: &[VenuePosition],
) -> StoreResult<()> {
    sql_query(
        "with held as (
            select * from unnest($3, $4, $5, $6, $7, $8, $9, $10)
                as v (symbol, direction, quantity, average_price, mark_price, unrealised, leverage,
                    liquidation_price)),
        gone as (
            delete from venue_positions p where p.account_id = $1
                and not exists (select from held h where h.symbol = p.symbol and h.direction = p.direction)),
        noted as (
            insert into venue_accounts (account_id, owner_id, positions_at) values ($1, $2, now())
            on conflict (account_id) do update set positions_at = now())
         insert into venue_positions (account_id, owner_id, symbol, direction, quantity, average_price, mark_price,
            unrealised, leverage, liquidation_price)
         select $1, $2, h.* from held h
         on conflict (account_id, symbol, direction) do update set
            quantity = excluded.quantity, average_price = excluded.average_price,
            mark_price = coalesce(excluded.mark_price, venue_positions.mark_price),
            unrealised = excluded.unrealised,
            leverage = coalesce(excluded.leverage, venue_positions.leverage),
            liquidation_price = excluded.liquidation_price, read_at = now()",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<Text>, _>(held.iter().map(|one| one.symbol.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(held.iter().map(|one| one.direction.as_str()).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(held.iter().map(|one| one.quantity).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(held.iter().map(|one| one.average_price).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(held.iter().map(|one| one.mark_price).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(held.iter().map(|one| one.unrealised).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(held.iter().map(|one| one.leverage).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(held.iter().map(|one| one.liquidation_price).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// What accounts of an owner hold; `None`: all of them. Positions of terminals are those of the journal.
///
/// What copies of ours hold of a position at an exchange is one entry each, the oldest first, and what is left of it is
/// foreign.
pub async fn list(tx: &mut Tx, owner: OwnerId, account: Option<AccountId>) -> StoreResult<Vec<HeldPosition>> {
    let rows: Vec<PositionRow> = sql_query(LIST)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Nullable<SqlUuid>, _>(account.map(AccountId::uuid))
        .get_results(tx)
        .await?;
    rows.into_iter().map(PositionRow::held).collect()
}

const LIST: &str = "
    with venue as (
        select p.*, coalesce(v.positions_at, p.read_at) as seen_at
        from venue_positions p left join venue_accounts v on v.account_id = p.account_id
        where p.owner_id = $1 and ($2 is null or p.account_id = $2)),
    ours as (
        select v.copy_id, c.id as turn, c.follower_account_id as account_id, v.symbol, v.direction,
            sum(case v.leg when 'open' then v.filled else -v.filled end) as quantity
        from copy_orders c
        join venue_orders v on v.copy_id = c.copy_id and v.owner_id = c.owner_id
        where c.owner_id = $1 and c.follower_account_id in (select account_id from venue)
            and c.state in ('open', 'unconfirmed', 'closing', 'attention')
        group by v.copy_id, c.id, c.follower_account_id, v.symbol, v.direction
        having sum(case v.leg when 'open' then v.filled else -v.filled end) > 0),
    parts as (
        select v.account_id, v.symbol, v.direction, o.copy_id, o.turn, o.quantity
        from venue v join ours o using (account_id, symbol, direction)
        union all
        select v.account_id, v.symbol, v.direction, null, null, v.quantity - coalesce(sum(o.quantity), 0)
        from venue v left join ours o using (account_id, symbol, direction)
        group by v.account_id, v.symbol, v.direction, v.quantity)
    select v.account_id, v.symbol, v.direction, p.quantity, p.copy_id, null::uuid as trade_id,
        v.average_price, v.mark_price, round(v.unrealised * p.quantity / v.quantity, 8) as unrealised, v.leverage,
        v.liquidation_price, true as is_at_venue, p.copy_id is null as is_foreign, v.seen_at as read_at, now() as now,
        p.turn
    from parts p join venue v using (account_id, symbol, direction)
    where p.quantity > 0
    union all
    select t.account_id, t.symbol, t.direction, t.quantity, t.copy_id, t.id,
        t.entry_price, null, null, null, null, false, false,
        coalesce(s.last_seen_at, t.updated_at), now(), null
    from trades t
    join accounts a on a.id = t.account_id
    left join sessions s on s.account_id = t.account_id
    where t.owner_id = $1 and ($2 is null or t.account_id = $2) and t.status = 'open'
        and a.platform not in ('bingx', 'paper') and t.source in ('ea', 'copy')
    order by account_id, symbol, direction, turn nulls last, trade_id";

impl PositionRow {
    fn held(self) -> StoreResult<HeldPosition> {
        Ok(HeldPosition {
            account_id: self.account_id.into(),
            direction: known("positions.direction", &self.direction)?,
            symbol: self.symbol,
            quantity: self.quantity,
            copy_id: self.copy_id.map(Into::into),
            trade_id: self.trade_id.map(Into::into),
            average_price: self.average_price,
            mark_price: self.mark_price,
            unrealised: self.unrealised,
            leverage: self.leverage,
            liquidation_price: self.liquidation_price,
            is_at_venue: self.is_at_venue,
            is_foreign: self.is_foreign,
            read_at: self.read_at,
            now: self.now,
        })
    }
}
