//! Amounts.

use rust_decimal::Decimal;

use crate::number::{NumberError, decimal_text};

/// Amount in the currency of its account; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Money(Decimal);

impl Money {
    /// # Errors
    ///
    /// Never: every number is an amount. It is fallible like its sisters.
    pub const fn new(value: Decimal) -> Result<Self, NumberError> {
        Ok(Self(value))
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }
}

impl From<Decimal> for Money {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

decimal_text!(Money, NumberError);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::profit("45.00", "45.00")]
    #[case::loss("-12.5", "-12.5")]
    #[case::nothing("0.00", "0.00")]
    #[case::less_than_half_a_cent("-0.00", "0.00")]
    fn amounts_print_as_they_came(#[case] text: &str, #[case] printed: &str) {
        assert_eq!(text.parse::<Money>().unwrap().to_string(), printed);
    }

    #[rstest]
    #[case("")]
    #[case("1e308")]
    #[case("$5")]
    #[case("1 000")]
    fn other_texts_are_no_amounts(#[case] text: &str) {
        assert_eq!(text.parse::<Money>(), Err(NumberError::Form));
    }

    proptest! {
        #[test]
        fn an_amount_survives_its_text(number in any::<i64>(), scale in 0u32..10) {
            let amount = Money::from(Decimal::new(number, scale));
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }
}
