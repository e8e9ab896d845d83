//! Prices.

use rust_decimal::Decimal;

use crate::number::{NumberError, decimal_text};

/// Price of one unit of an instrument, with the decimals it came with.
///
/// * Range: `0 < price <= 1_000_000_000_000`.
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
    /// More than anything costs.
    #[error("a price must be at most {max}, was {0}", max = Price::MAX)]
    TooLarge(Decimal),
}

impl Price {
    /// Nothing costs more in any currency; a larger number is a corrupt line, and its product with a size is more than a
    /// decimal holds.
    pub const MAX: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

    /// # Errors
    ///
    /// [`PriceError`] when `value` is outside the range above.
    pub fn new(value: Decimal) -> Result<Self, PriceError> {
        match value {
            v if v <= Decimal::ZERO => Err(PriceError::NotPositive(v)),
            v if v > Self::MAX => Err(PriceError::TooLarge(v)),
            v => Ok(Self(v)),
        }
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
    #[case::largest("1000000000000")]
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

    #[rstest]
    #[case::a_bit_more("1000000000000.01")]
    #[case::the_product_with_a_size_would_not_fit("100000000000000000000")]
    fn more_than_anything_costs_is_no_price(#[case] text: &str) {
        assert!(matches!(text.parse::<Price>(), Err(PriceError::TooLarge(_))));
    }

    #[test]
    fn other_texts_are_no_numbers() {
        assert_eq!("1e5".parse::<Price>(), Err(PriceError::Number(NumberError::Form)));
    }

    proptest! {
        #[test]
        fn a_price_survives_its_text(number in 1i64..1_000_000_000_000, scale in 0u32..12) {
            let price = Price::new(Decimal::new(number, scale)).unwrap();
            prop_assert_eq!(price.to_string().parse(), Ok(price));
        }
    }
}
