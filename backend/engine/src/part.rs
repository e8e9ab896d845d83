//! How much of a copy is closed when less of it is wanted.
//!
//! What is wanted is kept exactly, in lots, however many parts leave; what is closed is always the difference between
//! what there is and what is wanted, in whole steps. So repeating it closes nothing more, what was too small once adds
//! up with the next part, and the order in which wishes arrive does not matter: the last one counts.
//!
//! * Rounded down: never a larger share is closed than the master's.
//! * Too small for the exchange: nothing is closed, the copy keeps it.
//! * Where the rest would be too small to be closed by itself one day, all of it is closed now.

use flotilla_domain::copy::coins::ContractRules;
use rust_decimal::{Decimal, RoundingStrategy};

/// What is closed of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nothing: it is as is wanted, but for less than may be traded.
    Nothing,
    /// So many coins.
    Part(Decimal),
    /// All of it: the rest would be dust.
    All,
}

/// What is closed of `held` coins, so that `wanted` stay.
///
/// `price`: the last one, by which the least value of an order is judged; `None`: only quantities are.
#[must_use]
pub fn cut(held: Decimal, wanted: Decimal, rules: &ContractRules, price: Option<Decimal>) -> Cut {
    let surplus = held - wanted.max(Decimal::ZERO);
    let part = surplus.round_dp_with_strategy(rules.quantity_decimals, RoundingStrategy::ToZero).normalize();
    if part <= Decimal::ZERO || is_too_small(part, rules, price) {
        return Cut::Nothing;
    }
    if is_too_small(held - part, rules, price) { Cut::All } else { Cut::Part(part) }
}

fn is_too_small(coins: Decimal, rules: &ContractRules, price: Option<Decimal>) -> bool {
    let value = price.map(|price| coins.checked_mul(price).unwrap_or(Decimal::MAX));
    coins <= Decimal::ZERO
        || coins < rules.min_quantity
        || value.is_some_and(|value| value < rules.min_notional)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn rules() -> ContractRules {
        ContractRules {
            quantity_decimals: 4,
            price_decimals: 1,
            min_quantity: dec("0.0002"),
            min_notional: dec("2"),
        }
    }

    #[rstest]
    #[case::half("0.0100", "0.005", Cut::Part(dec("0.005")))]
    #[case::rounded_down("0.0101", "0.00505", Cut::Part(dec("0.005")))]
    #[case::as_it_is("0.01", "0.01", Cut::Nothing)]
    #[case::more_wanted_than_there_is("0.01", "0.02", Cut::Nothing)]
    #[case::less_than_a_step("0.01", "0.00995", Cut::Nothing)]
    #[case::less_than_the_least("0.01", "0.0099", Cut::Nothing)]
    #[case::the_rest_would_be_dust("0.01", "0.0001", Cut::All)]
    #[case::nothing_would_be_left("0.01", "0.00000001", Cut::All)]
    fn parts_are_whole_steps(#[case] held: &str, #[case] wanted: &str, #[case] expected: Cut) {
        assert_eq!(cut(dec(held), dec(wanted), &rules(), Some(dec("100000"))), expected);
    }

    #[test]
    fn what_is_worth_less_than_the_exchange_takes_is_kept() {
        assert_eq!(cut(dec("1"), dec("0.9"), &rules(), Some(dec("19.9"))), Cut::Nothing);
        assert_eq!(cut(dec("1"), dec("0.1"), &rules(), Some(dec("19.9"))), Cut::All);
        assert_eq!(cut(dec("1"), dec("0.1"), &rules(), None), Cut::Part(dec("0.9")));
    }

    proptest! {
        /// Whatever is wanted one after the other, and however often each wish is worked on: no more is closed than was
        /// asked for, what is kept is never more than a least order away from the last wish, and a wish that was
        /// fulfilled asks for nothing more.
        #[test]
        fn parts_add_up_to_what_was_asked_for(
            steps in 1_u32..100_000,
            shares in prop::collection::vec((1_u32..1_000, 0_usize..3), 1..12),
        ) {
            let (rules, price) = (rules(), Some(dec("100000")));
            let opened = Decimal::from(steps) * dec("0.0001");
            let (mut held, mut wanted, mut closed) = (opened, opened, Decimal::ZERO);
            for (share, times) in shares {
                wanted = (wanted.min(held) * Decimal::new(share.into(), 3)).round_dp(12);
                for _ in 0..times {
                    match cut(held, wanted, &rules, price) {
                        Cut::Nothing => {}
                        Cut::Part(part) => {
                            prop_assert!(part > Decimal::ZERO && held - part >= wanted);
                            (held, closed) = (held - part, closed + part);
                            prop_assert_eq!(cut(held, wanted, &rules, price), Cut::Nothing);
                        }
                        Cut::All => {
                            prop_assert!(wanted < dec("0.0003"));
                            (held, closed) = (Decimal::ZERO, closed + held);
                        }
                    }
                }
                prop_assert_eq!(held + closed, opened);
                if held.is_zero() {
                    break;
                }
                if times > 0 {
                    prop_assert!(held - wanted < dec("0.0002"));
                }
            }
        }

        /// Wishes that are worked on late, or not at all, lead to the same end as the last one alone.
        #[test]
        fn the_last_wish_alone_decides(steps in 10_u32..10_000, share in 1_u32..1_000) {
            let held = Decimal::from(steps) * dec("0.0001");
            let last = held * Decimal::new(share.into(), 3);
            let before = (held + last) / Decimal::TWO;
            let rest = |held: Decimal, wanted| match cut(held, wanted, &rules(), None) {
                Cut::Nothing => held,
                Cut::Part(part) => held - part,
                Cut::All => Decimal::ZERO,
            };
            let straight = rest(held, last);
            let by_steps = rest(rest(held, before), last);
            prop_assert!((straight - by_steps).abs() < dec("0.0004"), "{straight} {by_steps}");
        }
    }
}
