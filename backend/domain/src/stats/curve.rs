//! A curve of a bounded number of points, however many trades it is made of.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// A stretch of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Its end.
    pub at: DateTime<Utc>,
    /// Value at its end.
    pub value: Decimal,
    /// Lowest value in it.
    pub low: Decimal,
    /// Highest value in it.
    pub high: Decimal,
}

impl Point {
    fn and(self, next: Self) -> Self {
        Self { low: self.low.min(next.low), high: self.high.max(next.high), ..next }
    }
}

/// Takes points, oldest first, and keeps at most twice as many as wanted:
/// when there are more, neighbours become one. No low and no high is lost.
#[derive(Debug, Clone)]
pub(super) struct Sampler {
    most: usize,
    /// Points in each of `kept`, but for the last.
    width: u64,
    /// Points in the last of `kept`.
    filled: u64,
    kept: Vec<Point>,
}

impl Sampler {
    pub(super) fn new(wanted: usize) -> Self {
        Self { most: wanted.max(1).saturating_mul(2), width: 1, filled: 1, kept: Vec::new() }
    }

    pub(super) fn push(&mut self, at: DateTime<Utc>, value: Decimal) {
        let next = Point { at, value, low: value, high: value };
        match self.kept.last_mut() {
            Some(last) if self.filled < self.width => {
                *last = last.and(next);
                self.filled += 1;
            }
            _ => self.begin(next),
        }
    }

    fn begin(&mut self, next: Point) {
        if self.kept.len() >= self.most {
            let halves = self.kept.chunks(2).filter_map(|pair| pair.iter().copied().reduce(Point::and));
            self.kept = halves.collect();
            self.width = self.width.saturating_mul(2);
        }
        self.kept.push(next);
        self.filled = 1;
    }

    pub(super) fn finish(self) -> Vec<Point> {
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_short_curve_keeps_ends_and_extremes(values in prop::collection::vec(-1_000_i64..1_000, 1..500), wanted in 1_usize..40) {
            let mut sampler = Sampler::new(wanted);
            for (second, value) in (0..).zip(&values) {
                sampler.push(DateTime::from_timestamp(second, 0).unwrap(), Decimal::from(*value));
            }

            let points = sampler.finish();

            prop_assert!(points.len() <= wanted * 2);
            prop_assert_eq!(points.last().unwrap().value, Decimal::from(*values.last().unwrap()));
            prop_assert_eq!(points.iter().map(|point| point.low).min(), values.iter().min().map(|low| Decimal::from(*low)));
            prop_assert_eq!(points.iter().map(|point| point.high).max(), values.iter().max().map(|high| Decimal::from(*high)));
            prop_assert!(points.is_sorted_by_key(|point| point.at));
            if values.len() <= wanted * 2 {
                prop_assert_eq!(points.len(), values.len());
            }
        }
    }
}
