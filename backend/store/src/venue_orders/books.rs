//! What copies at an exchange hold by their orders, and what that comes to in the journal.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState, held};
use flotilla_domain::id::{AccountId, CopyId, NodeId};
use flotilla_domain::trade::Direction;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{COLUMNS as ORDER_COLUMNS, OrderRow, orders};
use crate::Tx;
use crate::copy_orders::{COLUMNS, CopyRow, LockedCopy};
use crate::error::StoreResult;
use crate::prepared::Prepared;

/// A copy with a position, and its orders.
#[derive(Debug, Clone)]
pub struct Holding {
    /// The copy, locked.
    pub copy: LockedCopy,
    /// Its orders, oldest first, at least one.
    pub orders: Vec<VenueOrder>,
}

impl Holding {
    /// Coins that it holds.
    #[must_use]
    pub fn held(&self) -> Decimal {
        held(&self.orders)
    }

    /// The order that opened it.
    #[must_use]
    pub fn opening(&self) -> Option<&VenueOrder> {
        self.orders.iter().find(|order| order.leg == Leg::Open)
    }

    /// Whether what opened it was shown, and not only said by its owner, or believed for want of figures: that has no
    /// price.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.opening().is_some_and(|opening| opening.average_price.is_some())
    }

    /// The next version of a leg.
    #[must_use]
    pub fn next_version(&self, leg: Leg) -> i32 {
        self.orders.iter().filter(|order| order.leg == leg).map(|order| order.version).max().unwrap_or(0) + 1
    }

    /// Coins that are booked as taken by the order of this name there: a stop or target of the copy.
    #[must_use]
    pub fn taken_by(&self, order_id: &str) -> Decimal {
        let is_it =
            |order: &&VenueOrder| order.leg == Leg::External && order.order_id.as_deref() == Some(order_id);
        self.orders.iter().filter(is_it).map(|order| order.filled).sum()
    }

    /// Whether an order of it is not over.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.orders.iter().any(|order| !order.state.is_over())
    }
}

/// Time by the database's clock.
pub async fn now(tx: &mut Tx) -> StoreResult<DateTime<Utc>> {
    #[derive(QueryableByName)]
    struct NowRow {
        #[diesel(sql_type = Timestamptz)]
        now: DateTime<Utc>,
    }
    let row: NowRow = sql_query("select clock_timestamp() as now").get_result(tx).await?;
    Ok(row.now)
}

/// Locks the copies of an account that hold something of one position, in the order in which they lose of it: those first
/// of which nothing was shown, then the newest.
pub async fn lock_holdings(
    tx: &mut Tx,
    account: AccountId,
    (symbol, direction): (&str, Direction),
) -> StoreResult<Vec<Holding>> {
    let query = sql_query(format!(
        "select {COLUMNS} from copy_orders c
         where c.follower_account_id = $1 and c.state in ('open', 'closing')
            and c.copy_id in (
                select v.copy_id from venue_orders v
                where v.follower_account_id = $1 and v.symbol = $2 and v.direction = $3
                    and v.owner_id = (select owner_id from accounts where id = $1))
         order by c.id
         for update"
    ))
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .bind::<Text, _>(direction.as_str());
    let rows: Vec<CopyRow> = Prepared(query).get_results(tx).await?;
    let mut copies = rows.into_iter().map(CopyRow::locked).collect::<StoreResult<Vec<_>>>()?;
    copies.reverse();
    let ids: Vec<CopyId> = copies.iter().map(|copy| copy.order.id).collect();
    let all = super::list_of(tx, &ids).await?;
    let holding = |copy: LockedCopy| {
        let orders = all.iter().filter(|order| order.copy_id == copy.order.id).cloned().collect();
        Holding { copy, orders }
    };
    let mut holdings: Vec<Holding> = copies.into_iter().map(holding).collect();
    holdings.sort_by_key(Holding::is_shown);
    Ok(holdings)
}

/// A position as our books have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// Contract.
    pub symbol: String,
    /// Which way it profits.
    pub direction: Direction,
    /// Coins.
    pub quantity: Decimal,
}

#[derive(QueryableByName)]
struct BookedRow {
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
}

