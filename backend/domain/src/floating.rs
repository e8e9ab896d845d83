//! What an open position would bring now.
//!
//! A wrong number is worse than none: the profit is known only where everything
//! it depends on is.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::text_enum::text_enum;
use crate::trade::Direction;

/// A price that a terminal has not repeated for this long is not one of now, in seconds.
pub const FRESH_FOR_S: i64 = 15;
/// A terminal that repeats the same price for this long may have lost its
/// broker, or the market is closed, in seconds.
pub const LIVELY_FOR_S: i64 = 60;

text_enum! {
    /// Why the profit of an open position is not known.
    FloatingUnknown, "reason why a floating profit is not known" {
        /// No terminal shows a chart of the instrument.
        NoPrice = "no_price",
        /// The last price is too old.
        StalePrice = "stale_price",
        /// The terminal did not say how many units a lot has.
        NoContractSize = "no_contract_size",
        /// The profit arises in another currency than the account's, or in one
        /// that the instrument's name does not tell.
        OtherCurrency = "other_currency",
        /// The price of entry is not known.
        NoEntryPrice = "no_entry_price",
        /// A figure is out of all bounds.
        OutOfRange = "out_of_range",
    }
}

/// Prices at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// Best price to sell at.
    pub bid: Decimal,
    /// Best price to buy at.
    pub ask: Decimal,
    /// When the terminal last said so.
    pub at: DateTime<Utc>,
}

impl Quote {
    /// Whether it is one of now.
    #[must_use]
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now.signed_duration_since(self.at) <= TimeDelta::seconds(FRESH_FOR_S)
    }
}

/// Price of entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// As the account's own terminal reported it.
    Own(Decimal),
    /// The master's, where the follower does not report its own.
    Masters(Decimal),
}

/// An open position and what is known about its instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPosition<'a> {
    /// Instrument.
    pub symbol: &'a str,
    /// Which way it profits.
    pub direction: Direction,
    /// Size in lots.
    pub lots: Decimal,
    /// Price of entry, if known.
    pub entry: Option<Entry>,
    /// Units per lot, if known.
    pub contract_size: Option<Decimal>,
    /// Last price of the instrument, if any.
    pub quote: Option<Quote>,
    /// Currency of the account.
    pub currency: &'a str,
}

/// What a position would bring now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floating {
    /// In the account's currency, rounded to cents, without swap and fees.
    pub profit: Decimal,
    /// Whether the master's price of entry stands for the unknown own one.
    pub is_estimated: bool,
}

/// Profit of closing `position` at `now`: a long one at the bid, a short one at
/// the ask.
///
/// # Errors
///
/// [`FloatingUnknown`] says what is missing.
pub fn floating(position: &OpenPosition<'_>, now: DateTime<Utc>) -> Result<Floating, FloatingUnknown> {
    let quote = position.quote.ok_or(FloatingUnknown::NoPrice)?;
    if !quote.is_fresh(now) {
        return Err(FloatingUnknown::StalePrice);
    }
    let (entry, is_estimated) = match position.entry {
        Some(Entry::Own(price)) => (price, false),
        Some(Entry::Masters(price)) => (price, true),
        None => return Err(FloatingUnknown::NoEntryPrice),
    };
    if quote_currency(position.symbol) != Some(position.currency) {
        return Err(FloatingUnknown::OtherCurrency);
    }
    let contract_size = position.contract_size.ok_or(FloatingUnknown::NoContractSize)?;
    let gained = match position.direction {
        Direction::Long => quote.bid.checked_sub(entry),
        Direction::Short => entry.checked_sub(quote.ask),
    };
    let units = position.lots.checked_mul(contract_size);
    let profit = gained
        .zip(units)
        .and_then(|(gained, units)| gained.checked_mul(units))
        .ok_or(FloatingUnknown::OutOfRange)?;
    Ok(Floating { profit: profit.round_dp(2), is_estimated })
}

/// What several open positions would bring together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Together {
    /// The sum; `None` as long as one of them is not known: a part of a sum is
    /// no sum.
    pub profit: Option<Decimal>,
    /// How many there are.
    pub positions: usize,
    /// How many of them are not known.
    pub unpriced: usize,
}

