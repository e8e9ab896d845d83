//! Events of master trades, and T1: a signal and all its copies in one commit.

use chrono::{DateTime, Utc};
use diesel::sql_types::{
    BigInt, Binary, Bool, Integer, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId, SignalId};
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::signal::{CloseSignal, OpenSignal, SignalKind};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreError, StoreResult, known};

/// Where a line of a master came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Under which it is stored, made when it was read: whether an attempt to
    /// store it was kept can be looked up.
    pub signal_id: SignalId,
    /// The master account.
    pub master_id: AccountId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// Epoch of the session it came over.
    pub epoch: i64,
    /// SHA-256 of the line.
    pub line_hash: [u8; 32],
    /// Microseconds since the line was read.
    pub age_us: i64,
}

/// An earlier signal of the same ticket, as far as a resend is recognised by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierSignal {
    /// What it said.
    pub kind: SignalKind,
    /// Whether its line was the same.
    pub same_line: bool,
    /// Whether it came over the same session.
    pub same_session: bool,
    /// Whether it was received within the window asked for.
    pub recent: bool,
}

/// A copy as it was born.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCopy {
    /// The copy.
    pub id: CopyId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// The account that copies.
    pub follower_id: AccountId,
    /// `claimed`, `planned` or `skipped`.
    pub state: CopyState,
    /// Size; zero when it could not be computed.
    pub lots: Decimal,
    /// Session to which alone the line of a claimed copy may go.
    pub epoch: Option<i64>,
    /// Stop loss, if it is copied.
    pub stop_loss: Option<Decimal>,
    /// Take profit, if it is copied.
    pub take_profit: Option<Decimal>,
}

/// A stored signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The signal.
    pub id: SignalId,
    /// When it was received, by the database's clock.
    pub received_at: DateTime<Utc>,
    /// Its copies, in the order of their claims.
    pub copies: Vec<NewCopy>,
}

#[derive(QueryableByName)]
struct EarlierRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    same_line: bool,
    #[diesel(sql_type = Bool)]
    same_session: bool,
    #[diesel(sql_type = Bool)]
    recent: bool,
}

#[derive(QueryableByName)]
struct CopyRow {
    #[diesel(sql_type = SqlUuid)]
    signal_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    copy_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    owner_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    follower_account_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<Numeric>)]
    desired_lots: Option<Decimal>,
    #[diesel(sql_type = Nullable<BigInt>)]
    claim_epoch: Option<i64>,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Takes the master's turn: until this transaction ends, no other accepts a
