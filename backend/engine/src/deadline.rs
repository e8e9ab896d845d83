//! What time alone does to a copy. All times are the database's.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;

use crate::cause::Cause;
use crate::transition::Transition;

/// Seconds after which an order to close is repeated: after the first, the
/// second, and so on; the last for all further ones.
pub const CLOSE_REPEATS_S: [i32; 4] = [2, 5, 15, 60];

/// Orders to close a copy after which its owner is told that it does not close:
/// the fourth goes out 22 seconds after the first.
pub const CLOSES_IN_VAIN: i32 = 4;

/// Seconds an order to open may stay without an answer. Generous: the EA is
/// mute while its broker call blocks.
pub const ANSWER_WITHIN_S: i32 = 30;

/// Seconds from the log-in of a follower with copies in doubt to its first new
/// open, unless it lists its positions before.
pub const HOLD_OPENS_S: i32 = 30;

/// Time after the commit of a claim in which its line may be written.
pub const WRITE_WITHIN: Duration = Duration::from_secs(2);

/// The edge that time has made due, if any.
///
/// * `planned` past its age limit: `skipped`, because an old order at a new
///   price is not the master's trade any more. `is_held`: whether it waited for
///   its follower's list of positions.
/// * `claimed` or `received` without an answer: `unconfirmed`.
#[must_use]
pub fn overdue(copy: &CopyOrder, now: DateTime<Utc>, is_held: bool) -> Option<Transition> {
    let answer_by = |claimed_at: DateTime<Utc>| claimed_at + TimeDelta::seconds(ANSWER_WITHIN_S.into());
    match copy.state {
        CopyState::Planned if copy.expires_at <= now => {
            let reason = if is_held { ReasonCode::Reconciling } else { ReasonCode::Stale };
            Some(Transition::new(copy, CopyState::Skipped, Cause::Expired).because(reason))
        }
        CopyState::Claimed | CopyState::Received
            if copy.claimed_at.is_some_and(|at| answer_by(at) <= now) =>
        {
            Some(Transition::new(copy, CopyState::Unconfirmed, Cause::Deadline).because(ReasonCode::Silent))
        }
        _ => None,
    }
}

/// The edge of a claim whose line was certainly not written.
///
/// `reason` says why: the connection was gone, or the order too old by then. It is
/// `failed` and not `unconfirmed`, because only the holder of the claim may
/// write the line and it knows that it did not.
#[must_use]
pub fn not_written(copy: &CopyOrder, reason: ReasonCode) -> Option<Transition> {
    // A takeover may have called it unconfirmed meanwhile.
    matches!(copy.state, CopyState::Claimed | CopyState::Unconfirmed)
        .then(|| Transition::new(copy, CopyState::Failed, Cause::NotWritten).because(reason))
}
