//! The one door from text to decimals.

use rust_decimal::Decimal;

/// Longest accepted text. More digits than a decimal holds are a corrupt line.
const MAX_LENGTH: usize = 30;

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Something other than an optional minus, digits and an optional fraction.
    #[error("not a plain decimal number")]
    Form,
    /// More digits than fit.
    #[error("too many digits")]
    TooLong,
}

/// Reads `text` as a decimal: optional minus, digits, optional point and
/// digits. No plus, exponent, hexadecimal, separator or blank.
///
/// The number of decimals is kept, so that `2030.50` prints as it came. Zero
/// has no sign: terminals write a loss of less than half a cent as `-0.00`.
///
/// # Errors
///
/// [`NumberError`] for any other text.
pub fn plain_decimal(text: &str) -> Result<Decimal, NumberError> {
    if text.len() > MAX_LENGTH {
        return Err(NumberError::TooLong);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    if !is_digits(whole) || fraction.is_some_and(|fraction| !is_digits(fraction)) {
        return Err(NumberError::Form);
    }
    let mut number = Decimal::from_str_exact(text).map_err(|_| NumberError::TooLong)?;
    if number.is_zero() {
        number.set_sign_positive(true);
    }
    Ok(number)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Implements text and JSON forms of a decimal newtype with a checking `new`.
macro_rules! decimal_text {
    ($name:ident, $error:ident) => {
        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new($crate::number::plain_decimal(text)?)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use decimal_text;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::decimals_kept("2030.50", "2030.50")]
    #[case::no_point("38000", "38000")]
    #[case::round("68000.00", "68000.00")]
    #[case::small("0.00001", "0.00001")]
    #[case::negative("-12.50", "-12.50")]
    #[case::zero("0.00", "0.00")]
    #[case::zero_has_no_sign("-0.00", "0.00")]
    #[case::most_decimals("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    #[case::largest("79228162514264337593543950335", "79228162514264337593543950335")]
    fn plain_numbers_print_as_they_came(#[case] text: &str, #[case] printed: &str) {
        assert_eq!(plain_decimal(text).unwrap().to_string(), printed);
    }

    #[rstest]
    #[case::empty("")]
    #[case::minus_alone("-")]
    #[case::two_minuses("--1")]
    #[case::plus("+1")]
    #[case::no_whole(".5")]
    #[case::no_fraction("5.")]
    #[case::two_points("1.2.3")]
    #[case::exponent("1e3")]
    #[case::tiny_exponent("1E-12")]
    #[case::hexadecimal("0x10")]
    #[case::underscore("1_000")]
    #[case::comma("1,5")]
    #[case::blank_before(" 1")]
    #[case::blank_after("1 ")]
    #[case::line_end("1\n")]
    #[case::nul("1\0")]
    #[case::not_a_number("NaN")]
    #[case::infinite("inf")]
    #[case::other_digits("\u{661}\u{662}")]
    #[case::other_minus("\u{2212}1")]
    fn anything_else_is_no_number(#[case] text: &str) {
        assert_eq!(plain_decimal(text), Err(NumberError::Form));
    }

    #[rstest]
    #[case::one_too_large("79228162514264337593543950336")]
    #[case::one_decimal_too_many("0.00000000000000000000000000001")]
    #[case::past_the_length("0.0000000000000000000000000000000000001")]
    fn digits_that_do_not_fit_are_not_rounded(#[case] text: &str) {
        assert_eq!(plain_decimal(text), Err(NumberError::TooLong));
    }

    #[test]
    fn four_hundred_digits_are_too_long() {
        assert_eq!(plain_decimal(&"9".repeat(400)), Err(NumberError::TooLong));
    }

    proptest! {
        #[test]
        fn what_was_read_prints_as_it_came(text in "-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,10})?") {
            let number = plain_decimal(&text).unwrap();
            prop_assume!(!number.is_zero());
            prop_assert_eq!(number.to_string(), text);
        }

        #[test]
        fn no_text_panics_and_what_is_read_is_plain(text in "\\PC{0,40}") {
            if let Ok(number) = plain_decimal(&text) {
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte)));
                prop_assert_eq!(plain_decimal(&number.to_string()), Ok(number));
            }
        }
    }
}