/// What copies of an account hold, by position.
///
/// `since`: nothing of positions of which an order is not over, or became so after that.
pub async fn list_booked(tx: &mut Tx, account: AccountId, since: DateTime<Utc>) -> StoreResult<Vec<Booked>> {
    let rows: Vec<BookedRow> = sql_query(
        "select v.symbol, v.direction,
            sum(case v.leg when 'open' then v.filled else -v.filled end) as quantity
         from copy_orders c
         join venue_orders v on v.copy_id = c.copy_id
         where c.follower_account_id = $1
            and c.state in ('open', 'unconfirmed', 'closing', 'attention')
         group by v.symbol, v.direction
         having sum(case v.leg when 'open' then v.filled else -v.filled end) > 0
            and not exists (
                select from venue_orders o
                where o.follower_account_id = $1 and o.symbol = v.symbol
                    and o.owner_id = (select owner_id from accounts where id = $1)
                    and (o.state in ('intended', 'accepted', 'unknown') or o.updated_at >= $2))",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Timestamptz, _>(since)
    .get_results(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Booked {
                direction: crate::error::known("venue_orders.direction", &row.direction)?,
                symbol: row.symbol,
                quantity: row.quantity,
            })
        })
        .collect()
}

/// Coins that copies hold, by the books, of the position that `order` works on. `None` while another order of the contract
/// is on its way, or came to its end after `since`: what the position has then may be its.
///
/// One that the exchange took long ago and does not show is not on its way: two of them would wait for each other.
pub async fn held_beside(
    tx: &mut Tx,
    order: &VenueOrder,
    since: DateTime<Utc>,
) -> StoreResult<Option<Decimal>> {
    #[derive(QueryableByName)]
    struct HeldRow {
        #[diesel(sql_type = Nullable<Numeric>)]
        coins: Option<Decimal>,
    }
    let row: HeldRow = sql_query(
        "select case when not exists (
                select from venue_orders o
                where o.follower_account_id = $1 and o.owner_id = $2 and o.symbol = $3 and o.client_id <> $5
                    and (o.state in ('intended', 'unknown')
                        or o.state = 'accepted' and o.sent_at > now() - interval '10 minutes'
                        or o.state <> 'accepted' and o.updated_at >= $6))
            then coalesce((
                select sum(case v.leg when 'open' then v.filled else -v.filled end)
                from copy_orders c
                join venue_orders v on v.copy_id = c.copy_id
                where c.follower_account_id = $1 and v.symbol = $3 and v.direction = $4
                    and c.state in ('open', 'unconfirmed', 'closing', 'attention')), 0) end as coins",
    )
    .bind::<SqlUuid, _>(order.follower_id.uuid())
    .bind::<SqlUuid, _>(order.owner_id.uuid())
    .bind::<Text, _>(&order.symbol)
    .bind::<Text, _>(order.direction.as_str())
    .bind::<Text, _>(&order.client_id)
    .bind::<Timestamptz, _>(since)
    .get_result(tx)
    .await?;
    Ok(row.coins)
}

/// Books what something else took of a copy.
pub async fn take(
    tx: &mut Tx,
    holding: &Holding,
    quantity: Decimal,
    price: Option<Decimal>,
) -> StoreResult<Option<VenueOrder>> {
    take_by(tx, holding, (quantity, price), None).await
}

/// Books what a copy's own stop or target took of it: the order of this name there. Its fee is read later.
pub async fn take_by_exit(
    tx: &mut Tx,
    holding: &Holding,
    taken: (Decimal, Option<Decimal>),
    order_id: &str,
) -> StoreResult<Option<VenueOrder>> {
    take_by(tx, holding, taken, Some(order_id)).await
}

