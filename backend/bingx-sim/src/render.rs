//! Orders, positions, fills and events, as the exchange writes them in each of its times.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Utc};
use rust_decimal::Decimal;

use crate::cover::Cover;
use crate::desk::Desk;
use crate::json::{Json, fixed, number, object, plain, text};
use crate::ledger::{Fill, Ledger, Order, Position, Slot};
use crate::market::{Market, Rules};
use crate::profile::Era;

fn side(buys: bool) -> Json {
    text(if buys { "BUY" } else { "SELL" })
}

/// The echo of an order that was taken: `{"order": {…}}`, or `flat`, without that.
pub fn placed(order: &Order, era: Era, flat: bool) -> Json {
    let mut echo = object([
        ("orderId", number(order.id)),
        ("symbol", text(&order.symbol)),
        ("positionSide", text(order.slot.as_str())),
        ("side", side(order.buys)),
        ("type", text(&order.kind)),
    ]);
    if era != Era::Y2023 {
        echo.push("price", plain(order.price.unwrap_or_default()));
        echo.push("quantity", plain(order.quantity));
        echo.push("stopPrice", plain(order.stop_price.unwrap_or_default()));
        echo.push("timeInForce", text(&order.time_in_force));
        echo.push("priceRate", number(0));
        echo.push("stopLoss", text(order.stop_loss.as_ref().map_or("", |exit| exit.raw.as_str())));
        echo.push("takeProfit", text(order.take_profit.as_ref().map_or("", |exit| exit.raw.as_str())));
        echo.push("reduceOnly", Json::Bool(order.reduce_only));
        echo.push("closePosition", text(if order.close_position { "true" } else { "" }));
        echo.push("stopGuaranteed", text(""));
    }
    echo.push("workingType", text(&order.working));
    match era {
        Era::Y2023 | Era::Y2024 => echo.push("clientOrderID", text(&order.client_id)),
        Era::Y2026 => {
            echo.push("orderID", text(order.id));
            echo.push("clientOrderId", text(&order.client_id));
            echo.push("clientOrderID", text(&order.client_id));
            echo.push("status", text(order.status.rest()));
            echo.push("avgPrice", text(order.average().round_dp(8).normalize()));
            echo.push("executedQty", text(order.filled.normalize()));
        }
        _ => echo.push("clientOrderId", text(&order.client_id)),
    }
    if flat { echo } else { object([("order", echo)]) }
}

/// An order as it is read back.
pub fn order(order: &Order, rules: Option<&Rules>, leverage: i64) -> Json {
    let (quantity_decimals, price_decimals) =
        rules.map_or((8, 8), |rules| (rules.quantity_decimals, rules.price_decimals));
    let price = |price: Option<Decimal>| price.map_or(text(""), |price| fixed(price, price_decimals));
    let exit = |exit: Option<&crate::ledger::Attached>| match exit {
        Some(exit) => object([
            ("type", text(&exit.kind)),
            ("quantity", plain(order.quantity)),
            ("stopPrice", plain(exit.stop_price)),
            ("price", plain(exit.price.unwrap_or_default())),
            ("workingType", text(&exit.working)),
        ]),
        None => object([
            ("type", text("")),
            ("quantity", number(0)),
            ("stopPrice", number(0)),
            ("price", number(0)),
            ("workingType", text("")),
        ]),
    };
    object([
        ("symbol", text(&order.symbol)),
        ("orderId", number(order.id)),
        ("side", side(order.buys)),
        ("positionSide", text(order.slot.as_str())),
        ("type", text(&order.kind)),
        ("origQty", fixed(order.quantity, quantity_decimals)),
        ("price", fixed(order.price.unwrap_or_else(|| order.average()), price_decimals)),
        ("executedQty", fixed(order.filled, quantity_decimals)),
        ("avgPrice", fixed(order.average(), price_decimals)),
        // Rounded to whole numbers, as the exchange does.
        ("cumQuote", text(order.quote.round())),
        ("stopPrice", price(order.stop_price)),
        ("profit", fixed(order.profit, 4)),
        ("commission", fixed(-order.fee, 6)),
        ("status", text(order.status.rest())),
        ("time", number(order.time)),
        ("updateTime", number(order.updated)),
        ("clientOrderId", text(&order.client_id)),
        ("leverage", text(format!("{leverage}X"))),
        ("takeProfit", exit(order.take_profit.as_ref())),
        ("stopLoss", exit(order.stop_loss.as_ref())),
        ("advanceAttr", number(0)),
        ("positionID", number(0)),
        ("takeProfitEntrustPrice", number(0)),
        ("stopLossEntrustPrice", number(0)),
        ("orderType", text("")),
        ("workingType", text(&order.working)),
        ("stopGuaranteed", Json::Bool(false)),
        ("triggerOrderId", number(order.parent.unwrap_or(0))),
        ("reduceOnly", Json::Bool(order.reduce_only)),
    ])
}

