//! Whether what protects an account gets through: closes, cancels, exits.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::bingx::error::ErrorClass;
use crate::outcome::{Doubt, NotSent, Outcome};

/// After so long without a failure nothing is known any more: closes are tried every minute.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(5);

/// What protects an account has failed so often in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InVain {
    /// How often, at least once.
    pub times: u32,
    /// Why, when it failed last.
    pub words: String,
}

/// How the last changes that protect an account fared.
#[derive(Debug, Default)]
pub(super) struct Protections(Mutex<Option<(InVain, Instant)>>);

impl Protections {
    /// Takes in what became of one. An answer about a position or an order that is not there is none: nothing is left to
    /// protect. Nor is it a failure that another process acts for the account.
    pub fn note<T>(&self, outcome: &Outcome<T>) {
        let words = match outcome {
            Outcome::NotSent(NotSent::NoLease) => return,
            // An order of its name got through before.
            Outcome::Accepted(_) | Outcome::Unknown(Doubt::AlreadyThere) => None,
            Outcome::Refused(error) if is_an_answer(error.class) => None,
            Outcome::Refused(error) => Some(error.to_string()),
            Outcome::NotSent(why) => Some(why.to_string()),
            Outcome::Unknown(doubt) => Some(doubt.to_string()),
        };
        let mut state = self.lock();
        let before =
            state.take().filter(|(_, at)| at.elapsed() < FORGOTTEN_AFTER).map_or(0, |(known, _)| known.times);
        *state = words.map(|words| (InVain { times: before.saturating_add(1), words }, Instant::now()));
    }

    /// As [`Protections::note`], of a stop or target: one that is refused for what it is says nothing of what closes.
    pub fn note_exit<T>(&self, outcome: &Outcome<T>) {
        let is_about_it = matches!(outcome, Outcome::Refused(error) if !error.class.passes());
        if !is_about_it {
            self.note(outcome);
        }
    }

    pub fn in_vain(&self) -> Option<InVain> {
        self.lock().as_ref().filter(|(_, at)| at.elapsed() < FORGOTTEN_AFTER).map(|(known, _)| known.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<(InVain, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn is_an_answer(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Position | ErrorClass::Order | ErrorClass::Duplicate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bingx::error::VenueError;

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_are_counted_until_one_gets_through_or_none_was_for_long() {
        let protections = Protections::default();
        let times = || protections.in_vain().map(|known| known.times);
        let fail = || protections.note::<()>(&Outcome::Unknown(Doubt::Unreadable));
        assert_eq!(times(), None);

        fail();
        fail();
        protections.note::<()>(&Outcome::NotSent(NotSent::NoLease));
        assert_eq!(times(), Some(2));
        protections.note(&Outcome::Accepted(()));
        assert_eq!(times(), None);

        fail();
        protections.note::<()>(&Outcome::Unknown(Doubt::AlreadyThere));
        assert_eq!(times(), None);

        fail();
        tokio::time::advance(Duration::from_mins(4)).await;
        fail();
        assert_eq!(times(), Some(2));
        tokio::time::advance(Duration::from_mins(5)).await;
        assert_eq!(times(), None);
        fail();
        assert_eq!(times(), Some(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_that_is_refused_for_what_it_is_says_nothing_of_what_closes() {
        let protections = Protections::default();
        let times = || protections.in_vain().map(|known| known.times);
        let refused = |code| Outcome::<()>::Refused(VenueError::new(code, ""));

        protections.note_exit(&refused(110_203));
        protections.note_exit(&refused(110_411));
        assert_eq!(times(), None);
        protections.note_exit(&refused(100_413));
        protections.note_exit(&refused(110_203));
        assert_eq!(times(), Some(1));
        protections.note(&refused(110_203));
        assert_eq!(times(), Some(2));
        protections.note_exit(&Outcome::Accepted(()));
        assert_eq!(times(), None);
    }
}
