//! The size of a copy. This is the definition; the bulk statement that plans
//! thousands of copies must agree with it, which a differential test demands.

use rust_decimal::Decimal;

use crate::copy::reason::ReasonCode;
use crate::copy::settings::{CopySettings, SizingMode};
use crate::lots::{Lots, whole_steps};
use crate::symbol::Symbol;

/// Decimals to which ratios are cut off.
const RATIO_DECIMALS: u32 = 12;
/// Decimals to which sizes without a step are cut off. Finer sizes do not exist.
const SIZE_DECIMALS: u32 = 8;

/// Balance and equity of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purse {
    /// Money without open positions.
    pub balance: Decimal,
    /// Money with open positions at current prices.
    pub equity: Decimal,
    /// In capitals: what the terminal reported or, without that, the account's.
    pub currency: String,
}

/// What a size is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The master's size.
    pub lots: Lots,
    /// Whether sizes are coins, not lots.
    pub are_coins: bool,
    /// The follower's money, if it is known.
    pub own: Option<&'a Purse>,
    /// The master's money, if it is known.
    pub masters: Option<&'a Purse>,
    /// The instrument under the follower's name.
    pub symbol: &'a Symbol,
    /// Units of one lot of it at the follower's broker, if they are known.
    pub contract_size: Option<Decimal>,
    /// From the master's price to the copy's stop loss; above zero where the
    /// stop limits a loss.
    pub stop_distance: Option<Decimal>,
}

/// Lots to open, or why there is no size.
///
/// Order: compute by mode, cap at the maximum, round **down** to the step,
/// compare with the minimum. Down, because a copy must never carry more risk
/// than its settings allow.
///
/// # Errors
///
/// * [`ReasonCode::NoFigures`]: money or contract size is not known, is not
///   above zero, or is counted in another currency.
/// * [`ReasonCode::NoStop`]: the size follows from a stop that is not there.
/// * [`ReasonCode::Limit`]: below the smallest, nothing left, or too large.
pub fn sized(settings: &CopySettings, basis: Basis<'_>) -> Result<Lots, ReasonCode> {
    let wanted = wanted(settings, basis)?;
    let capped = settings.max_lots.map_or(wanted, |max| wanted.min(max));
    let stepped = match settings.lot_step {
        Some(step) if step > Decimal::ZERO => whole_steps(capped, step).ok_or(ReasonCode::Limit)?,
        // What is short already goes out as the master wrote it.
        _ if capped.scale() > SIZE_DECIMALS => capped.trunc_with_scale(SIZE_DECIMALS).normalize(),
        _ => capped,
    };
    if settings.min_lots.is_some_and(|min| stepped < min) {
        return Err(ReasonCode::Limit);
    }
    let size = if basis.are_coins { Lots::coins(stepped) } else { Lots::new(stepped) };
    size.map_err(|_| ReasonCode::Limit)
}

fn wanted(settings: &CopySettings, basis: Basis<'_>) -> Result<Decimal, ReasonCode> {
    let lots = basis.lots.value();
    match settings.sizing {
        SizingMode::Same => Ok(lots),
        SizingMode::Multiplier => lots.checked_mul(settings.value).ok_or(ReasonCode::Limit),
        SizingMode::Fixed => Ok(settings.value),
        SizingMode::BalanceRatio => in_ratio(basis, settings.value, |purse| purse.balance),
        SizingMode::EquityRatio => in_ratio(basis, settings.value, |purse| purse.equity),
        SizingMode::RiskPercent => by_risk(basis, settings.value),
    }
}

/// The master's lots times the follower's figure over the master's, times
/// `factor`. Figures of two currencies have no ratio without a rate.
fn in_ratio(
    basis: Basis<'_>,
    factor: Decimal,
    figure: impl Fn(&Purse) -> Decimal,
) -> Result<Decimal, ReasonCode> {
    let (own, masters) = basis.own.zip(basis.masters).ok_or(ReasonCode::NoFigures)?;
    let (dividend, divisor) = (figure(own), figure(masters));
    if own.currency != masters.currency || dividend <= Decimal::ZERO || divisor <= Decimal::ZERO {
        return Err(ReasonCode::NoFigures);
    }
    let product = dividend.checked_mul(factor).ok_or(ReasonCode::Limit)?;
    let ratio = ratio(product, divisor).ok_or(ReasonCode::Limit)?;
    basis.lots.value().checked_mul(ratio).ok_or(ReasonCode::Limit)
}

