//! From a master's lots to the coins of an order at an exchange.
//!
//! An EA is told lots and its broker does the rest. An exchange takes coins, in
//! steps of its contract, above its minimums; and nobody but us checks that the
//! price there is the master's.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::copy::reason::ReasonCode;
use crate::side::Side;
use crate::text_enum::text_enum;

text_enum! {
    /// In what a size is counted.
    QuantityUnit, "unit of a quantity" {
        /// Lots of a broker.
        Lots = "lots",
        /// Coins of a contract.
        Coins = "coins",
    }
}

/// Largest deviation from the master's price for followers at an exchange that
/// did not choose one: 0.1 %.
pub const DEFAULT_DEVIATION: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

/// What an exchange says about a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContractRules {
    /// Decimals of a quantity; its step is 10^-decimals.
    pub quantity_decimals: u32,
    /// Decimals of a price.
    pub price_decimals: u32,
    /// Smallest quantity, in coins.
    pub min_quantity: Decimal,
    /// Smallest value of an order, in quote currency.
    pub min_notional: Decimal,
}

/// How much an account may hold altogether.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Value of what its copies hold and are about to open, in quote currency.
    pub held: Decimal,
    /// Its equity, in quote currency.
    pub equity: Decimal,
    /// Its owner's limit: value of all positions over equity.
    pub leverage: Decimal,
}

/// What is to be opened, and what is known of the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Size in lots of the master.
    pub lots: Decimal,
    /// Units of one such lot, if they are known.
    pub units: Option<Decimal>,
    /// Side to open.
    pub side: Side,
    /// Price of the master's entry.
    pub master_price: Decimal,
    /// Last price at the exchange, if it is known and fresh.
    pub last_price: Option<Decimal>,
    /// Largest deviation of the one from the other, as a fraction of the master's.
    pub max_deviation: Decimal,
    /// Stop loss to attach.
    pub stop_loss: Option<Decimal>,
    /// Take profit to attach.
    pub take_profit: Option<Decimal>,
    /// What the account may hold; `None`: not known, the exchange judges by its margin.
    pub room: Option<Room>,
}

/// An order that fits its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// Coins, whole steps.
    pub quantity: Decimal,
    /// Units of a lot by which they were computed.
    pub units: Decimal,
    /// Stop loss, rounded towards the entry: the risk is never larger than asked for.
    pub stop_loss: Option<Decimal>,
    /// Take profit, rounded towards the entry: never later than asked for.
    pub take_profit: Option<Decimal>,
}

/// Why nothing is opened, with the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Explains the copy's state.
    pub reason: ReasonCode,
    /// The figures that were compared, in no language.
    pub words: String,
}

fn unfit<T>(reason: ReasonCode, words: impl Into<String>) -> Result<T, Unfit> {
    Err(Unfit { reason, words: words.into() })
}

/// Turns a wish into an order.
///
/// Rounds **down** to the contract's step, then looks at the smallest quantity
/// and value, the price, the stops and the owner's leverage limit, in this order.
///
/// # Errors
///
/// [`Unfit`] with the first rule that is broken.
pub fn fitted(wish: &Wish, rules: &ContractRules) -> Result<Fit, Unfit> {
    let Some(units) = wish.units.filter(|units| *units > Decimal::ZERO) else {
        return unfit(ReasonCode::UnitsUnknown, "");
    };
    let quantity = quantity(wish.lots, units, rules)?;
    let Some(price) = wish.last_price.filter(|price| *price > Decimal::ZERO) else {
        return unfit(ReasonCode::PriceUnknown, "");
    };
    let value = quantity.checked_mul(price).unwrap_or(Decimal::MAX);
    if value < rules.min_notional {
        return unfit(
            ReasonCode::Limit,
            format!("{quantity} × {price} < {}", rules.min_notional.normalize()),
        );
    }
    near(wish, price)?;
    let (stop_loss, take_profit) = exits(wish, price, rules)?;
    within(wish.room, value)?;
    Ok(Fit { quantity, units, stop_loss, take_profit })
}