/// What left a locked copy, and nothing explains, is there again: the copy has it as before, as far as it was found.
///
/// More than that would be missing at the next comparison, and newer copies would have lost it.
pub async fn give_back(tx: &mut Tx, copy: CopyId) -> StoreResult<()> {
    sql_query(
        "update venue_orders v set filled = v.filled - back.coins, updated_at = now()
         from (
            select x.id, least(x.filled, greatest(o.lots - (sum(x.filled) over (order by x.id desc) - x.filled), 0)) as coins
            from venue_orders x
            join copy_orders c on c.copy_id = x.copy_id
            join orphans o on o.account_id = c.follower_account_id and o.ticket::text = c.venue_ref and o.gone_at is null
            where x.copy_id = $1 and x.leg = 'external' and x.order_id is null and x.average_price is null) back
         where v.id = back.id and back.coins > 0",
    )
    .bind::<SqlUuid, _>(copy.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

async fn take_by(
    tx: &mut Tx,
    holding: &Holding,
    (quantity, price): (Decimal, Option<Decimal>),
    order_id: Option<&str>,
) -> StoreResult<Option<VenueOrder>> {
    let Some(opening) = holding.opening() else { return Ok(None) };
    let version = holding.next_version(Leg::External);
    let order = VenueOrder {
        client_id: format!("x{}x{version}", opening.copy_id.uuid().simple()),
        leg: Leg::External,
        version,
        quantity,
        filled: quantity,
        average_price: price,
        state: VenueOrderState::Filled,
        order_id: order_id.map(str::to_owned),
        fee: None,
        sent_at: holding.copy.now,
        words: None,
        ..opening.clone()
    };
    super::insert(tx, &order).await?;
    if let Some(order_id) = order_id {
        sql_query(
            "update venue_orders set order_id = $2, fees_due_at = now() + interval '1 second' where client_id = $1",
        )
        .bind::<Text, _>(&order.client_id)
        .bind::<Text, _>(order_id)
        .execute(tx)
        .await?;
    }
    Ok(Some(order))
}

/// Milliseconds since something else last took of a position that copies hold, or since they began to hold it; what it
/// takes now happened after that.
pub async fn untaken_for_ms(
    tx: &mut Tx,
    account: AccountId,
    (symbol, direction): (&str, Direction),
) -> StoreResult<i64> {
    #[derive(QueryableByName)]
    struct AgeRow {
        #[diesel(sql_type = Nullable<BigInt>)]
        age_ms: Option<i64>,
    }
    let row: AgeRow = sql_query(
        "select ceil(extract(epoch from clock_timestamp() - greatest(
                max(v.created_at) filter (where v.leg = 'external' and v.order_id is null) - interval '5 s',
                min(v.created_at) filter (where v.leg = 'open'
                    and c.state in ('open', 'unconfirmed', 'closing', 'attention')) - interval '5 s')
            ) * 1000)::bigint as age_ms
         from venue_orders v
         join copy_orders c on c.copy_id = v.copy_id
         where v.follower_account_id = $1 and v.owner_id = (select owner_id from accounts where id = $1)
            and v.symbol = $2 and v.direction = $3",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(symbol)
    .bind::<Text, _>(direction.as_str())
    .get_result(tx)
    .await?;
    Ok(row.age_ms.unwrap_or_default().max(0))
}

/// What was measured of a trade is forgotten, and it is due again, where its quantity or entry turn out otherwise.
const RESULTS: &str = "
    with sums as (
        select v.copy_id, min(v.symbol) as symbol, min(v.direction) as direction,
            sum(v.filled) filter (where v.leg = 'open') as opened,
            coalesce(sum(v.filled) filter (where v.leg <> 'open'), 0) as closed,
            sum(v.filled * v.average_price) filter (where v.leg = 'open') as paid,
            sum(v.filled * v.average_price) filter (where v.leg <> 'open') as got,
            bool_and(v.average_price is not null) filter (where v.filled > 0) as is_priced,
            coalesce(sum(v.fee), 0) as fees
        from venue_orders v
        where v.copy_id = any($1)
        group by v.copy_id
        having sum(v.filled) filter (where v.leg = 'open') > 0),
    results as (
        select *, round(paid / opened, 10) as entry,
            case when closed > 0 and is_priced then round(got / closed, 10) end as exit,
            case when closed >= opened and is_priced
                then round(case direction when 'LONG' then got - paid else paid - got end, 8) end as pnl
        from sums),
    copies as (
        update copy_orders c set close_price = coalesce(r.exit, c.close_price), pnl = coalesce(r.pnl, c.pnl)
        from results r
        where c.copy_id = r.copy_id and (c.close_price, c.pnl) is distinct from
            (coalesce(r.exit, c.close_price), coalesce(r.pnl, c.pnl))
        returning c.id),
    others as (
        select t.id from trades t join results r on r.copy_id = t.copy_id
        where (t.quantity, t.entry_price) is distinct from (r.opened, r.entry)),
    trades as (
        update trades t set
            symbol = r.symbol, asset_type = 'crypto', quantity = r.opened, entry_price = r.entry,
            exit_price = case when t.status = 'closed' then r.exit end, fees = r.fees,
            pnl = case when t.status = 'closed' then r.pnl end,
            pnl_source = case when t.status = 'closed' and r.pnl is not null then 'computed' end,
            mae = case when (t.quantity, t.entry_price) is not distinct from (r.opened, r.entry) then t.mae end,
            mfe = case when (t.quantity, t.entry_price) is not distinct from (r.opened, r.entry) then t.mfe end,
            updated_at = now()
        from results r
        where t.copy_id = r.copy_id
        returning t.id, t.owner_id, t.account_id, t.direction, t.exit_at, t.pnl, t.mae, r.opened, r.closed, r.entry,
            r.exit),
    measured as (
        insert into trade_excursions as e (trade_id, owner_id, environment, exit_at, due_at)
        select t.id, t.owner_id, k.environment, t.exit_at, now() + interval '2 seconds'
        from trades t join exchange_keys k on k.account_id = t.account_id
        where t.pnl is not null and t.mae is null and t.exit_at is not null
        on conflict (trade_id) do update set exit_at = excluded.exit_at, due_at = excluded.due_at, tries = 0
        where e.exit_at <> excluded.exit_at or excluded.trade_id in (select id from others))
    update executions e set
        quantity = case when (e.side = 'BUY') = (t.direction = 'LONG') then t.opened
            when t.closed > 0 then t.closed else e.quantity end,
        price = case when (e.side = 'BUY') = (t.direction = 'LONG') then t.entry else t.exit end
    from trades t
    where e.trade_id = t.id";

