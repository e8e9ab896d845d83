//! Wrong keys by network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::addresses::network;

const WINDOW: Duration = Duration::from_mins(1);
const LONGEST_WAIT_S: u32 = 30;
/// Networks that are remembered; beyond it those of past minutes are forgotten.
const REMEMBERED: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Minute {
    began_at: Instant,
    wrong: u32,
}

/// Counts wrong keys, so that guessing gets slow while right keys never wait.
#[derive(Debug, Default)]
pub(crate) struct FailedLogins {
    by_network: Mutex<HashMap<IpAddr, Minute>>,
}

impl FailedLogins {
    /// Counts a wrong key from `address`; how long its answer waits.
    pub fn note(&self, address: IpAddr, allowed: u32, now: Instant) -> Duration {
        let mut by_network = self.by_network.lock().unwrap_or_else(PoisonError::into_inner);
        if by_network.len() > REMEMBERED {
            by_network.retain(|_, minute| now.saturating_duration_since(minute.began_at) < WINDOW);
        }
        let minute = by_network.entry(network(address)).or_insert(Minute { began_at: now, wrong: 0 });
        if now.saturating_duration_since(minute.began_at) >= WINDOW {
            *minute = Minute { began_at: now, wrong: 0 };
        }
        minute.wrong = minute.wrong.saturating_add(1);
        match minute.wrong.saturating_sub(allowed) {
            0 => Duration::ZERO,
            beyond => Duration::from_secs(u64::from(beyond.min(LONGEST_WAIT_S))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_wait_longer_with_every_wrong_key_and_a_minute_heals() {
        let failed = FailedLogins::default();
        let (address, now) = (IpAddr::from([192, 0, 2, 1]), Instant::now());
        let waits: Vec<_> = (0..40).map(|_| failed.note(address, 3, now).as_secs()).collect();

        assert_eq!(waits[..6], [0, 0, 0, 1, 2, 3]);
        assert_eq!(waits[39], 30);
        assert_eq!(failed.note(IpAddr::from([192, 0, 2, 2]), 3, now), Duration::ZERO);
        assert_eq!(failed.note(address, 3, now + WINDOW), Duration::ZERO);
    }

    #[test]
    fn n65_hopping_within_a_network_guesses_no_faster() {
        let (failed, now) = (FailedLogins::default(), Instant::now());
        let address = |network: u16, last: u16| IpAddr::from([0x2001, 0xdb8, 1, network, 0, 0, 0, last]);
        let waits: Vec<_> = (1..=6).map(|last| failed.note(address(2, last), 3, now).as_secs()).collect();

        assert_eq!(waits, [0, 0, 0, 1, 2, 3]);
        assert_eq!(failed.note(address(3, 1), 3, now), Duration::ZERO);
    }
}
