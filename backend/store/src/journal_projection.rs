//! The journal's rows of masters and copies, written in the commit of their cause.

use diesel::sql_types::{Array, BigInt, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::TradeId;
use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
use flotilla_domain::signal::{CloseSignal, OpenSignal};
use flotilla_domain::trade::Direction;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::settle::CopyChange;
use crate::error::StoreResult;
use crate::prepared::Prepared;
use crate::signals::Origin;

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Which way a position of this side profits.
const fn direction(side: Side) -> Direction {
    match side {
        Side::Buy => Direction::Long,
        Side::Sell => Direction::Short,
    }
}

/// Writes a master's entry: a new trade, or a further fill of the open one,
/// whose entry price is then the average by size. It is of when its line was
/// read: what is stored after an outage belongs to its day.
///
/// Returns the trade; nothing when the ticket's trade is over.
pub async fn enter_master(tx: &mut Tx, origin: &Origin, signal: &OpenSignal) -> StoreResult<Option<TradeId>> {
    let query = sql_query(
        "with moment as (
            select clock_timestamp() - make_interval(secs => $11 / 1e6) as at),
        trade as (
            insert into trades as t (owner_id, account_id, source, symbol, direction, quantity, entry_price, entry_at,
                stop_loss, take_profit, external_id)
            select $1, $2, 'ea', $3, $4, $5, $6, moment.at, $7, $8, $9 from moment
            on conflict (account_id, source, external_id) where source in ('ea', 'exchange') do update set
                quantity = t.quantity + excluded.quantity,
                entry_price = round((t.quantity * t.entry_price + excluded.quantity * excluded.entry_price)
                    / (t.quantity + excluded.quantity), 10),
                updated_at = now()
            where t.status = 'open'
            returning id),
        fill as (
            insert into executions (owner_id, trade_id, side, quantity, price, at)
            select $1, trade.id, $10, $5, $6, moment.at from trade cross join moment)
        select id from trade",
    )
    .bind::<SqlUuid, _>(origin.owner_id.uuid())
    .bind::<SqlUuid, _>(origin.master_id.uuid())
    .bind::<Text, _>(signal.symbol.as_str())
    .bind::<Text, _>(direction(signal.side).as_str())
    .bind::<Numeric, _>(signal.lots.value())
    .bind::<Numeric, _>(signal.price.value())
    .bind::<Nullable<Numeric>, _>(signal.stop_loss.map(Price::value))
    .bind::<Nullable<Numeric>, _>(signal.take_profit.map(Price::value))
    .bind::<Text, _>(signal.ticket.to_string())
    .bind::<Text, _>(signal.side.as_str())
    .bind::<BigInt, _>(origin.age_us);
    let rows: Vec<IdRow> = Prepared(query).get_results(tx).await?;
    Ok(rows.as_slice().first().map(|row| row.id.into()))
}

/// Writes a master's exit: the trade is over, and its result is the sum of
/// what its exits brought. It is of when its line was read, as an entry is.
/// Where it has changed since (`updated_at`), it had several exits, or was
/// edited. Returns the trade, if the ticket has one.
pub async fn exit_master(tx: &mut Tx, origin: &Origin, signal: &CloseSignal) -> StoreResult<Option<TradeId>> {
    let rows: Vec<IdRow> = sql_query(
        "with before as (
            select id, status,
                greatest(entry_at, clock_timestamp() - make_interval(secs => $5 / 1e6)) as left_at
            from trades
            where account_id = $1 and source = 'ea' and external_id = $2
            for update),
        trade as (
            update trades t set
                status = 'closed',
                exit_price = coalesce($3, t.exit_price),
                exit_at = coalesce(t.exit_at, before.left_at),
                pnl = coalesce(t.pnl, 0) + $4,
                pnl_source = 'broker',
                updated_at = case when t.exit_at is null then before.left_at else now() end
            from before
            where t.id = before.id
            returning t.id, t.owner_id, t.direction, t.quantity, t.exit_at, before.status as status_before),
        fill as (
            insert into executions (owner_id, trade_id, side, quantity, price, at)
            select owner_id, id, case direction when 'LONG' then 'SELL' else 'BUY' end, quantity, $3, exit_at
            from trade
            where status_before = 'open')
        select id from trade",
    )
    .bind::<SqlUuid, _>(origin.master_id.uuid())
    .bind::<Text, _>(signal.ticket.to_string())
    .bind::<Nullable<Numeric>, _>(signal.price.map(Price::value))
    .bind::<Numeric, _>(signal.profit.value())
    .bind::<BigInt, _>(origin.age_us)
    .get_results(tx)
    .await?;
    Ok(rows.as_slice().first().map(|row| row.id.into()))
}

