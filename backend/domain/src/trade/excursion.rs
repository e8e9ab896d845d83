//! How far a trade ran for and against its trader while it was open.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::side::Side;
use crate::trade::Execution;

/// Decimals of a figure.
const SCALE: u32 = 8;

/// Lowest and highest price of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// Its end, which belongs to the next one.
    pub until: DateTime<Utc>,
    /// Lowest.
    pub low: Decimal,
    /// Highest.
    pub high: Decimal,
}

/// Furthest results while a trade was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excursion {
    /// Maximum adverse excursion: the worst, zero or less.
    pub mae: Decimal,
    /// Maximum favourable excursion: the best, zero or more.
    pub mfe: Decimal,
}

/// Excursions of the position that `fills` made and closed, in quote currency and before fees.
///
/// A range does not say when its prices were. So one that has a fill in it, as the one of the entry and the one of the
/// exit, counts only as far as the price of the fill: what was before the entry and after the exit is never counted,
/// and what was between is missed where it was further. Both figures may thus be too small, by at most what the price
/// did within the ranges of fills, and are never too large.
///
/// * `fills`: oldest first, each with its price, all of one contract of which a unit is worth its price. A position
///   that grew or was closed in parts is followed: each range counts with what was held then.
/// * `prices`: oldest first, from the first fill to the last, each range once and none missing; see [`covers`].
/// * Returns `None` where no range lies between fills, as nothing is known then of what the price did; where a fill has
///   no price; or where a figure is out of all bounds.
/// * Source: John Sweeney, "Maximum Adverse Excursion".
#[must_use]
pub fn excursion(fills: &[Execution], prices: &[Range]) -> Option<Excursion> {
    let (begin, end) = (fills.first()?.at, fills.last()?.at);
    let mut ranges = prices.iter().filter(|range| begin < range.from && range.until <= end).peekable();
    let mut found = Excursion { mae: Decimal::ZERO, mfe: Decimal::ZERO };
    let mut held = Held { units: Decimal::ZERO, cash: Decimal::ZERO };
    let (mut last, mut has_prices) = (begin, false);
    for together in fills.chunk_by(|before, after| before.at == after.at) {
        let at = together.first()?.at;
        while let Some(range) = ranges.next_if(|range| range.until <= at) {
            // It ended after the fills that were gone through last: they are before it, or in it.
            if last < range.from {
                has_prices = true;
                found.count(held.worth(range.low)?);
                found.count(held.worth(range.high)?);
            }
        }
        for fill in together {
            held.add(fill)?;
        }
        for fill in together {
            found.count(held.worth(fill.price?)?);
        }
        last = at;
    }
    has_prices.then(|| Excursion { mae: found.mae.round_dp(SCALE), mfe: found.mfe.round_dp(SCALE) })
}

/// Whether `prices`, oldest first, go on without a gap from the first range that begins after `begin` to the last that
/// ends before `end`: what is between those two instants is known but for the ends, each shorter than a range.
#[must_use]
pub fn covers(prices: &[Range], begin: DateTime<Utc>, end: DateTime<Utc>) -> bool {
    let inside = || prices.iter().filter(move |range| begin < range.from && range.until <= end);
    let (Some(first), Some(last)) = (inside().next(), inside().next_back()) else { return false };
    first.from - begin <= first.until - first.from
        && end - last.until < last.until - last.from
        && inside().zip(inside().skip(1)).all(|(before, after)| before.until == after.from)
}

impl Excursion {
    fn count(&mut self, result: Decimal) {
        self.mae = self.mae.min(result);
        self.mfe = self.mfe.max(result);
    }
}

/// What some fills came to.
struct Held {
    /// Below zero of a short position.
    units: Decimal,
    /// What was got for what was sold, less what was paid for what was bought.
    cash: Decimal,
}

impl Held {
    fn add(&mut self, fill: &Execution) -> Option<()> {
        let units = match fill.side {
            Side::Buy => fill.quantity,
            Side::Sell => -fill.quantity,
        };
        self.units = self.units.checked_add(units)?;
        self.cash = self.cash.checked_sub(units.checked_mul(fill.price?)?)?;
        Some(())
    }

