//! Fills of accounts without a broker: at the price of the master's feed, worse by what slips.
//!
//! * [`seen`]: what the feed shows and what the master said → the price there is now.
//! * [`filled`]: that price → the one an order is filled at.
//! * [`reached`]: prices → whether a stop or target ends a position, and where.

use chrono::{DateTime, Utc};
use flotilla_domain::trade::Direction;
use rust_decimal::Decimal;

/// How much worse fills are than the price there is, unless the owner chose otherwise: 0.02 %.
pub const SLIPPAGE: Decimal = Decimal::from_parts(2, 0, 0, false, 4);

/// Decimals of a price.
const SCALE: u32 = 8;

/// Best prices of an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// At which one sells.
    pub bid: Decimal,
    /// At which one buys.
    pub ask: Decimal,
    /// When it was true.
    pub at: DateTime<Utc>,
}

/// A price at which the master itself traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// That price.
    pub price: Decimal,
    /// When.
    pub at: DateTime<Utc>,
}

/// The price there is for whoever buys or sells now: the newer of both. `None` where nothing tells one.
#[must_use]
pub fn seen(buys: bool, quote: Option<Quote>, said: Option<Said>) -> Option<Decimal> {
    let of_quote = quote.map(|quote| (quote.at, if buys { quote.ask } else { quote.bid }));
    let of_master = said.map(|said| (said.at, said.price));
    let prices = of_quote.into_iter().chain(of_master).filter(|(_, price)| *price > Decimal::ZERO);
    prices.max_by_key(|(at, _)| *at).map(|(_, price)| price)
}

/// The price at which an order is filled: never better than the price there is.
///
/// `slippage`: a fraction, zero or more.
#[must_use]
pub fn filled(price: Decimal, buys: bool, slippage: Decimal) -> Decimal {
    let slip = price.checked_mul(slippage.max(Decimal::ZERO)).unwrap_or(Decimal::ZERO);
    let worse = if buys { price.saturating_add(slip) } else { price.saturating_sub(slip) };
    worse.max(Decimal::ZERO).round_dp(SCALE).normalize()
}

/// Stop and target of a position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exits {
    /// Ends it with a loss, at the price there is then.
    pub stop_loss: Option<Decimal>,
    /// Ends it with a gain, at this price.
    pub take_profit: Option<Decimal>,
}

/// The price at which a position ends by itself, before anything slips; `None` while it goes on.
///
/// A stop that the price has jumped over is filled beyond it. Where both are reached the stop counts.
#[must_use]
pub fn reached(direction: Direction, exits: Exits, quote: Quote) -> Option<Decimal> {
    let price = if direction == Direction::Long { quote.bid } else { quote.ask };
    let is_past = |level: Decimal, below: bool| if below { price <= level } else { price >= level };
    let is_long = direction == Direction::Long;
    if price <= Decimal::ZERO {
        return None;
    }
    if exits.stop_loss.is_some_and(|stop| is_past(stop, is_long)) {
        return Some(price);
    }
    exits.take_profit.filter(|target| is_past(*target, !is_long))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rstest::rstest;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn at(s: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(s)
    }

    fn quote(bid: &str, ask: &str, s: i64) -> Quote {
        Quote { bid: dec(bid), ask: dec(ask), at: at(s) }
    }

    #[test]
    fn the_newer_price_counts_and_zero_is_none() {
        let said = Some(Said { price: dec("100"), at: at(5) });

        assert_eq!(seen(true, Some(quote("99", "101", 6)), said), Some(dec("101")));
        assert_eq!(seen(false, Some(quote("99", "101", 6)), said), Some(dec("99")));
        assert_eq!(seen(true, Some(quote("99", "101", 4)), said), Some(dec("100")));
        assert_eq!(seen(true, Some(quote("0", "0", 6)), said), Some(dec("100")));
        assert_eq!(seen(true, None, None), None);
    }

    #[rstest]
    #[case(true, "0.001", "100.1")]
    #[case(false, "0.001", "99.9")]
    #[case(true, "0", "100")]
    #[case(false, "-1", "100")]
    fn what_slips_is_never_in_our_favour(#[case] buys: bool, #[case] slippage: &str, #[case] expected: &str) {
        assert_eq!(filled(dec("100"), buys, dec(slippage)), dec(expected));
    }

    #[rstest]
    #[case::goes_on(Direction::Long, "100", "101", None)]
    #[case::stopped(Direction::Long, "90", "91", Some("90"))]
    #[case::jumped_over(Direction::Long, "80", "81", Some("80"))]
    #[case::at_the_target(Direction::Long, "125", "126", Some("120"))]
    #[case::short_goes_on(Direction::Short, "100", "101", None)]
    #[case::short_at_the_stop(Direction::Short, "119", "120", Some("120"))]
    #[case::short_at_the_target(Direction::Short, "88", "89", Some("90"))]
    #[case::no_price(Direction::Long, "0", "0", None)]
    fn positions_end_at_their_stop_and_target(
        #[case] direction: Direction,
        #[case] bid: &str,
        #[case] ask: &str,
        #[case] expected: Option<&str>,
    ) {
        let (low, high) = (Some(dec("90")), Some(dec("120")));
        let exits = match direction {
            Direction::Long => Exits { stop_loss: low, take_profit: high },
            Direction::Short => Exits { stop_loss: high, take_profit: low },
        };

        assert_eq!(reached(direction, exits, quote(bid, ask, 0)), expected.map(dec));
    }
}
