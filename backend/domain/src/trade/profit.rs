//! What a trade brought, by one definition for every kind of instrument.
//!
//! Source: design "Journal": computed on the server; a broker's figure wins.

use rust_decimal::Decimal;

use crate::floating::pair;
use crate::trade::{AssetType, Direction, Trade, TradeStatus};

/// What the result of a trade is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms<'a> {
    /// Instrument.
    pub symbol: &'a str,
    /// Which way it profits. An option that was written is short, whatever
    /// right it gives: its price is the premium.
    pub direction: Direction,
    /// What is traded.
    pub asset_type: AssetType,
    /// Size.
    pub quantity: Decimal,
    /// Units per one of `quantity`.
    pub multiplier: Decimal,
    /// Average price of entry.
    pub entry: Decimal,
    /// Average price of exit.
    pub exit: Decimal,
    /// Currency of the account.
    pub currency: &'a str,
}

/// Result before fees and interest in the account's currency:
/// `(exit − entry) × quantity × multiplier`, negated for short ones.
///
/// Of a currency pair that is in the second currency. When the account has the
/// first one it is converted at the price of exit; when it has neither, nobody
/// here knows the rate and there is no result.
#[must_use]
pub fn gross(terms: &Terms<'_>) -> Option<Decimal> {
    let gain = terms.direction.gain(terms.entry, terms.exit)?;
    gross_of(gain.checked_mul(terms.quantity)?, terms)
}

/// As [`gross`], of what exits brought in price times quantity: average prices
/// of many fills are rounded, that is not.
#[must_use]
pub fn gross_of(realised: Decimal, terms: &Terms<'_>) -> Option<Decimal> {
    in_account_currency(realised.checked_mul(terms.multiplier)?, terms)
}

/// `gross` less `fees` plus `swap`, rounded to eight decimals; fees are
/// what was paid, swap is what was credited.
#[must_use]
pub fn net(gross: Decimal, fees: Decimal, swap: Decimal) -> Option<Decimal> {
    Some(gross.checked_sub(fees)?.checked_add(swap)?.round_dp(8))
}

fn in_account_currency(amount: Decimal, terms: &Terms<'_>) -> Option<Decimal> {
    if !matches!(terms.asset_type, AssetType::Forex | AssetType::Cfd) {
        return Some(amount);
    }
    match pair(terms.symbol) {
        // An index or a share: prices are in the account's currency as far as anybody said.
        None => Some(amount),
        Some((_, quoted)) if quoted == terms.currency => Some(amount),
        Some((base, _)) if base == terms.currency => amount.checked_div(terms.exit),
        Some(_) => None,
    }
}

/// Result as a fraction of the money at work at entry; `None` while the trade
/// is open or units per lot are unknown: a lot is no amount of money.
#[must_use]
pub fn fraction(trade: &Trade) -> Option<Decimal> {
    if trade.status == TradeStatus::Open {
        return None;
    }
    let at_work = trade.entry_price?.checked_mul(trade.quantity)?.checked_mul(trade.multiplier?)?;
    Some(trade.pnl?.checked_div(at_work)?.round_dp(6))
}

/// What [`r_multiple`] is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risked {
    /// Which way the trade profits.
    pub direction: Direction,
    /// Average price of entry.
    pub entry: Option<Decimal>,
    /// Average price of exit.
    pub exit: Option<Decimal>,
    /// Stop loss at entry.
    pub stop: Option<Decimal>,
}

/// How many times what was risked a trade brought: the way from entry to exit
/// over the way from entry to the stop, before fees. It needs neither the
/// contract size nor the currency, so it is the same for every source.
///
/// `None` without a stop, or with one on the side of profit.
///
/// Source: Van K. Tharp, "Trade Your Way to Financial Freedom", R multiples.
#[must_use]
pub fn r_multiple(risked: Risked) -> Option<Decimal> {
    let (entry, exit) = (risked.entry?, risked.exit?);
    let at_risk = risked.direction.gain(risked.stop?, entry).filter(|way| *way > Decimal::ZERO)?;
    Some(risked.direction.gain(entry, exit)?.checked_div(at_risk)?.round_dp(4))
}

