//! How often results of a size occur.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Results from `from` to just below `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// Smallest of the bin.
    pub from: Decimal,
    /// First of the next bin.
    pub to: Decimal,
    /// How many there are.
    pub trades: u64,
}

/// Counts values into bins of one width, which doubles when there would be
/// more than [`Histogram::MOST`] of them.
#[derive(Debug, Clone)]
pub(super) struct Histogram {
    width: Decimal,
    bins: BTreeMap<i64, u64>,
}

impl Histogram {
    const MOST: usize = 64;

    /// `width`: of the narrowest bins, above zero.
    pub(super) fn new(width: Decimal) -> Self {
        Self { width, bins: BTreeMap::new() }
    }

    pub(super) fn push(&mut self, value: Decimal) -> Option<()> {
        let mut place = value.checked_div(self.width)?.floor().to_i64();
        while place.is_none() {
            self.halve()?;
            place = value.checked_div(self.width)?.floor().to_i64();
        }
        let count = self.bins.entry(place?).or_default();
        *count = count.saturating_add(1);
        while self.span() > Self::MOST {
            self.halve()?;
        }
        Some(())
    }

    fn span(&self) -> usize {
        let ends = self.bins.first_key_value().zip(self.bins.last_key_value());
        let apart = |(first, last): (&i64, &i64)| {
            last.checked_sub(*first).and_then(|span| usize::try_from(span).ok())
        };
        ends.map_or(0, |((first, _), (last, _))| apart((first, last)).unwrap_or(usize::MAX))
    }

    fn halve(&mut self) -> Option<()> {
        self.width = self.width.checked_mul(Decimal::TWO)?;
        let mut bins = BTreeMap::new();
        for (place, count) in std::mem::take(&mut self.bins) {
            *bins.entry(place.div_euclid(2)).or_default() += count;
        }
        self.bins = bins;
        Some(())
    }

    /// Bins that hold something, smallest first.
    pub(super) fn finish(&self) -> Vec<Bin> {
        let bin = |(place, trades): (&i64, &u64)| {
            let from = Decimal::from(*place).checked_mul(self.width)?;
            Some(Bin { from, to: from.checked_add(self.width)?, trades: *trades })
        };
        self.bins.iter().filter_map(bin).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_value_is_in_one_of_few_bins(values in prop::collection::vec(any::<i64>(), 0..200)) {
            let mut histogram = Histogram::new(Decimal::new(5, 1));
            for value in &values {
                histogram.push(Decimal::from(*value)).unwrap();
            }

            let bins = histogram.finish();

            prop_assert!(bins.len() <= Histogram::MOST + 1);
            for bin in bins {
                let inside = values.iter().filter(|value| bin.from <= Decimal::from(**value) && Decimal::from(**value) < bin.to);
                prop_assert_eq!(inside.count(), usize::try_from(bin.trades).unwrap());
            }
        }
    }
}
