//! The journal of orders at exchanges: written before a request leaves, settled by what is heard.
//!
//! * [`open`]: planned copies, and the claim that writes copy and order in one commit.
//! * [`close`]: copies that are to be flat, and the claim of their next order.
//! * [`books`]: what copies hold by their orders.
//! * [`found`]: names of orders that the exchange has, and whether a row knows them.
//! * [`exits`]: stops and targets that came with what opened them; [`exit_wishes`]: those that were changed since.
//! * [`views`]: orders as their owners read them.

pub mod books;
pub mod close;
pub mod exit_wishes;
pub mod exits;
pub mod found;
pub mod open;
pub mod views;

use chrono::{DateTime, Utc};
use diesel::sql_types::{
    Array, BigInt, Double, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::venue_order::VenueOrder;
use flotilla_domain::id::{AccountId, CopyId, NodeId};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::prepared::Prepared;

#[derive(QueryableByName)]
struct OrderRow {
    #[diesel(sql_type = Text)]
    client_id: String,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = Text)]
    leg: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    units_per_lot: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    order_id: Option<String>,
    #[diesel(sql_type = Numeric)]
    filled: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    average_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    fee: Option<Decimal>,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = Integer)]
    sendings: i32,
    #[diesel(sql_type = Timestamptz)]
    sent_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    absences: i32,
    #[diesel(sql_type = Nullable<Text>)]
    words: Option<String>,
}

pub(crate) const COLUMNS: &str = "v.client_id, v.owner_id, v.follower_account_id, v.copy_id, v.leg, v.version, v.symbol,
    v.direction, v.quantity, v.units_per_lot, v.stop_loss, v.take_profit, v.state, v.order_id, v.filled, v.average_price, v.fee, v.epoch,
    v.sendings, v.sent_at, v.absences, v.words";

impl OrderRow {
    fn order(self) -> StoreResult<VenueOrder> {
        Ok(VenueOrder {
            client_id: self.client_id,
            owner_id: self.owner_id.into(),
            follower_id: self.follower_account_id.into(),
            copy_id: self.copy_id.into(),
            leg: known("venue_orders.leg", &self.leg)?,
            version: self.version,
            symbol: self.symbol,
            direction: known("venue_orders.direction", &self.direction)?,
            quantity: self.quantity,
            units: self.units_per_lot,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
            state: known("venue_orders.state", &self.state)?,
            order_id: self.order_id,
            filled: self.filled,
            average_price: self.average_price,
            fee: self.fee,
            epoch: self.epoch,
            sendings: self.sendings,
            sent_at: self.sent_at,
            absences: self.absences,
            words: self.words,
        })
    }
}

fn orders(rows: Vec<OrderRow>) -> StoreResult<Vec<VenueOrder>> {
    rows.into_iter().map(OrderRow::order).collect()
}

/// Seconds after which somebody else asks for an order whose sender is silent.
const ABANDONED_AFTER_S: f64 = 30.0;

/// Writes an order that is about to be sent.
///
/// # Errors
///
/// [`StoreError::Constraint`] `venue_orders_client_id` when an order of this name exists.
pub(crate) async fn insert(tx: &mut Tx, order: &VenueOrder) -> StoreResult<()> {
    let query = sql_query(
        "insert into venue_orders (owner_id, follower_account_id, copy_id, leg, version, client_id, symbol, direction,
            quantity, units_per_lot, state, filled, average_price, epoch, due_at, answered_at, words, stop_loss, take_profit, sent_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
            case when $11 = 'intended' then now() + make_interval(secs => $15) end,
            case when $11 <> 'intended' then now() end, $16, $17, $18, $19)",
    )
    .bind::<SqlUuid, _>(order.owner_id.uuid())
    .bind::<SqlUuid, _>(order.follower_id.uuid())
    .bind::<SqlUuid, _>(order.copy_id.uuid())
    .bind::<Text, _>(order.leg.as_str())
    .bind::<Integer, _>(order.version)
    .bind::<Text, _>(&order.client_id)
    .bind::<Text, _>(&order.symbol)
    .bind::<Text, _>(order.direction.as_str())
    .bind::<Numeric, _>(order.quantity)
    .bind::<Numeric, _>(order.units)
    .bind::<Text, _>(order.state.as_str())
    .bind::<Numeric, _>(order.filled)
    .bind::<Nullable<Numeric>, _>(order.average_price)
    .bind::<BigInt, _>(order.epoch)
    .bind::<Double, _>(ABANDONED_AFTER_S)
    .bind::<Nullable<Text>, _>(order.words.as_deref())
    .bind::<Nullable<Numeric>, _>(order.stop_loss)
    .bind::<Nullable<Numeric>, _>(order.take_profit)
    .bind::<Timestamptz, _>(order.sent_at);
    Prepared(query).execute(tx).await?;
    Ok(())
}

