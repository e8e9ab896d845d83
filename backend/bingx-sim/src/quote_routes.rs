//! Market data.

use rust_decimal::Decimal;

use crate::gate::Passed;
use crate::history_routes::integer;
use crate::json::{Json, fixed, number, object, text};
use crate::market::{Candle, Level, Market};
use crate::profile::{Candles, Fault, missing};
use crate::routes::{Answer, Route};
use crate::venue::Venue;

const MINUTE_MS: i64 = 60_000;

impl Venue {
    pub(crate) fn quote(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let now_ms = self.now_ms;
        match wanted {
            Route::ServerTime => return Ok(Answer::Data(object([("serverTime", number(now_ms))]))),
            Route::NoMarkets => return Ok(Answer::Data(object([("symbols", Json::List(Vec::new()))]))),
            Route::Klines => return self.klines(passed),
            Route::FundingRate => return self.funding_rates(passed),
            _ => {}
        }
        let Some(host) = self.hosts.get(&passed.host) else { return Ok(Answer::Data(Json::Null)) };
        let funding_ppm = self.profile.funding_ppm;
        let render = |market: &Market| one(wanted, market, funding_ppm, now_ms);
        match passed.params.get("symbol") {
            Some(symbol) => {
                let market = host.markets.get(symbol).ok_or_else(|| crate::desk::unknown_symbol(symbol))?;
                let data = render(market);
                // Contracts are a list even when there is one.
                let is_list = matches!(wanted, Route::Contracts);
                Ok(Answer::Data(if is_list { Json::List(vec![data]) } else { data }))
            }
            None if matches!(wanted, Route::Depth | Route::Trades | Route::BookTicker) => {
                Err(missing("symbol"))
            }
            None => Ok(Answer::Data(Json::List(host.markets.values().map(render).collect()))),
        }
    }

    /// Rates of funding times that are past, newest first; of all contracts where none is named.
    fn funding_rates(&self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let Some(host) = self.hosts.get(&passed.host) else { return Ok(Answer::Data(Json::Null)) };
        let wanted = passed.params.get("symbol");
        if let Some(unknown) = wanted.filter(|wanted| !host.markets.contains_key(*wanted)) {
            return Err(crate::desk::unknown_symbol(unknown));
        }
        let limit = usize::try_from(integer(passed, "limit").unwrap_or(100).clamp(1, 1_000)).unwrap_or(100);
        let from = integer(passed, "startTime").unwrap_or(0);
        let until = integer(passed, "endTime").unwrap_or(self.now_ms);
        let symbols =
            host.markets.keys().filter(|symbol| wanted.is_none_or(|wanted| wanted == symbol.as_str()));
        let past = self.fundings.iter().rev().filter(|(time, _)| (from..=until).contains(time));
        let rows = past.flat_map(|(time, ppm)| {
            symbols.clone().map(move |symbol| {
                object([
                    ("symbol", text(symbol)),
                    ("fundingRate", funding_rate(*ppm)),
                    ("fundingTime", number(time)),
                ])
            })
        });
        Ok(Answer::Data(Json::List(rows.take(limit).collect())))
    }

    fn klines(&mut self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let now_ms = self.now_ms;
        let manner = self.profile.candles;
        let symbol = passed.params.get("symbol").ok_or_else(|| missing("symbol"))?;
        let interval = passed.params.get("interval").ok_or_else(|| missing("interval"))?;
        let minutes = interval_minutes(interval).ok_or_else(|| Fault::Parameter("interval".to_owned()))?;
        let limit = usize::try_from(integer(passed, "limit").unwrap_or(500).clamp(1, 1_440)).unwrap_or(500);
        let from = integer(passed, "startTime").unwrap_or(0);
        let until = integer(passed, "endTime").unwrap_or(i64::MAX);
        let market =
            self.market_mut(passed.host, symbol).ok_or_else(|| crate::desk::unknown_symbol(symbol))?;
        market.catch_up(now_ms);
        let mut candles = joined(market, minutes * MINUTE_MS);
        candles.retain(|candle| (from..=until).contains(&candle.time));
        let skip = candles.len().saturating_sub(limit);
        candles.drain(..skip);
        if let (Candles::Gap, true) = (manner, candles.len() > 10) {
            candles.remove(candles.len() - 5);
        }
        if let (Candles::Twice, Some(candle)) =
            (manner, candles.len().checked_sub(5).and_then(|at| candles.get(at).cloned()))
        {
            candles.insert(candles.len() - 5, candle);
        }
        if manner != Candles::OldestFirst {
            candles.reverse();
        }
        let rows = candles.into_iter().map(|candle| {
            object([
                ("open", text(candle.open)),
                ("close", text(candle.close)),
                ("high", text(candle.high)),
                ("low", text(candle.low)),
                ("volume", fixed(candle.volume, 2)),
                ("time", number(candle.time)),
            ])
        });
        Ok(Answer::Data(Json::List(rows.collect())))
    }
}

/// Minutes of an interval's name.
pub fn interval_minutes(name: &str) -> Option<i64> {
    let (digits, unit) = name.split_at_checked(name.len().checked_sub(1)?)?;
    let count: i64 = digits.parse().ok()?;
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 1_440,
        "w" => 10_080,
        "M" => 43_200,
        _ => return None,
    };
    Some(count * minutes).filter(|minutes| *minutes > 0)
}

