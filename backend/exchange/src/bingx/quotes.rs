//! What is read of the market.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::client::{BingX, Turn, Way};
use super::endpoint::{self, Endpoint, Environment};
use super::id::Symbol;
use super::number;
use super::sign::Params;
use crate::outcome::ReadError;

/// Mark price and funding of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PremiumIndex {
    /// Mark price; `None` where the exchange says nothing or zero.
    #[serde(default, deserialize_with = "number::optional")]
    pub mark_price: Option<Decimal>,
    /// Last funding rate, as a fraction of the position's value.
    #[serde(default, deserialize_with = "number::optional")]
    pub last_funding_rate: Option<Decimal>,
    /// When the next funding is, Unix milliseconds.
    #[serde(default, deserialize_with = "number::optional_integer")]
    pub next_funding_time: Option<i64>,
}

/// One level of a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Price.
    pub price: Decimal,
    /// Coins.
    pub quantity: Decimal,
}

/// A book, best first on both sides, whatever order it came in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Depth {
    /// Highest first.
    pub bids: Vec<Level>,
    /// Lowest first.
    pub asks: Vec<Level>,
}

impl<'de> Deserialize<'de> for Depth {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            bids: Vec<[Number; 2]>,
            asks: Vec<[Number; 2]>,
        }
        #[derive(Deserialize)]
        struct Number(#[serde(deserialize_with = "number::decimal")] Decimal);

        let wire = Wire::deserialize(deserializer)?;
        let levels = |side: Vec<[Number; 2]>| {
            side.into_iter()
                .map(|[price, quantity]| Level { price: price.0, quantity: quantity.0 })
                .collect::<Vec<_>>()
        };
        let (mut bids, mut asks) = (levels(wire.bids), levels(wire.asks));
        bids.sort_by_key(|level| std::cmp::Reverse(level.price));
        asks.sort_by_key(|level| level.price);
        Ok(Self { bids, asks })
    }
}

/// One candle. Prices in quote currency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Candle {
    /// When it began, Unix milliseconds.
    #[serde(deserialize_with = "number::integer")]
    pub time: i64,
    /// First price.
    #[serde(deserialize_with = "number::decimal")]
    pub open: Decimal,
    /// Highest.
    #[serde(deserialize_with = "number::decimal")]
    pub high: Decimal,
    /// Lowest.
    #[serde(deserialize_with = "number::decimal")]
    pub low: Decimal,
    /// Last.
    #[serde(deserialize_with = "number::decimal")]
    pub close: Decimal,
}

/// How long a candle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// A minute.
    Minute,
    /// Five.
    FiveMinutes,
    /// A quarter of an hour.
    Quarter,
    /// An hour.
    Hour,
}

impl Interval {
    /// From short to long.
    pub const ALL: [Self; 4] = [Self::Minute, Self::FiveMinutes, Self::Quarter, Self::Hour];

    /// As sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::Quarter => "15m",
            Self::Hour => "1h",
        }
    }

    /// Milliseconds.
    #[must_use]
    pub const fn ms(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::FiveMinutes => 300_000,
            Self::Quarter => 900_000,
            Self::Hour => 3_600_000,
        }
    }
}

/// Candles of one answer at most.
pub const MOST_CANDLES: i64 = 1_440;

/// Which candles are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// Contract.
    pub symbol: &'a Symbol,
    /// How long each is.
    pub interval: Interval,
    /// Those that begin after this, Unix milliseconds. Whether one that begins then is among them is not documented.
    pub from_ms: i64,
    /// And before this.
    pub until_ms: i64,
}

/// Why candles cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CandleFault {
    /// One is missing between others.
    #[error("a candle is missing")]
    Gap,
    /// Two of the same time.
    #[error("a candle comes twice")]
    Twice,
}

/// Finished candles, oldest first, whatever order they came in.
///
/// * `interval_ms`: length of one.
/// * `now_ms`: server time; the running candle is left out.
///
/// # Errors
///
/// [`CandleFault`] where one is missing or doubled: an indicator over them would be of something else.
pub fn finished(mut candles: Vec<Candle>, interval_ms: i64, now_ms: i64) -> Result<Vec<Candle>, CandleFault> {
    candles.sort_by_key(|candle| candle.time);
    candles.retain(|candle| candle.time + interval_ms <= now_ms);
    for pair in candles.windows(2) {
        if let [before, after] = pair {
            match after.time - before.time {
                0 => return Err(CandleFault::Twice),
                step if step != interval_ms => return Err(CandleFault::Gap),
                _ => {}
            }
        }
    }
    Ok(candles)
}

/// One line of the list of all prices.
#[derive(Deserialize)]
struct ListedPrice {
    symbol: Symbol,
    #[serde(default, deserialize_with = "number::optional")]
    price: Option<Decimal>,
}

