//! The server's time, by which requests are stamped. This machine's own clock is never asked.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many measurements are kept.
const SAMPLES: usize = 5;

/// The server's clock, as measured.
///
/// A measurement takes half the round trip for the way back; the median of the
/// last five counts, so that one slow answer moves nothing. Between
/// measurements time goes on by this machine's monotonic clock, which no step
/// of its wall clock reaches.
#[derive(Debug)]
pub struct ServerClock {
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Server time minus time since `began`, in milliseconds, newest last.
    offsets_ms: VecDeque<i64>,
    measured_at: Option<Instant>,
}

impl ServerClock {
    /// Not measured yet.
    #[must_use]
    pub fn new() -> Self {
        Self { began: Instant::now(), state: Mutex::default() }
    }

    /// Takes a measurement: the server said `server_ms` to a request that left at `sent` and came back at `received`.
    ///
    /// Returns by how many milliseconds the server is ahead of what was expected; above 1,000 either way somebody should know.
    pub fn measured(&self, server_ms: i64, sent: Instant, received: Instant) -> i64 {
        let expected = self.at_ms(received);
        let half = received.saturating_duration_since(sent) / 2;
        let offset = server_ms.saturating_sub(self.since_began(sent + half));

        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A jump of the server's clock is not averaged away: older measurements are of another clock.
        let jumped = state.offsets_ms.back().is_some_and(|last| last.abs_diff(offset) > 1_000);
        if jumped {
            state.offsets_ms.clear();
        }
        state.offsets_ms.push_back(offset);
        if state.offsets_ms.len() > SAMPLES {
            state.offsets_ms.pop_front();
        }
        state.measured_at = Some(received);
        expected.map_or(0, |expected| offset + self.since_began(received) - expected)
    }

    /// Server time now, in Unix milliseconds; `None` before the first measurement.
    #[must_use]
    pub fn now_ms(&self) -> Option<i64> {
        self.at_ms(Instant::now())
    }

    /// Whether the last measurement is older than `age`, or there is none.
    #[must_use]
    pub fn is_older_than(&self, age: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.measured_at.is_none_or(|at| at.elapsed() > age)
    }

    /// Whether an answer came after `instant`.
    #[must_use]
    pub fn is_measured_after(&self, instant: Instant) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.measured_at.is_some_and(|at| at > instant)
    }

    fn at_ms(&self, instant: Instant) -> Option<i64> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<_> = state.offsets_ms.iter().copied().collect();
        drop(state);
        sorted.sort_unstable();
        let median = sorted.get(sorted.len() / 2)?;
        Some(median + self.since_began(instant))
    }

    fn since_began(&self, instant: Instant) -> i64 {
        i64::try_from(instant.saturating_duration_since(self.began).as_millis()).unwrap_or(i64::MAX)
    }
}

impl Default for ServerClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn measure(clock: &ServerClock, server_ms: i64, round_trip_ms: u64) -> i64 {
        let sent = Instant::now();
        tokio::time::advance(Duration::from_millis(round_trip_ms)).await;
        clock.measured(server_ms, sent, Instant::now())
    }

    #[tokio::test(start_paused = true)]
    async fn time_goes_on_from_the_middle_of_the_round_trip() {
        let clock = ServerClock::new();
        assert_eq!(clock.now_ms(), None);

        measure(&clock, 1_000_000, 100).await;
        tokio::time::advance(Duration::from_millis(400)).await;

        assert_eq!(clock.now_ms(), Some(1_000_450));
    }

    #[tokio::test(start_paused = true)]
    async fn one_slow_answer_moves_nothing() {
        let clock = ServerClock::new();
        for second in 0..4 {
            measure(&clock, 1_000_000 + second * 10, 10).await;
        }
        let before = clock.now_ms().unwrap();

        // The answer took 800 ms, all of them on the way back.
        measure(&clock, before, 800).await;

        assert_eq!(clock.now_ms().unwrap() - before, 800);
    }

    #[tokio::test(start_paused = true)]
    async fn a_jump_of_the_server_counts_at_once_and_is_told() {
        let clock = ServerClock::new();
        for _ in 0..5 {
            measure(&clock, 1_000_000, 0).await;
        }
        let ahead = measure(&clock, 1_060_000, 0).await;

        assert_eq!((ahead, clock.now_ms()), (60_000, Some(1_060_000)));
    }
}
