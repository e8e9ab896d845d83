//! Trade sizes.

use rust_decimal::Decimal;

use crate::number::{NumberError, decimal_text};

/// Trade size in lots, as MetaTrader counts it.
///
/// * Unit: lots. One lot is `contract_size` units of the symbol's base asset.
/// * Range: `0 < lots <= 10_000`.
/// * Source: field 4 of an EA `SIGNAL_OPEN` line.
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
}

impl Lots {
    /// No broker takes more; a larger number is a corrupt line.
    pub const MAX: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

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

    /// The bare number.
    #[must_use]
    pub const fn value(self) -> Decimal {
        self.0
    }
}

decimal_text!(Lots, LotsError);
