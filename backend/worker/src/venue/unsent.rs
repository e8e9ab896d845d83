//! What is said and done where the exchange was not even asked: it has banned an address or closed an interface, or
//! there are too many who ask.
//!
//! Then that is so for all accounts of the address. It is said once for all, and each asks again later and later.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use flotilla_domain::id::AccountId;
use flotilla_exchange::outcome::NotSent;
use tokio::time::Instant;

use crate::gateway::Gateway;

/// Between lines of the log about one address.
const TOLD_EVERY: Duration = Duration::from_mins(1);
/// Before it is asked again for the first time; doubled each time.
const AGAIN: Duration = Duration::from_secs(10);
/// The longest pause, but for what keeps accounts apart.
const AGAIN_AT_LAST: Duration = Duration::from_mins(5);

/// When it was said last, by address.
#[derive(Debug, Default)]
pub(super) struct Unsent {
    told: Mutex<HashMap<String, Instant>>,
}

impl Unsent {
    /// Whether it is to be said now; it counts as said.
    fn is_due(&self, egress: &str, now: Instant) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told.get(egress).is_none_or(|at| *at + TOLD_EVERY <= now);
        if is_due {
            told.insert(egress.to_owned(), now);
        }
        is_due
    }
}

/// Says that something is not read because nothing leaves now: of each address once in a minute. `false`: it is something
/// else, that concerns the account alone.
pub(super) fn tell(
    gateway: &Gateway,
    (account, egress): (AccountId, &str),
    why: &NotSent,
    what: &str,
) -> bool {
    if !matches!(why, NotSent::Stopped | NotSent::NoTurn) {
        return false;
    }
    let is_due = gateway.venues.as_ref().is_none_or(|venues| venues.unsent.is_due(egress, Instant::now()));
    if is_due {
        tracing::warn!(%why, egress.name = egress, account.id = %account, what, "an address may not ask now; what its accounts need is read later");
    } else {
        tracing::debug!(%why, egress.name = egress, account.id = %account, what, "not read yet");
    }
    true
}

/// How long an account waits before it asks again.
#[derive(Debug, Default)]
pub(super) struct Rest {
    times: u32,
}

impl Rest {
    /// Longer each time, and otherwise for each account: they must not all ask at once when they may.
    pub fn next(&mut self, account: AccountId) -> Duration {
        let pause = AGAIN.saturating_mul(1 << self.times.min(5)).min(AGAIN_AT_LAST);
        self.times = self.times.saturating_add(1);
        let share = u32::try_from(account.uuid().as_u128() % 1_000).unwrap_or(0);
        pause + pause.saturating_mul(share) / 2_000
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_address_is_told_of_once_in_a_minute() {
        let (unsent, began) = (Unsent::default(), Instant::now());
        let at = |second| began + Duration::from_secs(second);
        let due = [("a", 0), ("a", 59), ("b", 59), ("a", 60), ("a", 61)];
        assert_eq!(
            due.map(|(egress, second)| unsent.is_due(egress, at(second))),
            [true, false, true, true, false]
        );
    }

    #[test]
    fn an_account_asks_again_later_and_later_and_not_with_the_others() {
        let pauses = |number| {
            let (account, mut rest) = (AccountId::from_uuid(Uuid::from_u128(number)), Rest::default());
            [(); 7].map(|()| rest.next(account).as_secs())
        };
        assert_eq!(pauses(0), [10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(pauses(1_600), [13, 26, 52, 104, 208, 390, 390]);
    }
}
