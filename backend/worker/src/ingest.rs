//! Stores what masters say and starts its copies (T1, T4).

mod venue;

use std::sync::Arc;

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, SignalId, TradeId};
use flotilla_domain::signal::{CloseSignal, OpenSignal};
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_engine::ingest::{self, Earlier, Entry, Exit, RESEND_WINDOW_S};
use flotilla_store::changes::{Change, ChangeKind};
use flotilla_store::copy_orders::flatten::{Flatten, Flattened, flatten, list_flat};
use flotilla_store::ea_login::EaLogin;
use flotilla_store::signals::{self, Accepted, EarlierSignal, FanOut, Origin};
use flotilla_store::{StoreResult, Tx, alerts, journal_projection};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::alarms;
use crate::dispatch;
use crate::failpoint::{self, Point};
use crate::flight::{Clearance, Way};
use crate::gateway::Gateway;
use crate::inbox::Receipt;
use crate::measure;
use crate::patience::{GaveUp, Patience};
use crate::planning;
use crate::turns::Queued;
use crate::volume;

pub(crate) use venue::{Told, enter_of_venue, leave, modify, reduce, tell};

/// A line of a master on its way into the database.
pub(crate) struct Inbound {
    origin: Origin,
    receipt: Receipt,
    /// Lines of one master are stored in the order in which they were read.
    place: Queued,
}

impl Inbound {
    /// A line, without its end, and the session it came over. Takes the line's
    /// place among those of its master.
    pub async fn new(
        gateway: &Gateway,
        login: &EaLogin,
        (signal_id, epoch): (SignalId, i64),
        receipt: Receipt,
        line: &[u8],
    ) -> Self {
        let origin = Origin {
            signal_id,
            master_id: login.account_id,
            owner_id: login.owner_id,
            epoch,
            line_hash: Sha256::digest(line.trim_ascii()).into(),
            age_us: 0,
        };
        Self { origin, receipt, place: gateway.turns.queue(login.account_id).await }
    }
}

/// What became of an entry line.
enum Entered {
    /// Stored, with the copies to send and an instant before the commit.
    Accepted(Accepted, Option<TradeId>, Instant),
    /// Stored and not copied: its ticket was left before.
    Reopened(SignalId, Change),
    /// Stored before: by an earlier try, with what that try may not have sent.
    Before(Accepted),
    /// The same line as before.
    Repeat,
}

/// Stores an entry with its copies, then sends them.
///
/// However long the database is away, the line waits for it; the inbound
/// journal keeps it should this process end meanwhile.
pub(crate) async fn open(gateway: Arc<Gateway>, inbound: Inbound, signal: OpenSignal) {
    let Inbound { origin, receipt, place } = inbound;
    let turn = place.turn().await;
    let first_try = Instant::now();
    let mut patience = Patience::new(&gateway);
    let entered = loop {
        let line = Line { origin: aged(origin, &receipt), receipt, was_tried: patience.was_tried() };
        match gateway.db.open(async |tx| enter(tx, &gateway, &line, &signal).await).await {
            Ok(entered) => break Ok(entered),
            Err(error) => {
                if let Err(gave_up) = patience.after(error).await {
                    break Err(gave_up);
                }
            }
        }
    };
    decided(&gateway, &receipt, &entered);
    drop(turn);
    let took_us = i32::try_from(receipt.age_us()).unwrap_or(i32::MAX);
    match entered {
        Ok(Entered::Accepted(accepted, trade, committed)) => {
            let clearance = Clearance { committed, way: Some(Way::begin(receipt.read_at)) };
            let delivered = async {
                deliver(&gateway, &signal, &accepted, &clearance).await;
                tell_entry(&gateway, &origin, &accepted, trade, took_us);
            };
            // The next page is stored while the first one is sent.
            let rest = go_on(&gateway, origin.master_id, &accepted, clearance.way.as_ref());
            tokio::join!(rest, delivered);
            volume::watch(&gateway, &origin, accepted.id, &signal).await;
        }
        // The claims were committed by a try of ours and written by nobody; the
        // time since the first try bounds the time since that commit.
        Ok(Entered::Before(accepted)) => {
            send(&gateway, &signal, &accepted, &Clearance::late(first_try)).await;
            tell_entry(&gateway, &origin, &accepted, None, took_us);
            go_on(&gateway, origin.master_id, &accepted, None).await;
        }
        Ok(Entered::Reopened(id, alert)) => {
            alarms::tell(&gateway, &[alert]);
            tell_reopened(&gateway, &origin, id);
        }
        Ok(Entered::Repeat) => {
            tracing::info!(account.id = %origin.master_id, "entry line repeated");
        }
        Err(gave_up) => {
            let words = format!("SIGNAL_OPEN {} {}", signal.symbol, signal.ticket);
            tell_given_up(&gateway, &origin, &words, &gave_up).await;
        }
    }
}

