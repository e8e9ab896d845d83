//! Contracts: what may be traded, in which steps, and how small.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use tokio::time::Instant;

use super::id::Symbol;
use super::number;
use crate::outcome::OrderFault;

/// One perpetual contract.
///
/// Quantities are in coins (the base asset), not in contracts or lots. There is
/// no step of its own: it is 10^-precision.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contract {
    /// Its name.
    pub symbol: Symbol,
    /// Decimals of a quantity.
    #[serde(deserialize_with = "precision")]
    pub quantity_precision: u32,
    /// Decimals of a price.
    #[serde(deserialize_with = "precision")]
    pub price_precision: u32,
    /// Smallest quantity, in coins.
    #[serde(default, deserialize_with = "number::or_zero")]
    pub trade_min_quantity: Decimal,
    /// Smallest value of an order, in quote currency.
    #[serde(default, rename = "tradeMinUSDT", deserialize_with = "number::or_zero")]
    pub trade_min_usdt: Decimal,
    /// What a taker pays, as a fraction (0.0005 = 0.05 %).
    #[serde(default, deserialize_with = "number::optional")]
    pub taker_fee_rate: Option<Decimal>,
    /// What a maker pays, as a fraction.
    #[serde(default, deserialize_with = "number::optional")]
    pub maker_fee_rate: Option<Decimal>,
    /// Highest leverage of a long position.
    #[serde(default, deserialize_with = "number::optional")]
    pub max_long_leverage: Option<Decimal>,
    /// Highest leverage of a short position.
    #[serde(default, deserialize_with = "number::optional")]
    pub max_short_leverage: Option<Decimal>,
    /// Margin currency, usually `USDT`.
    #[serde(default)]
    pub currency: String,
    /// Base currency.
    #[serde(default)]
    pub asset: String,
    /// 1 is tradable; anything else takes no new orders.
    #[serde(default, deserialize_with = "number::optional_integer")]
    pub status: Option<i64>,
    /// Whether orders of the API may open.
    #[serde(default, deserialize_with = "number::flag")]
    pub api_state_open: Option<bool>,
    /// Whether orders of the API may close.
    #[serde(default, deserialize_with = "number::flag")]
    pub api_state_close: Option<bool>,
}

fn precision<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = number::integer(deserializer)?;
    u32::try_from(number)
        .ok()
        .filter(|digits| *digits <= 18)
        .ok_or_else(|| serde::de::Error::custom("a precision of 0 to 18 decimals"))
}

impl Contract {
    /// Whether an order of the API may open a position now.
    #[must_use]
    pub fn may_open(&self) -> bool {
        self.status == Some(1) && self.api_state_open != Some(false)
    }

    /// Whether an order of the API may close a position now.
    #[must_use]
    pub fn may_close(&self) -> bool {
        self.api_state_close != Some(false)
    }

    /// Rounds a quantity down to a whole number of steps: a copy never carries more risk than its rule allows.
    #[must_use]
    pub fn quantity(&self, coins: Decimal) -> Decimal {
        coins.round_dp_with_strategy(self.quantity_precision, RoundingStrategy::ToZero)
    }

    /// Rounds a price towards zero or away from it to a whole number of steps.
    #[must_use]
    pub fn price(&self, price: Decimal, up: bool) -> Decimal {
        let strategy = if up { RoundingStrategy::AwayFromZero } else { RoundingStrategy::ToZero };
        price.round_dp_with_strategy(self.price_precision, strategy)
    }

    /// Checks what BingX would otherwise refuse, or cut off in silence.
    ///
    /// * `price`: at which the value is judged: the limit, or the last price.
    /// * A close may be smaller than the smallest quantity and value, which may have been others when it was opened:
    ///   whether what is left can be closed is for the exchange to say.
    ///
    /// # Errors
    ///
    /// [`OrderFault`] with the first rule that is broken.
    pub fn check(&self, quantity: Decimal, price: Option<Decimal>, opens: bool) -> Result<(), OrderFault> {
        if quantity <= Decimal::ZERO || price.is_some_and(|price| price <= Decimal::ZERO) {
            return Err(OrderFault::Senseless);
        }
        if self.quantity(quantity) != quantity {
            return Err(OrderFault::Decimals);
        }
        if (opens && !self.may_open()) || (!opens && !self.may_close()) {
            return Err(OrderFault::Closed);
        }
        if opens && quantity < self.trade_min_quantity {
            return Err(OrderFault::Quantity);
        }
        if opens && price.is_some_and(|price| quantity * price < self.trade_min_usdt) {
            return Err(OrderFault::Notional);
        }
        Ok(())
    }

    /// # Errors
    ///
    /// [`OrderFault::Decimals`] for a price with more decimals than the contract has, [`OrderFault::Senseless`] for
    /// one that is not above zero.
    pub fn check_price(&self, price: Decimal) -> Result<(), OrderFault> {
        if price <= Decimal::ZERO {
            return Err(OrderFault::Senseless);
        }
        if price.round_dp(self.price_precision) != price {
            return Err(OrderFault::Decimals);
        }
        Ok(())
    }
}

/// A list that an answer speaks against is read again once it is this old.
const DOUBTED_AFTER: Duration = Duration::from_secs(5);