/// Locks an order by its name, after its copy.
pub async fn lock(tx: &mut Tx, client_id: &str) -> StoreResult<VenueOrder> {
    let query = sql_query(format!("select {COLUMNS} from venue_orders v where v.client_id = $1 for update"))
        .bind::<Text, _>(client_id);
    let rows: Vec<OrderRow> = Prepared(query).get_results(tx).await?;
    orders(rows)?.pop().ok_or(StoreError::NotFound("order"))
}

/// An order of an account by its name, as it is now.
pub async fn find(tx: &mut Tx, account: AccountId, client_id: &str) -> StoreResult<Option<VenueOrder>> {
    let rows: Vec<OrderRow> = sql_query(format!(
        "select {COLUMNS} from venue_orders v where v.client_id = $1 and v.follower_account_id = $2"
    ))
    .bind::<Text, _>(client_id)
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    Ok(orders(rows)?.pop())
}

/// Milliseconds since an order was first written down, rounded up.
pub async fn age_ms(tx: &mut Tx, client_id: &str) -> StoreResult<i64> {
    #[derive(QueryableByName)]
    struct AgeRow {
        #[diesel(sql_type = BigInt)]
        age_ms: i64,
    }
    let rows: Vec<AgeRow> = sql_query(
        "select ceil(extract(epoch from clock_timestamp() - created_at) * 1000)::bigint as age_ms
         from venue_orders where client_id = $1",
    )
    .bind::<Text, _>(client_id)
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(|row| row.age_ms.max(0)).ok_or(StoreError::NotFound("order"))
}

/// Writes what is known of a locked order.
///
/// `ask_in_s`: when the exchange is asked for it by whoever looks then; `None`: it is over.
pub async fn save(tx: &mut Tx, order: &VenueOrder, ask_in_s: Option<f64>) -> StoreResult<()> {
    let query = sql_query(
        "update venue_orders set
            state = $2, order_id = $3, filled = $4, average_price = $5, epoch = $6, sendings = $7, sent_at = $8,
            absences = $9, words = $10,
            due_at = now() + make_interval(secs => $11),
            answered_at = case when $2 in ('accepted', 'filled', 'refused') then coalesce(answered_at, now())
                else answered_at end,
            fees_due_at = case when $2 = 'filled' and fee is null and leg <> 'external'
                then now() + interval '1 second' end,
            updated_at = now()
         where client_id = $1",
    )
    .bind::<Text, _>(&order.client_id)
    .bind::<Text, _>(order.state.as_str())
    .bind::<Nullable<Text>, _>(order.order_id.as_deref())
    .bind::<Numeric, _>(order.filled)
    .bind::<Nullable<Numeric>, _>(order.average_price)
    .bind::<BigInt, _>(order.epoch)
    .bind::<Integer, _>(order.sendings)
    .bind::<Timestamptz, _>(order.sent_at)
    .bind::<Integer, _>(order.absences)
    .bind::<Nullable<Text>, _>(order.words.as_deref())
    .bind::<Nullable<Double>, _>(ask_in_s);
    Prepared(query).execute(tx).await?;
    Ok(())
}

/// Orders for which the exchange is to be asked, of accounts that `node` serves, longest due first.
///
/// They are due again in a while, should whoever takes them die.
pub async fn take_due(tx: &mut Tx, node: NodeId, limit: i64) -> StoreResult<Vec<VenueOrder>> {
    let rows: Vec<OrderRow> = sql_query(format!(
        "with due as (
            select o.id from venue_orders o
            join sessions s on s.account_id = o.follower_account_id and s.node_id = $1 and s.venue is not null
            where o.due_at <= now()
            order by o.due_at
            limit $2
            for update of o skip locked)
         update venue_orders v set due_at = now() + make_interval(secs => $3)
         from due where v.id = due.id
         returning {COLUMNS}"
    ))
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<BigInt, _>(limit)
    .bind::<Double, _>(ABANDONED_AFTER_S)
    .get_results(tx)
    .await?;
    orders(rows)
}

/// Has the exchange asked for every order of an account that is not over: whoever sent them is gone.
pub async fn make_due(tx: &mut Tx, account: AccountId) -> StoreResult<()> {
    sql_query(
        "update venue_orders set due_at = now()
         where follower_account_id = $1 and owner_id = (select owner_id from accounts where id = $1)
            and state in ('intended', 'accepted', 'unknown')",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

/// All orders of copies, oldest first.
pub async fn list_of(tx: &mut Tx, copies: &[CopyId]) -> StoreResult<Vec<VenueOrder>> {
    let copies: Vec<Uuid> = copies.iter().map(|copy| copy.uuid()).collect();
    let query =
        sql_query(format!("select {COLUMNS} from venue_orders v where v.copy_id = any($1) order by v.id"))
            .bind::<Array<SqlUuid>, _>(copies);
    let rows: Vec<OrderRow> = Prepared(query).get_results(tx).await?;
    orders(rows)
}