/// A line at one try to store it.
struct Line {
    origin: Origin,
    receipt: Receipt,
    /// Whether an earlier try may have been kept.
    was_tried: bool,
}

/// The database has decided, unless the worker ends before.
fn decided<T>(gateway: &Gateway, receipt: &Receipt, outcome: &Result<T, GaveUp>) {
    if !matches!(outcome, Err(GaveUp::Ending)) {
        gateway.inbox.release(receipt.entry);
    }
}

async fn tell_given_up(gateway: &Gateway, origin: &Origin, words: &str, gave_up: &GaveUp) {
    match gave_up {
        GaveUp::Refused(error) => {
            tracing::error!(%error, account.id = %origin.master_id, "a signal could not be stored");
            alarms::raise_lost(gateway, &[alarms::line_lost(origin.owner_id, origin.master_id, words)]).await;
        }
        GaveUp::Ending => {
            tracing::warn!(account.id = %origin.master_id, "a signal stays in the inbound journal");
        }
    }
}

async fn enter(tx: &mut Tx, gateway: &Gateway, line: &Line, signal: &OpenSignal) -> StoreResult<Entered> {
    let origin = &line.origin;
    signals::lock_master(tx, origin.master_id).await?;
    if line.was_tried && signals::is_stored(tx, origin.signal_id).await? {
        return Ok(Entered::Before(signals::get_accepted(tx, origin.master_id, origin.signal_id).await?));
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
        let alert = alerts::raise(tx, &alert).await?;
        journalled(gateway, line).await;
        return Ok(Entered::Reopened(accepted.id, alert));
    }
    let trade = journal_projection::enter_master(tx, origin, signal).await?;
    journalled(gateway, line).await;
    failpoint::pass(Point::Accepting);
    Ok(Entered::Accepted(accepted, trade, Instant::now()))
}

/// What is committed was journalled before.
async fn journalled(gateway: &Gateway, line: &Line) {
    gateway.inbox.synced(line.receipt.entry).await;
    failpoint::pass(Point::SignalJournalled);
}

/// Sends what was committed just now.
async fn deliver(gateway: &Gateway, signal: &OpenSignal, accepted: &Accepted, clearance: &Clearance) {
    failpoint::pass(Point::Accepted);
    let sending = gateway.sending.begin();
    send(gateway, signal, accepted, clearance).await;
    drop(sending);
}

async fn send(gateway: &Gateway, signal: &OpenSignal, accepted: &Accepted, clearance: &Clearance) {
    planning::send(gateway, accepted, (signal.price.value(), signal.ticket), clearance).await;
}

/// What is left goes on beside the master's next signals.
async fn go_on(gateway: &Arc<Gateway>, master: AccountId, accepted: &Accepted, way: Option<&Arc<Way>>) {
    if !accepted.is_planned {
        planning::finish(gateway, (master, accepted.id), way).await;
    }
}

fn tell_reopened(gateway: &Gateway, origin: &Origin, id: SignalId) {
    tracing::warn!(account.id = %origin.master_id, signal.id = %id, "a ticket that was left is back; recorded, not copied");
    gateway.hint(ChangeKind::Signal, origin.owner_id, origin.master_id, id.uuid());
}

