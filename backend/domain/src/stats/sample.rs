//! A sample of a bounded number of trades, however many there are.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rust_decimal::Decimal;

use crate::stats::ClosedTrade;

/// A trade of the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// Instrument.
    pub symbol: String,
    /// From entry to exit.
    pub held: TimeDelta,
    /// Result.
    pub pnl: Decimal,
}

impl From<&ClosedTrade<'_>> for Sampled {
    fn from(trade: &ClosedTrade<'_>) -> Self {
        let held = trade.exit_at.signed_duration_since(trade.entry_at);
        Self { symbol: trade.symbol.to_owned(), held, pnl: trade.pnl }
    }
}

/// Takes trades in order of exit and keeps every so manieth, beginning with the first: all of them while they are few,
/// and half of those kept whenever there would be more than [`Sample::MOST`]. The first of the best and of the worst
/// results is in it too. The same trades always make the same sample.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    apart: u64,
    seen: u64,
    /// By their place.
    kept: BTreeMap<u64, Sampled>,
    best: Option<(u64, Sampled)>,
    worst: Option<(u64, Sampled)>,
}

impl Sample {
    /// With the best and the worst.
    pub(super) const MOST: usize = 500;

    pub(super) const fn new() -> Self {
        Self { apart: 1, seen: 0, kept: BTreeMap::new(), best: None, worst: None }
    }

    pub(super) fn push(&mut self, trade: &ClosedTrade<'_>) {
        let place = self.seen;
        self.seen = self.seen.saturating_add(1);
        if self.best.as_ref().is_none_or(|(_, best)| trade.pnl > best.pnl) {
            self.best = Some((place, trade.into()));
        }
        if self.worst.as_ref().is_none_or(|(_, worst)| trade.pnl < worst.pnl) {
            self.worst = Some((place, trade.into()));
        }
        if !place.is_multiple_of(self.apart) {
            return;
        }
        if self.kept.len().saturating_add(2) >= Self::MOST {
            self.apart = self.apart.saturating_mul(2);
            let apart = self.apart;
            self.kept.retain(|place, _| place.is_multiple_of(apart));
        }
        if place.is_multiple_of(self.apart) {
            self.kept.insert(place, trade.into());
        }
    }

    /// In order of exit.
    pub(super) fn finish(mut self) -> Vec<Sampled> {
        self.kept.extend(self.best.into_iter().chain(self.worst));
        self.kept.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn sample(results: &[i64]) -> Vec<Sampled> {
        let mut sample = Sample::new();
        for (second, pnl) in (0..).zip(results) {
            let entry_at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
            // Held as many seconds as trades came before, so that each can be told from the others.
            let exit_at = entry_at + TimeDelta::seconds(second);
            let pnl = Decimal::from(*pnl);
            sample.push(&ClosedTrade { symbol: "XAUUSD", entry_at, exit_at, pnl, r: None });
        }
        sample.finish()
    }

    #[test]
    fn many_trades_are_thinned_evenly_over_all_of_them() {
        let flat = vec![1_i64; 100_000];

        let places: Vec<i64> = sample(&flat).iter().map(|kept| kept.held.num_seconds()).collect();

        assert!((Sample::MOST / 2 - 2..=Sample::MOST).contains(&places.len()), "{}", places.len());
        assert!(places.windows(2).all(|two| two[1] - two[0] == 256), "{places:?}");
        assert!(*places.last().unwrap() > 100_000 - 257);
    }

    proptest! {
        #[test]
        fn extremes_are_kept_and_few_trades_whole(results in prop::collection::vec(-1_000_i64..1_000, 1..3_000)) {
            let kept = sample(&results);

            prop_assert!(kept.len() <= Sample::MOST);
            prop_assert!(kept.is_sorted_by_key(|kept| kept.held));
            let found = |end: Option<&i64>| kept.iter().any(|kept| kept.pnl == Decimal::from(*end.unwrap()));
            prop_assert!(found(results.iter().max()) && found(results.iter().min()));
            if results.len() < Sample::MOST - 1 {
                prop_assert_eq!(kept.len(), results.len());
            }
        }
    }
}