/// An open position. Its account and the markets say what is free of it and where it is liquidated.
pub fn position(
    ledger: &Ledger,
    markets: &BTreeMap<String, Market>,
    (symbol, slot): (&str, Slot),
    position: &Position,
) -> Json {
    let mark = markets.get(symbol).map_or(Decimal::ZERO, |market| market.mark);
    let cover = Cover::new(ledger, markets);
    let available = position.quantity - ledger.resting_closes(symbol, slot);
    let shown = if position.is_long { "LONG" } else { "SHORT" };
    let value = position.quantity * mark;
    object([
        ("positionId", text(position.id)),
        ("symbol", text(symbol)),
        ("currency", text(ledger.asset)),
        ("positionAmt", text(position.quantity.normalize())),
        ("availableAmt", text(available.max(Decimal::ZERO).normalize())),
        // Also in one-way mode, where orders must say BOTH.
        ("positionSide", text(shown)),
        ("isolated", Json::Bool(false)),
        ("avgPrice", text(position.average.round_dp(8).normalize())),
        ("initialMargin", fixed(position.margin(), 4)),
        ("margin", fixed(position.margin() + position.profit(mark), 4)),
        ("leverage", number(position.leverage)),
        ("unrealizedProfit", fixed(position.profit(mark), 4)),
        ("realisedProfit", fixed(position.realised, 4)),
        // A JSON number, 0 where there is none.
        ("liquidationPrice", number(cover.liquidation_price(symbol).unwrap_or_default())),
        ("markPrice", text(mark)),
        ("positionValue", text(value.normalize())),
        ("riskRate", fixed(cover.risk_rate(), 4)),
        ("pnlRatio", text("0.0000")),
        ("maxMarginReduction", text("0.0000")),
        ("onlyOnePosition", Json::Bool(slot == Slot::Both)),
    ])
}

/// Time with the exchange's wall clock, eight hours ahead of UTC.
fn wall_clock(ms: i64, format: &str) -> String {
    let time = DateTime::<Utc>::from_timestamp_millis(ms).zip(FixedOffset::east_opt(8 * 3_600));
    time.map_or(String::new(), |(time, zone)| time.with_timezone(&zone).format(format).to_string())
}

/// A fill, in the older list: without a name of its own.
pub fn short_fill(fill: &Fill, asset: &str, client_id: &str) -> Json {
    object([
        ("filledTm", text(wall_clock(fill.time, "%Y-%m-%dT%H:%M:%SZ"))),
        ("volume", text(fill.quantity.normalize())),
        ("price", text(fill.price.normalize())),
        ("amount", fixed(fill.quantity * fill.price, 4)),
        ("commission", text((-fill.fee).normalize())),
        ("currency", text(asset)),
        ("orderId", text(fill.order_id)),
        ("liquidatedPrice", text("")),
        ("liquidatedMarginRatio", text("")),
        ("filledTime", text(wall_clock(fill.time, "%Y-%m-%dT%H:%M:%S.000%z"))),
        ("clientOrderId", text(client_id)),
        ("symbol", text(&fill.symbol)),
    ])
}

