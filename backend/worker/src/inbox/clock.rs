//! How old a line is that was read before this process began.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use uuid::Uuid;

use crate::inbox::record::Moment;

/// The machine's clocks, related to this process's own.
///
/// Ages are counted by the time since the machine started, which no step of
/// the wall clock reaches and which goes on while no process runs. A line that
/// was read before the machine was started again has an age nobody knows for
/// sure: it counts as too old to be sent, whatever the wall clock says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    boot: Uuid,
    began_at: Instant,
    /// Of the machine when this process began.
    uptime: Duration,
}

/// The system tells its uptime in hundredths of a second, so two processes that
/// ask one after the other may count from moments this far apart.
const UPTIME_STEP_US: i64 = 10_000;

/// How long ago a line was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age {
    pub age: Duration,
    /// Whether a step of a clock cannot have made it look younger.
    pub is_certain: bool,
}

impl Clock {
    /// Reads the machine's clocks. Where it does not tell how long it runs,
    /// every age of an earlier process is uncertain.
    pub fn read() -> Self {
        let began_at = Instant::now();
        let known = boot().zip(uptime());
        let (boot, uptime) = known.unwrap_or((Uuid::nil(), Duration::ZERO));
        Self { boot, began_at, uptime }
    }

    /// What to write of a line that was read at `read_at`.
    pub fn moment(&self, read_at: Instant) -> Moment {
        let uptime = self.uptime + read_at.saturating_duration_since(self.began_at);
        Moment { boot: self.boot, uptime_us: micros(uptime), wall_us: wall_us() }
    }

    /// How old a line is that was read at `moment`.
    pub fn age(&self, moment: Moment) -> Age {
        age(moment, self.moment(Instant::now()))
    }
}

fn age(then: Moment, now: Moment) -> Age {
    let since = |then: i64, now: i64| {
        Duration::from_micros(u64::try_from(now.saturating_sub(then)).unwrap_or_default())
    };
    let is_past = then.uptime_us <= now.uptime_us.saturating_add(UPTIME_STEP_US);
    let is_certain = then.boot == now.boot && !then.boot.is_nil() && is_past;
    let age =
        if is_certain { since(then.uptime_us, now.uptime_us) } else { since(then.wall_us, now.wall_us) };
    Age { age, is_certain }
}

fn boot() -> Option<Uuid> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().parse().ok()
}

fn uptime() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds = text.split_ascii_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "written beside the line for people, and judged by nobody alone"
)]
fn wall_us() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;

    fn at(boot: u128, uptime_us: i64, wall_us: i64) -> Moment {
        Moment { boot: Uuid::from_u128(boot), uptime_us, wall_us }
    }

    #[test]
    fn a_step_of_the_wall_clock_changes_no_age() {
        for step in [-HOUR_US, 0, HOUR_US] {
            let age = age(at(1, 10_000_000, HOUR_US), at(1, 12_500_000, HOUR_US + 2_500_000 + step));

            assert_eq!(age, Age { age: Duration::from_millis(2_500), is_certain: true });
        }
    }

    #[test]
    fn the_coarseness_of_the_uptime_makes_no_age_uncertain() {
        let age = age(at(1, 20_000, HOUR_US), at(1, 10_000, HOUR_US));

        assert_eq!(age, Age { age: Duration::ZERO, is_certain: true });
    }

    #[test]
    fn an_age_across_a_start_of_the_machine_is_uncertain_and_never_negative() {
        let cases = [
            (at(1, 10, 0), at(2, 20, 5_000_000), Duration::from_secs(5)),
            (at(1, 10, HOUR_US), at(2, 20, 0), Duration::ZERO),
            (at(0, 10, 0), at(0, 20, 1_000_000), Duration::from_secs(1)),
            (at(1, 20_000, 0), at(1, 9_999, 1_000_000), Duration::from_secs(1)),
        ];
        for (then, now, expected) in cases {
            assert_eq!(age(then, now), Age { age: expected, is_certain: false }, "{then:?} {now:?}");
        }
    }

    #[test]
    fn this_machine_tells_how_long_it_runs() {
        let clock = Clock::read();
        let moment = clock.moment(clock.began_at);

        assert!(!moment.boot.is_nil() && moment.uptime_us > 0 && moment.wall_us > 0);
        assert!(clock.age(moment).is_certain);
    }
}
