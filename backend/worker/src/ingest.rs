//! Stores what masters say and starts its copies (T1, T4).

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{SignalId, TradeId};
use flotilla_domain::signal::{CloseSignal, OpenSignal};
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_engine::ingest::{self, Earlier, Entry, Exit, RESEND_WINDOW_S};
use flotilla_store::changes::{Change, ChangeKind};
use flotilla_store::copy_orders::flatten::{Flatten, Flattened, flatten};
use flotilla_store::signals::{self, Accepted, EarlierSignal, FanOut, Origin};
use flotilla_store::{StoreError, StoreResult, Tx, alerts, journal_projection};
use tokio::time::Instant;

use crate::alarms;
use crate::dispatch;
use crate::failpoint::{self, Point};
use crate::flight::micros;
use crate::gateway::Gateway;
use crate::planning;
use crate::volume;

/// How long an unreachable database holds up a master's line.
const PATIENCE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_millis(100);

/// What became of an entry line.
enum Entered {
    /// Stored, with the copies to send.
    Accepted(Accepted, Option<TradeId>),
    /// Stored and not copied: its ticket was left before.
    Reopened(SignalId, Change),
    /// Stored before: by an earlier try, with what that try may not have sent.
    Before(Accepted),
    /// The same line as before.
    Repeat,
}

/// Stores an entry with its copies, then sends them.
pub(crate) async fn open(gateway: Arc<Gateway>, origin: Origin, read_at: Instant, signal: OpenSignal) {
    let turn = gateway.turns.take(origin.master_id).await;
    let first_try = Instant::now();
    let mut tries = 0;
    let entered = loop {
        let origin = aged(origin, read_at);
        let entered =
            gateway.db.open(async |tx| enter(tx, &gateway, &origin, &signal, tries > 0).await).await;
        match entered {
            // The outcome of the commit is unknown: look before anything else.
            Err(StoreError::Pool(_) | StoreError::Database(_)) if first_try.elapsed() < PATIENCE => {
                tries += 1;
            }
            done => break done,
        }
        tokio::time::sleep(RETRY).await;
    };
    drop(turn);
    match entered {
        Ok(Entered::Accepted(accepted, trade)) => {
            let took_us = micros(read_at.elapsed());
            deliver(&gateway, &signal, &accepted).await;
            tell_entry(&gateway, &origin, &accepted, trade, took_us);
            go_on(&gateway, &accepted).await;
            volume::watch(&gateway, &origin, accepted.id, &signal).await;
        }
        // The claims were committed by a try of ours and written by nobody; the
        // time since the first try bounds the time since that commit.
        Ok(Entered::Before(accepted)) => {
            send(&gateway, &signal, &accepted, first_try).await;
            tell_entry(&gateway, &origin, &accepted, None, micros(read_at.elapsed()));
            go_on(&gateway, &accepted).await;
        }
        Ok(Entered::Reopened(id, alert)) => {
            alarms::tell(&gateway, &[alert]);
            tell_reopened(&gateway, &origin, id);
        }
        Ok(Entered::Repeat) => {
            tracing::info!(account.id = %origin.master_id, "entry line repeated");
        }
        Err(error) => tracing::error!(%error, account.id = %origin.master_id, "an entry could not be stored"),
    }
}

async fn enter(
    tx: &mut Tx,
    gateway: &Gateway,
    origin: &Origin,
    signal: &OpenSignal,
    was_tried: bool,
) -> StoreResult<Entered> {
    signals::lock_master(tx, origin.master_id).await?;
    if was_tried && signals::is_stored(tx, origin.signal_id).await? {
        return Ok(Entered::Before(signals::get_accepted(tx, origin.signal_id).await?));
    }
    let earlier = signals::list_earlier(tx, origin, signal.ticket, RESEND_WINDOW_S).await?;
    let entry = ingest::entry(&judged(&earlier));
    let Some(stored_as) = entry.stored_as() else { return Ok(Entered::Repeat) };
    let fan_out = FanOut {
        page: gateway.config.limits.first_page,
        is_copied: entry.is_copied(),
        ..planning::further(gateway)
    };
    let accepted = signals::accept(tx, origin, signal, stored_as, fan_out).await?;
    if matches!(entry, Entry::Reopened { .. }) {
        let alert = alarms::reopened(origin.owner_id, origin.master_id, signal.ticket);
        return Ok(Entered::Reopened(accepted.id, alerts::raise(tx, &alert).await?));
    }
    let trade = journal_projection::enter_master(tx, origin, signal).await?;
    failpoint::pass(Point::Accepting);
    Ok(Entered::Accepted(accepted, trade))
}

/// Sends what was committed just now.
async fn deliver(gateway: &Gateway, signal: &OpenSignal, accepted: &Accepted) {
    let committed = Instant::now();
    failpoint::pass(Point::Accepted);
    let sending = gateway.sending.begin();
    send(gateway, signal, accepted, committed).await;
    drop(sending);
}

async fn send(gateway: &Gateway, signal: &OpenSignal, accepted: &Accepted, committed: Instant) {
    planning::send(gateway, accepted, (signal.price.value(), signal.ticket), committed).await;
}

