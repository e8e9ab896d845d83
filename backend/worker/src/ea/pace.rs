//! How fast one socket is read.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::Limits;

/// Spreads lines to a rate, with a burst at first.
///
/// Nothing is dropped: a socket that sends faster is read later, so that its
/// peer feels it.
#[derive(Debug)]
pub(crate) struct Pace {
    /// When the line after all lines so far would be due at the plain rate.
    due: Instant,
    interval: Duration,
    ahead: Duration,
}

impl Pace {
    pub fn new(limits: &Limits, now: Instant) -> Self {
        let interval = Duration::from_secs(1) / limits.lines_per_second.max(1);
        Self { due: now, interval, ahead: interval * limits.line_burst }
    }

    /// Counts one line; how long to wait before the next is read.
    pub fn take(&mut self, now: Instant) -> Duration {
        self.due = self.due.max(now) + self.interval;
        self.due.saturating_duration_since(now).saturating_sub(self.ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let limits = Limits { lines_per_second: 10, line_burst: 5, ..Limits::default() };
        let now = Instant::now();
        let mut pace = Pace::new(&limits, now);

        let waits: Vec<_> = (0..7).map(|_| pace.take(now)).collect();

        assert!(waits.iter().take(5).all(Duration::is_zero));
        assert_eq!(waits[5], Duration::from_millis(100));
        assert_eq!(waits[6], Duration::from_millis(200));
        assert_eq!(pace.take(now + Duration::from_mins(1)), Duration::ZERO);
    }
}