/// Adds up open positions.
#[must_use]
pub fn together(each: impl IntoIterator<Item = Result<Floating, FloatingUnknown>>) -> Together {
    let (mut sum, mut positions, mut unpriced) = (Some(Decimal::ZERO), 0, 0);
    for position in each {
        positions += 1;
        match position {
            Ok(known) => sum = sum.and_then(|sum| sum.checked_add(known.profit)),
            Err(_) => unpriced += 1,
        }
    }
    Together { profit: sum.filter(|_| unpriced == 0), positions, unpriced }
}

/// Currencies that stand second in a pair.
const QUOTED: [&str; 34] = [
    "AUD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "COP", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR",
    "ILS", "INR", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "RUB", "SEK", "SGD", "THB",
    "TRY", "TWD", "USD", "ZAR",
];
/// Metals and coins that only stand first.
const TRADED: [&str; 9] = ["XAU", "XAG", "XPT", "XPD", "BTC", "ETH", "LTC", "XRP", "BCH"];

/// The currency in which profit of `symbol` arises, where its name tells: see [`pair`].
#[must_use]
pub fn quote_currency(symbol: &str) -> Option<&'static str> {
    pair(symbol).map(|(_, quoted)| quoted)
}

/// What is traded and what it is paid in, where the name tells: pairs and
/// metals of twice three letters, with a mark between them or none, with
/// whatever a broker appends in lower case or after a mark. In lower case
/// nothing but a mark tells what is appended.
#[must_use]
pub fn pair(symbol: &str) -> Option<(&'static str, &'static str)> {
    let (base, rest) = symbol.split_at_checked(3)?;
    let rest = rest.strip_prefix(['/', '.', '-', '_']).unwrap_or(rest);
    let (quoted, suffix) = rest.split_at_checked(3)?;
    let is_small =
        [base, quoted].iter().any(|name| name.contains(|letter: char| letter.is_ascii_lowercase()));
    let goes_on = suffix.starts_with(|next: char| {
        next.is_ascii_uppercase() || next.is_ascii_digit() || (is_small && next.is_ascii_lowercase())
    });
    let base = among(&QUOTED, base).or_else(|| among(&TRADED, base))?;
    let quoted = among(&QUOTED, quoted)?;
    (base != quoted && !goes_on).then_some((base, quoted))
}

