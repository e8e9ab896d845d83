//! How much of the time a position was open.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

/// Takes trades in order of exit and keeps the stretches of time in which one
/// was open, each once.
#[derive(Debug, Clone, Default)]
pub(super) struct Exposure {
    stretches: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Exposure {
    pub(super) fn push(&mut self, entry_at: DateTime<Utc>, exit_at: DateTime<Utc>) {
        let mut begin = entry_at;
        // All that is kept ended before this one, so whatever reaches into it becomes part of it.
        while let Some((earlier, _)) = self.stretches.pop_if(|(_, end)| *end >= entry_at) {
            begin = begin.min(earlier);
        }
        self.stretches.push((begin, exit_at));
    }

    /// Part of the time from the first entry to the last exit; `None` when that took no time.
    pub(super) fn fraction(&self) -> Option<Decimal> {
        let first = self.stretches.iter().map(|(begin, _)| *begin).min()?;
        let last = self.stretches.last()?.1;
        let all = last.signed_duration_since(first).num_milliseconds();
        let open: TimeDelta =
            self.stretches.iter().map(|(begin, end)| end.signed_duration_since(*begin)).sum();
        Some(Decimal::from(open.num_milliseconds()).checked_div(Decimal::from(all))?.round_dp(6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_with_two_positions_counts_once() {
        let at = |hour: i64| DateTime::from_timestamp(hour * 3_600, 0).unwrap();
        let mut exposure = Exposure::default();
        assert_eq!(exposure.fraction(), None);

        for (entry, exit) in [(0, 1), (2, 4), (3, 5), (8, 9), (1, 10)] {
            exposure.push(at(entry), at(exit));
            if exit == 5 {
                assert_eq!(exposure.fraction(), Some(Decimal::new(8, 1)));
            }
        }

        assert_eq!(exposure.fraction(), Some(Decimal::ONE));
    }
}
