//! Signals of masters at exchanges: what they mean was decided before; here they are stored and sent.

use std::sync::Arc;

use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::SignalId;
use flotilla_domain::signal::{CloseSignal, ModifySignal, OpenSignal, PartialSignal};
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_engine::ingest::{self, Entry, Exit, RESEND_WINDOW_S};
use flotilla_store::changes::{Change, ChangeKind};
use flotilla_store::copy_orders::flatten::{Flatten, Flattened, flatten};
use flotilla_store::copy_orders::wishes::{Adjusted, set_exits, shrink};
use flotilla_store::signals::{self, Accepted, FanOut, Origin};
use flotilla_store::venue_orders::exit_wishes;
use flotilla_store::{StoreResult, Tx, alerts};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Left, deliver, go_on, judged, tell_entry, tell_exit, tell_flattened, tell_reopened};
use crate::alarms;
use crate::flight::{Clearance, Way};
use crate::gateway::Gateway;
use crate::planning;
use crate::volume;

/// A signal that is stored, and of which nobody was told yet.
pub(crate) enum Told {
    /// An entry with its copies, and an instant before the commit.
    Entered(Box<(Origin, OpenSignal, Accepted, Instant)>),
    /// Recorded and not copied: its ticket was left before.
    Reopened(Origin, SignalId, Change),
    /// A part left, or stop and target are others.
    Changed(Origin, Box<Changed>),
    /// An exit.
    Left(Origin, Box<Left>),
    /// No signal: the owner is told that followers are not.
    Lost(Change),
}

/// Stores an entry with its copies, in the transaction of its cause.
pub(crate) async fn enter_of_venue(
    tx: &mut Tx,
    gateway: &Gateway,
    origin: &Origin,
    signal: &OpenSignal,
) -> StoreResult<Option<Told>> {
    let earlier = signals::list_earlier(tx, origin, signal.ticket, RESEND_WINDOW_S).await?;
    let entry = ingest::entry(&judged(&earlier));
    let Some(stored_as) = entry.stored_as() else { return Ok(None) };
    let fan_out = FanOut {
        page: gateway.config.limits.first_page,
        is_copied: entry.is_copied(),
        ..planning::further(gateway)
    };
    let accepted = signals::accept(tx, origin, signal, stored_as, fan_out).await?;
    if matches!(entry, Entry::Reopened { .. }) {
        let alert = alarms::reopened(origin.owner_id, origin.master_id, signal.ticket);
        let change = alerts::raise(tx, &alert).await?;
        return Ok(Some(Told::Reopened(*origin, accepted.id, change)));
    }
    Ok(Some(Told::Entered(Box::new((*origin, signal.clone(), accepted, Instant::now())))))
}

/// Stores an exit; its copies are to be flat in the same commit.
pub(crate) async fn leave(
    tx: &mut Tx,
    gateway: &Gateway,
    origin: &Origin,
    signal: &CloseSignal,
) -> StoreResult<Option<Told>> {
    let earlier = signals::list_earlier(tx, origin, signal.ticket, RESEND_WINDOW_S).await?;
    let Exit::Close { part } = ingest::exit(&judged(&earlier)) else { return Ok(None) };
    let id = signals::accept_close(tx, origin, signal, part).await?;
    let what = Flatten::Trade(origin.master_id, signal.ticket);
    let copies = flatten(tx, gateway.node, &what, ReasonCode::MasterClosed, &CLOSE_REPEATS_S).await?;
    // Its trade is made from its fills.
    let left = Left { was_before: true, signal: id, trade: None, copies };
    Ok(Some(Told::Left(*origin, Box::new(left))))
}

/// Copies of which something else is wanted.
pub(crate) struct Changed {
    copies: Vec<Adjusted>,
    flat: Vec<Flattened>,
}

/// Stores that a part left; what its copies shall hold is written in the same commit.
pub(crate) async fn reduce(
    tx: &mut Tx,
    gateway: &Gateway,
    origin: &Origin,
    signal: &PartialSignal,
) -> StoreResult<Told> {
    signals::accept_partial(tx, origin, signal).await?;
    let copies = shrink(tx, origin.master_id, signal).await?;
    let what = Flatten::Whole(origin.master_id, signal.ticket);
    let flat = flatten(tx, gateway.node, &what, ReasonCode::MasterClosed, &CLOSE_REPEATS_S).await?;
    Ok(Told::Changed(*origin, Box::new(Changed { copies, flat })))
}

/// Stores another stop and target; those of its copies are written in the same commit.
pub(crate) async fn modify(tx: &mut Tx, origin: &Origin, signal: &ModifySignal) -> StoreResult<Told> {
    signals::accept_modify(tx, origin, signal).await?;
    let copies = set_exits(tx, origin.master_id, signal).await?;
    let ids: Vec<Uuid> = copies.iter().map(|copy| copy.copy_id.uuid()).collect();
    exit_wishes::follow(tx, &ids).await?;
    Ok(Told::Changed(*origin, Box::new(Changed { copies, flat: Vec::new() })))
}

fn tell_changed(gateway: &Gateway, origin: &Origin, changed: &Changed) {
    tell_flattened(gateway, &changed.flat);
    let serves = |copy: &Adjusted| crate::venue::duties::serves(gateway, copy.follower_id);
    if changed.copies.iter().any(serves) {
        crate::venue::wake(gateway);
    }
    let copies = changed.copies.len() + changed.flat.len();
    tracing::info!(signal.id = %origin.signal_id, account.id = %origin.master_id, copies, "change of a trade stored");
    gateway.hint(ChangeKind::Signal, origin.owner_id, origin.master_id, origin.signal_id.uuid());
    for copy in &changed.copies {
        gateway.hint(ChangeKind::Copy, copy.owner_id, copy.follower_id, copy.copy_id.uuid());
    }
}

/// Sends what was committed just now, and hints at it.
///
/// `heard_at`: when the master's order was heard of.
pub(crate) async fn tell(gateway: &Arc<Gateway>, told: Told, heard_at: Instant) {
    match told {
        Told::Entered(entered) => {
            let (origin, signal, accepted, committed) = *entered;
            let clearance = Clearance { committed, way: Some(Way::begin(heard_at)) };
            let took_us = i32::try_from(heard_at.elapsed().as_micros()).unwrap_or(i32::MAX);
            let delivered = async {
                deliver(gateway, &signal, &accepted, &clearance).await;
                tell_entry(gateway, &origin, &accepted, None, took_us);
            };
            let rest = go_on(gateway, origin.master_id, &accepted, clearance.way.as_ref());
            tokio::join!(rest, delivered);
            volume::watch(gateway, &origin, accepted.id, &signal).await;
        }
        Told::Reopened(origin, id, alert) => {
            alarms::tell(gateway, &[alert]);
            tell_reopened(gateway, &origin, id);
        }
        Told::Changed(origin, changed) => tell_changed(gateway, &origin, &changed),
        Told::Left(origin, left) => tell_exit(gateway, &origin, &left),
        Told::Lost(alert) => alarms::tell(gateway, &[alert]),
    }
}
