//! Orders.

use std::fmt;

use flotilla_domain::side::Side;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::bingx::id::{OrderId, Symbol};
use crate::bingx::number;

/// Which way a position profits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From rising prices.
    Long,
    /// From falling prices.
    Short,
}

impl Direction {
    /// The position that an opening order of this side makes.
    #[must_use]
    pub const fn opened_by(side: Side) -> Self {
        match side {
            Side::Buy => Self::Long,
            Side::Sell => Self::Short,
        }
    }
}

/// Buys or sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TradeSide {
    /// Buys.
    Buy,
    /// Sells.
    Sell,
}

impl TradeSide {
    /// The side that opens or closes a position of this direction.
    #[must_use]
    pub const fn of(direction: Direction, opens: bool) -> Self {
        match (direction, opens) {
            (Direction::Long, true) | (Direction::Short, false) => Self::Buy,
            (Direction::Long, false) | (Direction::Short, true) => Self::Sell,
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "BUY" | "BID" => Some(Self::Buy),
            "SELL" | "ASK" => Some(Self::Sell),
            _ => None,
        }
    }
}

impl fmt::Display for TradeSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
        })
    }
}

/// Which position an order works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PositionSide {
    /// The long one of hedge mode.
    Long,
    /// The short one of hedge mode.
    Short,
    /// The only one of one-way mode.
    Both,
}

impl PositionSide {
    pub(crate) fn read(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "LONG" => Some(Self::Long),
            "SHORT" => Some(Self::Short),
            "BOTH" => Some(Self::Both),
            _ => None,
        }
    }
}

impl fmt::Display for PositionSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Long => "LONG",
            Self::Short => "SHORT",
            Self::Both => "BOTH",
        })
    }
}

impl From<Direction> for PositionSide {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Long => Self::Long,
            Direction::Short => Self::Short,
        }
    }
}

/// Where an order is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderStatus {
    /// Accepted.
    New,
    /// Rests, or waits for its trigger.
    Pending,
    /// Filled in part; the rest still rests.
    PartiallyFilled,
    /// Filled.
    Filled,
    /// Cancelled; parts may have been filled before. REST writes two Ls, the stream one.
    Cancelled,
    /// Refused after it was accepted.
    Failed,
    /// Ran out; parts may have been filled before.
    Expired,
    /// A word that nobody knows. Neither open nor over: read again.
    Other(String),
}

impl OrderStatus {
    pub(crate) fn read(text: &str) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "NEW" => Self::New,
            "PENDING" | "WORKING" => Self::Pending,
            "PARTIALLY_FILLED" => Self::PartiallyFilled,
            "FILLED" => Self::Filled,
            "CANCELLED" | "CANCELED" => Self::Cancelled,
            "FAILED" | "REJECTED" => Self::Failed,
            "EXPIRED" => Self::Expired,
            _ => Self::Other(text.to_owned()),
        }
    }

    /// Whether nothing more can happen to the order; `None` for a word that nobody knows.
    #[must_use]
    pub const fn is_over(&self) -> Option<bool> {
        match self {
            Self::New | Self::Pending | Self::PartiallyFilled => Some(false),
            Self::Filled | Self::Cancelled | Self::Failed | Self::Expired => Some(true),
            Self::Other(_) => None,
        }
    }
}

