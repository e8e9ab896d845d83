//! Positions opened in a day, as they were seen.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::observation::Frame;

/// More are not told apart: no rule allows so many.
const MOST: usize = 1_000;

/// Positions that were opened since a day began. Trades by hand are in no journal: they show only here, and only those
/// that lasted until somebody looked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Opened(BTreeMap<DateTime<Utc>, BTreeMap<String, usize>>);

impl Opened {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are at least.
    pub fn count(&self) -> usize {
        self.0.values().flat_map(BTreeMap::values).sum()
    }

    /// Takes in the positions of a frame that were opened `from` then on. One is known by its instrument and its
    /// opening: what is left of it after part was closed is not another.
    pub fn see(&mut self, frame: &Frame, from: DateTime<Utc>) {
        let mut open = BTreeMap::<_, usize>::new();
        for position in frame.positions.iter().flatten() {
            if let Some(at) = position.opened_at.filter(|at| *at >= from && *at <= frame.at) {
                *open.entry((at, position.symbol.as_str())).or_default() += 1;
            }
        }
        for ((at, symbol), count) in open {
            if self.count() < MOST {
                let seen = self.0.entry(at).or_default().entry(symbol.to_owned()).or_default();
                *seen = count.max(*seen);
            }
        }
    }
}
