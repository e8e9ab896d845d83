//! Sides.

use crate::text_enum::text_enum;

text_enum! {
    /// Side of an order or position. The texts are those of the EA line protocol.
    Side, "side" {
        /// Profits from rising prices.
        Buy = "BUY",
        /// Profits from falling prices.
        Sell = "SELL",
    }
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("BUY", Side::Buy)]
    #[case("SELL", Side::Sell)]
    fn sides_have_one_spelling(#[case] text: &str, #[case] side: Side) {
        assert_eq!(text.parse(), Ok(side));
        assert_eq!(side.to_string(), text);
    }

    /// Followers take anything but `BUY` for `SELL`, so nothing else may pass.
    #[rstest]
    #[case("buy")]
    #[case("Sell")]
    #[case("BUY ")]
    #[case("BUY_LIMIT")]
    #[case("0")]
    #[case("")]
    fn other_spellings_are_no_sides(#[case] text: &str) {
        assert!(text.parse::<Side>().is_err());
    }
}