/// All contracts of one environment, read once for all tenants.
///
/// Read again hourly, and whenever an answer says that they have changed.
#[derive(Debug, Default)]
pub struct Contracts {
    state: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_symbol: HashMap<Symbol, Arc<Contract>>,
    read_at: Option<Instant>,
    is_doubted: bool,
    reading: u64,
}

impl Contracts {
    /// The contract of a symbol, if it is known.
    #[must_use]
    pub fn get(&self, symbol: &Symbol) -> Option<Arc<Contract>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).by_symbol.get(symbol).cloned()
    }

    /// All of them, by symbol.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Contract>> {
        let mut all: Vec<_> =
            self.state.read().unwrap_or_else(PoisonError::into_inner).by_symbol.values().cloned().collect();
        all.sort_by(|a, b| a.symbol.cmp(&b.symbol));
        all
    }

    /// Takes over a list that was just read. An empty one is a failure of theirs and changes nothing.
    pub fn replace(&self, contracts: Vec<Contract>) {
        if contracts.is_empty() {
            return;
        }
        let by_symbol = contracts.into_iter().map(|one| (one.symbol.clone(), Arc::new(one))).collect();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let reading = state.reading + 1;
        *state = Known { by_symbol, read_at: Some(Instant::now()), is_doubted: false, reading };
    }

    /// Makes the next reader ask again: an answer said that they have changed. Not more often than every few seconds,
    /// as an answer may mean the order alone.
    pub fn expire(&self) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).is_doubted = true;
    }

    /// How many lists were taken over: another number, another list.
    #[must_use]
    pub fn reading(&self) -> u64 {
        self.state.read().unwrap_or_else(PoisonError::into_inner).reading
    }

    /// Whether they were not read for `age`, or ever.
    #[must_use]
    pub fn are_older_than(&self, age: Duration) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let age = if state.is_doubted { age.min(DOUBTED_AFTER) } else { age };
        state.read_at.is_none_or(|at| at.elapsed() > age)
    }
}

/// The list, without entries that cannot be read: one odd contract must not hide the others.
pub(super) struct ContractList(pub Vec<Contract>);

impl<'de> Deserialize<'de> for ContractList {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<Box<serde_json::value::RawValue>>::deserialize(deserializer)?;
        Ok(Self(entries.iter().filter_map(|entry| serde_json::from_str(entry.get()).ok()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const BTC: &str = r#"{"contractId":"100","symbol":"BTC-USDT","size":"0","quantityPrecision":4,"pricePrecision":1,
        "feeRate":0.0005,"makerFeeRate":0.0002,"takerFeeRate":0.0005,"tradeMinLimit":0,"tradeMinQuantity":0.0001,
        "tradeMinUSDT":2,"maxLongLeverage":125,"maxShortLeverage":125,"currency":"USDT","asset":"BTC","status":1,
        "apiStateOpen":"true","apiStateClose":"true"}"#;

    fn btc() -> Contract {
        serde_json::from_str(BTC).unwrap()
    }

    #[rstest]
    #[case::good("0.0015", "50000", true, Ok(()))]
    #[case::too_many_decimals("0.00015", "50000", true, Err(OrderFault::Decimals))]
    #[case::too_small("0", "50000", true, Err(OrderFault::Senseless))]
    #[case::too_cheap("0.0001", "10000", true, Err(OrderFault::Notional))]
    #[case::cheap_close("0.0001", "10000", false, Ok(()))]
    fn what_bingx_would_refuse_or_cut_is_not_sent(
        #[case] quantity: &str,
        #[case] price: &str,
        #[case] opens: bool,
        #[case] expected: Result<(), OrderFault>,
    ) {
        assert_eq!(btc().check(quantity.parse().unwrap(), Some(price.parse().unwrap()), opens), expected);
    }

    #[test]
    fn what_is_less_than_the_least_by_now_is_closed_all_the_same() {
        let contract = Contract { trade_min_quantity: Decimal::new(5, 4), ..btc() };
        let check = |opens| contract.check(Decimal::new(2, 4), None, opens);
        assert_eq!((check(true), check(false)), (Err(OrderFault::Quantity), Ok(())));
    }

    #[test]
    fn a_paused_contract_opens_nothing_but_closes() {
        let paused = Contract { status: Some(25), ..btc() };
        assert_eq!(paused.check(Decimal::ONE, None, true), Err(OrderFault::Closed));
        assert_eq!(paused.check(Decimal::ONE, None, false), Ok(()));
    }

    #[test]
    fn an_empty_list_does_not_take_the_contracts_away() {
        let contracts = Contracts::default();
        contracts.replace(vec![btc()]);
        contracts.replace(Vec::new());
        assert_eq!(contracts.all().len(), 1);
    }

    proptest! {
        #[test]
        fn quantities_are_rounded_down_to_steps(units in 0_i64..1_000_000_000, scale in 0_u32..9) {
            let coins = Decimal::new(units, scale);
            let rounded = btc().quantity(coins);
            prop_assert!(rounded <= coins && coins - rounded < Decimal::new(1, 4));
            prop_assert!(rounded.normalize().scale() <= 4);
        }
    }
}
