//! One-to-one copying keeps both sides equal.

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::id::AccountId;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::Cause;
use flotilla_store::copy_orders::settle::CopyChange;
use flotilla_store::{StoreResult, Tx, partners};
use uuid::Uuid;

use crate::dispatch;
use crate::gateway::Gateway;

/// A master's trade whose only copy is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    master: AccountId,
    ticket: Ticket,
    words: String,
}

/// What the master's terminal is told of a copy that was never opened.
const NOT_OPENED: &str = "slave did not open";
/// What it is told of a position that the partner lost.
const STOPPED_OUT: &str = "slave stop out";

/// Where the partner could not open: it refused, or its list shows that it never did.
pub(crate) async fn list_refused(tx: &mut Tx, changes: &[CopyChange]) -> StoreResult<Vec<Refused>> {
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
    Ok(of_partners(&failed, &partners, |change| change.detail.clone().unwrap_or(NOT_OPENED.to_owned())))
}

/// Where the partner lost a position that nobody ordered to be closed, and the
/// master's owner wants his trade closed then.
pub(crate) async fn list_lost(tx: &mut Tx, changes: &[CopyChange]) -> StoreResult<Vec<Refused>> {
    let lost: Vec<&CopyChange> = changes
        .iter()
        .filter(|change| change.closes() && change.cause == Cause::ClosedByOther.as_str())
        .filter(|change| change.copy.state == CopyState::Open && !change.copy.desired_lots.is_zero())
        .collect();
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let partners = partners::list_closing(tx, &masters(&lost)).await?;
    Ok(of_partners(&lost, &partners, |_| STOPPED_OUT.to_owned()))
}

/// Tells each master's terminal to close the trade.
pub(crate) fn tell_refused(gateway: &Gateway, refused: &[Refused]) {
    for one in refused {
        dispatch::send_sync_close(gateway, one.master, one.ticket, one.words.clone());
    }
}

fn masters(changes: &[&CopyChange]) -> Vec<Uuid> {
    changes.iter().map(|change| change.copy.master_id.uuid()).collect()
}

fn of_partners(
    changes: &[&CopyChange],
    partners: &[(AccountId, AccountId)],
    words: impl Fn(&CopyChange) -> String,
) -> Vec<Refused> {
    changes
        .iter()
        .filter(|change| partners.contains(&(change.copy.master_id, change.copy.follower_id)))
        .map(|change| Refused {
            master: change.copy.master_id,
            ticket: change.copy.master_ticket,
            words: words(change),
        })
        .collect()
}
