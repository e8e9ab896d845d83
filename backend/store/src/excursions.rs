//! Trades at exchanges of which it is to be computed how far they ran.
//!
//! They are noted when they are closed ([`crate::venue_orders::books::write_results`],
//! [`crate::venue_ledger::save_trade`]). Trades of people, of files, of terminals and on paper never are.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, CopyId, OwnerId, TradeId};
use flotilla_domain::trade::Execution;
use flotilla_domain::trade::excursion::Excursion;
use flotilla_domain::venue::VenueEnvironment;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};

/// Fills that are read of a trade at most. One of more gets no figures: they would have to be held and gone through
/// all at once.
const MOST_FILLS: usize = 5_000;

/// Fills of the orders of a copy. Those of an order have no quantity unless they add up to what the books have of it:
/// the list of fills lags behind. What closed of copies may have closed more than they held.
const FILLS_OF_COPY: &str = "
    with own as (
        select id, follower_account_id, order_id, filled from venue_orders
        where owner_id = $1 and copy_id = $2 and filled > 0),
    booked as (
        select o.order_id, sum(o.filled) as filled, bool_and(o.leg = 'external') as may_be_more
        from venue_orders o
        where o.owner_id = $1 and o.follower_account_id in (select follower_account_id from own)
            and o.order_id in (select order_id from own)
        group by o.order_id),
    fills as (
        select x.*, v.filled, sum(x.quantity) over (partition by v.id) as known, b.filled as booked, b.may_be_more
        from own v
        left join booked b on b.order_id = v.order_id
        left join venue_fills x on x.account_id = v.follower_account_id and x.order_id = v.order_id)
    select side, price, filled_at as at,
        round(case when known = booked or (may_be_more and known > booked) then quantity * filled / known end, 10)
            as quantity
    from fills
    order by filled_at, trade_id
    limit $3";

/// A trade whose figures are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The trade.
    pub id: TradeId,
    /// Tenant.
    pub owner_id: OwnerId,
    /// The account.
    pub account_id: AccountId,
    /// The copy that made it.
    pub copy_id: Option<CopyId>,
    /// Contract.
    pub symbol: String,
    /// Last exit; figures are of a trade that ended then.
    pub exit_at: DateTime<Utc>,
    /// All that was entered; they are of a trade of that.
    pub quantity: Decimal,
    /// Average price of it, likewise.
    pub entry_price: Option<Decimal>,
    /// Where it was traded.
    pub environment: VenueEnvironment,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    copy_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Timestamptz)]
    exit_at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    entry_price: Option<Decimal>,
    #[diesel(sql_type = Text)]
    environment: String,
}

#[derive(QueryableByName)]
struct FillRow {
    #[diesel(sql_type = Nullable<Text>)]
    side: Option<String>,
    #[diesel(sql_type = Nullable<Numeric>)]
    quantity: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// Trades that are due, longest due first; no other call returns them before they are due again.
///
/// They are due again after ten seconds, a minute, ten minutes and an hour, and then no more.
pub async fn take_due(tx: &mut Tx, limit: i64) -> StoreResult<Vec<Due>> {
    let rows: Vec<DueRow> = sql_query(
        "with due as (
            select trade_id from trade_excursions
            where due_at <= now()
            order by due_at
            limit $1
            for update skip locked)
         update trade_excursions e set
            tries = e.tries + 1,
            due_at = now() + case e.tries when 0 then interval '10 seconds' when 1 then interval '1 minute'
                when 2 then interval '10 minutes' when 3 then interval '1 hour' end
         from due d join trades t on t.id = d.trade_id
         where e.trade_id = d.trade_id
         returning t.id, t.owner_id, t.account_id, t.copy_id, t.symbol, t.quantity, t.entry_price, e.exit_at, e.environment",
    )
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    rows.into_iter().map(DueRow::due).collect()
}