    /// The result if all were closed at this price.
    fn worth(&self, price: Decimal) -> Option<Decimal> {
        self.units.checked_mul(price)?.checked_add(self.cash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn minute(number: i64, low: i64, high: i64) -> Range {
        let (from, until) = (at(number * 60), at(number * 60 + 60));
        Range { from, until, low: low.into(), high: high.into() }
    }

    fn fill(second: i64, side: Side, quantity: i64, price: i64) -> Execution {
        let (quantity, price) = (quantity.into(), Some(price.into()));
        Execution { side, quantity, price, at: at(second), fees: Decimal::ZERO }
    }

    fn found(mae: i64, mfe: i64) -> Excursion {
        Excursion { mae: mae.into(), mfe: mfe.into() }
    }

    #[test]
    fn the_furthest_prices_between_entry_and_exit_count() {
        // What the first and the last minute show may have been before the entry, or after the exit.
        let prices = [
            minute(0, 1, 900),
            minute(1, 99, 103),
            minute(2, 95, 101),
            minute(3, 100, 110),
            minute(4, 2, 800),
        ];
        let of = |entry, exit| excursion(&[fill(20, entry, 2, 100), fill(250, exit, 2, 102)], &prices);

        assert_eq!(of(Side::Buy, Side::Sell), Some(found(-10, 20)));
        assert_eq!(of(Side::Sell, Side::Buy), Some(found(-20, 10)));
        assert!(covers(&prices, at(20), at(250)));
    }

    #[test]
    fn the_prices_of_fills_count_themselves() {
        let prices = [minute(1, 101, 105)];
        let stopped = excursion(&[fill(20, Side::Buy, 1, 100), fill(121, Side::Sell, 1, 90)], &prices);
        let never_under_water =
            excursion(&[fill(20, Side::Buy, 1, 100), fill(121, Side::Sell, 1, 104)], &prices);

        assert_eq!((stopped, never_under_water), (Some(found(-10, 5)), Some(found(0, 5))));
    }

    #[test]
    fn what_is_held_counts_and_not_what_was_held_at_most() {
        let prices = [minute(1, 95, 100), minute(2, 80, 120), minute(3, 90, 105), minute(4, 70, 100)];
        // Three more in the second minute, at 90; three less in the fourth, at 100.
        let fills = [
            fill(30, Side::Buy, 1, 100),
            fill(130, Side::Buy, 3, 90),
            fill(250, Side::Sell, 3, 100),
            fill(310, Side::Sell, 1, 100),
        ];

        // At 105 the one is five up and the three are 45; at 90, after the second fill, ten down and even.
        assert_eq!(excursion(&fills, &prices), Some(found(-10, 50)));
    }

    #[test]
    fn fills_of_one_instant_count_together_and_many_take_no_longer_than_their_number() {
        // Every two minutes ten thousand at two instants, each of a coin at 100.
        let minutes = 3_i64;
        let mut fills: Vec<Execution> = (0..minutes)
            .flat_map(|number| {
                (0..10_000).map(move |part| fill(number * 120 + part / 5_000, Side::Buy, 1, 100))
            })
            .collect();
        fills.push(fill(minutes * 120, Side::Sell, 30_000, 100));
        let prices: Vec<Range> = (0..=minutes * 2).map(|number| minute(number, 99, 102)).collect();

        assert_eq!(excursion(&fills, &prices), Some(found(-30_000, 60_000)));
        // Bought at 100 and at 98 at once: the price of each is one at which both are held.
        let both = [fill(20, Side::Buy, 1, 100), fill(20, Side::Buy, 1, 98), fill(125, Side::Sell, 2, 99)];
        assert_eq!(excursion(&both, &[minute(1, 99, 99)]), Some(found(-2, 2)));
    }

    #[test]
    fn where_nothing_is_known_there_are_no_figures() {
        let short = [fill(20, Side::Buy, 1, 100), fill(110, Side::Sell, 1, 90)];
        let unpriced =
            [fill(20, Side::Buy, 1, 100), Execution { price: None, ..fill(130, Side::Sell, 1, 90) }];
        let prices = [minute(0, 1, 2), minute(1, 1, 2), minute(3, 1, 2)];

        assert_eq!(
            (excursion(&short, &prices), excursion(&unpriced, &prices), excursion(&[], &prices)),
            (None, None, None)
        );
        let is_covered = |begin, end| covers(&prices, at(begin), at(end));
        assert!(is_covered(20, 130));
        // One is missing between, at the end, at the beginning.
        assert_eq!((is_covered(20, 250), is_covered(20, 190), is_covered(-70, 130)), (false, false, false));
        assert!(!is_covered(20, 110), "none is whole");
    }
}