/// One line of the list of all mark prices.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedMark {
    symbol: Symbol,
    #[serde(default, deserialize_with = "number::optional")]
    mark_price: Option<Decimal>,
}

#[derive(Deserialize)]
struct PriceReply {
    #[serde(default, deserialize_with = "number::optional")]
    price: Option<Decimal>,
}

impl BingX {
    /// Price of the last trade; `None` for zero, which a suspended contract shows and which must trigger nothing.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn last_price(
        &self,
        environment: Environment,
        egress: &str,
        symbol: &Symbol,
    ) -> Result<Option<Decimal>, ReadError> {
        let reply: PriceReply = self.of_symbol(environment, egress, endpoint::PRICE, symbol).await?;
        Ok(reply.price.filter(|price| *price > Decimal::ZERO))
    }

    /// Prices of the last trades of all contracts. Those without one, or with zero, are left out.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn last_prices(
        &self,
        environment: Environment,
        egress: &str,
    ) -> Result<Vec<(Symbol, Decimal)>, ReadError> {
        let listed: Vec<ListedPrice> =
            self.market(environment, egress, endpoint::PRICE, Params::new()).await?;
        let is_price = |price: &Decimal| *price > Decimal::ZERO;
        Ok(listed.into_iter().filter_map(|one| Some((one.symbol, one.price.filter(is_price)?))).collect())
    }

    /// Mark prices of all contracts. Those without one, or with zero, are left out.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn mark_prices(
        &self,
        environment: Environment,
        egress: &str,
    ) -> Result<Vec<(Symbol, Decimal)>, ReadError> {
        let listed: Vec<ListedMark> =
            self.market(environment, egress, endpoint::PREMIUM_INDEX, Params::new()).await?;
        let is_price = |price: &Decimal| *price > Decimal::ZERO;
        Ok(listed
            .into_iter()
            .filter_map(|one| Some((one.symbol, one.mark_price.filter(is_price)?)))
            .collect())
    }

    /// Mark price and funding.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn premium_index(
        &self,
        environment: Environment,
        egress: &str,
        symbol: &Symbol,
    ) -> Result<PremiumIndex, ReadError> {
        let mut index: PremiumIndex =
            self.of_symbol(environment, egress, endpoint::PREMIUM_INDEX, symbol).await?;
        index.mark_price = index.mark_price.filter(|price| *price > Decimal::ZERO);
        Ok(index)
    }

    /// The book, best first on both sides.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn depth(
        &self,
        environment: Environment,
        egress: &str,
        symbol: &Symbol,
    ) -> Result<Depth, ReadError> {
        self.of_symbol(environment, egress, endpoint::DEPTH, symbol).await
    }

    /// Candles as they come, at most [`MOST_CANDLES`]; make them usable with [`finished`].
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn candles(
        &self,
        environment: Environment,
        egress: &str,
        wanted: Stretch<'_>,
        turn: Turn,
    ) -> Result<Vec<Candle>, ReadError> {
        let params = Params::new()
            .with("symbol", wanted.symbol)
            .with("interval", wanted.interval.as_str())
            .with("startTime", wanted.from_ms)
            .with("endTime", wanted.until_ms)
            .with("limit", MOST_CANDLES);
        self.market_within(Way { environment, egress }, endpoint::KLINES, &params, turn).await
    }

    async fn of_symbol<T: DeserializeOwned>(
        &self,
        environment: Environment,
        egress: &str,
        endpoint: Endpoint,
        symbol: &Symbol,
    ) -> Result<T, ReadError> {
        self.market(environment, egress, endpoint, Params::new().with("symbol", symbol)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candle(time: i64) -> Candle {
        Candle { time, open: Decimal::ONE, high: Decimal::ONE, low: Decimal::ONE, close: Decimal::ONE }
    }

    #[test]
    fn candles_are_the_same_in_any_order_and_the_running_one_is_left_out() {
        let newest_first = vec![candle(180), candle(120), candle(60)];
        let expected = vec![candle(60), candle(120)];
        assert_eq!(finished(newest_first, 60, 190), Ok(expected.clone()));
        assert_eq!(finished(vec![candle(60), candle(180), candle(120)], 60, 190), Ok(expected));
        assert_eq!(finished(vec![candle(60), candle(180)], 60, 400), Err(CandleFault::Gap));
        assert_eq!(finished(vec![candle(60), candle(60)], 60, 400), Err(CandleFault::Twice));
    }

    #[test]
    fn the_best_ask_is_the_lowest_wherever_it_stands() {
        let depth: Depth = serde_json::from_str(
            r#"{"bids":[["9","1"],["10","1"]],"asks":[["13","1"],[12.5,"1"],["11","2"]]}"#,
        )
        .unwrap();
        assert_eq!(depth.asks.first().unwrap().price, Decimal::from(11));
        assert_eq!(depth.bids.first().unwrap().price, Decimal::from(10));
    }
}
