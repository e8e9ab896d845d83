//! The journal, as its owner reads it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{OwnerId, TradeId};
use flotilla_domain::trade::{Execution, Trade};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{executions, trades};

pub mod edit;
pub(crate) mod filter;
pub mod imports;
pub(crate) mod order;

pub use filter::{TradeFilter, TradeResult};
pub use order::{Place, SortKey, TradeOrder, stored};

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = trades)]
struct TradeRow {
    id: Uuid,
    owner_id: Uuid,
    account_id: Uuid,
    source: String,
    symbol: String,
    direction: String,
    asset_type: String,
    option_type: Option<String>,
    quantity: Decimal,
    multiplier: Option<Decimal>,
    entry_price: Option<Decimal>,
    exit_price: Option<Decimal>,
    entry_at: DateTime<Utc>,
    exit_at: Option<DateTime<Utc>>,
    stop_loss: Option<Decimal>,
    take_profit: Option<Decimal>,
    fees: Decimal,
    swap: Decimal,
    pnl: Option<Decimal>,
    pnl_source: Option<String>,
    mae: Option<Decimal>,
    mfe: Option<Decimal>,
    status: String,
    external_id: Option<String>,
    copy_id: Option<Uuid>,
    tags: Vec<String>,
    notes: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = executions)]
struct ExecutionRow {
    trade_id: Uuid,
    side: String,
    quantity: Decimal,
    price: Option<Decimal>,
    fees: Decimal,
    at: DateTime<Utc>,
}

/// Trades in the wanted order, each with its place in it.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    filter: &TradeFilter,
    order: &TradeOrder,
    limit: i64,
) -> StoreResult<Vec<(Trade, Place)>> {
    let key = order.by;
    let query = trades::table.filter(trades::owner_id.eq(owner.uuid())).into_boxed();
    let query = order::sorted(filter::filtered(query, owner, filter), order);
    let rows: Vec<(TradeRow, Option<f64>)> =
        query.limit(limit).select((TradeRow::as_select(), trades::pnl_rank)).load(tx).await?;
    let (rows, ranks): (Vec<TradeRow>, Vec<Option<f64>>) = rows.into_iter().unzip();
    let found = with_executions(tx, owner, rows).await?;
    Ok(found
        .into_iter()
        .zip(ranks)
        .map(|(trade, rank)| {
            let place = order::place(key, &trade, rank);
            (trade, place)
        })
        .collect())
}

#[derive(QueryableByName)]
struct Symbol {
    #[diesel(sql_type = Text)]
    symbol: String,
}

/// From one symbol to the one before it, along the index `trades_by_symbol`: as many steps as there are
/// symbols, however many trades they have. It ends after a thousand.
const SYMBOLS: &str = "
    with recursive found as (
        (select symbol, entry_at, 1 as step from trades where owner_id = $1
            order by symbol desc, entry_at desc limit 1)
        union all
        select earlier.symbol, earlier.entry_at, found.step + 1
        from found
        cross join lateral (
            select symbol, entry_at from trades where owner_id = $1 and symbol < found.symbol
            order by symbol desc, entry_at desc limit 1
        ) as earlier
        where found.step < 1000
    )
    select symbol from found order by entry_at desc, symbol limit $2";

/// What the owner traded, each symbol once, the one that was entered last first.
pub async fn list_symbols(tx: &mut Tx, owner: OwnerId, limit: i64) -> StoreResult<Vec<String>> {
    let found: Vec<Symbol> =
        sql_query(SYMBOLS).bind::<SqlUuid, _>(owner.uuid()).bind::<BigInt, _>(limit).load(tx).await?;
    Ok(found.into_iter().map(|row| row.symbol).collect())
}

/// One trade, locked against other changes.
pub async fn lock(tx: &mut Tx, owner: OwnerId, id: TradeId) -> StoreResult<Trade> {
    let row: TradeRow = trades::table
        .filter(trades::owner_id.eq(owner.uuid()))
        .filter(trades::id.eq(id.uuid()))
        .select(TradeRow::as_select())
        .for_update()
        .first(tx)
        .await
        .optional()?
        .ok_or(StoreError::NotFound("trade"))?;
    with_executions(tx, owner, vec![row]).await?.pop().ok_or(StoreError::NotFound("trade"))
}

