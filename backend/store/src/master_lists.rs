//! What lists of a master's charts speak of.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, SignalId, TradeId};
use flotilla_domain::symbol::Symbol;
use flotilla_domain::ticket::Ticket;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::{COLUMNS, CopyRow, LockedCopy};
use crate::ea_login::EaLogin;
use crate::error::{StoreError, StoreResult};
use crate::snapshots::{TicketRow, numbers, read};

/// The chart a master's connection stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// Epoch of the connection.
    pub epoch: i64,
    /// Made of account, key and symbol.
    pub lineage: Uuid,
    /// As the broker names it.
    pub symbol: Symbol,
    /// As its signals name it, once one came.
    pub signal_symbol: Option<Symbol>,
}

/// An open trade that connections of a chart reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedTrade {
    /// Its ticket.
    pub ticket: Ticket,
    /// When it was first reported, by the database's clock.
    pub reported_at: DateTime<Utc>,
    /// Whether it is proven to be of the chart, not only of a symbol that the
    /// chart's signals name.
    pub is_of_chart: bool,
}

/// A trade that left without a line of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftTrade {
    /// The exit that was stored for it.
    pub signal_id: SignalId,
    /// Its row of the journal, if it has one.
    pub trade_id: Option<TradeId>,
}

#[derive(QueryableByName)]
struct ReportedRow {
    #[diesel(sql_type = BigInt)]
    ticket: i64,
    #[diesel(sql_type = Timestamptz)]
    reported_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_of_chart: bool,
}

#[derive(QueryableByName)]
struct LeftRow {
    #[diesel(sql_type = SqlUuid)]
    signal_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    trade_id: Option<Uuid>,
}

/// Notes on which chart a connection stands, and what its signals call it.
pub async fn save_chart(tx: &mut Tx, login: &EaLogin, chart: &Chart) -> StoreResult<()> {
    sql_query(
        "insert into master_charts as c (account_id, session_epoch, owner_id, lineage, chart_symbol, signal_symbol)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id, session_epoch) do update
            set signal_symbol = coalesce(excluded.signal_symbol, c.signal_symbol)",
    )
    .bind::<SqlUuid, _>(login.account_id.uuid())
    .bind::<BigInt, _>(chart.epoch)
    .bind::<SqlUuid, _>(login.owner_id.uuid())
    .bind::<SqlUuid, _>(chart.lineage)
    .bind::<Text, _>(chart.symbol.as_str())
    .bind::<Nullable<Text>, _>(chart.signal_symbol.as_ref().map(Symbol::as_str))
    .execute(tx)
    .await?;
    Ok(())
}

/// The master's open trades that were first reported by connections of a chart.
///
/// A connection that was lost before its first price never told its chart. A
/// trade of it is the chart's that listed it; before any did, it may be of each
/// chart whose signals name its symbol.
pub async fn list_reported(tx: &mut Tx, master: AccountId, lineage: Uuid) -> StoreResult<Vec<ReportedTrade>> {
    let rows: Vec<ReportedRow> = sql_query(REPORTED)
        .bind::<SqlUuid, _>(master.uuid())
        .bind::<SqlUuid, _>(lineage)
        .get_results(tx)
        .await?;
    rows.into_iter().map(ReportedRow::trade).collect()
}

const REPORTED: &str = "
    with open_trades as (
        select g.ticket, g.received_at, g.symbol, c.lineage
        from signals g
        left join master_charts c on c.account_id = g.master_account_id and c.session_epoch = g.session_epoch
        where g.master_account_id = $1 and g.kind = 'open' and g.part = 0
            and (c.lineage is null or c.lineage = $2)
            and not exists (
                select from signals x
                where x.master_account_id = g.master_account_id and x.ticket = g.ticket and x.kind = 'close')),
     told as (
        select t.*, case when t.lineage is null then (
            select s.lineage from snapshots s
            where s.account_id = $1 and s.lineage is not null and t.ticket = any(s.tickets)
            order by s.id
            limit 1) else t.lineage end as chart
        from open_trades t)
    select ticket, received_at as reported_at, chart is not null as is_of_chart
    from told
    where chart = $2 or chart is null and exists (
        select from master_charts k
        where k.account_id = $1 and k.lineage = $2 and k.signal_symbol = told.symbol)
    order by ticket";

/// Which copies of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopiesOf {
    /// Those that may have a position which is wanted.
    Open,
    /// Those that ended, or are about to.
    Ended,
}

