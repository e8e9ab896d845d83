//! How many units a lot has, where a terminal does not say so itself.
//!
//! A master's EA names its contract sizes almost never. Those of its followers
//! may be of another broker, so one of them counts for the master only where
//! the results of the master's own trades agree with it.

use rust_decimal::Decimal;

use crate::trade::Direction;

/// A trade whose result is smaller than this tells nothing: rounding to cents
/// could hide another size.
const TELLING: Decimal = Decimal::ONE;
/// What rounding of prices and profits may make of it.
const ROUNDING: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// A trade that is over, as its broker settled it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Which way it profited.
    pub direction: Direction,
    /// All lots that were entered.
    pub lots: Decimal,
    /// Price of entry; of several the average by size.
    pub entry: Decimal,
    /// Price of the exit.
    pub exit: Decimal,
    /// What the broker says it brought.
    pub profit: Decimal,
}

/// What a trade says about a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Agrees,
    Refutes,
    TellsNothing,
}

/// Whether a lot of `size` units explains what trades of one instrument
/// brought: one of them has to agree, and none may contradict.
#[must_use]
pub fn is_borne_out(size: Decimal, trades: &[Settled]) -> bool {
    let verdicts = || trades.iter().map(|trade| trade.verdict(size));
    verdicts().any(|verdict| verdict == Verdict::Agrees)
        && !verdicts().any(|verdict| verdict == Verdict::Refutes)
}

impl Settled {
    /// A v7 master does not say whether an exit was whole. That of a part
    /// brings less than expected, and never more.
    fn verdict(&self, size: Decimal) -> Verdict {
        let Some(expected) = self.expected(size).filter(|expected| expected.abs() >= TELLING) else {
            return Verdict::TellsNothing;
        };
        let is_of_a_part = self.profit.is_sign_negative() == expected.is_sign_negative()
            && self.profit.abs() < expected.abs();
        match self.profit.checked_sub(expected) {
            Some(off) if off.abs() <= ROUNDING => Verdict::Agrees,
            _ if is_of_a_part => Verdict::TellsNothing,
            _ => Verdict::Refutes,
        }
    }

    fn expected(&self, size: Decimal) -> Option<Decimal> {
        let gained = match self.direction {
            Direction::Long => self.exit.checked_sub(self.entry),
            Direction::Short => self.entry.checked_sub(self.exit),
        };
        gained?.checked_mul(self.lots)?.checked_mul(size)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// 0.10 lots of gold from 2030.50 to 2035.00.
    fn gold(direction: Direction, profit: &str) -> Settled {
        let (entry, exit) = (decimal("2030.50"), decimal("2035.00"));
        Settled { direction, lots: decimal("0.10"), entry, exit, profit: decimal(profit) }
    }

    #[rstest]
    #[case::won(Direction::Long, "45.00", true)]
    #[case::lost(Direction::Short, "-45.00", true)]
    #[case::rounded(Direction::Long, "45.01", true)]
    #[case::another_size(Direction::Long, "450.00", false)]
    #[case::with_costs_in_it(Direction::Short, "-47.00", false)]
    #[case::the_wrong_way(Direction::Long, "-45.00", false)]
    #[case::nothing(Direction::Long, "0.00", false)]
    fn a_size_counts_when_a_result_agrees_to_the_cent(
        #[case] direction: Direction,
        #[case] profit: &str,
        #[case] counts: bool,
    ) {
        assert_eq!(is_borne_out(decimal("100"), &[gold(direction, profit)]), counts);
    }

    #[test]
    fn without_results_no_size_counts() {
        assert!(!is_borne_out(decimal("100"), &[]));
    }

    #[test]
    fn an_exit_of_a_part_neither_agrees_nor_contradicts() {
        let (whole, half) = (gold(Direction::Long, "45.00"), gold(Direction::Long, "22.50"));

        assert!(!is_borne_out(decimal("100"), &[half]));
        assert!(is_borne_out(decimal("100"), &[half, whole]));
        // Half of the true size fits the half, and the whole contradicts.
        assert!(!is_borne_out(decimal("50"), &[half, whole]));
    }

    #[test]
    fn a_result_of_cents_tells_nothing() {
        let still = Settled { exit: decimal("2030.51"), ..gold(Direction::Long, "0.10") };

        assert!(!is_borne_out(decimal("100"), &[still]));
        assert!(is_borne_out(decimal("100"), &[still, gold(Direction::Long, "45.00")]));
    }

    #[test]
    fn figures_out_of_all_bounds_tell_nothing() {
        assert!(!is_borne_out(Decimal::MAX, &[Settled { lots: Decimal::MAX, ..gold(Direction::Long, "1") }]));
    }

    proptest! {
        #[test]
        fn of_two_sizes_at_most_one_is_borne_out_by_a_telling_result(
            moved in 1i64..100_000, lots in 1i64..1_000, other in 1i64..200_000,
        ) {
            let hundred = Decimal::ONE_HUNDRED;
            let (exit, lots) = (decimal("2030.50") + Decimal::new(moved, 2), Decimal::new(lots, 2));
            let profit = (Decimal::new(moved, 2) * lots * hundred).round_dp(2);
            let trade = Settled { lots, exit, profit, ..gold(Direction::Long, "0") };
            let other = Decimal::from(other);
            let is_far = ((other - hundred) * Decimal::new(moved, 2) * lots).abs() > Decimal::new(2, 2);

            prop_assert_eq!(is_borne_out(hundred, &[trade]), profit >= TELLING);
            prop_assert!(!(is_far && is_borne_out(other, &[trade])));
        }
    }
}
