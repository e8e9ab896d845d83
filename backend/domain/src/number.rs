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
/// The number of decimals is kept, so that `2030.50` prints as it came.
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
    Decimal::from_str_exact(text).map_err(|_| NumberError::TooLong)
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