/// An order as it is read back.
///
/// `profit`, `cumQuote` and the leverage that come with it are not taken over:
/// the first two are rounded, the third is text. Money is counted from fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The exchange's name.
    pub id: OrderId,
    /// Our name, in small letters; nothing where none was given or BingX left it out.
    pub client_id: Option<String>,
    /// Contract.
    pub symbol: Symbol,
    /// Buys or sells; `None` for a word that nobody knows.
    pub side: Option<TradeSide>,
    /// Of which position; `None` for a word that nobody knows.
    pub position_side: Option<PositionSide>,
    /// `MARKET`, `LIMIT`, `STOP_MARKET` and so on, as written.
    pub kind: String,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// Asked for, in coins.
    pub quantity: Option<Decimal>,
    /// Filled so far, in coins.
    pub filled: Decimal,
    /// Average price of what is filled; `None` while nothing is.
    pub average_price: Option<Decimal>,
    /// Limit price; `None` where there is none.
    pub price: Option<Decimal>,
    /// Trigger price; `None` where there is none.
    pub stop_price: Option<Decimal>,
    /// The order that made this one, if one did: an order at a trigger, or the one that this came with.
    pub triggered_by: Option<OrderId>,
    /// Made, in Unix milliseconds. History rounds to seconds.
    pub created_at_ms: Option<i64>,
    /// Changed, in Unix milliseconds.
    pub updated_at_ms: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderWire {
    #[serde(default, deserialize_with = "OrderId::optional")]
    order_id: Option<OrderId>,
    #[serde(default, rename = "orderID", deserialize_with = "OrderId::optional")]
    order_id_text: Option<OrderId>,
    #[serde(default, deserialize_with = "number::optional_text")]
    client_order_id: Option<String>,
    #[serde(default, rename = "clientOrderID", deserialize_with = "number::optional_text")]
    client_order_id_old: Option<String>,
    symbol: Symbol,
    #[serde(default, deserialize_with = "number::text")]
    side: String,
    #[serde(default, deserialize_with = "number::text")]
    position_side: String,
    #[serde(default, rename = "type", deserialize_with = "number::text")]
    kind: String,
    #[serde(default, deserialize_with = "number::text")]
    status: String,
    #[serde(default, deserialize_with = "number::optional")]
    orig_qty: Option<Decimal>,
    #[serde(default, deserialize_with = "number::optional")]
    quantity: Option<Decimal>,
    #[serde(default, deserialize_with = "number::or_zero")]
    executed_qty: Decimal,
    #[serde(default, deserialize_with = "number::optional")]
    avg_price: Option<Decimal>,
    #[serde(default, deserialize_with = "number::optional")]
    price: Option<Decimal>,
    #[serde(default, deserialize_with = "number::optional")]
    stop_price: Option<Decimal>,
    #[serde(default, deserialize_with = "OrderId::optional")]
    trigger_order_id: Option<OrderId>,
    #[serde(default, deserialize_with = "number::optional_integer")]
    time: Option<i64>,
    #[serde(default, deserialize_with = "number::optional_integer")]
    update_time: Option<i64>,
}

/// A price of zero is no price.
fn some_price(price: Option<Decimal>) -> Option<Decimal> {
    price.filter(|price| *price > Decimal::ZERO)
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = OrderWire::deserialize(deserializer)?;
        let id = wire.order_id_text.or(wire.order_id);
        Ok(Self {
            id: id.ok_or_else(|| serde::de::Error::missing_field("orderId"))?,
            client_id: wire
                .client_order_id
                .or(wire.client_order_id_old)
                .map(|text| text.to_ascii_lowercase()),
            symbol: wire.symbol,
            side: TradeSide::read(&wire.side),
            position_side: PositionSide::read(&wire.position_side),
            kind: wire.kind,
            status: OrderStatus::read(&wire.status),
            quantity: wire.orig_qty.or(wire.quantity),
            filled: wire.executed_qty,
            average_price: some_price(wire.avg_price),
            price: some_price(wire.price),
            stop_price: some_price(wire.stop_price),
            triggered_by: wire.trigger_order_id,
            created_at_ms: wire.time,
            updated_at_ms: wire.update_time,
        })
    }
}

/// `{"order": {…}}`, or the fields themselves.
pub(crate) struct OrderReply<T>(pub T);

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for OrderReply<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Inside {
            #[serde(default)]
            order: Option<Box<RawValue>>,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let inside: Inside = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
        let json = inside.order.as_ref().unwrap_or(&raw);
        serde_json::from_str(json.get()).map(Self).map_err(serde::de::Error::custom)
    }
}

/// `{"orders": […]}`, with `null` for none.
#[derive(Deserialize)]
pub(crate) struct OrderList {
    #[serde(default)]
    pub orders: Option<Vec<Order>>,
}