fn quantity(lots: Decimal, units: Decimal, rules: &ContractRules) -> Result<Decimal, Unfit> {
    let Some(coins) = lots.checked_mul(units) else {
        return unfit(ReasonCode::Limit, format!("{lots} × {units}"));
    };
    let quantity =
        coins.round_dp_with_strategy(rules.quantity_decimals, RoundingStrategy::ToZero).normalize();
    if quantity <= Decimal::ZERO || quantity < rules.min_quantity {
        let step = Decimal::new(1, rules.quantity_decimals.min(18));
        let least = rules.min_quantity.max(step).normalize();
        return unfit(ReasonCode::Limit, format!("{} < {least}", coins.normalize()));
    }
    Ok(quantity)
}

/// A price far off is another instrument, another unit, or the trade of another moment.
fn near(wish: &Wish, price: Decimal) -> Result<(), Unfit> {
    let allowed = wish.master_price.checked_mul(wish.max_deviation).unwrap_or(Decimal::MAX);
    if (price - wish.master_price).abs() > allowed {
        return unfit(ReasonCode::PriceMoved, format!("{} → {}", wish.master_price, price));
    }
    Ok(())
}

/// An exit that the price has reached already would close at once, or be refused.
fn exits(
    wish: &Wish,
    price: Decimal,
    rules: &ContractRules,
) -> Result<(Option<Decimal>, Option<Decimal>), Unfit> {
    let is_long = wish.side == Side::Buy;
    let rounded = |exit: Decimal, up: bool| {
        let strategy =
            if up { RoundingStrategy::ToPositiveInfinity } else { RoundingStrategy::ToNegativeInfinity };
        exit.round_dp_with_strategy(rules.price_decimals, strategy).normalize()
    };
    let stop_loss = wish.stop_loss.map(|stop| rounded(stop, is_long));
    let take_profit = wish.take_profit.map(|target| rounded(target, !is_long));
    let is_past = |exit: Option<Decimal>, below: bool| {
        exit.is_some_and(|exit| exit <= Decimal::ZERO || if below { exit >= price } else { exit <= price })
    };
    if is_past(stop_loss, is_long) || is_past(take_profit, !is_long) {
        let shown = |exit: Option<Decimal>| exit.map_or("–".to_owned(), |exit| exit.to_string());
        return unfit(
            ReasonCode::PriceMoved,
            format!("{price}: {} / {}", shown(stop_loss), shown(take_profit)),
        );
    }
    Ok((stop_loss, take_profit))
}

fn within(room: Option<Room>, value: Decimal) -> Result<(), Unfit> {
    let Some(room) = room else { return Ok(()) };
    let most = room.equity.checked_mul(room.leverage).unwrap_or(Decimal::MAX);
    let wanted = room.held.checked_add(value).unwrap_or(Decimal::MAX);
    if wanted > most {
        let (wanted, most) = (wanted.round_dp(2), most.round_dp(2));
        return unfit(ReasonCode::Leverage, format!("{wanted} > {most}"));
    }
    Ok(())
}