/// Writes the trades of copies that have a position now. A v7 follower does not
/// say at which price. A copy that had ended goes on under its old row.
pub(crate) async fn open_copies(tx: &mut Tx, opened: &[&CopyChange]) -> StoreResult<()> {
    let side = |change: &&CopyChange| change.side.unwrap_or(change.copy.side);
    let lots = |change: &&CopyChange| change.open_lots.unwrap_or(change.copy.desired_lots).max(SMALLEST);
    let query = sql_query(
        "with trade as (
            insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, stop_loss,
                take_profit, external_id, copy_id)
            select v.owner_id, v.account_id, 'copy', v.symbol, v.direction, v.quantity, now(), c.stop_loss,
                c.take_profit, v.external_id, v.copy_id
            from unnest($1, $2, $3, $4, $5, $6, $7)
                as v (owner_id, account_id, symbol, direction, quantity, external_id, copy_id)
            cross join lateral (
                select stop_loss, take_profit from copy_orders where copy_id = v.copy_id offset 0) c
            on conflict (copy_id) where copy_id is not null do update set
                status = 'open', quantity = excluded.quantity, external_id = excluded.external_id,
                exit_at = null, exit_price = null, pnl = null, pnl_source = null, mae = null, mfe = null,
                updated_at = now()
            returning id, owner_id, direction, quantity)
         insert into executions (owner_id, trade_id, side, quantity, at)
         select owner_id, id, case direction when 'LONG' then 'BUY' else 'SELL' end, quantity, now() from trade",
    )
    .bind::<Array<SqlUuid>, _>(opened.iter().map(|change| change.copy.owner_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(opened.iter().map(|change| change.copy.follower_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(opened.iter().map(|change| change.copy.symbol.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(opened.iter().map(|change| direction(side(change)).as_str()).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(opened.iter().map(lots).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        opened.iter().map(|change| change.ticket.map(|ticket| ticket.to_string())).collect::<Vec<_>>(),
    )
    .bind::<Array<SqlUuid>, _>(opened.iter().map(|change| change.copy.id.uuid()).collect::<Vec<_>>());
    Prepared(query).execute(tx).await?;
    Ok(())
}

/// A trade needs a size above zero, even where an answer named none.
const SMALLEST: Decimal = Decimal::from_parts(1, 0, 0, false, 8);

/// Ends the trades of copies whose position is gone.
pub(crate) async fn close_copies(tx: &mut Tx, closed: &[&CopyChange]) -> StoreResult<()> {
    sql_query(
        "with trade as (
            update trades t set
                status = 'closed', exit_price = v.price, exit_at = now(), pnl = v.pnl,
                pnl_source = case when v.pnl is not null then 'broker' end, updated_at = now()
            from unnest($1, $2, $3) as v (copy_id, price, pnl)
            where t.copy_id = v.copy_id and t.status = 'open'
            returning t.id, t.owner_id, t.direction, t.quantity, v.price)
         insert into executions (owner_id, trade_id, side, quantity, price, at)
         select owner_id, id, case direction when 'LONG' then 'SELL' else 'BUY' end, quantity, price, now() from trade",
    )
    .bind::<Array<SqlUuid>, _>(closed.iter().map(|change| change.copy.id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(closed.iter().map(|change| change.close_price).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(closed.iter().map(|change| change.pnl).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Trades of copies, to hint at.
pub async fn list_ids(tx: &mut Tx, copies: &[Uuid]) -> StoreResult<Vec<(Uuid, TradeId)>> {
    #[derive(QueryableByName)]
    struct PairRow {
        #[diesel(sql_type = SqlUuid)]
        copy_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let query =
        sql_query("select copy_id, id from trades where copy_id = any($1)").bind::<Array<SqlUuid>, _>(copies);
    let rows: Vec<PairRow> = Prepared(query).get_results(tx).await?;
    Ok(rows.into_iter().map(|row| (row.copy_id, row.id.into())).collect())
}