fn tell_entry(gateway: &Gateway, origin: &Origin, accepted: &Accepted, trade: Option<TradeId>, took_us: i32) {
    measure::committed(took_us.into());
    planning::measure_new(accepted);
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
pub(crate) struct Left {
    /// Stored by an earlier try, of which nobody was told.
    was_before: bool,
    signal: SignalId,
    trade: Option<TradeId>,
    copies: Vec<Flattened>,
}

/// Stores an exit; its copies are to be flat in the same commit, then closes go out.
///
/// Who gets a close follows the copies, not the master's present mode.
pub(crate) async fn close(gateway: Arc<Gateway>, inbound: Inbound, signal: CloseSignal) {
    let Inbound { origin, receipt, place } = inbound;
    let turn = place.turn().await;
    let mut patience = Patience::new(&gateway);
    let left = loop {
        let line = Line { origin: aged(origin, &receipt), receipt, was_tried: patience.was_tried() };
        match gateway.db.open(async |tx| exit(tx, &gateway, &line, &signal).await).await {
            Ok(left) => break Ok(left),
            Err(error) => {
                if let Err(gave_up) = patience.after(error).await {
                    break Err(gave_up);
                }
            }
        }
    };
    decided(&gateway, &receipt, &left);
    drop(turn);
    match left {
        Ok(Some(left)) => {
            failpoint::pass(Point::Left);
            tell_exit(&gateway, &origin, &left);
        }
        Ok(None) => tracing::info!(account.id = %origin.master_id, "exit line repeated"),
        Err(gave_up) => {
            let words = format!("SIGNAL_CLOSE {} {}", signal.symbol, signal.ticket);
            tell_given_up(&gateway, &origin, &words, &gave_up).await;
        }
    }
}

async fn exit(
    tx: &mut Tx,
    gateway: &Gateway,
    line: &Line,
    signal: &CloseSignal,
) -> StoreResult<Option<Left>> {
    let origin = &line.origin;
    signals::lock_master(tx, origin.master_id).await?;
    if line.was_tried && signals::is_stored(tx, origin.signal_id).await? {
        let copies = list_flat(tx, gateway.node, origin.master_id, signal.ticket).await?;
        return Ok(Some(Left { was_before: true, signal: origin.signal_id, trade: None, copies }));
    }
    let earlier = signals::list_earlier(tx, origin, signal.ticket, RESEND_WINDOW_S).await?;
    let Exit::Close { part } = ingest::exit(&judged(&earlier)) else { return Ok(None) };
    let id = signals::accept_close(tx, origin, signal, part).await?;
    let what = Flatten::Trade(origin.master_id, signal.ticket);
    let copies = flatten(tx, gateway.node, &what, ReasonCode::MasterClosed, &CLOSE_REPEATS_S).await?;
    let trade = journal_projection::exit_master(tx, origin, signal).await?;
    journalled(gateway, line).await;
    failpoint::pass(Point::Leaving);
    Ok(Some(Left { was_before: false, signal: id, trade, copies }))
}

fn tell_exit(gateway: &Gateway, origin: &Origin, left: &Left) {
    tell_flattened(gateway, &left.copies);
    if left.trade.is_none() && !left.was_before {
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
    if copies.iter().any(|copy| crate::venue::duties::serves(gateway, copy.follower_id)) {
        crate::venue::wake(gateway);
    }
    for copy in copies {
        let (from, to) = copy.states;
        if to == CopyState::Claimed {
            gateway.flights.withdraw(copy.copy_id, copy.reason);
        }
        if from != to {
            measure::copies(Some(from), to, 1);
        }
        gateway.hint(ChangeKind::Copy, copy.owner_id, copy.follower_id, copy.copy_id.uuid());
        gateway.dirty.copy(copy.signal_id, copy.master_id);
    }
}

fn aged(origin: Origin, receipt: &Receipt) -> Origin {
    Origin { age_us: receipt.age_us(), ..origin }
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