/// How many lots of the master `coins` are; twelve decimals.
#[must_use]
pub fn lots_of(coins: Decimal, units: Decimal) -> Decimal {
    coins
        .checked_div(units)
        .unwrap_or_default()
        .round_dp_with_strategy(12, RoundingStrategy::ToZero)
        .normalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn btc() -> ContractRules {
        ContractRules {
            quantity_decimals: 4,
            price_decimals: 1,
            min_quantity: dec("0.0001"),
            min_notional: dec("2"),
        }
    }

    fn wish(lots: &str) -> Wish {
        Wish {
            lots: dec(lots),
            units: Some(Decimal::ONE),
            side: Side::Buy,
            master_price: dec("100000"),
            last_price: Some(dec("100050")),
            max_deviation: DEFAULT_DEVIATION,
            stop_loss: None,
            take_profit: None,
            room: None,
        }
    }

    fn judged(wish: &Wish) -> String {
        match fitted(wish, &btc()) {
            Ok(fit) => fit.quantity.to_string(),
            Err(unfit) => format!("{}: {}", unfit.reason, unfit.words),
        }
    }

    #[rstest]
    #[case::plain(wish("0.10"), "0.1")]
    #[case::rounded_down(wish("0.12349"), "0.1234")]
    #[case::gold(Wish { units: Some(dec("100")), ..wish("0.01") }, "1")]
    #[case::below_a_step(wish("0.00009"), "limit: 0.00009 < 0.0001")]
    #[case::too_cheap(Wish { master_price: dec("10000"), last_price: Some(dec("10000")), ..wish("0.0001") }, "limit: 0.0001 × 10000 < 2")]
    #[case::beyond_computing(Wish { units: Some(Decimal::MAX), ..wish("2") }, "limit: 2 × 79228162514264337593543950335")]
    #[case::no_units(Wish { units: None, ..wish("1") }, "units_unknown: ")]
    #[case::no_price(Wish { last_price: None, ..wish("1") }, "price_unknown: ")]
    #[case::zero_is_no_price(Wish { last_price: Some(Decimal::ZERO), ..wish("1") }, "price_unknown: ")]
    #[case::dearer(Wish { last_price: Some(dec("100101")), ..wish("1") }, "price_moved: 100000 → 100101")]
    #[case::cheaper(Wish { last_price: Some(dec("99899")), ..wish("1") }, "price_moved: 100000 → 99899")]
    #[case::stop_reached(Wish { stop_loss: Some(dec("100050")), ..wish("1") }, "price_moved: 100050: 100050 / –")]
    #[case::target_reached(Wish { take_profit: Some(dec("100050")), ..wish("1") }, "price_moved: 100050: – / 100050")]
    fn a_wish_becomes_an_order_or_says_why_not(#[case] wish: Wish, #[case] expected: &str) {
        assert_eq!(judged(&wish), expected);
    }

    #[test]
    fn the_owners_leverage_counts_all_that_is_held() {
        let room = Room { held: dec("49000"), equity: dec("10000"), leverage: dec("5") };

        assert_eq!(judged(&Wish { room: Some(room), ..wish("0.0099") }), "0.0099");
        assert_eq!(judged(&Wish { room: Some(room), ..wish("0.01") }), "leverage: 50000.50 > 50000");
        let in_debt = Room { equity: dec("-1"), ..room };
        assert!(judged(&Wish { room: Some(in_debt), ..wish("0.0001") }).starts_with("leverage"));
    }

    #[rstest]
    #[case::long(Side::Buy, "99000.01", "101000.09", "99000.1", "101000")]
    #[case::short(Side::Sell, "101000.09", "99000.01", "101000", "99000.1")]
    fn exits_are_rounded_towards_the_entry(
        #[case] side: Side,
        #[case] stop: &str,
        #[case] target: &str,
        #[case] sent_stop: &str,
        #[case] sent_target: &str,
    ) {
        let wish = Wish { side, stop_loss: Some(dec(stop)), take_profit: Some(dec(target)), ..wish("1") };

        let fit = fitted(&wish, &btc()).unwrap();

        assert_eq!((fit.stop_loss, fit.take_profit), (Some(dec(sent_stop)), Some(dec(sent_target))));
    }

    proptest! {
        #[test]
        fn an_order_never_carries_more_than_was_asked_for(
            lots in 1i64..10_000_000, lot_scale in 0u32..6, units in 1i64..200_000,
        ) {
            let wish = Wish { units: Some(units.into()), lots: Decimal::new(lots, lot_scale), ..wish("1") };
            if let Ok(fit) = fitted(&wish, &btc()) {
                let asked = wish.lots * Decimal::from(units);
                prop_assert!(fit.quantity <= asked && asked - fit.quantity < dec("0.0001"));
                prop_assert!(fit.quantity >= btc().min_quantity && fit.quantity.scale() <= 4);
                prop_assert!(lots_of(fit.quantity, fit.units) <= wish.lots);
            }
        }

        #[test]
        fn coins_and_lots_lead_back_to_each_other(coins in 1i64..1_000_000_000, units in 1i64..200_000) {
            let (coins, units) = (Decimal::new(coins, 4), Decimal::from(units));
            let lots = lots_of(coins, units);
            prop_assert!((lots * units - coins).abs() < dec("0.000001"));
        }
    }
}
