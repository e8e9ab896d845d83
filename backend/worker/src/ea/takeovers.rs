//! Two terminals that fight over one follower key: each log-in takes the
//! session from the other, and nothing is ever answered.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::AccountId;
use tokio::time::Instant;

/// Takeovers are counted within this time.
const WINDOW: Duration = Duration::from_mins(1);
/// Accounts that are remembered before those without a late takeover are forgotten.
const REMEMBERED: usize = 1_000;

/// Takeovers of late, by account.
#[derive(Debug, Default)]
pub(crate) struct Takeovers {
    by_account: Mutex<HashMap<AccountId, Fight>>,
}

#[derive(Debug, Default)]
struct Fight {
    takeovers: VecDeque<Instant>,
    refused_until: Option<Instant>,
}

/// Whether a log-in may take the session over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may.
    Welcome,
    /// It may not; `is_first` of a row of refusals.
    Refused { is_first: bool },
}

impl Takeovers {
    /// Notes that a connection took the place of another.
    pub fn note(&self, account: AccountId, now: Instant) {
        let mut fights = self.lock();
        if fights.len() >= REMEMBERED {
            fights.retain(|_, fight| fight.is_alive(now));
        }
        let fight = fights.entry(account).or_default();
        fight.forget_old(now);
        fight.takeovers.push_back(now);
    }

    /// Judges a log-in that would take the place of a live connection.
    ///
    /// * `limit`: takeovers a minute.
    /// * `hold`: for how long further ones are refused.
    pub fn judge(&self, account: AccountId, limit: usize, hold: Duration, now: Instant) -> Verdict {
        let mut fights = self.lock();
        let Some(fight) = fights.get_mut(&account) else { return Verdict::Welcome };
        if fight.refused_until.is_some_and(|until| now < until) {
            return Verdict::Refused { is_first: false };
        }
        fight.forget_old(now);
        if fight.takeovers.len() < limit {
            fight.refused_until = None;
            return Verdict::Welcome;
        }
        // When the hold is over the count begins anew.
        fight.takeovers.clear();
        fight.refused_until = Some(now + hold);
        Verdict::Refused { is_first: true }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Fight>> {
        self.by_account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fight {
    fn forget_old(&mut self, now: Instant) {
        while self.takeovers.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
            self.takeovers.pop_front();
        }
    }

    fn is_alive(&self, now: Instant) -> bool {
        self.refused_until.is_some_and(|until| now < until)
            || self.takeovers.back().is_some_and(|at| now.duration_since(*at) < WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const HOLD: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn the_seventh_takeover_in_a_minute_is_refused_for_a_while() {
        let takeovers = Takeovers::default();
        let (account, other) = (Uuid::now_v7().into(), Uuid::now_v7().into());
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let judge = |seconds| takeovers.judge(account, 6, HOLD, at(seconds));

        for seconds in 0..6 {
            assert_eq!(judge(seconds), Verdict::Welcome);
            takeovers.note(account, at(seconds));
        }

        assert_eq!(judge(6), Verdict::Refused { is_first: true });
        assert_eq!(judge(65), Verdict::Refused { is_first: false });
        assert_eq!(takeovers.judge(other, 6, HOLD, at(6)), Verdict::Welcome, "nobody else is concerned");
        assert_eq!(judge(66), Verdict::Welcome, "the hold is over");
    }

    #[tokio::test]
    async fn a_terminal_that_comes_back_now_and_then_is_never_refused() {
        let takeovers = Takeovers::default();
        let account = Uuid::now_v7().into();
        let start = Instant::now();

        for turn in 0..60 {
            let now = start + Duration::from_secs(turn * 11);
            assert_eq!(takeovers.judge(account, 6, HOLD, now), Verdict::Welcome, "{turn}");
            takeovers.note(account, now);
        }
    }
}