/// Copies of a master's trades.
pub async fn list_copies(
    tx: &mut Tx,
    master: AccountId,
    tickets: &[Ticket],
    which: CopiesOf,
) -> StoreResult<Vec<LockedCopy>> {
    let condition = match which {
        CopiesOf::Open => "c.desired_lots > 0 and c.state in ('open', 'unconfirmed', 'closing', 'attention')",
        CopiesOf::Ended => "c.desired_lots = 0 and c.state in ('closing', 'closed')",
    };
    let rows: Vec<CopyRow> = sql_query(format!(
        "select {COLUMNS} from copy_orders c
         where {condition}
            and c.signal_id in (
                select id from signals where master_account_id = $1 and ticket = any($2) and kind in ('open', 'add'))
         order by c.id"
    ))
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<Array<BigInt>, _>(numbers(tickets))
    .get_results(tx)
    .await?;
    rows.into_iter().map(CopyRow::locked).collect()
}

/// Those of `tickets` that no signal of the master ever named.
pub async fn list_unheard(tx: &mut Tx, master: AccountId, tickets: &[Ticket]) -> StoreResult<Vec<Ticket>> {
    let rows: Vec<TicketRow> = sql_query(
        "select t as ticket from unnest($2) as t
         where not exists (select from signals g where g.master_account_id = $1 and g.ticket = t)
         order by t",
    )
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<Array<BigInt>, _>(numbers(tickets))
    .get_results(tx)
    .await?;
    read(rows.into_iter().map(|row| row.ticket).collect())
}

/// Those of `tickets` that were taken for over because lists lacked them.
pub async fn list_back(tx: &mut Tx, master: AccountId, tickets: &[Ticket]) -> StoreResult<Vec<Ticket>> {
    let rows: Vec<TicketRow> = sql_query(
        "select ticket from signals
         where master_account_id = $1 and ticket = any($2) and kind = 'close' and line_hash = $3
         order by ticket",
    )
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<Array<BigInt>, _>(numbers(tickets))
    .bind::<Binary, _>(NO_LINE.as_slice())
    .get_results(tx)
    .await?;
    read(rows.into_iter().map(|row| row.ticket).collect())
}

/// Stores an exit of a trade that a list lacks: without price and profit, for
/// they are not known. `None`: it has an exit already.
pub async fn leave(
    tx: &mut Tx,
    login: &EaLogin,
    epoch: i64,
    ticket: Ticket,
) -> StoreResult<Option<LeftTrade>> {
    let rows: Vec<LeftRow> = sql_query(
        "with entry as (
            select owner_id, symbol, side from signals
            where master_account_id = $1 and ticket = $2 and kind = 'open' and part = 0),
         left_now as (
            insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, side, line_hash, session_epoch)
            select owner_id, $1, $2, 'close', 0, symbol, side, $3, $4 from entry
            on conflict (master_account_id, ticket, kind, part) do nothing
            returning id),
         trade as (
            update trades t set status = 'closed', exit_at = now(), updated_at = now()
            from left_now
            where t.account_id = $1 and t.source = 'ea' and t.external_id = $2::text and t.status = 'open'
            returning t.id, t.owner_id, t.direction, t.quantity),
         fill as (
            insert into executions (owner_id, trade_id, side, quantity, at)
            select owner_id, id, case direction when 'LONG' then 'SELL' else 'BUY' end, quantity, now() from trade)
         select left_now.id as signal_id, trade.id as trade_id from left_now left join trade on true",
    )
    .bind::<SqlUuid, _>(login.account_id.uuid())
    .bind::<BigInt, _>(ticket.value())
    .bind::<Binary, _>(NO_LINE.as_slice())
    .bind::<BigInt, _>(epoch)
    .get_results(tx)
    .await?;
    Ok(rows
        .into_iter()
        .next()
        .map(|row| LeftTrade { signal_id: row.signal_id.into(), trade_id: row.trade_id.map(Into::into) }))
}

/// Stands where the hash of a line would.
const NO_LINE: [u8; 32] = [0; 32];

impl ReportedRow {
    fn trade(self) -> StoreResult<ReportedTrade> {
        let ticket = Ticket::new(self.ticket).map_err(|_| StoreError::Corrupt("signals.ticket"))?;
        Ok(ReportedTrade { ticket, reported_at: self.reported_at, is_of_chart: self.is_of_chart })
    }
}
