//! From fills to one position: average prices, what is still open, what was realised.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::trade::{Direction, Execution, Trade};

/// Why fills are not one position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FillsError {
    /// There is none.
    #[error("a position needs at least one entry")]
    Empty,
    /// More was sold than had been bought, or the other way round.
    #[error("the exits are larger than the position at that time")]
    TooMuch,
    /// A fill without a price.
    #[error("each fill needs a price")]
    NoPrice,
    /// A figure is out of all bounds.
    #[error("a figure is too large")]
    OutOfRange,
}

/// What fills add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// All that was entered.
    pub quantity: Decimal,
    /// What of it is still open.
    pub open_quantity: Decimal,
    /// Average price of entries, by size.
    pub entry_price: Decimal,
    /// Average price of exits, by size; `None` before the first.
    pub exit_price: Option<Decimal>,
    /// First entry.
    pub entry_at: DateTime<Utc>,
    /// Last exit, once all is out.
    pub exit_at: Option<DateTime<Utc>>,
    /// What exits brought so far in price times quantity, by average cost; of a
    /// position that is closed exactly what was received less what was paid.
    pub realised: Decimal,
    /// Fees of all fills.
    pub fees: Decimal,
}

impl Trade {
    /// Average entry price as it was at `at`: what was entered later does not show in it. `None` when it is not known.
    #[must_use]
    pub fn entry_price_at(&self, at: DateTime<Utc>) -> Option<Decimal> {
        let is_entry = |fill: &&Execution| fill.side == self.direction.entry_side();
        let (before, later): (Vec<_>, Vec<_>) =
            self.executions.iter().filter(is_entry).cloned().partition(|fill| fill.at <= at);
        if later.is_empty() {
            return self.entry_price;
        }
        position(self.direction, &before).ok().map(|position| position.entry_price)
    }
}

/// Running sums.
#[derive(Default)]
struct Sums {
    entered: Decimal,
    paid: Decimal,
    exited: Decimal,
    received: Decimal,
    open: Decimal,
    cost: Decimal,
    realised: Decimal,
    fees: Decimal,
}

/// Adds up `fills`, in any order; those of one moment count as given.
///
/// Fills on the entering side enter, the others exit. What part of a position
/// cost is its average so far (average cost method), so the parts of a closed
/// position add up to exits less entries exactly.
///
/// # Errors
///
/// [`FillsError`] when they are not one position.
pub fn position(direction: Direction, fills: &[Execution]) -> Result<Position, FillsError> {
    let mut sorted: Vec<&Execution> = fills.iter().collect();
    sorted.sort_by_key(|fill| fill.at);
    let (first, last) = sorted.first().zip(sorted.last()).ok_or(FillsError::Empty)?;
    let mut sums = Sums::default();
    for fill in &sorted {
        let price = fill.price.ok_or(FillsError::NoPrice)?;
        let worth = price.checked_mul(fill.quantity).ok_or(FillsError::OutOfRange)?;
        let added = if fill.side == direction.entry_side() {
            sums.enter(fill.quantity, worth)
        } else if fill.quantity > sums.open {
            return Err(FillsError::TooMuch);
        } else {
            sums.exit(direction, fill.quantity, worth)
        };
        added.and_then(|()| sums.pay(fill.fees)).ok_or(FillsError::OutOfRange)?;
    }
    if sums.open.is_zero() {
        // Shares of the cost may have been rounded on the way; the whole is not.
        sums.realised = direction.gain(sums.paid, sums.received).ok_or(FillsError::OutOfRange)?;
    }
    let average = |worth: Decimal, size: Decimal| worth.checked_div(size).map(|price| price.round_dp(10));
    Ok(Position {
        quantity: sums.entered,
        open_quantity: sums.open,
        entry_price: average(sums.paid, sums.entered).ok_or(FillsError::OutOfRange)?,
        exit_price: average(sums.received, sums.exited),
        entry_at: first.at,
        exit_at: sums.open.is_zero().then_some(last.at),
        realised: sums.realised,
        fees: sums.fees,
    })
}