/// The echo of an order that was accepted. Accepted is not filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The exchange's name.
    pub id: OrderId,
    /// The quantity that the exchange took over, in coins, where it says so. Smaller than what was sent when it cut
    /// decimals off.
    pub quantity: Option<Decimal>,
    /// Average price, where the reply already has one.
    pub average_price: Option<Decimal>,
    /// Filled so far, where the reply already says so.
    pub filled: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlacedWire {
    #[serde(default, deserialize_with = "OrderId::optional")]
    order_id: Option<OrderId>,
    #[serde(default, rename = "orderID", deserialize_with = "OrderId::optional")]
    order_id_text: Option<OrderId>,
    // The rest of the echo is read leniently: what is unreadable here must not fail an order that was accepted.
    #[serde(default)]
    quantity: Option<Box<RawValue>>,
    #[serde(default)]
    orig_qty: Option<Box<RawValue>>,
    #[serde(default)]
    avg_price: Option<Box<RawValue>>,
    #[serde(default)]
    executed_qty: Option<Box<RawValue>>,
}

fn lenient(raw: Option<Box<RawValue>>) -> Option<Decimal> {
    number::parse(raw?.get().trim_matches('"')).filter(|number| *number > Decimal::ZERO)
}

impl<'de> Deserialize<'de> for Placed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = PlacedWire::deserialize(deserializer)?;
        let id = wire.order_id_text.or(wire.order_id);
        Ok(Self {
            id: id.ok_or_else(|| serde::de::Error::missing_field("orderId"))?,
            quantity: lenient(wire.orig_qty).or(lenient(wire.quantity)),
            average_price: lenient(wire.avg_price),
            filled: lenient(wire.executed_qty),
        })
    }
}

/// What a request to cancel several orders came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Cancelled {
    /// Cancelled now.
    #[serde(default, deserialize_with = "null_is_none")]
    pub success: Vec<Order>,
    /// How many were not; read the open orders again to see which.
    #[serde(default, deserialize_with = "count")]
    pub failed: usize,
}

fn null_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Order>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Ok(Option::<Vec<Box<RawValue>>>::deserialize(deserializer)?.map_or(0, |failed| failed.len()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::old(r#"{"order":{"symbol":"BTC-USDT","orderId":1735950529123455123,"side":"BUY","positionSide":"LONG","type":"MARKET","clientOrderID":"","workingType":"MARK_PRICE"}}"#)]
    #[case::with_echo(r#"{"order":{"orderId":1735950529123455123,"symbol":"LTC-USDT","price":0,"quantity":0.1,"stopLoss":"{\"broken","takeProfit":"","reduceOnly":false}}"#)]
    #[case::both_spellings(r#"{"order":{"orderId":1735950529123455123,"orderID":"1735950529123455123","clientOrderId":"a","clientOrderID":"a","status":"FILLED","avgPrice":"1.5","executedQty":"0.1"}}"#)]
    #[case::flat(r#"{"orderId":1735950529123455123,"symbol":"LTC-USDT"}"#)]
    #[case::odd_echo(r#"{"order":{"orderId":1735950529123455123,"quantity":{"what":1},"avgPrice":[]}}"#)]
    fn every_shape_of_the_echo_names_the_order(#[case] json: &str) {
        let OrderReply(placed) = serde_json::from_str::<OrderReply<Placed>>(json).unwrap();
        assert_eq!(placed.id.as_str(), "1735950529123455123");
    }

    #[rstest]
    #[case("CANCELED", OrderStatus::Cancelled, Some(true))]
    #[case("CANCELLED", OrderStatus::Cancelled, Some(true))]
    #[case("PENDING", OrderStatus::Pending, Some(false))]
    #[case("SLEEPING", OrderStatus::Other("SLEEPING".to_owned()), None)]
    fn an_unknown_status_is_neither_open_nor_over(
        #[case] text: &str,
        #[case] status: OrderStatus,
        #[case] over: Option<bool>,
    ) {
        assert_eq!(OrderStatus::read(text), status);
        assert_eq!(status.is_over(), over);
    }

    #[test]
    fn opposite_sides_open_and_close() {
        for direction in [Direction::Long, Direction::Short] {
            assert_ne!(TradeSide::of(direction, true), TradeSide::of(direction, false));
        }
        assert_eq!(TradeSide::of(Direction::opened_by(Side::Sell), true), TradeSide::Sell);
    }
}
