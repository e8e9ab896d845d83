//! Trade sizes.

use rust_decimal::Decimal;

use crate::number::{NumberError, decimal_text};

/// Trade size in lots, as MetaTrader counts it; of a trade at an exchange, in coins.
///
/// * Unit: lots. One lot is `contract_size` units of the symbol's base asset. A lot of an exchange is one coin.
/// * Range: `0 < lots <= 10_000`; of coins `0 < coins <= 1_000_000_000_000`, for some are worth next to nothing.
/// * Source: field 4 of an EA `SIGNAL_OPEN` line, or an order's fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lots(Decimal);

/// Why a number is not a trade size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LotsError {
    /// Not a number at all.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// Nothing or less.
    #[error("lots must be greater than zero, was {0}")]
    NotPositive(Decimal),
    /// More than any broker takes.
    #[error("lots must be at most {max}, was {0}", max = Lots::MAX)]
    TooLarge(Decimal),
    /// More than anybody holds.
    #[error("coins must be at most {max}, was {0}", max = Lots::MAX_COINS)]
    TooManyCoins(Decimal),
}

impl Lots {
    /// No broker takes more; a larger number is a corrupt line.
    pub const MAX: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

    /// Nobody holds more; a larger number is a corrupt answer.
    pub const MAX_COINS: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

    /// # Errors
    ///
    /// [`LotsError`] when `value` is outside the range above.
    pub fn new(value: Decimal) -> Result<Self, LotsError> {
        match value {
            v if v <= Decimal::ZERO => Err(LotsError::NotPositive(v)),
            v if v > Self::MAX => Err(LotsError::TooLarge(v)),
            v => Ok(Self(v)),
        }
    }

    /// The size of a trade at an exchange.
    ///
    /// # Errors
    ///
    /// [`LotsError`] when `value` is outside the range of coins.
    pub fn coins(value: Decimal) -> Result<Self, LotsError> {
        match value {
            v if v <= Decimal::ZERO => Err(LotsError::NotPositive(v)),
            v if v > Self::MAX_COINS => Err(LotsError::TooManyCoins(v)),
            v => Ok(Self(v)),
        }
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }

    /// Scales by `ratio` and rounds **down** to whole `step`s (both above zero).
    ///
    /// Down, because a copy must never carry more risk than its rule allows.
    /// `None`: less than one step is left, or more than [`Self::MAX`]; do not
    /// copy.
    #[must_use]
    pub fn scaled(self, ratio: Decimal, step: Decimal) -> Option<Self> {
        Self::new(whole_steps(self.0.checked_mul(ratio)?, step)?).ok()
    }
}

/// The largest multiple of `step` that is not above `size`. `None` without a
/// positive step, or where the numbers are too far apart to be computed.
pub(crate) fn whole_steps(size: Decimal, step: Decimal) -> Option<Decimal> {
    if step <= Decimal::ZERO {
        return None;
    }
    size.checked_div(step)?.floor().checked_mul(step)
}

decimal_text!(Lots, LotsError);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn lots(text: &str) -> Lots {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("0.01")]
    #[case("0.10")]
    #[case("1")]
    #[case("10000")]
    #[case("10000.00")]
    fn sizes_print_as_they_came(#[case] text: &str) {
        assert_eq!(lots(text).to_string(), text);
    }

    #[rstest]
    #[case::zero("0")]
    #[case::zero_with_decimals("0.00")]
    #[case::negative("-1")]
    fn nothing_and_less_is_no_size(#[case] text: &str) {
        assert!(matches!(text.parse::<Lots>(), Err(LotsError::NotPositive(_))));
    }

    #[test]
    fn more_than_any_broker_takes_is_a_corrupt_line() {
        assert!(matches!("10000.01".parse::<Lots>(), Err(LotsError::TooLarge(_))));
    }

    #[rstest]
    #[case::more_than_lots("30000", true)]
    #[case::as_many_as_there_may_be("1000000000000", true)]
    #[case::too_many("1000000000000.01", false)]
    #[case::none("0", false)]
    fn coins_may_be_more_than_lots(#[case] value: &str, #[case] is_size: bool) {
        assert_eq!(Lots::coins(value.parse().unwrap()).is_ok(), is_size);
    }

    #[rstest]
    #[case::exponent("1e-12")]
    #[case::comma("1,5")]
    #[case::infinite("inf")]
    fn other_texts_are_no_numbers(#[case] text: &str) {
        assert_eq!(text.parse::<Lots>(), Err(LotsError::Number(NumberError::Form)));
    }

    #[rstest]
    #[case::half("0.25", "0.5", "0.01", Some("0.12"))]
    #[case::exact("0.20", "1", "0.01", Some("0.20"))]
    #[case::coarse_step("1.79", "1", "0.5", Some("1.5"))]
    #[case::nothing_left("0.02", "0.1", "0.01", None)]
    #[case::too_much("9000", "2", "0.01", None)]
    #[case::no_ratio("1", "0", "0.01", None)]
    #[case::no_step("1", "1", "0", None)]
    #[case::negative_step("1", "1", "-0.01", None)]
    #[case::beyond_computing("1", "79228162514264337593543950335", "0.0000000000000000000000000001", None)]
    fn scaling_rounds_down(
        #[case] size: &str,
        #[case] ratio: &str,
        #[case] step: &str,
        #[case] expected: Option<&str>,
    ) {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(lots(size).scaled(number(ratio), number(step)), expected.map(lots));
    }

    proptest! {
        #[test]
        fn scaling_never_adds_risk(size in 1i64..1_000_000, ratio in 1i64..10_000, step in 1i64..100) {
            let (ratio, step) = (Decimal::new(ratio, 3), Decimal::new(step, 2));
            let size = Lots::new(Decimal::new(size, 2)).unwrap();
            if let Some(scaled) = size.scaled(ratio, step) {
                prop_assert!(scaled.value() <= size.value() * ratio);
                prop_assert!(scaled.value() > size.value() * ratio - step);
                prop_assert!((scaled.value() % step).is_zero());
            }
        }

        #[test]
        fn a_size_survives_its_text(size in 1i64..=1_000_000, scale in 2u32..10) {
            let size = Lots::new(Decimal::new(size, scale)).unwrap();
            prop_assert_eq!(size.to_string().parse(), Ok(size));
        }
    }
}