/// What is left goes on beside the master's next signals.
async fn go_on(gateway: &Arc<Gateway>, accepted: &Accepted) {
    if !accepted.is_planned {
        planning::finish(gateway, accepted.id).await;
    }
}

fn tell_reopened(gateway: &Gateway, origin: &Origin, id: SignalId) {
    tracing::warn!(account.id = %origin.master_id, signal.id = %id, "a ticket that was left is back; recorded, not copied");
    gateway.hint(ChangeKind::Signal, origin.owner_id, origin.master_id, id.uuid());
}

fn tell_entry(gateway: &Gateway, origin: &Origin, accepted: &Accepted, trade: Option<TradeId>, took_us: i32) {
    tracing::info!(
        signal.id = %accepted.id,
        account.id = %origin.master_id,
        copies = accepted.copies.len(),
        took_us,
        "entry stored and sent"
    );
    gateway.dirty.signal(accepted.id, took_us);
    gateway.hint(ChangeKind::Signal, origin.owner_id, origin.master_id, accepted.id.uuid());
    if let Some(trade) = trade {
        gateway.hint(ChangeKind::Trade, origin.owner_id, origin.master_id, trade.uuid());
    }
    for copy in &accepted.copies {
        gateway.hint(ChangeKind::Copy, copy.owner_id, copy.follower_id, copy.id.uuid());
    }
}

/// What became of an exit line.
struct Left {
    signal: SignalId,
    trade: Option<TradeId>,
    copies: Vec<Flattened>,
}

/// Stores an exit; its copies are to be flat in the same commit, then closes go out.
///
/// Who gets a close follows the copies, not the master's present mode.
pub(crate) async fn close(gateway: Arc<Gateway>, origin: Origin, read_at: Instant, signal: CloseSignal) {
    let turn = gateway.turns.take(origin.master_id).await;
    let first_try = Instant::now();
    let mut tries = 0;
    let left = loop {
        let origin = aged(origin, read_at);
        match gateway.db.open(async |tx| exit(tx, &gateway, &origin, &signal, tries > 0).await).await {
            // The outcome of the commit is unknown: look before anything else.
            Err(StoreError::Pool(_) | StoreError::Database(_)) if first_try.elapsed() < PATIENCE => {
                tries += 1;
            }
            done => break done,
        }
        tokio::time::sleep(RETRY).await;
    };
    drop(turn);
    match left {
        Ok(Some(left)) => {
            failpoint::pass(Point::Left);
            tell_exit(&gateway, &origin, &left);
        }
        Ok(None) => tracing::info!(account.id = %origin.master_id, "exit line repeated"),
        Err(error) => tracing::error!(%error, account.id = %origin.master_id, "an exit could not be stored"),
    }
}

async fn exit(
    tx: &mut Tx,
    gateway: &Gateway,
    origin: &Origin,
    signal: &CloseSignal,
    was_tried: bool,
) -> StoreResult<Option<Left>> {
    signals::lock_master(tx, origin.master_id).await?;
    if was_tried && signals::is_stored(tx, origin.signal_id).await? {
        // Kept by a try of ours. Its closes are due and go out with the next sweep.
        return Ok(None);
    }
    let earlier = signals::list_earlier(tx, origin, signal.ticket, RESEND_WINDOW_S).await?;
    let Exit::Close { part } = ingest::exit(&judged(&earlier)) else { return Ok(None) };
    let id = signals::accept_close(tx, origin, signal, part).await?;
    let what = Flatten::Trade(origin.master_id, signal.ticket);
    let copies = flatten(tx, gateway.node, what, ReasonCode::MasterClosed, &CLOSE_REPEATS_S).await?;
    let trade = journal_projection::exit_master(tx, origin, signal).await?;
    failpoint::pass(Point::Leaving);
    Ok(Some(Left { signal: id, trade, copies }))
}

fn tell_exit(gateway: &Gateway, origin: &Origin, left: &Left) {
    tell_flattened(gateway, &left.copies);
    if left.trade.is_none() {
        tracing::warn!(account.id = %origin.master_id, signal.id = %left.signal, "exit of a trade that is not known");
    }
    gateway.hint(ChangeKind::Signal, origin.owner_id, origin.master_id, left.signal.uuid());
    if let Some(trade) = left.trade {
        gateway.hint(ChangeKind::Trade, origin.owner_id, origin.master_id, trade.uuid());
    }
}

/// Sends the closes of copies that shall be flat and hints at all of them.
pub(crate) fn tell_flattened(gateway: &Gateway, copies: &[Flattened]) {
    let closes: Vec<_> = copies.iter().filter_map(|copy| copy.close.clone()).collect();
    dispatch::send_closes(gateway, &closes);
    for copy in copies {
        gateway.hint(ChangeKind::Copy, copy.owner_id, copy.follower_id, copy.copy_id.uuid());
        gateway.dirty.copy(copy.signal_id, copy.master_id);
    }
}

fn aged(origin: Origin, read_at: Instant) -> Origin {
    Origin { age_us: micros(read_at.elapsed()).into(), ..origin }
}

fn judged(earlier: &[EarlierSignal]) -> Vec<Earlier> {
    earlier
        .iter()
        .map(|signal| Earlier {
            kind: signal.kind,
            same_line: signal.same_line,
            same_session: signal.same_session,
            recent: signal.recent,
        })
        .collect()
}