impl Trade {
    /// Of a trade that is over: see [`r_multiple`].
    #[must_use]
    pub fn r_multiple(&self) -> Option<Decimal> {
        let (direction, entry, stop) = (self.direction, self.entry_price, self.stop_loss);
        let exit = self.exit_price.filter(|_| self.status == TradeStatus::Closed);
        r_multiple(Risked { direction, entry, exit, stop })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn terms<'a>(
        symbol: &'a str,
        asset_type: AssetType,
        prices: (&str, &str),
        multiplier: &str,
    ) -> Terms<'a> {
        Terms {
            symbol,
            direction: Direction::Long,
            asset_type,
            quantity: Decimal::TWO,
            multiplier: decimal(multiplier),
            entry: decimal(prices.0),
            exit: decimal(prices.1),
            currency: "USD",
        }
    }

    #[rstest]
    #[case::stock("AAPL", AssetType::Stock, ("150", "151.5"), "1", "3")]
    #[case::call_or_put("AAPL", AssetType::Option, ("2.50", "1.75"), "100", "-150")]
    #[case::micro_future("MNQZ6", AssetType::Future, ("20000", "20010.25"), "2", "41")]
    #[case::coins("BTC-USDT", AssetType::Crypto, ("60000", "61000"), "1", "2000")]
    #[case::quoted_in_the_accounts("EURUSD", AssetType::Forex, ("1.1", "1.101"), "100000", "200")]
    #[case::first_is_the_accounts("USDJPY", AssetType::Forex, ("150", "160"), "100000", "12500")]
    #[case::index("US30", AssetType::Cfd, ("40000", "40010"), "1", "20")]
    fn every_kind_has_its_result(
        #[case] symbol: &str,
        #[case] asset: AssetType,
        #[case] prices: (&str, &str),
        #[case] multiplier: &str,
        #[case] expected: &str,
    ) {
        let long = terms(symbol, asset, prices, multiplier);
        let short = Terms { direction: Direction::Short, ..long };

        assert_eq!(gross(&long), Some(decimal(expected)));
        assert_eq!(gross(&short), Some(-decimal(expected)));
        let paid = net(decimal(expected), decimal("1.5"), decimal("-0.25"));
        assert_eq!(paid, Some(decimal(expected) - decimal("1.75")));
    }

    #[test]
    fn a_third_currency_has_no_rate_here() {
        assert_eq!(gross(&terms("EURGBP", AssetType::Forex, ("0.85", "0.86"), "100000")), None);
    }

    #[rstest]
    #[case::won_twice("100", "120", Some("90"), Some("2"))]
    #[case::stopped_out("100", "90", Some("90"), Some("-1"))]
    #[case::worse_than_the_stop("100", "85", Some("90"), Some("-1.5"))]
    #[case::no_stop("100", "120", None, None)]
    #[case::stop_in_profit("100", "120", Some("101"), None)]
    #[case::stop_at_entry("100", "120", Some("100"), None)]
    fn r_is_the_way_over_the_way_to_the_stop(
        #[case] entry: &str,
        #[case] exit: &str,
        #[case] stop: Option<&str>,
        #[case] r: Option<&str>,
    ) {
        let risked = Risked {
            direction: Direction::Long,
            entry: Some(decimal(entry)),
            exit: Some(decimal(exit)),
            stop: stop.map(decimal),
        };

        assert_eq!(r_multiple(risked), r.map(decimal));
    }

    proptest! {
        /// Independent: in whole ticks, with integers, by what was received less what was paid.
        #[test]
        fn the_result_is_what_was_received_less_what_was_paid(
            entry in 1_i64..10_000_000,
            exit in 1_i64..10_000_000,
            quantity in 1_i64..1_000_000,
            kind in 0_usize..6,
            is_short in any::<bool>(),
        ) {
            let asset_type = AssetType::ALL[kind];
            let symbol = if asset_type == AssetType::Forex { "EURUSD" } else { "ESZ6" };
            let multiplier = multiplier_of(asset_type, symbol);
            let terms = Terms {
                symbol,
                direction: if is_short { Direction::Short } else { Direction::Long },
                asset_type,
                quantity: Decimal::new(quantity, 2),
                multiplier,
                entry: Decimal::new(entry, 4),
                exit: Decimal::new(exit, 4),
                currency: "USD",
            };
            let (paid, received) = if is_short { (exit, entry) } else { (entry, exit) };
            let units = i128::from(quantity) * multiplier.mantissa();
            let expected = i128::from(received) * units - i128::from(paid) * units;

            prop_assert_eq!(gross(&terms), Some(Decimal::from_i128_with_scale(expected, 6 + multiplier.scale())));
        }
    }

    fn multiplier_of(asset: AssetType, symbol: &str) -> Decimal {
        crate::trade::multiplier::default(asset, symbol).unwrap()
    }
}