/// What opened and closed a trade, oldest first, by the exchange's clock. `None` while not all of it is known, the fills
/// of each order as far as it was filled, and of a trade that has more than 5,000 fills.
///
/// The fills of an order that closed of several copies count for each as far as it lost by that order.
pub async fn list_fills(tx: &mut Tx, due: &Due) -> StoreResult<Option<Vec<Execution>>> {
    let limit = i64::try_from(MOST_FILLS).unwrap_or(i64::MAX).saturating_add(1);
    let rows: Vec<FillRow> = match due.copy_id {
        Some(copy) => {
            sql_query(FILLS_OF_COPY)
                .bind::<SqlUuid, _>(due.owner_id.uuid())
                .bind::<SqlUuid, _>(copy.uuid())
                .bind::<BigInt, _>(limit)
                .get_results(tx)
                .await?
        }
        None => {
            sql_query(
                "select side, quantity, price, at from executions where owner_id = $1 and trade_id = $2
                 order by at, id
                 limit $3",
            )
            .bind::<SqlUuid, _>(due.owner_id.uuid())
            .bind::<SqlUuid, _>(due.id.uuid())
            .bind::<BigInt, _>(limit)
            .get_results(tx)
            .await?
        }
    };
    if rows.len() > MOST_FILLS {
        return Ok(None);
    }
    let mut fills = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(fill) = row.fill()? else { return Ok(None) };
        fills.push(fill);
    }
    Ok(Some(fills))
}

/// Writes figures, once: what is there already stays. Returns whether they were written.
///
/// Not of a trade that was opened again, or that turned out to be another, since it was taken.
pub async fn save(tx: &mut Tx, due: &Due, found: Excursion) -> StoreResult<bool> {
    let written = sql_query(
        "with written as (
            update trades set mae = $3, mfe = $4, updated_at = now()
            where owner_id = $1 and id = $2 and source in ('copy', 'exchange') and status = 'closed' and exit_at = $5
                and quantity = $6 and entry_price is not distinct from $7 and mae is null and mfe is null
            returning id)
         delete from trade_excursions e using written w where e.trade_id = w.id",
    )
    .bind::<SqlUuid, _>(due.owner_id.uuid())
    .bind::<SqlUuid, _>(due.id.uuid())
    .bind::<Numeric, _>(found.mae)
    .bind::<Numeric, _>(found.mfe)
    .bind::<Timestamptz, _>(due.exit_at)
    .bind::<Numeric, _>(due.quantity)
    .bind::<Nullable<Numeric>, _>(due.entry_price)
    .execute(tx)
    .await?;
    Ok(written > 0)
}

/// Leaves a trade without figures, as long as it is the one that was taken: they will not be known later either.
pub async fn give_up(tx: &mut Tx, due: &Due) -> StoreResult<()> {
    sql_query(
        "update trade_excursions e set due_at = null from trades t
         where e.owner_id = $1 and e.trade_id = $2 and e.exit_at = $3
            and t.id = e.trade_id and t.quantity = $4 and t.entry_price is not distinct from $5",
    )
    .bind::<SqlUuid, _>(due.owner_id.uuid())
    .bind::<SqlUuid, _>(due.id.uuid())
    .bind::<Timestamptz, _>(due.exit_at)
    .bind::<Numeric, _>(due.quantity)
    .bind::<Nullable<Numeric>, _>(due.entry_price)
    .execute(tx)
    .await?;
    Ok(())
}

impl DueRow {
    fn due(self) -> StoreResult<Due> {
        Ok(Due {
            id: self.id.into(),
            owner_id: self.owner_id.into(),
            account_id: self.account_id.into(),
            copy_id: self.copy_id.map(Into::into),
            symbol: self.symbol,
            exit_at: self.exit_at,
            quantity: self.quantity,
            entry_price: self.entry_price,
            environment: known("trade_excursions.environment", &self.environment)?,
        })
    }
}

impl FillRow {
    fn fill(self) -> StoreResult<Option<Execution>> {
        let (Some(side), Some(quantity), Some(at)) = (self.side, self.quantity, self.at) else {
            return Ok(None);
        };
        let side = known("venue_fills.side", &side)?;
        Ok(Some(Execution { side, quantity, price: self.price, at, fees: Decimal::ZERO }))
    }
}
