//! What a master's instrument is called at an exchange, and what one lot of it is.
//!
//! Names of brokers are no standard. Where a name can mean one contract only it is
//! taken; everything else is the owner's to map, with suggestions.

use rust_decimal::Decimal;

/// Coins whose pairs with the dollar are quoted the same everywhere: one lot is
/// one coin, and `BASEUSD` is the contract `BASE-USDT`.
///
/// Coins that exchanges bundle (`1000PEPE`) are not among them.
const COINS: [&str; 40] = [
    "BTC", "ETH", "SOL", "XRP", "BNB", "ADA", "DOGE", "LTC", "BCH", "DOT", "LINK", "AVAX", "TRX", "ATOM",
    "XLM", "ETC", "FIL", "UNI", "AAVE", "NEAR", "APT", "ARB", "OP", "SUI", "INJ", "ALGO", "ICP", "VET",
    "EOS", "XMR", "DASH", "ZEC", "NEO", "MKR", "COMP", "SNX", "CRV", "SUSHI", "XTZ", "TON",
];

/// Currencies of pairs of which one lot is 100,000 units of the first.
const CURRENCIES: [&str; 19] = [
    "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "ZAR",
    "MXN", "TRY", "SGD", "CNH",
];

/// Metals: ounces of one lot. Source: contract specifications of MetaTrader brokers, which agree on these.
const METALS: [(&str, i64); 4] = [("XAU", 100), ("XAG", 5_000), ("XPT", 100), ("XPD", 100)];

/// Contracts that an instrument may be, likeliest first.
const OTHERS: [(&str, &[&str]); 6] = [
    ("XAUUSD", &["XAU-USDT", "XAUT-USDT", "PAXG-USDT"]),
    ("GOLD", &["XAU-USDT", "XAUT-USDT", "PAXG-USDT"]),
    ("XAGUSD", &["XAG-USDT"]),
    ("SILVER", &["XAG-USDT"]),
    ("EURUSD", &["EUR-USDT"]),
    ("GBPUSD", &["GBP-USDT"]),
];

/// The leading capitals and digits: `XAUUSD.m` and `XAUUSDm` are `XAUUSD`.
fn stem(name: &str) -> &str {
    let end = name.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit()).unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

fn coin(name: &str) -> Option<&'static str> {
    let stem = stem(name);
    let base = stem.strip_suffix("USDT").or_else(|| stem.strip_suffix("USD"))?;
    COINS.into_iter().find(|coin| *coin == base)
}

/// Whether `name` has the form of a contract, `BASE-QUOTE`.
#[must_use]
pub fn is_contract(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    name.len() <= 20
        && name.split_once('-').is_some_and(|(base, quote)| {
            is_word(base) && is_word(quote) && !quote.bytes().any(|byte| byte.is_ascii_digit())
        })
}

/// The one contract that `name` can mean: itself where it is one, and
/// `BTC-USDT` for `BTCUSD` and `BTCUSDT`. `None`: the owner has to say.
#[must_use]
pub fn contract_of(name: &str) -> Option<String> {
    if is_contract(name) {
        return Some(name.to_owned());
    }
    coin(name).map(|coin| format!("{coin}-USDT"))
}

/// Contracts that `name` may mean, likeliest first; for its owner to choose from.
#[must_use]
pub fn suggested(name: &str) -> Vec<String> {
    let own = contract_of(name);
    let capitals = name.to_ascii_uppercase();
    let stem = stem(&capitals);
    let others =
        OTHERS.iter().filter(|(other, _)| *other == stem).flat_map(|(_, contracts)| contracts.iter());
    let by_name = ["USDT", "USD"].iter().find_map(|quote| stem.strip_suffix(quote));
    let by_name = by_name.filter(|base| !base.is_empty()).map(|base| format!("{base}-USDT"));
    let mut all: Vec<String> =
        own.into_iter().chain(others.map(|name| (*name).to_owned())).chain(by_name).collect();
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|name| seen.insert(name.clone()));
    all
}

/// Whether `code` is a currency of pairs that brokers quote.
#[must_use]
pub fn is_currency(code: &str) -> bool {
    CURRENCIES.contains(&code)
}

/// Units of one lot of what brokers call `name`, where they agree on it:
/// 100,000 for pairs of currencies, the ounces of metals, one coin. `None` for
/// indices, energies and all else: there they do not.
#[must_use]
pub fn units_of_lot(name: &str) -> Option<Decimal> {
    let stem = stem(name);
    if coin(name).is_some() {
        return Some(Decimal::ONE);
    }
    let (base, quote) = stem.split_at_checked(3)?;
    if !CURRENCIES.contains(&quote) {
        return None;
    }
    let metal = METALS.iter().find(|(metal, _)| *metal == base).map(|(_, ounces)| Decimal::from(*ounces));
    metal.or_else(|| (base != quote && CURRENCIES.contains(&base)).then(|| Decimal::from(100_000)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("BTCUSD", Some("BTC-USDT"), "1")]
    #[case("BTCUSDT", Some("BTC-USDT"), "1")]
    #[case("BTCUSD.m", Some("BTC-USDT"), "1")]
    #[case("ETHUSDm", Some("ETH-USDT"), "1")]
    #[case("1000PEPE-USDT", Some("1000PEPE-USDT"), "")]
    #[case("XAUUSD", None, "100")]
    #[case("XAGUSD.pro", None, "5000")]
    #[case("EURUSD", None, "100000")]
    #[case("USDJPY", None, "100000")]
    #[case("US30", None, "")]
    #[case("GOLD", None, "")]
    #[case("USDUSD", None, "")]
    #[case("PEPEUSD", None, "")]
    #[case("btcusd", None, "")]
    fn names_mean_what_they_can_only_mean(
        #[case] name: &str,
        #[case] contract: Option<&str>,
        #[case] units: &str,
    ) {
        assert_eq!(contract_of(name).as_deref(), contract);
        assert_eq!(units_of_lot(name).map_or(String::new(), |units| units.to_string()), units);
    }

    #[rstest]
    #[case("XAUUSD.m", &["XAU-USDT", "XAUT-USDT", "PAXG-USDT"])]
    #[case("BTCUSD", &["BTC-USDT"])]
    #[case("WIFUSD", &["WIF-USDT"])]
    #[case("US30", &[])]
    fn suggestions_are_for_the_owner(#[case] name: &str, #[case] expected: &[&str]) {
        assert_eq!(suggested(name), expected);
    }

    proptest! {
        #[test]
        fn whatever_is_suggested_is_a_contract(name in "[ -~]{0,32}") {
            for suggestion in suggested(&name) {
                prop_assert!(is_contract(&suggestion) || suggestion.len() > 20, "{suggestion}");
            }
            prop_assert!(contract_of(&name).is_none_or(|one| is_contract(&one)));
        }
    }
}
