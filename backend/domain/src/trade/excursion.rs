//! How far a trade ran for and against its trader while it was open.

use rust_decimal::Decimal;

use crate::trade::Direction;

/// Lowest and highest price of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
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

/// Excursions of a position of `units` entered at `entry`.
///
/// * `prices`: from entry to exit, any order, exit's price included.
/// * Returns `None` without prices, or where a figure is out of all bounds.
/// * Source: John Sweeney, "Maximum Adverse Excursion".
#[must_use]
pub fn excursion(
    (direction, entry, units): (Direction, Decimal, Decimal),
    prices: impl IntoIterator<Item = Range>,
) -> Option<Excursion> {
    let whole = prices
        .into_iter()
        .reduce(|whole, next| Range { low: whole.low.min(next.low), high: whole.high.max(next.high) })?;
    let (worst, best) = match direction {
        Direction::Long => (whole.low, whole.high),
        Direction::Short => (whole.high, whole.low),
    };
    Some(Excursion {
        mae: direction.gain(entry, worst)?.checked_mul(units)?.min(Decimal::ZERO),
        mfe: direction.gain(entry, best)?.checked_mul(units)?.max(Decimal::ZERO),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(low: i64, high: i64) -> Range {
        Range { low: low.into(), high: high.into() }
    }

    #[test]
    fn the_furthest_prices_count() {
        let prices = [range(99, 103), range(95, 101), range(100, 110)];
        let of = |direction| excursion((direction, 100.into(), 2.into()), prices).unwrap();

        assert_eq!(of(Direction::Long), Excursion { mae: (-10).into(), mfe: 20.into() });
        assert_eq!(of(Direction::Short), Excursion { mae: (-20).into(), mfe: 10.into() });
    }

    #[test]
    fn a_trade_that_was_never_under_water_has_no_adverse_side() {
        let found = excursion((Direction::Long, 100.into(), 1.into()), [range(101, 105)]).unwrap();

        assert_eq!(found, Excursion { mae: Decimal::ZERO, mfe: 5.into() });
        assert_eq!(excursion((Direction::Long, 100.into(), 1.into()), []), None);
    }
}
