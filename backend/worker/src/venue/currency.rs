//! In which currency an instrument brings its results.

use flotilla_domain::copy::contract_name::is_currency;

/// Dollars, and what counts as such.
const DOLLARS: [&str; 4] = ["USD", "USDT", "USDC", "VST"];

/// Whether results of an instrument are in `currency`, as far as its name tells: `BTC-USDT`, `EURUSD.m`.
///
/// Names that tell nothing, as those of indices do, count: their brokers quote them in the account's currency or
/// something close to it.
pub(super) fn counts_in(symbol: &str, currency: &str) -> bool {
    quote_of(symbol).is_none_or(|quote| same(&quote) == same(&currency.to_ascii_uppercase()))
}

fn same(currency: &str) -> &str {
    if DOLLARS.contains(&currency) { "USD" } else { currency }
}

fn quote_of(symbol: &str) -> Option<String> {
    let name = symbol.to_ascii_uppercase();
    if let Some((_, quote)) = name.split_once('-') {
        return Some(quote.to_owned());
    }
    let end = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
    let stem = name.get(..end)?;
    // Beyond six letters stands what a broker adds.
    let pair = stem.get(..6)?;
    let (_, quote) = pair.split_at_checked(3)?;
    is_currency(quote).then(|| quote.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("BTC-USDT", "USD", true)]
    #[case("BTC-USDT", "EUR", false)]
    #[case("EURUSD.m", "USD", true)]
    #[case("EURUSDm", "USDT", true)]
    #[case("USDJPY", "USD", false)]
    #[case("USDJPY", "JPY", true)]
    #[case("EURGBP", "USD", false)]
    #[case("XAUUSD", "USD", true)]
    #[case("BTCUSD", "USD", true)]
    #[case("US30", "USD", true)]
    #[case("GERMANY40", "EUR", true)]
    fn names_tell_in_what_they_are_counted(
        #[case] symbol: &str,
        #[case] currency: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(counts_in(symbol, currency), expected);
    }
}
