//! How a line came here.

use std::time::Duration;

use tokio::time::Instant;

use crate::inbox::Entry;
use crate::inbox::clock::Age;

/// Older than any follower lets an order be.
const TOO_OLD: Duration = Duration::from_mins(3);

/// How a line came here and how old it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receipt {
    /// Its record in the inbound journal.
    pub entry: Entry,
    /// When it was read; of a line that is processed again, when that began.
    pub read_at: Instant,
    /// How old it was then.
    before: Age,
}

impl Receipt {
    /// Of a line that was just read.
    pub const fn fresh(entry: Entry, read_at: Instant) -> Self {
        let before = Age { age: Duration::ZERO, is_certain: true };
        Self { entry, read_at, before }
    }

    /// Of a line that an earlier process read.
    pub fn again(entry: Entry, before: Age) -> Self {
        Self { entry, read_at: Instant::now(), before }
    }

    /// Microseconds since the line was read. An age that is not certain is too
    /// old for any order.
    pub fn age_us(&self) -> i64 {
        let age = self.before.age.saturating_add(self.read_at.elapsed());
        let age = if self.before.is_certain { age } else { age.max(TOO_OLD) };
        i64::try_from(age.as_micros()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_uncertain_age_is_too_old_for_any_order() {
        let age = |is_certain| {
            let age = Age { age: Duration::from_secs(1), is_certain };
            Receipt::again(Entry(1), age).age_us()
        };

        assert!(age(true) < 60_000_000);
        assert!(age(false) > 120_000_000);
    }
}