/// As many lots as lose `fraction` of the follower's equity when the price goes
/// from the master's entry to the copy's stop loss.
///
/// * One lot loses distance × contract size, in the currency that the symbol is
///   quoted in; see [`is_quoted_in`]. Spread, slippage and fees come on top.
/// * Source: position size = equity × risk / (stop distance × contract size),
///   the usual formula for instruments quoted in the account's own currency.
fn by_risk(basis: Basis<'_>, fraction: Decimal) -> Result<Decimal, ReasonCode> {
    let distance = basis.stop_distance.filter(|distance| *distance > Decimal::ZERO);
    let distance = distance.ok_or(ReasonCode::NoStop)?;
    let (own, size) = basis.own.zip(basis.contract_size).ok_or(ReasonCode::NoFigures)?;
    if own.equity <= Decimal::ZERO || size <= Decimal::ZERO || !is_quoted_in(basis.symbol, &own.currency) {
        return Err(ReasonCode::NoFigures);
    }
    let risked = own.equity.checked_mul(fraction).ok_or(ReasonCode::Limit)?;
    let loss_of_one_lot = distance.checked_mul(size).ok_or(ReasonCode::Limit)?;
    ratio(risked, loss_of_one_lot).ok_or(ReasonCode::Limit)
}

/// Whether profits of `symbol` are counted in `currency`, as far as its name
/// tells: three to five capitals, then the currency, then no further capital.
///
/// `EURUSD`, `XAUUSD.m` and `DOGEUSDm` are quoted in USD; `USDJPY` is not, and
/// of `US30` or `GOLD` nobody can tell.
#[must_use]
pub fn is_quoted_in(symbol: &Symbol, currency: &str) -> bool {
    let name = symbol.as_str();
    let is_plain = (2..=10).contains(&currency.len())
        && currency.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_plain
        && (3..=5).any(|length| {
            let parts = name.split_at_checked(length);
            parts.is_some_and(|(base, rest)| {
                base.bytes().all(|byte| byte.is_ascii_uppercase())
                    && rest
                        .strip_prefix(currency)
                        .is_some_and(|end| !end.starts_with(|next: char| next.is_ascii_uppercase()))
            })
        })
}