/// Candles of a longer interval, oldest first.
pub fn joined(market: &Market, length_ms: i64) -> Vec<Candle> {
    let mut joined: Vec<Candle> = Vec::new();
    for candle in &market.candles {
        let time = candle.time - candle.time.rem_euclid(length_ms);
        match joined.last_mut() {
            Some(last) if last.time == time => {
                last.high = last.high.max(candle.high);
                last.low = last.low.min(candle.low);
                last.close = candle.close;
                last.volume += candle.volume;
            }
            _ => joined.push(Candle { time, ..candle.clone() }),
        }
    }
    joined
}

fn funding_rate(ppm: i64) -> Json {
    fixed(Decimal::new(ppm, 6), 8)
}

/// The first level; zero where there is none.
pub fn best(levels: &[Level]) -> Level {
    levels.first().copied().unwrap_or(Level { price: Decimal::ZERO, quantity: Decimal::ZERO })
}

fn one(wanted: Route, market: &Market, funding_ppm: i64, now_ms: i64) -> Json {
    let symbol = || text(&market.rules.symbol);
    match wanted {
        Route::Contracts => contract(market),
        Route::Price => {
            object([("symbol", symbol()), ("price", text(market.last)), ("time", number(now_ms))])
        }
        Route::Ticker => ticker(market, now_ms),
        Route::BookTicker => {
            let (bid, ask) = (best(&market.bids), best(&market.asks));
            // JSON numbers, unlike everywhere else.
            let ticker = object([
                ("symbol", symbol()),
                ("bid_price", number(bid.price)),
                ("bid_qty", number(bid.quantity)),
                ("ask_price", number(ask.price)),
                ("ask_qty", number(ask.quantity)),
            ]);
            object([("book_ticker", ticker)])
        }
        Route::Depth => depth(market, now_ms),
        Route::Trades => Json::List(
            market
                .ticks
                .iter()
                .rev()
                .take(500)
                .map(|tick| {
                    object([
                        ("time", number(tick.time)),
                        ("isBuyerMaker", Json::Bool(tick.buyer_is_maker)),
                        ("price", text(tick.price)),
                        ("qty", text(tick.quantity)),
                        ("quoteQty", fixed(tick.price * tick.quantity, 2)),
                    ])
                })
                .collect(),
        ),
        Route::OpenInterest => {
            object([("openInterest", text("0")), ("symbol", symbol()), ("time", number(now_ms))])
        }
        _ => object([
            ("symbol", symbol()),
            ("markPrice", text(market.mark)),
            ("indexPrice", text(market.mark)),
            ("lastFundingRate", funding_rate(funding_ppm)),
            ("nextFundingTime", number(now_ms - now_ms.rem_euclid(28_800_000) + 28_800_000)),
        ]),
    }
}

fn contract(market: &Market) -> Json {
    let rules = &market.rules;
    let (asset, currency) = rules.symbol.split_once('-').unwrap_or((&rules.symbol, "USDT"));
    object([
        ("contractId", text(100)),
        ("symbol", text(&rules.symbol)),
        ("size", text("0")),
        ("quantityPrecision", number(rules.quantity_decimals)),
        ("pricePrecision", number(rules.price_decimals)),
        ("feeRate", number(rules.taker)),
        ("makerFeeRate", number(rules.maker)),
        ("takerFeeRate", number(rules.taker)),
        ("tradeMinLimit", number(0)),
        ("tradeMinQuantity", number(rules.min_quantity)),
        ("tradeMinUSDT", number(rules.min_notional)),
        ("maxLongLeverage", number(rules.max_leverage())),
        ("maxShortLeverage", number(rules.max_leverage())),
        ("currency", text(currency)),
        ("asset", text(asset)),
        ("status", number(market.status)),
        ("apiStateOpen", text(market.api_open)),
        ("apiStateClose", text(market.api_close)),
        ("brokerState", text(true)),
        ("launchTime", number(1_586_275_200_000_i64)),
        ("maintainTime", number(0)),
        ("offTime", number(0)),
    ])
}

fn ticker(market: &Market, now_ms: i64) -> Json {
    let (bid, ask) = (best(&market.bids), best(&market.asks));
    let open = market.candles.front().map_or(market.last, |candle| candle.open);
    let high = market.candles.iter().map(|candle| candle.high).max().unwrap_or(market.last);
    let low = market.candles.iter().map(|candle| candle.low).min().unwrap_or(market.last);
    object([
        ("symbol", text(&market.rules.symbol)),
        ("priceChange", text(market.last - open)),
        ("priceChangePercent", text("0.00%")),
        ("lastPrice", text(market.last)),
        ("lastQty", text("1")),
        ("highPrice", text(high)),
        ("lowPrice", text(low)),
        ("volume", text("1000")),
        ("quoteVolume", text("1000000")),
        ("openPrice", text(open)),
        ("openTime", number(now_ms - 86_400_000)),
        ("closeTime", number(now_ms)),
        ("bidPrice", number(bid.price)),
        ("bidQty", number(bid.quantity)),
        ("askPrice", number(ask.price)),
        ("askQty", number(ask.quantity)),
    ])
}

/// Bids best first, asks worst first, as in all examples.
fn depth(market: &Market, now_ms: i64) -> Json {
    let level = |level: &Level| Json::List(vec![text(level.price), text(level.quantity)]);
    object([
        ("T", number(now_ms)),
        ("bids", Json::List(market.bids.iter().map(level).collect())),
        ("asks", Json::List(market.asks.iter().rev().map(level).collect())),
        ("bidsCoin", Json::List(market.bids.iter().map(level).collect())),
        ("asksCoin", Json::List(market.asks.iter().rev().map(level).collect())),
    ])
}
