//! What a newer session does to the claims of an older one.

use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;

use crate::cause::Cause;
use crate::transition::Transition;

/// The edge of a copy whose claim belongs to a session that is over.
///
/// * `ended`: the newest epoch whose session is over.
/// * The line may have been executed, so the copy is never offered again.
#[must_use]
pub fn lost(copy: &CopyOrder, ended: i64) -> Option<Transition> {
    let was_claimed_under_it = copy.claim_epoch.is_some_and(|epoch| epoch <= ended);
    (copy.state == CopyState::Claimed && was_claimed_under_it).then(|| {
        Transition::new(copy, CopyState::Unconfirmed, Cause::Takeover).because(ReasonCode::SessionLost)
    })
}
