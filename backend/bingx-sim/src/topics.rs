//! Topics of markets: what a connection is told that has asked for them.

use rust_decimal::Decimal;

use crate::json::{Json, fixed, number, object, text};
use crate::kept_book::KeptBook;
use crate::market::{Candle, Level, Market};
use crate::quote_routes::{best, interval_minutes, joined};
use crate::request::HostName;
use crate::venue::Venue;

/// What there is to tell about a topic, without when that is; nothing for one that is none, or of a book that has not
/// changed.
pub fn news(venue: &mut Venue, host: HostName, name: &str, book: &mut Option<KeptBook>) -> Option<Json> {
    let now_ms = venue.now();
    let (symbol, channel) = name.split_once('@')?;
    let market = venue.market_mut(host, symbol)?;
    market.catch_up(now_ms);
    let channel = channel.split('@').next()?;
    if let Some(interval) = channel.strip_prefix("kline_") {
        let minutes = interval_minutes(interval)?;
        return Some(running_candle(joined(market, minutes * 60_000).last()?));
    }
    match channel {
        "lastPrice" => Some(event("lastPriceUpdate", market, [("c", text(market.last))])),
        "markPrice" => Some(event("markPriceUpdate", market, [("p", text(market.mark))])),
        "ticker" => Some(ticker(market)),
        "bookTicker" => {
            let (bid, ask) = (market.bids.first()?, market.asks.first()?);
            let fields = [
                ("b", text(bid.price)),
                ("B", text(bid.quantity)),
                ("a", text(ask.price)),
                ("A", text(ask.quantity)),
                ("u", number(market.book_version)),
            ];
            Some(event("bookTicker", market, fields))
        }
        "trade" => {
            let tick = market.ticks.back()?;
            Some(Json::List(vec![object([
                ("q", text(tick.quantity)),
                ("p", text(tick.price)),
                ("T", number(tick.time)),
                ("m", Json::Bool(tick.buyer_is_maker)),
                ("s", text(symbol)),
            ])]))
        }
        "incrDepth" => KeptBook::next_frame(book, market, now_ms),
        _ if channel.starts_with("depth") => Some(book_of(market)),
        _ => None,
    }
}

/// The frame that tells it at this time.
pub fn frame(name: &str, mut news: Json, now_ms: i64) -> Json {
    let (symbol, channel) = name.split_once('@').unwrap_or_default();
    let mut frame = object([("code", number(0)), ("dataType", text(name))]);
    if channel.starts_with("kline_") {
        frame.push("s", text(symbol));
    }
    if channel.starts_with("depth") {
        frame.push("ts", number(now_ms));
    }
    let times: &[&str] = match channel {
        "lastPrice" | "markPrice" => &["E"],
        "bookTicker" => &["E", "T"],
        "ticker" => &["E", "O", "C"],
        _ => &[],
    };
    for time in times {
        news.push(time, number(now_ms));
    }
    frame.push("data", news);
    frame
}

fn event<const N: usize>(name: &str, market: &Market, fields: [(&str, Json); N]) -> Json {
    let mut event = object([("e", text(name)), ("s", text(&market.rules.symbol))]);
    for (name, value) in fields {
        event.push(name, value);
    }
    event
}

/// Of the last day. Prices of the book are in capitals here, and small in `bookTicker`.
fn ticker(market: &Market) -> Json {
    let (bid, ask) = (best(&market.bids), best(&market.asks));
    let open = market.candles.front().map_or(market.last, |candle| candle.open);
    let high = market.candles.iter().map(|candle| candle.high).max().unwrap_or(market.last);
    let low = market.candles.iter().map(|candle| candle.low).min().unwrap_or(market.last);
    let last_quantity = market.ticks.back().map_or(Decimal::ZERO, |tick| tick.quantity);
    let fields = [
        ("p", text(market.last - open)),
        ("P", text("0.00")),
        ("c", text(market.last)),
        ("L", text(last_quantity)),
        ("h", text(high)),
        ("l", text(low)),
        ("v", text("1000")),
        ("q", text("1000000")),
        ("o", text(open)),
        ("A", text(ask.price)),
        ("a", text(ask.quantity)),
        ("B", text(bid.price)),
        ("b", text(bid.quantity)),
    ];
    event("24hTicker", market, fields)
}

/// Bids best first, asks worst first.
fn book_of(market: &Market) -> Json {
    let level = |level: &Level| Json::List(vec![text(level.price), text(level.quantity)]);
    object([
        ("bids", Json::List(market.bids.iter().map(level).collect())),
        ("asks", Json::List(market.asks.iter().rev().map(level).collect())),
    ])
}

fn running_candle(candle: &Candle) -> Json {
    Json::List(vec![object([
        ("c", text(candle.close)),
        ("o", text(candle.open)),
        ("h", text(candle.high)),
        ("l", text(candle.low)),
        ("v", fixed(candle.volume, 4)),
        ("T", number(candle.time)),
    ])])
}
