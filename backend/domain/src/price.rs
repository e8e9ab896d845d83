//! Prices.

use rust_decimal::Decimal;

use crate::number::{NumberError, decimal_text};

/// Price of one unit of an instrument, above zero, with the decimals it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Price(Decimal);

/// Why a number is not a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Not a number at all.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// Nothing or less.
    #[error("a price must be greater than zero, was {0}")]
    NotPositive(Decimal),
}

impl Price {
    /// # Errors
    ///
    /// [`PriceError::NotPositive`] for zero and less.
    pub fn new(value: Decimal) -> Result<Self, PriceError> {
        if value > Decimal::ZERO { Ok(Self(value)) } else { Err(PriceError::NotPositive(value)) }
    }

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }
}

decimal_text!(Price, PriceError);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::decimals("2030.50")]
    #[case::whole("38000")]
    #[case::round("68000.00")]
    #[case::small("0.00001")]
    fn prices_print_as_they_came(#[case] text: &str) {
        assert_eq!(text.parse::<Price>().unwrap().to_string(), text);
    }

    #[rstest]
    #[case::zero("0")]
    #[case::zero_with_decimals("0.00000")]
    #[case::negative("-1.5")]
    fn nothing_and_less_is_no_price(#[case] text: &str) {
        assert!(matches!(text.parse::<Price>(), Err(PriceError::NotPositive(_))));
    }

    #[test]
    fn other_texts_are_no_numbers() {
        assert_eq!("1e5".parse::<Price>(), Err(PriceError::Number(NumberError::Form)));
    }

    proptest! {
        #[test]
        fn a_price_survives_its_text(number in 1i64..i64::MAX, scale in 0u32..12) {
            let price = Price::new(Decimal::new(number, scale)).unwrap();
            prop_assert_eq!(price.to_string().parse(), Ok(price));
        }
    }
}
