//! One-to-one copying keeps both sides equal.
//!
//! A trade of a master that its partner does not hold shall be closed. That is
//! owed from the commit that changed the copy on, told at once, and told again
//! until the master reports the exit.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::alert::AlertKind;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::id::AccountId;
use flotilla_engine::Cause;
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_store::alerts::NewAlert;
use flotilla_store::changes::Change;
use flotilla_store::copy_orders::settle::CopyChange;
use flotilla_store::pair_closes::{self, NewPairClose, Owing, PairClose};
use flotilla_store::{StoreError, StoreResult, Tx, alerts, partners};
use uuid::Uuid;

use crate::alarms;
use crate::dispatch;
use crate::failpoint::{Point, pass_if};
use crate::gateway::Gateway;

/// How long a terminal may be away before its owner is told that a trade stands
/// alone: a little longer than it takes to come back.
const AWAY: Duration = Duration::from_secs(10);

/// What the master's terminal is told of a copy that was never opened.
const NOT_OPENED: &str = "slave did not open";
/// What it is told of a position that the partner lost.
const STOPPED_OUT: &str = "slave stop out";

/// Owes closes where the partner could not open: it refused, or its exchange knows nothing of it.
pub(crate) async fn owe_refused(tx: &mut Tx, changes: &[CopyChange]) -> StoreResult<Vec<PairClose>> {
    let is_cause = |cause: &str| cause == Cause::AckOpenFail.as_str() || cause == Cause::NotListed.as_str();
    let failed: Vec<&CopyChange> = changes
        .iter()
        .filter(|change| change.to == CopyState::Failed && is_cause(change.cause))
        .filter(|change| !change.copy.desired_lots.is_zero())
        .collect();
    if failed.is_empty() {
        return Ok(Vec::new());
    }
    let partners = partners::list(tx, &masters(&failed)).await?;
    let words = |change: &CopyChange| change.detail.clone().unwrap_or(NOT_OPENED.to_owned());
    pair_closes::owe(tx, &of_partners(&failed, &partners, Owing::Refused, words), &CLOSE_REPEATS_S).await
}

/// Owes closes where two lists of the partner's terminal show that it never opened.
pub(crate) async fn owe_unopened(tx: &mut Tx, copies: &[CopyOrder]) -> StoreResult<Vec<PairClose>> {
    let owed = unopened(tx, copies).await?;
    pair_closes::owe(tx, &owed, &CLOSE_REPEATS_S).await
}

/// Where one list alone shows it, the next may show the position after all: until that one agrees nothing is sent, and
/// the owner hears of a trade that stands alone.
pub(crate) async fn owe_unlisted(tx: &mut Tx, copies: &[CopyOrder]) -> StoreResult<()> {
    let owed = unopened(tx, copies).await?;
    pair_closes::owe_later(tx, &owed).await
}

async fn unopened(tx: &mut Tx, copies: &[CopyOrder]) -> StoreResult<Vec<NewPairClose>> {
    let wanted: Vec<&CopyOrder> = copies.iter().filter(|copy| !copy.desired_lots.is_zero()).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let masters: Vec<Uuid> = wanted.iter().map(|copy| copy.master_id.uuid()).collect();
    let partners = partners::list(tx, &masters).await?;
    let of_partners =
        wanted.into_iter().filter(|copy| partners.contains(&(copy.master_id, copy.follower_id)));
    Ok(of_partners.map(|copy| owed(copy, Owing::Refused, NOT_OPENED.to_owned())).collect())
}

/// Owes closes where the partner lost a position that nobody ordered to be
/// closed, and the master's owner wants his trade closed then. It says so, or
/// its lists do, when it was away meanwhile.
pub(crate) async fn owe_lost(tx: &mut Tx, changes: &[CopyChange]) -> StoreResult<Vec<PairClose>> {
    let is_cause = |cause: &str| cause == Cause::ClosedByOther.as_str() || cause == Cause::NotListed.as_str();
    let lost: Vec<&CopyChange> = changes
        .iter()
        .filter(|change| change.closes() && is_cause(change.cause) && !change.copy.desired_lots.is_zero())
        .filter(|change| matches!(change.copy.state, CopyState::Open | CopyState::Unconfirmed))
        .collect();
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let partners = partners::list_closing(tx, &masters(&lost)).await?;
    let owed = of_partners(&lost, &partners, Owing::Lost, |_| STOPPED_OUT.to_owned());
    pair_closes::owe(tx, &owed, &CLOSE_REPEATS_S).await
}

/// Tells each master's terminal to close its trade. What cannot be sent now is
/// sent later, like what has no effect.
pub(crate) fn send(gateway: &Gateway, owed: &[PairClose]) {
    for close in owed {
        dispatch::send_sync_close(gateway, close);
    }
}

/// Ends what is not owed any more and sends again what is.
pub(crate) async fn sweep(gateway: Arc<Gateway>) -> StoreResult<()> {
    let (owed, changes) = gateway
        .db
        .open(async |tx| {
            let ended = pair_closes::end(tx).await?;
            let owed = pair_closes::claim(tx, gateway.node, &CLOSE_REPEATS_S).await?;
            let changes = tell_owners(tx, gateway.config.timing.alarm_unhedged, &ended).await?;
            pass_if(Point::ClosesClaiming, !owed.is_empty());
            Ok::<_, StoreError>((owed, changes))
        })
        .await?;
    pass_if(Point::ClosesClaimed, !owed.is_empty());
    send(&gateway, &owed);
    alarms::tell(&gateway, &changes);
    Ok(())
}

async fn tell_owners(tx: &mut Tx, after: Duration, ended: &[Uuid]) -> StoreResult<Vec<Change>> {
    let away = after.min(AWAY);
    let unhedged = pair_closes::tell_unhedged(tx, after.as_secs_f64(), away.as_secs_f64()).await?;
    let alerts: Vec<NewAlert> = unhedged.iter().map(alarms::unhedged).collect();
    let mut changes = alerts::raise_all(tx, &alerts).await?;
    if !ended.is_empty() {
        let keys: Vec<String> = ended.iter().map(|id| alarms::unhedged_key(*id)).collect();
        changes.extend(alerts::resolve_keys(tx, AlertKind::TradeUnhedged, &keys).await?);
    }
    Ok(changes)
}

fn masters(changes: &[&CopyChange]) -> Vec<Uuid> {
    changes.iter().map(|change| change.copy.master_id.uuid()).collect()
}

fn of_partners(
    changes: &[&CopyChange],
    partners: &[(AccountId, AccountId)],
    owing: Owing,
    words: impl Fn(&CopyChange) -> String,
) -> Vec<NewPairClose> {
    changes
        .iter()
        .filter(|change| partners.contains(&(change.copy.master_id, change.copy.follower_id)))
        .map(|change| owed(&change.copy, owing, words(change)))
        .collect()
}

fn owed(copy: &CopyOrder, owing: Owing, words: String) -> NewPairClose {
    NewPairClose {
        master_id: copy.master_id,
        ticket: copy.master_ticket,
        partner_id: copy.follower_id,
        copy_id: copy.id,
        owing,
        words,
    }
}
