//! The journal, as its owner reads it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, TradeId};
use flotilla_domain::trade::{Execution, Trade, TradeSource, TradeStatus};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{executions, trades};

/// Which trades are wanted; `None` does not restrict.
#[derive(Debug, Clone, Default)]
pub struct TradeFilter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// Of this instrument.
    pub symbol: Option<String>,
    /// Open or closed.
    pub status: Option<TradeStatus>,
    /// From this source.
    pub source: Option<TradeSource>,
    /// Entered at or after.
    pub from: Option<DateTime<Utc>>,
    /// Entered before.
    pub to: Option<DateTime<Utc>>,
}

/// The time by which trades are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortTime {
    /// First entry.
    Entry,
    /// Last exit; open trades count as leaving last.
    Exit,
}

impl SortTime {
    /// Where `trade` stands in this order.
    #[must_use]
    pub fn of(self, trade: &Trade) -> DateTime<Utc> {
        match self {
            Self::Entry => trade.entry_at,
            Self::Exit => trade.exit_at.unwrap_or_else(never),
        }
    }
}

/// 9999-12-31, the exit of trades that have none.
fn never() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_214_400, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Order of a list, and where it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradeOrder {
    /// By which time.
    pub by: SortTime,
    /// Latest first.
    pub is_descending: bool,
    /// Time and id of the last row of the page before.
    pub after: Option<(DateTime<Utc>, TradeId)>,
}

#[derive(Queryable, Selectable)]
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

type Boxed<'a> = trades::BoxedQuery<'a, Pg>;

/// Trades in the wanted order.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    filter: TradeFilter,
    order: TradeOrder,
    limit: i64,
) -> StoreResult<Vec<Trade>> {
    let query = trades::table.filter(trades::owner_id.eq(owner.uuid())).into_boxed();
    let query = sorted(filtered(query, filter), order);
    let rows: Vec<TradeRow> = query.limit(limit).select(TradeRow::as_select()).load(tx).await?;
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

fn filtered(mut query: Boxed<'_>, filter: TradeFilter) -> Boxed<'_> {
    if let Some(account) = filter.account {
        query = query.filter(trades::account_id.eq(account.uuid()));
    }
    if let Some(symbol) = filter.symbol {
        query = query.filter(trades::symbol.eq(symbol));
    }
    if let Some(status) = filter.status {
        query = query.filter(trades::status.eq(status.as_str()));
    }
    if let Some(source) = filter.source {
        query = query.filter(trades::source.eq(source.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(trades::entry_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(trades::entry_at.lt(to));
    }
    query
}

/// Two columns make the order total, so that a cursor names one place in it.
fn sorted(query: Boxed<'_>, order: TradeOrder) -> Boxed<'_> {
    let time = match order.by {
        SortTime::Entry => "entry_at",
        SortTime::Exit => "coalesce(exit_at, '9999-12-31 00:00:00+00')",
    };
    let query = match order.after {
        // Rows compare column by column, exactly as they are sorted.
        Some((at, id)) => query.filter(
            sql::<Bool>("(")
                .sql(time)
                .sql(if order.is_descending { ", trades.id) < (" } else { ", trades.id) > (" })
                .bind::<Timestamptz, _>(at)
                .sql(", ")
                .bind::<SqlUuid, _>(id.uuid())
                .sql(")"),
        ),
        None => query,
    };
    if order.is_descending {
        query.order((sql::<Timestamptz>(time).desc(), trades::id.desc()))
    } else {
        query.order((sql::<Timestamptz>(time).asc(), trades::id.asc()))
    }
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