impl Sums {
    fn enter(&mut self, quantity: Decimal, worth: Decimal) -> Option<()> {
        self.entered = self.entered.checked_add(quantity)?;
        self.paid = self.paid.checked_add(worth)?;
        self.open = self.open.checked_add(quantity)?;
        self.cost = self.cost.checked_add(worth)?;
        Some(())
    }

    fn exit(&mut self, direction: Direction, quantity: Decimal, worth: Decimal) -> Option<()> {
        // The last part takes the whole rest, so that no rounding is left over.
        let cost = if quantity == self.open {
            self.cost
        } else {
            self.cost.checked_mul(quantity.checked_div(self.open)?)?
        };
        self.open = self.open.checked_sub(quantity)?;
        self.cost = self.cost.checked_sub(cost)?;
        self.exited = self.exited.checked_add(quantity)?;
        self.received = self.received.checked_add(worth)?;
        self.realised = self.realised.checked_add(direction.gain(cost, worth)?)?;
        Some(())
    }

    fn pay(&mut self, fees: Decimal) -> Option<()> {
        self.fees = self.fees.checked_add(fees)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::side::Side;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn fill(side: Side, quantity: i64, price: i64, second: i64) -> Execution {
        Execution {
            side,
            quantity: quantity.into(),
            price: Some(price.into()),
            at: at(second),
            fees: Decimal::new(5, 1),
        }
    }

    #[test]
    fn scaling_in_and_out_has_average_prices() {
        let fills = [
            fill(Side::Buy, 10, 100, 0),
            fill(Side::Buy, 30, 120, 1),
            fill(Side::Sell, 20, 125, 2),
            fill(Side::Sell, 20, 105, 3),
        ];

        let all = position(Direction::Long, &fills).unwrap();
        let part = position(Direction::Long, &fills[..3]).unwrap();

        assert_eq!((all.entry_price, all.exit_price), (115.into(), Some(115.into())));
        assert_eq!((all.realised, all.fees, all.exit_at), (Decimal::ZERO, 2.into(), Some(at(3))));
        assert_eq!((part.open_quantity, part.realised, part.exit_at), (20.into(), 200.into(), None));
    }

    #[rstest]
    #[case::nothing(vec![], FillsError::Empty)]
    #[case::exit_first(vec![fill(Side::Sell, 1, 1, 0), fill(Side::Buy, 1, 1, 1)], FillsError::TooMuch)]
    #[case::too_much(vec![fill(Side::Buy, 1, 1, 0), fill(Side::Sell, 2, 1, 1)], FillsError::TooMuch)]
    #[case::no_price(vec![Execution { price: None, ..fill(Side::Buy, 1, 1, 0) }], FillsError::NoPrice)]
    fn other_fills_are_no_position(#[case] fills: Vec<Execution>, #[case] error: FillsError) {
        assert_eq!(position(Direction::Long, &fills), Err(error));
    }

    proptest! {
        #[test]
        fn the_parts_of_a_closed_position_are_the_whole(
            entries in prop::collection::vec((1_i64..100, 1_i64..10_000), 1..6),
            cuts in prop::collection::vec((1_i64..100, 1_i64..10_000), 0..6),
            is_short in any::<bool>(),
        ) {
            let direction = if is_short { Direction::Short } else { Direction::Long };
            let (enter, leave) = if is_short { (Side::Sell, Side::Buy) } else { (Side::Buy, Side::Sell) };
            let mut open: i64 = entries.iter().map(|(size, _)| size).sum();
            let mut fills: Vec<_> = entries.iter().map(|&(size, price)| fill(enter, size, price, 0)).collect();
            let mut expected: i64 = entries.iter().map(|(size, price)| -size * price).sum();
            for (size, price) in cuts.into_iter().chain([(i64::MAX, 7)]) {
                let size = size.min(open);
                if size > 0 {
                    fills.push(fill(leave, size, price, 1));
                    expected += size * price;
                    open -= size;
                }
            }

            let position = position(direction, &fills).unwrap();

            let expected = if is_short { -expected } else { expected };
            prop_assert_eq!(position.realised, Decimal::from(expected));
            prop_assert_eq!(position.open_quantity, Decimal::ZERO);
        }
    }
}
