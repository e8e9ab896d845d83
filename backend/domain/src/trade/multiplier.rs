//! Units per one of a trade's quantity.

use rust_decimal::Decimal;

use crate::floating::{is_currency, pair};
use crate::trade::AssetType;

/// Units of money that a move of one whole point is worth, by root of the contract.
///
/// Source: contract specifications of CME Group (E-mini and Micro E-mini
/// indices, metals, energy, currencies, treasuries).
const FUTURES: [(&str, i64, u32); 30] = [
    ("ES", 50, 0),
    ("MES", 5, 0),
    ("NQ", 20, 0),
    ("MNQ", 2, 0),
    ("YM", 5, 0),
    ("MYM", 5, 1),
    ("RTY", 50, 0),
    ("M2K", 5, 0),
    ("CL", 1_000, 0),
    ("QM", 500, 0),
    ("MCL", 100, 0),
    ("NG", 10_000, 0),
    ("GC", 100, 0),
    ("MGC", 10, 0),
    ("SI", 5_000, 0),
    ("SIL", 1_000, 0),
    ("HG", 25_000, 0),
    ("PL", 50, 0),
    ("6E", 125_000, 0),
    ("M6E", 12_500, 0),
    ("6B", 62_500, 0),
    ("6J", 12_500_000, 0),
    ("6A", 100_000, 0),
    ("6C", 100_000, 0),
    ("ZB", 1_000, 0),
    ("ZN", 1_000, 0),
    ("ZF", 1_000, 0),
    ("ZC", 50, 0),
    ("ZS", 50, 0),
    ("ZW", 50, 0),
];

/// Letters of delivery months, January to December.
const MONTHS: &[u8] = b"FGHJKMNQUVXZ";

/// What stands for the multiplier where nobody says better: 100 shares an
/// option, the contract's own for known futures, the usual lot of currencies
/// and metals, else 1. `None` for futures that are not known and for what is
/// called forex and is neither currency nor metal: a wrong number is worse
/// than none.
#[must_use]
pub fn default(asset: AssetType, symbol: &str) -> Option<Decimal> {
    match asset {
        AssetType::Stock | AssetType::Crypto | AssetType::Cfd => Some(Decimal::ONE),
        AssetType::Option => Some(Decimal::ONE_HUNDRED),
        AssetType::Forex => lot(symbol),
        AssetType::Future => future(symbol),
    }
}

/// Units per lot: of currencies 100,000, of gold 100 ounces, of silver 5,000.
/// Of coins and indices each broker has its own.
fn lot(symbol: &str) -> Option<Decimal> {
    match pair(symbol)?.0 {
        "XAU" => Some(Decimal::ONE_HUNDRED),
        "XAG" => Some(Decimal::from(5_000)),
        base => is_currency(base).then_some(Decimal::from(100_000)),
    }
}

fn future(symbol: &str) -> Option<Decimal> {
    let root = root(symbol);
    let (_, worth, scale) = FUTURES.iter().find(|(known, _, _)| *known == root)?;
    Some(Decimal::new(*worth, *scale))
}

/// `MNQZ6`, `MNQZ26` and `MNQ` are all of root `MNQ`.
pub(crate) fn root(symbol: &str) -> &str {
    let symbol = symbol.trim_start_matches('/');
    let name = symbol.trim_end_matches(|last: char| last.is_ascii_digit());
    let digits = symbol.len() - name.len();
    let has_month = name.len() > 1 && name.bytes().last().is_some_and(|last| MONTHS.contains(&last));
    if !(1..=2).contains(&digits) || !has_month {
        return symbol;
    }
    name.split_at_checked(name.len() - 1).map_or(symbol, |(root, _)| root)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(AssetType::Stock, "AAPL", Some("1"))]
    #[case(AssetType::Option, "AAPL", Some("100"))]
    #[case(AssetType::Crypto, "BTC-USDT", Some("1"))]
    #[case(AssetType::Forex, "EURUSD", Some("100000"))]
    #[case(AssetType::Forex, "USDJPY.pro", Some("100000"))]
    #[case(AssetType::Forex, "EUR/USD", Some("100000"))]
    #[case(AssetType::Forex, "eurusd", Some("100000"))]
    #[case(AssetType::Forex, "xau_usd", Some("100"))]
    #[case(AssetType::Forex, "XPTUSD", None)]
    #[case(AssetType::Forex, "XAUUSD", Some("100"))]
    #[case(AssetType::Forex, "XAGEURm", Some("5000"))]
    #[case(AssetType::Forex, "BTCUSD", None)]
    #[case(AssetType::Forex, "US30", None)]
    #[case(AssetType::Future, "MNQZ6", Some("2"))]
    #[case(AssetType::Future, "/ESH27", Some("50"))]
    #[case(AssetType::Future, "MYM", Some("0.5"))]
    #[case(AssetType::Future, "6EZ6", Some("125000"))]
    #[case(AssetType::Future, "M2KZ6", Some("5"))]
    #[case(AssetType::Future, "WHO", None)]
    fn what_nobody_names_is_the_usual(
        #[case] asset: AssetType,
        #[case] symbol: &str,
        #[case] units: Option<&str>,
    ) {
        assert_eq!(default(asset, symbol), units.map(|text| text.parse().unwrap()));
    }
}
