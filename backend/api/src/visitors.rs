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
/// Browsers of one network that count for a link; whoever makes up more names of browsers does not.
const MOST_BROWSERS: usize = 5;
/// Networks that are remembered at most; more are not counted.
const MOST: usize = 50_000;

/// In memory of this process, under numbers of which only this process knows what
/// they are made of: no address is kept.
#[derive(Default)]
pub struct Visitors {
    /// Made up when the process starts.
    keys: RandomState,
    /// For each link and network its browsers, and when each was counted.
    seen: Mutex<HashMap<u64, Vec<(u64, Instant)>>>,
}

impl Visitors {
    /// Whether somebody who looks through a link has not done so within the hour.
    pub fn is_new(&self, (link, address, agent): (UserId, IpAddr, &str), now: Instant) -> bool {
        let (place, browser) = (self.keys.hash_one((link, network(address))), self.keys.hash_one(agent));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST && !seen.contains_key(&place) {
            return false;
        }
        let browsers = seen.entry(place).or_default();
        browsers.retain(|(_, at)| now.duration_since(*at) < REMEMBERED);
        if browsers.len() >= MOST_BROWSERS || browsers.iter().any(|(known, _)| *known == browser) {
            return false;
        }
        browsers.push((browser, now));
        true
    }

    /// Drops those of an hour ago.
    pub fn sweep(&self, now: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, browsers| browsers.iter().any(|(_, at)| now.duration_since(*at) < REMEMBERED));
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
        let names: Vec<String> = (0..100).map(|name| name.to_string()).collect();
        let counted = names.iter().filter(|name| visitors.is_new((other, home, name.as_str()), now)).count();
        assert_eq!(counted, MOST_BROWSERS, "names of browsers are made up at will");
    }
}