/// Each by its key, also while nobody has counted how many rows its owner has.
const LOCKED: &str = "
    select t.* from unnest($2::uuid[]) as n (id)
    cross join lateral (select * from trades where id = n.id and owner_id = $1 for update) t";

/// Those of `ids` that are the owner's, which nobody else changes until the end of the transaction.
pub(crate) async fn lock_all(tx: &mut Tx, owner: OwnerId, mut ids: Vec<Uuid>) -> StoreResult<Vec<Trade>> {
    // In one order for all, so that two do not wait for each other.
    ids.sort_unstable();
    let query = sql_query(LOCKED).bind::<SqlUuid, _>(owner.uuid()).bind::<Array<SqlUuid>, _>(ids);
    let rows: Vec<TradeRow> = query.load(tx).await?;
    with_executions(tx, owner, rows).await
}

/// One trade.
pub async fn get(tx: &mut Tx, owner: OwnerId, id: TradeId) -> StoreResult<Trade> {
    find_all(tx, owner, &[id.uuid()]).await?.pop().ok_or(StoreError::NotFound("trade"))
}

/// Those of `ids` that are the owner's.
pub async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Trade>> {
    let rows: Vec<TradeRow> = trades::table
        .filter(trades::owner_id.eq(owner.uuid()))
        .filter(trades::id.eq_any(ids))
        .order(trades::id)
        .select(TradeRow::as_select())
        .load(tx)
        .await?;
    with_executions(tx, owner, rows).await
}

async fn with_executions(tx: &mut Tx, owner: OwnerId, rows: Vec<TradeRow>) -> StoreResult<Vec<Trade>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let fills: Vec<ExecutionRow> = executions::table
        .filter(executions::owner_id.eq(owner.uuid()))
        .filter(executions::trade_id.eq_any(ids))
        .order(executions::id)
        .select(ExecutionRow::as_select())
        .load(tx)
        .await?;
    let mut by_trade: HashMap<Uuid, Vec<Execution>> = HashMap::new();
    for fill in fills {
        by_trade.entry(fill.trade_id).or_default().push(execution(&fill)?);
    }
    rows.into_iter()
        .map(|row| {
            let fills = by_trade.remove(&row.id).unwrap_or_default();
            trade(row, fills)
        })
        .collect()
}

fn trade(row: TradeRow, executions: Vec<Execution>) -> StoreResult<Trade> {
    Ok(Trade {
        id: row.id.into(),
        owner_id: row.owner_id.into(),
        account_id: row.account_id.into(),
        source: known("trades.source", &row.source)?,
        symbol: row.symbol,
        direction: known("trades.direction", &row.direction)?,
        asset_type: known("trades.asset_type", &row.asset_type)?,
        option_type: row.option_type.map(|kind| known("trades.option_type", &kind)).transpose()?,
        quantity: row.quantity,
        multiplier: row.multiplier,
        entry_price: row.entry_price,
        exit_price: row.exit_price,
        entry_at: row.entry_at,
        exit_at: row.exit_at,
        stop_loss: row.stop_loss,
        take_profit: row.take_profit,
        fees: row.fees,
        swap: row.swap,
        pnl: row.pnl,
        pnl_source: row.pnl_source.map(|source| known("trades.pnl_source", &source)).transpose()?,
        mae: row.mae,
        mfe: row.mfe,
        status: known("trades.status", &row.status)?,
        external_id: row.external_id,
        copy_id: row.copy_id.map(Into::into),
        tags: row.tags,
        notes: row.notes,
        executions,
    })
}

fn execution(row: &ExecutionRow) -> StoreResult<Execution> {
    Ok(Execution {
        side: known("executions.side", &row.side)?,
        quantity: row.quantity,
        price: row.price,
        at: row.at,
        fees: row.fees,
    })
}