/// The one of `names` that `name` spells, in whatever case.
fn among(names: &[&'static str], name: &str) -> Option<&'static str> {
    names.iter().copied().find(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a name of three letters is that of money.
#[must_use]
pub fn is_currency(name: &str) -> bool {
    QUOTED.contains(&name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn quote(bid: &str, ask: &str) -> Quote {
        Quote { bid: decimal(bid), ask: decimal(ask), at: now() }
    }

    fn gold(direction: Direction) -> OpenPosition<'static> {
        OpenPosition {
            symbol: "XAUUSD",
            direction,
            lots: decimal("0.10"),
            entry: Some(Entry::Own(decimal("2030.50"))),
            contract_size: Some(decimal("100")),
            quote: Some(quote("2031.00", "2031.40")),
            currency: "USD",
        }
    }

    #[rstest]
    #[case::long_is_sold_at_the_bid(Direction::Long, "5.00")]
    #[case::short_is_bought_at_the_ask(Direction::Short, "-9.00")]
    fn the_other_side_of_the_market_decides(#[case] direction: Direction, #[case] profit: &str) {
        let known = floating(&gold(direction), now()).unwrap();

        assert_eq!((known.profit, known.is_estimated), (decimal(profit), false));
    }

    #[test]
    fn a_masters_price_stands_for_the_unknown_own_one_and_is_said_to() {
        let position =
            OpenPosition { entry: Some(Entry::Masters(decimal("2030.00"))), ..gold(Direction::Long) };

        assert_eq!(floating(&position, now()), Ok(Floating { profit: decimal("10.00"), is_estimated: true }));
    }

    #[rstest]
    #[case::price(OpenPosition { quote: None, ..gold(Direction::Long) }, FloatingUnknown::NoPrice)]
    #[case::contract(OpenPosition { contract_size: None, ..gold(Direction::Long) }, FloatingUnknown::NoContractSize)]
    #[case::entry(OpenPosition { entry: None, ..gold(Direction::Long) }, FloatingUnknown::NoEntryPrice)]
    #[case::currency(OpenPosition { currency: "EUR", ..gold(Direction::Long) }, FloatingUnknown::OtherCurrency)]
    #[case::index(OpenPosition { symbol: "US500", ..gold(Direction::Long) }, FloatingUnknown::OtherCurrency)]
    #[case::yen(OpenPosition { symbol: "USDJPY", ..gold(Direction::Long) }, FloatingUnknown::OtherCurrency)]
    #[case::huge(
        OpenPosition { contract_size: Some(Decimal::MAX), lots: Decimal::ONE_HUNDRED, ..gold(Direction::Long) },
        FloatingUnknown::OutOfRange
    )]
    fn without_one_of_them_nothing_is_known(
        #[case] position: OpenPosition<'_>,
        #[case] missing: FloatingUnknown,
    ) {
        assert_eq!(floating(&position, now()), Err(missing));
    }

    #[test]
    fn a_sum_is_known_only_when_every_part_is() {
        let known = |profit| Ok(Floating { profit: decimal(profit), is_estimated: false });

        let all = together([known("5.00"), known("-7.50")]);
        let part = together([known("5.00"), Err(FloatingUnknown::NoPrice)]);
        let huge = together([
            Ok(Floating { profit: Decimal::MAX, is_estimated: false }),
            Ok(Floating { profit: Decimal::MAX, is_estimated: false }),
        ]);

        assert_eq!(all, Together { profit: Some(decimal("-2.50")), positions: 2, unpriced: 0 });
        assert_eq!(part, Together { profit: None, positions: 2, unpriced: 1 });
        assert_eq!(huge.profit, None);
        assert_eq!(together([]), Together { profit: Some(Decimal::ZERO), positions: 0, unpriced: 0 });
    }

    #[test]
    fn a_price_is_one_of_now_for_fifteen_seconds() {
        let position = gold(Direction::Long);

        assert!(floating(&position, now() + TimeDelta::seconds(FRESH_FOR_S)).is_ok());
        assert_eq!(
            floating(&position, now() + TimeDelta::seconds(FRESH_FOR_S + 1)),
            Err(FloatingUnknown::StalePrice)
        );
    }

    #[rstest]
    #[case("XAUUSD", Some("USD"))]
    #[case("EURUSD", Some("USD"))]
    #[case("USDJPY", Some("JPY"))]
    #[case("EURUSD.m", Some("USD"))]
    #[case("EURUSDm", Some("USD"))]
    #[case("XAUUSD-VIPc", Some("USD"))]
    #[case("BTCUSD", Some("USD"))]
    #[case::longer("BTCUSDT", None)]
    #[case::index("US500", None)]
    #[case::index_of_six("US2000", None)]
    #[case::share("NVIDIA", None)]
    #[case::same("USDUSD", None)]
    #[case::prefix("#EURUSD", None)]
    #[case::short("EUR", None)]
    #[case::lower("eurusd", Some("USD"))]
    #[case::lower_suffix("eurusd.pro", Some("USD"))]
    #[case::lower_and_longer("btcusdt", None)]
    #[case::slash("EUR/USD", Some("USD"))]
    #[case::mark_and_suffix("USD-JPY.m", Some("JPY"))]
    #[case::mark_and_longer("BTC-USDT", None)]
    #[case::two_marks("EUR//USD", None)]
    fn only_names_of_pairs_tell_their_currency(#[case] symbol: &str, #[case] currency: Option<&str>) {
        assert_eq!(quote_currency(symbol), currency);
    }

    proptest! {
        #[test]
        fn a_position_opened_and_closed_at_once_costs_its_spread(
            bid in 1i64..1_000_000_000, spread in 0i64..10_000, lots in 1i64..100_000, long in any::<bool>(),
        ) {
            let (bid, ask) = (Decimal::new(bid, 5), Decimal::new(bid + spread, 5));
            let direction = if long { Direction::Long } else { Direction::Short };
            let entry = Some(Entry::Own(if long { ask } else { bid }));
            let position = OpenPosition {
                direction, entry, lots: Decimal::new(lots, 2),
                quote: Some(Quote { bid, ask, at: now() }), ..gold(direction)
            };

            let cost = (bid - ask) * Decimal::new(lots, 2) * Decimal::ONE_HUNDRED;
            prop_assert_eq!(floating(&position, now()).unwrap().profit, cost.round_dp(2));
        }

        #[test]
        fn any_text_has_a_currency_or_none(symbol in "\\PC{0,12}") {
            let _ = quote_currency(&symbol);
        }
    }
}