/// signal of the same master. Several sockets may speak for one master.
pub async fn lock_master(tx: &mut Tx, master: AccountId) -> StoreResult<()> {
    sql_query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(master.to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Lists all earlier signals of a ticket. `window_s`: how many seconds ago is recent.
pub async fn list_earlier(
    tx: &mut Tx,
    origin: &Origin,
    ticket: Ticket,
    window_s: i64,
) -> StoreResult<Vec<EarlierSignal>> {
    let rows: Vec<EarlierRow> = sql_query(
        "select kind, line_hash = $3 as same_line, session_epoch = $4 as same_session,
            received_at > clock_timestamp() - make_interval(secs => $5) as recent
         from signals
         where master_account_id = $1 and ticket = $2",
    )
    .bind::<SqlUuid, _>(origin.master_id.uuid())
    .bind::<BigInt, _>(ticket.value())
    .bind::<Binary, _>(origin.line_hash.as_slice())
    .bind::<BigInt, _>(origin.epoch)
    .bind::<BigInt, _>(window_s)
    .get_results(tx)
    .await?;
    rows.into_iter().map(EarlierRow::signal).collect()
}

/// How far a signal goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FanOut {
    /// Followers connected to this node may be born claimed.
    pub node: NodeId,
    /// At most so many are; the rest is planned. Zero copies nothing.
    pub chunk: i64,
    /// False: the signal is stored and nobody gets a copy.
    pub is_copied: bool,
}

/// T1: stores an entry and plans a copy for every eligible follower, one statement.
///
/// The size is computed here for all followers at once; it must agree with
/// `flotilla_domain::copy::sizing::sized`.
///
/// # Errors
///
/// [`StoreError::Constraint`] `signals_once` when kind and part of the
/// ticket are taken: the same line was accepted before.
pub async fn accept(
    tx: &mut Tx,
    origin: &Origin,
    signal: &OpenSignal,
    stored_as: (SignalKind, i32),
    fan_out: FanOut,
) -> StoreResult<Accepted> {
    let rows: Vec<CopyRow> = sql_query(ACCEPT)
        .bind::<SqlUuid, _>(origin.owner_id.uuid())
        .bind::<SqlUuid, _>(origin.master_id.uuid())
        .bind::<BigInt, _>(signal.ticket.value())
        .bind::<Text, _>(stored_as.0.as_str())
        .bind::<Integer, _>(stored_as.1)
        .bind::<Text, _>(signal.symbol.as_str())
        .bind::<Text, _>(signal.side.as_str())
        .bind::<Numeric, _>(signal.lots.value())
        .bind::<Numeric, _>(signal.price.value())
        .bind::<Nullable<Numeric>, _>(signal.stop_loss.map(Price::value))
        .bind::<Nullable<Numeric>, _>(signal.take_profit.map(Price::value))
        .bind::<Binary, _>(origin.line_hash.as_slice())
        .bind::<BigInt, _>(origin.epoch)
        .bind::<BigInt, _>(origin.age_us)
        .bind::<SqlUuid, _>(fan_out.node.uuid())
        .bind::<BigInt, _>(fan_out.chunk)
        .bind::<Bool, _>(fan_out.is_copied)
        .bind::<Numeric, _>(Lots::MAX)
        .bind::<SqlUuid, _>(origin.signal_id.uuid())
        .get_results(tx)
        .await?;
    gathered(rows)
}

const ACCEPT: &str = "
    with signal as (
        insert into signals (id, owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price,
            stop_loss, take_profit, line_hash, session_epoch, received_at)
        values ($19, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
            clock_timestamp() - make_interval(secs => $14 / 1e6))
        returning id, received_at),
    eligible as (
        select f.owner_id, f.follower_account_id, f.copy_sl_tp, f.max_age_s, f.min_lots, s.epoch,
            f.state = 'active' and a.is_active as may_open,
            coalesce(s.sockets > 0 and s.node_id = $15, false) as is_here,
            coalesce(s.sockets > 0 or s.disconnected_at > now() - make_interval(secs => f.max_age_s), false) as is_near,
            least(case f.sizing when 'same' then $8 when 'multiplier' then $8 * f.sizing_value else f.sizing_value end,
                f.max_lots) as capped,
            f.lot_step
        from subscriptions f
        join masters m on m.account_id = f.master_account_id
        join accounts a on a.id = f.follower_account_id and a.archived_at is null
        left join sessions s on s.account_id = f.follower_account_id
        where $17 and f.master_account_id = $2 and f.state in ('active', 'close_only', 'paused')
            and (m.copy_mode = 'PUBSUB' or (m.copy_mode = '1TO1' and m.partner_account_id = f.follower_account_id))),
    stepped as (
        select *, case when lot_step > 0 then div(capped, lot_step) * lot_step else capped end as lots
        from eligible),
    judged as (
        select *, case
            when not may_open then 'paused'
            when lots <= 0 or lots > $18 or lots < min_lots then 'limit'
            when not is_near then 'offline' end as reason
        from stepped),
    queued as (
        select *, row_number() over (partition by reason is null and is_here order by follower_account_id) as turn
        from judged),
    copies as (
        insert into copy_orders (signal_id, owner_id, follower_account_id, master_account_id, state, symbol, side,
            master_ticket, master_lots, master_price, stop_loss, take_profit, desired_lots, reason_code, claim_epoch,
            claimed_at, expires_at)
        select signal.id, q.owner_id, q.follower_account_id, $2,
            case when reason is not null then 'skipped' when is_here and turn <= $16 then 'claimed' else 'planned' end,
            $6, $7, $3, $8, $9, case when q.copy_sl_tp then $10 end, case when q.copy_sl_tp then $11 end,
            case when reason = 'limit' then 0 else q.lots end,
            reason,
            case when reason is null and is_here and turn <= $16 then q.epoch end,
            case when reason is null and is_here and turn <= $16 then now() end,
            signal.received_at + make_interval(secs => q.max_age_s)
        from queued q cross join signal
        order by turn
        returning id, copy_id, owner_id, follower_account_id, state, desired_lots, claim_epoch, stop_loss, take_profit)
    select signal.id as signal_id, signal.received_at, c.copy_id, c.owner_id, c.follower_account_id, c.state,
        c.desired_lots, c.claim_epoch, c.stop_loss, c.take_profit
    from signal
    left join copies c on true
    order by c.id";

/// Stores an exit. `part` counts the exits of the ticket from 0.
///
/// # Errors
///
/// [`StoreError::Constraint`] `signals_once` as for [`accept`].
pub async fn accept_close(
    tx: &mut Tx,
    origin: &Origin,
    signal: &CloseSignal,
    part: i32,
) -> StoreResult<SignalId> {
    let row: IdRow = sql_query(
        "insert into signals (id, owner_id, master_account_id, ticket, kind, part, symbol, side, price, profit,
            line_hash, session_epoch, received_at)
         select $11, $1, $2, $3, 'close', $4, $5,
            (select side from signals where master_account_id = $2 and ticket = $3 and kind = 'open' and part = 0),
            $6, $7, $8, $9, clock_timestamp() - make_interval(secs => $10 / 1e6)
         returning id",
    )
    .bind::<SqlUuid, _>(origin.owner_id.uuid())
    .bind::<SqlUuid, _>(origin.master_id.uuid())
    .bind::<BigInt, _>(signal.ticket.value())
    .bind::<Integer, _>(part)
    .bind::<Text, _>(signal.symbol.as_str())
    .bind::<Nullable<Numeric>, _>(signal.price.map(Price::value))
    .bind::<Numeric, _>(signal.profit.value())
    .bind::<Binary, _>(origin.line_hash.as_slice())
    .bind::<BigInt, _>(origin.epoch)
    .bind::<BigInt, _>(origin.age_us)
    .bind::<SqlUuid, _>(origin.signal_id.uuid())
    .get_result(tx)
    .await?;
    Ok(row.id.into())
}

