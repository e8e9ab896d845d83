//! Events of master trades, and T1: a signal and all its copies in one commit.

mod changes;
mod dry_run;
mod fan_out;
mod judgement;

use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, SignalId};
use flotilla_domain::price::Price;
use flotilla_domain::signal::{CloseSignal, SignalKind};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};
use crate::prepared::Prepared;

pub use changes::{accept_modify, accept_partial};
pub use dry_run::{Judged, Opening, judge};
pub use fan_out::{Accepted, FanOut, NewCopy, Planned, accept, get_accepted, list_unplanned, plan_next};

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
    /// SHA-256 of the line, or of what stands for it: the same whenever the same is told. Copies are named by it.
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
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Takes the master's turn: until this transaction ends, no other accepts a
/// signal of the same master. Several sockets may speak for one master.
///
/// From here on others see that this transaction writes: a stop that it does not
/// see when it judges its followers waits for it before it counts as done.
pub async fn lock_master(tx: &mut Tx, master: AccountId) -> StoreResult<()> {
    let query = sql_query("select pg_advisory_xact_lock(hashtextextended($1, 0)), pg_current_xact_id()")
        .bind::<Text, _>(master.to_string());
    Prepared(query).execute(tx).await?;
    Ok(())
}

/// Lists all earlier signals of a ticket. `window_s`: how many seconds before
/// this line is recent; a line that is stored late is judged as on its day.
pub async fn list_earlier(
    tx: &mut Tx,
    origin: &Origin,
    ticket: Ticket,
    window_s: i64,
) -> StoreResult<Vec<EarlierSignal>> {
    let query = sql_query(
        "select kind, line_hash = $3 as same_line, session_epoch = $4 as same_session,
            received_at > clock_timestamp() - make_interval(secs => $5 + $6 / 1e6) as recent
         from signals
         where master_account_id = $1 and ticket = $2",
    )
    .bind::<SqlUuid, _>(origin.master_id.uuid())
    .bind::<BigInt, _>(ticket.value())
    .bind::<Binary, _>(origin.line_hash.as_slice())
    .bind::<BigInt, _>(origin.epoch)
    .bind::<BigInt, _>(window_s)
    .bind::<BigInt, _>(origin.age_us);
    let rows: Vec<EarlierRow> = Prepared(query).get_results(tx).await?;
    rows.into_iter().map(EarlierRow::signal).collect()
}

/// Stores an exit. `part` counts the exits of the ticket from 0.
///
/// # Errors
///
/// [`StoreError::Constraint`](crate::StoreError::Constraint) `signals_once` as for [`fan_out::accept`].
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

/// Sizes of up to `limit` entries of a master before the signal `before`.
pub async fn list_lots_before(
    tx: &mut Tx,
    master: AccountId,
    before: SignalId,
    limit: i64,
) -> StoreResult<Vec<Decimal>> {
    #[derive(QueryableByName)]
    struct LotsRow {
        #[diesel(sql_type = Numeric)]
        lots: Decimal,
    }
    let rows: Vec<LotsRow> = sql_query(
        "select lots from signals
         where master_account_id = $1 and id < $2 and kind in ('open', 'add')
         order by id desc
         limit $3",
    )
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<SqlUuid, _>(before.uuid())
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.lots).collect())
}

/// What a stored signal says; `None`: no attempt to store it was kept.
pub async fn find_kind(tx: &mut Tx, id: SignalId) -> StoreResult<Option<SignalKind>> {
    #[derive(QueryableByName)]
    struct KindRow {
        #[diesel(sql_type = Text)]
        kind: String,
    }
    let rows: Vec<KindRow> = sql_query("select kind from signals where id = $1")
        .bind::<SqlUuid, _>(id.uuid())
        .get_results(tx)
        .await?;
    rows.into_iter().next().map(|row| known("signals.kind", &row.kind)).transpose()
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

/// Which of `ids` are stored.
pub async fn list_stored(tx: &mut Tx, ids: &[Uuid]) -> StoreResult<Vec<Uuid>> {
    let rows: Vec<IdRow> = sql_query("select id from signals where id = any($1)")
        .bind::<Array<SqlUuid>, _>(ids)
        .get_results(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
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