/// Writes what orders of copies came to into the copies and their trades: coins, prices, fees and, once nothing is
/// held and every price is known, the result before fees. How far those ran at an exchange is computed soon after.
///
/// Computed anew from all orders each time, so it may be repeated.
pub async fn write_results(tx: &mut Tx, copies: &[CopyId]) -> StoreResult<()> {
    let copies: Vec<Uuid> = copies.iter().map(|copy| copy.uuid()).collect();
    let query = sql_query(RESULTS).bind::<Array<SqlUuid>, _>(copies);
    Prepared(query).execute(tx).await?;
    Ok(())
}

/// Orders whose fee is not known, longest due first, of accounts that `node` serves. They are due again in a while, the
/// sooner the younger they are: the list of fills lags behind, and may not have been readable once.
pub async fn take_without_fee(tx: &mut Tx, node: NodeId, limit: i64) -> StoreResult<Vec<VenueOrder>> {
    let rows: Vec<OrderRow> = sql_query(format!(
        "with due as (
            select o.id from venue_orders o
            join sessions s on s.account_id = o.follower_account_id and s.node_id = $1 and s.venue is not null
            where o.fees_due_at <= now() and o.created_at > now() - interval '6 days'
            order by o.fees_due_at
            limit $2
            for update of o skip locked)
         update venue_orders v set
            fees_due_at = now() + least(interval '1 minute', greatest(interval '2 seconds', (now() - v.updated_at) / 2))
         from due where v.id = due.id
         returning {ORDER_COLUMNS}"
    ))
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    orders(rows)
}

/// Writes the fee of an order, and the average price of its fills where none was known.
pub async fn save_fee(
    tx: &mut Tx,
    client_id: &str,
    (fee, asset): (Decimal, &str),
    price: Option<Decimal>,
) -> StoreResult<()> {
    sql_query(
        "update venue_orders set fee = $2, fee_asset = nullif($3, ''), average_price = coalesce(average_price, $4),
            fees_due_at = null
         where client_id = $1",
    )
    .bind::<Text, _>(client_id)
    .bind::<Numeric, _>(fee)
    .bind::<Text, _>(asset)
    .bind::<Nullable<Numeric>, _>(price)
    .execute(tx)
    .await?;
    Ok(())
}

/// What is booked by orders of the exchange's names, in the last week: the coins of those that took of copies, which may
/// have closed more than that; `None` for orders of copies, of which all is booked.
pub async fn list_booked_by_order(
    tx: &mut Tx,
    account: AccountId,
) -> StoreResult<HashMap<String, Option<Decimal>>> {
    #[derive(QueryableByName)]
    struct OrderBookedRow {
        #[diesel(sql_type = Text)]
        order_id: String,
        #[diesel(sql_type = Nullable<Numeric>)]
        taken: Option<Decimal>,
    }
    let rows: Vec<OrderBookedRow> = sql_query(
        "select order_id, case when bool_and(leg = 'external') then sum(filled) end as taken
         from venue_orders
         where follower_account_id = $1 and owner_id = (select owner_id from accounts where id = $1)
            and order_id is not null and updated_at > now() - interval '7 days'
         group by order_id",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row.taken)).collect())
}

/// The exchange's names of the orders of an account in the last week.
pub async fn list_order_ids(tx: &mut Tx, account: AccountId) -> StoreResult<HashSet<String>> {
    #[derive(QueryableByName)]
    struct IdRow {
        #[diesel(sql_type = Text)]
        order_id: String,
    }
    let rows: Vec<IdRow> = sql_query(
        "select order_id from venue_orders
         where follower_account_id = $1 and owner_id = (select owner_id from accounts where id = $1)
            and order_id is not null and updated_at > now() - interval '7 days'",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.order_id).collect())
}