/// Whether an attempt to store a line was kept, for when the outcome of its
/// commit is unknown.
pub async fn is_stored(tx: &mut Tx, id: SignalId) -> StoreResult<bool> {
    let rows: Vec<IdRow> = sql_query("select id from signals where id = $1")
        .bind::<SqlUuid, _>(id.uuid())
        .get_results(tx)
        .await?;
    Ok(!rows.is_empty())
}

/// Reads a stored entry again, with its copies as they stand.
pub async fn get_accepted(tx: &mut Tx, id: SignalId) -> StoreResult<Accepted> {
    let rows: Vec<CopyRow> = sql_query(
        "select g.id as signal_id, g.received_at, c.copy_id, c.owner_id, c.follower_account_id, c.state,
            c.desired_lots, c.claim_epoch, c.stop_loss, c.take_profit
         from signals g
         left join copy_orders c on c.signal_id = g.id
         where g.id = $1
         order by c.id",
    )
    .bind::<SqlUuid, _>(id.uuid())
    .get_results(tx)
    .await?;
    gathered(rows)
}

fn gathered(rows: Vec<CopyRow>) -> StoreResult<Accepted> {
    let first = rows.as_slice().first().ok_or(StoreError::NotFound("signal"))?;
    let (id, received_at) = (first.signal_id.into(), first.received_at);
    let copies = rows.into_iter().filter_map(CopyRow::copy).collect::<StoreResult<_>>()?;
    Ok(Accepted { id, received_at, copies })
}

impl EarlierRow {
    fn signal(self) -> StoreResult<EarlierSignal> {
        Ok(EarlierSignal {
            kind: known("signals.kind", &self.kind)?,
            same_line: self.same_line,
            same_session: self.same_session,
            recent: self.recent,
        })
    }
}

impl CopyRow {
    /// `None` for the one row of a signal without copies.
    fn copy(self) -> Option<StoreResult<NewCopy>> {
        let (id, owner, follower) = (self.copy_id?, self.owner_id?, self.follower_account_id?);
        let state = known("copy_orders.state", self.state.as_deref()?);
        Some(state.map(|state| NewCopy {
            id: id.into(),
            owner_id: owner.into(),
            follower_id: follower.into(),
            state,
            lots: self.desired_lots.unwrap_or_default(),
            epoch: self.claim_epoch,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
        }))
    }
}