/// A fill. `filledTm` claims UTC and shows the wall clock of UTC+8.
pub fn fill(fill: &Fill, asset: &str) -> Json {
    let lower = |words: (&'static str, &'static str)| text(if fill.buys { words.0 } else { words.1 });
    object([
        ("filledTm", text(wall_clock(fill.time, "%Y-%m-%dT%H:%M:%SZ"))),
        ("volume", text(fill.quantity.normalize())),
        ("price", text(fill.price.normalize())),
        ("qty", fixed(fill.quantity * fill.price, 2)),
        ("quoteQty", fixed(fill.quantity * fill.price, 2)),
        ("commission", text((-fill.fee).normalize())),
        ("commissionAsset", text(asset)),
        ("orderId", text(fill.order_id)),
        ("tradeId", text(fill.trade_id)),
        ("filledTime", text(wall_clock(fill.time, "%Y-%m-%dT%H:%M:%S.000%z"))),
        ("symbol", text(&fill.symbol)),
        ("role", text(if fill.is_maker { "maker" } else { "taker" })),
        ("side", lower(("buy", "sell"))),
        ("positionSide", text(fill.slot.as_str().to_lowercase())),
    ])
}

impl Desk<'_> {
    /// Tells the stream about an order. `trade`: name, fee and realised profit of a fill.
    pub fn tell_order(&mut self, id: u64, event: &str, trade: Option<(u64, Decimal, Decimal)>) {
        let Some(order) = self.ledger.orders.get(&id) else { return };
        let (trade_id, fee, realised) = trade.unwrap_or_default();
        let is_short = match self.profile.era {
            Era::Messy => event == "NEW",
            _ => self.profile.short_event_name,
        };
        let name = if is_short { "TRADE_UPDATE" } else { "ORDER_TRADE_UPDATE" };
        let fields = object([
            ("s", text(&order.symbol)),
            ("c", text(&order.client_id)),
            ("i", number(id)),
            ("S", side(order.buys)),
            ("o", text(&order.kind)),
            ("q", fixed(order.quantity, 8)),
            ("p", fixed(order.price.unwrap_or_else(|| order.average()), 8)),
            ("sp", fixed(order.stop_price.unwrap_or_default(), 8)),
            ("ap", fixed(order.average(), 8)),
            ("x", text(event)),
            ("X", text(order.status.stream())),
            ("N", text(self.ledger.asset)),
            ("n", fixed(-fee, 8)),
            ("T", number(self.now_ms)),
            ("wt", text(&order.working)),
            ("ps", text(order.slot.as_str())),
            ("rp", fixed(realised, 8)),
            ("z", fixed(order.filled, 8)),
            ("sg", text("false")),
            ("ti", number(order.parent.unwrap_or(0))),
            ("ro", Json::Bool(order.reduce_only)),
            ("td", number(trade_id)),
            ("tv", fixed(order.quote, 1)),
        ]);
        let frame = object([
            ("e", text(name)),
            ("E", number(self.now_ms)),
            ("T", number(self.now_ms)),
            ("o", fields),
        ]);
        self.pushes.push(frame);
    }

    /// Tells the stream about the balance and a position.
    pub fn tell_account(&mut self, reason: &str, symbol: &str, slot: Slot) {
        let position = self.ledger.positions.get(&(symbol.to_owned(), slot));
        let mark = self.markets.get(symbol).map_or(Decimal::ZERO, |market| market.mark);
        let (quantity, average, profit, shown) =
            position.map_or((Decimal::ZERO, Decimal::ZERO, Decimal::ZERO, slot.as_str()), |position| {
                let shown = if position.is_long { "LONG" } else { "SHORT" };
                (position.quantity, position.average, position.profit(mark), shown)
            });
        let balance = object([
            ("a", text(self.ledger.asset)),
            ("wb", fixed(self.ledger.balance, 8)),
            ("cw", fixed(self.ledger.balance - self.ledger.used_margin(), 8)),
            ("bc", text("0")),
        ]);
        let position = object([
            ("s", text(symbol)),
            ("pa", fixed(quantity, 8)),
            ("ep", fixed(average, 8)),
            ("up", fixed(profit, 8)),
            ("mt", text("cross")),
            ("iw", fixed(position.map_or(Decimal::ZERO, Position::margin) + profit, 8)),
            ("ps", text(shown)),
            ("cr", text("0.00000000")),
        ]);
        let fields = object([
            ("m", text(reason)),
            ("B", Json::List(vec![balance])),
            ("P", Json::List(vec![position])),
        ]);
        self.pushes.push(object([("e", text("ACCOUNT_UPDATE")), ("E", number(self.now_ms)), ("a", fields)]));
    }
}
