//! Who looked through which link lately, so that a visitor counts once an hour.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use flotilla_domain::id::UserId;
use tokio::time::Instant;

use crate::limits::network;

/// A visitor who comes back after it counts again.
const REMEMBERED: Duration = Duration::from_hours(1);
/// Visitors that are remembered at most; more are not counted.
const MOST: usize = 100_000;

/// In memory of this process, under numbers of which only this process knows what
/// they are made of: no address is kept.
#[derive(Default)]
pub struct Visitors {
    /// Made up when the process starts.
    keys: RandomState,
    seen: Mutex<HashMap<u64, Instant>>,
}

impl Visitors {
    /// Whether somebody who looks through a link has not done so within the hour.
    pub fn is_new(&self, (link, address, agent): (UserId, IpAddr, &str), now: Instant) -> bool {
        let visitor = self.keys.hash_one((link, network(address), agent));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = seen.get(&visitor).is_some_and(|at| now.duration_since(*at) < REMEMBERED);
        if is_known || (seen.len() >= MOST && !seen.contains_key(&visitor)) {
            return false;
        }
        seen.insert(visitor, now);
        true
    }

    /// Drops those of an hour ago.
    pub fn sweep(&self, now: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, at| now.duration_since(*at) < REMEMBERED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n97_a_visitor_counts_once_an_hour_and_leaves_no_address() {
        let visitors = Visitors::default();
        let [link, other] = [1, 2].map(|id| UserId::from_uuid(uuid::Uuid::from_u128(id)));
        let [home, office]: [IpAddr; 2] = [[9, 9, 9, 9].into(), [8, 8, 8, 8].into()];
        let all = [(link, home, "a"), (link, office, "a"), (link, home, "b"), (other, home, "a")];
        let now = Instant::now();

        assert!(all.iter().all(|visitor| visitors.is_new(*visitor, now)));
        assert!(!all.iter().any(|visitor| visitors.is_new(*visitor, now)));
        visitors.sweep(now + REMEMBERED);
        assert!(visitors.seen.lock().unwrap().is_empty());
        assert!(visitors.is_new((link, home, "a"), now + REMEMBERED));
    }
}