/// `dividend / divisor`, cut off after twelve decimals. Both above zero.
fn ratio(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    let ratio = dividend.checked_div(divisor)?.trunc_with_scale(RATIO_DECIMALS);
    // A quotient that was rounded up in its last place may have reached the next step.
    let is_too_large = ratio.checked_mul(divisor)? > dividend;
    Some(if is_too_large { ratio - Decimal::new(1, RATIO_DECIMALS) } else { ratio })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn settings(sizing: SizingMode, value: &str, [min, max, step]: [&str; 3]) -> CopySettings {
        let limit = |text: &str| (!text.is_empty()).then(|| dec(text));
        CopySettings {
            sizing,
            value: dec(value),
            min_lots: limit(min),
            max_lots: limit(max),
            lot_step: limit(step),
            ..CopySettings::default()
        }
    }

    fn purse(balance: &str, equity: &str, currency: &str) -> Purse {
        Purse { balance: dec(balance), equity: dec(equity), currency: currency.to_owned() }
    }

    fn size(settings: &CopySettings, lots: &str, own: Option<&Purse>, masters: Option<&Purse>) -> String {
        let symbol = "EURUSD".parse().unwrap();
        let lots = lots.parse().unwrap();
        let basis = Basis {
            lots,
            are_coins: false,
            own,
            masters,
            symbol: &symbol,
            contract_size: None,
            stop_distance: None,
        };
        sized(settings, basis).map_or_else(|reason| reason.to_string(), |size| size.to_string())
    }

    /// Limits are smallest, largest and step; an empty text is no limit.
    #[rstest]
    #[case::same("0.20", settings(SizingMode::Same, "7", ["", "", ""]), "0.20")]
    #[case::half("0.25", settings(SizingMode::Multiplier, "0.5", ["", "", "0.01"]), "0.12")]
    #[case::fixed("3", settings(SizingMode::Fixed, "0.10", ["", "", ""]), "0.10")]
    #[case::capped("3", settings(SizingMode::Same, "1", ["", "1.005", "0.01"]), "1.00")]
    #[case::cut_off("0.1", settings(SizingMode::Multiplier, "0.123456789", ["", "", ""]), "0.01234567")]
    #[case::below_minimum("0.02", settings(SizingMode::Multiplier, "0.1", ["0.01", "", ""]), "limit")]
    #[case::beyond_computing("1", settings(SizingMode::Fixed, "79228162514264337593543950335", ["", "", "0.01"]), "limit")]
    #[case::nothing_left("0.02", settings(SizingMode::Multiplier, "0.1", ["", "", "0.01"]), "limit")]
    fn size_follows_the_settings(#[case] lots: &str, #[case] settings: CopySettings, #[case] expected: &str) {
        assert_eq!(size(&settings, lots, None, None), expected);
    }

    #[rstest]
    #[case::a_tenth(SizingMode::BalanceRatio, purse("1000", "500", "USD"), "0.10")]
    #[case::equity_instead(SizingMode::EquityRatio, purse("1000", "500", "USD"), "0.05")]
    #[case::another_currency(SizingMode::BalanceRatio, purse("1000", "500", "EUR"), "no_figures")]
    #[case::nothing_there(SizingMode::EquityRatio, purse("1000", "0", "USD"), "no_figures")]
    #[case::in_debt(SizingMode::EquityRatio, purse("1000", "-5", "USD"), "no_figures")]
    fn ratios_compare_the_accounts(#[case] sizing: SizingMode, #[case] own: Purse, #[case] expected: &str) {
        let settings = settings(sizing, "1", ["", "", "0.01"]);
        let masters = purse("10000", "10000", "USD");

        assert_eq!(size(&settings, "1", Some(&own), Some(&masters)), expected);
        assert_eq!(size(&settings, "1", Some(&own), None), "no_figures");
        assert_eq!(size(&settings, "1", None, Some(&masters)), "no_figures");
    }

    #[test]
    fn a_ratio_is_never_rounded_up() {
        let (settings, own) =
            (settings(SizingMode::BalanceRatio, "1", ["", "", "0.01"]), purse("2", "2", "USD"));

        assert_eq!(size(&settings, "3", Some(&own), Some(&purse("3", "3", "USD"))), "1.99");
        assert_eq!(size(&settings, "3", Some(&own), Some(&purse("6", "6", "USD"))), "0.99");
    }

    /// 1 % of 10,000 is 100; 50 points of a lot of 100 units are 5,000.
    #[rstest]
    #[case::gold("XAUUSD", Some("50"), Some("100"), "USD", "0.02")]
    #[case::euro("EURUSD", Some("0.0050"), Some("100000"), "USD", "0.20")]
    #[case::no_stop("XAUUSD", None, Some("100"), "USD", "no_stop")]
    #[case::stop_beyond_the_price("XAUUSD", Some("-50"), Some("100"), "USD", "no_stop")]
    #[case::unknown_contract("XAUUSD", Some("50"), None, "USD", "no_figures")]
    #[case::another_currency("USDJPY", Some("0.50"), Some("100000"), "USD", "no_figures")]
    #[case::cents("XAUUSD", Some("50"), Some("100"), "USC", "no_figures")]
    fn risk_is_what_the_stop_costs(
        #[case] symbol: &str,
        #[case] distance: Option<&str>,
        #[case] contract: Option<&str>,
        #[case] currency: &str,
        #[case] expected: &str,
    ) {
        let (symbol, own) = (symbol.parse().unwrap(), purse("0", "10000", currency));
        let basis = Basis {
            lots: Lots::new(Decimal::ONE).unwrap(),
            are_coins: false,
            own: Some(&own),
            masters: None,
            symbol: &symbol,
            contract_size: contract.map(dec),
            stop_distance: distance.map(dec),
        };

        let sized = sized(&settings(SizingMode::RiskPercent, "0.01", ["", "", "0.01"]), basis);

        let found = sized.map_or_else(|reason| reason.to_string(), |size| size.to_string());
        assert_eq!(found, expected);
    }

    #[rstest]
    #[case("EURUSD", "USD", true)]
    #[case("XAUUSD.m", "USD", true)]
    #[case("DOGEUSDm", "USD", true)]
    #[case("BTCUSDT", "USDT", true)]
    #[case("BTCUSDT", "USD", false)]
    #[case("USDJPY", "USD", false)]
    #[case("EURJPY", "USD", false)]
    #[case("US30", "USD", false)]
    #[case("GOLD", "USD", false)]
    #[case("EURUSD", "U.*", false)]
    #[case("EURUSD", "", false)]
    fn the_quoted_currency_is_read_from_the_name(
        #[case] symbol: &str,
        #[case] currency: &str,
        #[case] is: bool,
    ) {
        assert_eq!(is_quoted_in(&symbol.parse().unwrap(), currency), is);
    }

    proptest! {
        #[test]
        fn a_copy_never_exceeds_its_cap(lots in 1i64..1_000_000, cap in 1i64..1_000_000, factor in 1i64..1_000) {
            let settings = CopySettings {
                sizing: SizingMode::Multiplier,
                value: Decimal::new(factor, 2),
                max_lots: Some(Decimal::new(cap, 2)),
                lot_step: Some(Decimal::new(1, 2)),
                ..CopySettings::default()
            };
            let symbol = "EURUSD".parse().unwrap();
            let masters = Lots::new(Decimal::new(lots, 2)).unwrap();
            let basis = Basis { lots: masters, are_coins: false, own: None, masters: None, symbol: &symbol, contract_size: None, stop_distance: None };
            if let Ok(size) = sized(&settings, basis) {
                prop_assert!(size.value() <= Decimal::new(cap, 2));
                prop_assert!(size.value() <= Decimal::new(lots, 2) * Decimal::new(factor, 2));
            }
        }

        #[test]
        fn a_ratio_times_its_divisor_never_exceeds_the_dividend(dividend in 1i64..1_000_000_000_000, divisor in 1i64..1_000_000_000_000) {
            let (dividend, divisor) = (Decimal::new(dividend, 2), Decimal::new(divisor, 2));
            let ratio = ratio(dividend, divisor).unwrap();
            prop_assert!(ratio * divisor <= dividend);
            prop_assert!((ratio + Decimal::new(1, RATIO_DECIMALS)) * divisor > dividend);
        }
    }
}
