//! What one lot of an instrument counts against a cap on lots.

use rust_decimal::Decimal;

use crate::trade::multiplier::root;

/// Micro contracts, by root: ten of them count as one.
///
/// Source: the firms' rules on size ("micro = 0.1 of a mini", `weights_note` of
/// the templates). Only contracts worth a tenth of their mini are here: silver
/// ([`SMALLER_SILVER`]) is worth a fifth, and all else counts in full.
const MICROS: [&str; 13] =
    ["MES", "MNQ", "MYM", "M2K", "MCL", "MGC", "MHG", "MNG", "M6E", "M6A", "M6B", "MCD", "MSF"];

/// Worth a fifth of its mini: a tenth would be the milder reading.
const SMALLER_SILVER: &str = "SIL";

/// A tenth for micro contracts, a fifth for the smaller silver, one for all else.
#[must_use]
pub fn of_symbol(symbol: &str) -> Decimal {
    let root = root(symbol);
    if MICROS.contains(&root) {
        return Decimal::new(1, 1);
    }
    if root == SMALLER_SILVER { Decimal::new(2, 1) } else { Decimal::ONE }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::index("MNQZ6", "0.1")]
    #[case::without_month("MES", "0.1")]
    #[case::written_as_a_path("/M2KZ26", "0.1")]
    #[case::currency("M6EH7", "0.1")]
    #[case::metal("MGCG27", "0.1")]
    #[case::silver("SILZ6", "0.2")]
    #[case::mini("ESZ6", "1")]
    #[case::mini_of_oil("QMZ6", "1")]
    #[case::pair("EURUSD", "1")]
    #[case::coin("BTC-USDT", "1")]
    #[case::something_longer("MESA", "1")]
    #[case::nothing("", "1")]
    fn ten_micros_are_one(#[case] symbol: &str, #[case] weight: &str) {
        assert_eq!(of_symbol(symbol), weight.parse::<Decimal>().unwrap());
    }
}
