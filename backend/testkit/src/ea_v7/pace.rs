//! How fast an emulated EA lives.

use std::time::Duration;

/// How many times faster than in the field the clocks of an EA run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(u32);

impl Pace {
    /// As in the field.
    pub const REAL: Self = Self(1);

    /// `times` as fast, for tests; a faster clock only, not another order of things.
    #[must_use]
    pub const fn fast(times: u32) -> Self {
        Self(if times == 0 { 1 } else { times })
    }

    /// A time of the field at this pace.
    #[must_use]
    pub fn of(self, time: Duration) -> Duration {
        time / self.0
    }
}

impl Default for Pace {
    /// Fifty times as fast: a reconnect takes 60 ms.
    fn default() -> Self {
        Self::fast(50)
    }
}

/// Times of the real EAs.
pub(super) mod field {
    use std::time::Duration;

    /// Between two looks of a follower at its socket and its positions.
    pub const FOLLOWER_TIMER: Duration = Duration::from_millis(100);
    /// The same of a master.
    pub const MASTER_TIMER: Duration = Duration::from_secs(1);
    /// From a follower's last sign of life, or a master's last price that could be sent, to a `PING`.
    pub const PING: Duration = Duration::from_secs(5);
    /// Between two attempts of a follower to connect. Masters try at each tick.
    pub const RECONNECT: Duration = Duration::from_secs(3);
    /// How long a connection may take.
    pub const CONNECT: Duration = Duration::from_secs(1);
    /// Between two alerts of a follower while its margin is short.
    pub const FOLLOWER_ALERT: Duration = Duration::from_millis(100);
    /// The same of a master.
    pub const MASTER_ALERT: Duration = Duration::from_secs(1);
}
