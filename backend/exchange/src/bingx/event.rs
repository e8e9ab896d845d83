//! Frames of a user stream: gzip, pings, and events.

use std::io::Read as _;

use flate2::read::GzDecoder;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::id::{OrderId, Symbol};
use super::model::{Direction, OrderStatus, PositionSide, TradeSide};
use super::number;

/// Longest frame, unpacked.
const MAX_FRAME: u64 = 8 * 1024 * 1024;

/// What a frame is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// To be answered with the text `Pong`.
    Ping,
    /// Something happened.
    Event(Box<Event>),
    /// An answer to a subscription, or something that nobody knows. Says nothing about the account.
    Other,
}

/// What happened in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order changed, or a part of it was filled.
    Order(OrderEvent),
    /// Balance or positions changed.
    Account(AccountEvent),
    /// Leverage or margin type of a contract, as it is now.
    Config(ConfigEvent),
    /// The stream's key has run out: nothing more will come here.
    ListenKeyExpired,
}

/// An order changed. The stream repeats and reorders: the same change has the same
/// [`OrderEvent::id`], [`OrderEvent::trade_id`] and [`OrderEvent::filled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderEvent {
    /// The exchange's name.
    pub id: OrderId,
    /// Our name, in small letters; nothing where the order has none.
    pub client_id: Option<String>,
    /// Contract.
    pub symbol: Symbol,
    /// Buys or sells; `None` for a word that nobody knows.
    pub side: Option<TradeSide>,
    /// Of which position.
    pub position_side: Option<PositionSide>,
    /// `MARKET`, `LIMIT` and so on, as written.
    pub kind: String,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// Asked for, in coins.
    pub quantity: Decimal,
    /// Filled in all, in coins.
    pub filled: Decimal,
    /// Average price of what is filled; `None` while nothing is.
    pub average_price: Option<Decimal>,
    /// Fee of this change; below zero is paid.
    pub commission: Decimal,
    /// Realised profit of this change.
    pub realised: Decimal,
    /// Name of the trade, where this is one.
    pub trade_id: Option<String>,
    /// The stop or target whose trigger made this order, where there is one.
    pub triggered_by: Option<OrderId>,
    /// It can only make a position smaller; said in one-way mode only.
    pub reduces_only: bool,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// Balance or positions changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvent {
    /// Why: `ORDER`, `DEPOSIT`, `WITHDRAW`, `FUNDING_FEE`, as written.
    pub reason: String,
    /// Currency and balance without open profit.
    pub balances: Vec<(String, Decimal)>,
    /// Positions that changed; a quantity of zero is one that ended.
    pub positions: Vec<PositionChange>,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// A position as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionChange {
    /// Contract.
    pub symbol: Symbol,
    /// Which way; `None` where it is said neither in words nor by a sign.
    pub direction: Option<Direction>,
    /// Coins, zero or more.
    pub quantity: Decimal,
    /// Average entry price.
    pub average_price: Decimal,
    /// Open profit.
    pub unrealized_profit: Decimal,
}

/// Leverage and margin type of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConfigEvent {
    /// Contract.
    #[serde(rename = "s")]
    pub symbol: Symbol,
    /// Leverage of long positions.
    #[serde(rename = "l", deserialize_with = "number::decimal")]
    pub long_leverage: Decimal,
    /// Leverage of short positions.
    #[serde(rename = "S", deserialize_with = "number::decimal")]
    pub short_leverage: Decimal,
    /// `cross` or `isolated`, as written.
    #[serde(rename = "mt", default)]
    pub margin_type: String,
}

/// Why a frame cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Not gzip, too long, or not text.
    #[error("not a packed text")]
    Packing,
    /// An event whose fields cannot be read. Something happened, and it is not known what: resync.
    #[error("an event that cannot be read")]
    Event,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    e: String,
}

/// Reads a binary frame.
///
/// # Errors
///
/// [`FrameError`]: what the account looks like has to be read again.
pub fn unpack(frame: &[u8]) -> Result<Frame, FrameError> {
    let mut text = String::new();
    let mut unpacked = GzDecoder::new(frame).take(MAX_FRAME);
    unpacked.read_to_string(&mut text).map_err(|_| FrameError::Packing)?;
    if unpacked.limit() == 0 {
        return Err(FrameError::Packing);
    }
    read(&text)
}

/// Reads the text of a frame.
///
/// # Errors
///
/// [`FrameError::Event`].
pub fn read(text: &str) -> Result<Frame, FrameError> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("ping") {
        return Ok(Frame::Ping);
    }
    let Ok(head) = serde_json::from_str::<Head>(text) else {
        return Err(FrameError::Event);
    };
    let event = match head.e.as_str() {
        "ORDER_TRADE_UPDATE" | "TRADE_UPDATE" => {
            parse::<OrderFrame>(text).map(|frame| Event::Order(frame.into()))
        }
        "ACCOUNT_UPDATE" => parse::<AccountFrame>(text).map(|frame| Event::Account(frame.into())),
        "ACCOUNT_CONFIG_UPDATE" => parse::<ConfigFrame>(text).map(|frame| Event::Config(frame.ac)),
        "listenKeyExpired" => Ok(Event::ListenKeyExpired),
        _ => return Ok(Frame::Other),
    };
    event.map(|event| Frame::Event(Box::new(event)))
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, FrameError> {
    serde_json::from_str(text).map_err(|_| FrameError::Event)
}

#[derive(Deserialize)]
struct OrderFrame {
    #[serde(rename = "E", deserialize_with = "number::integer")]
    at: i64,
    o: OrderFields,
}

#[derive(Deserialize)]
struct OrderFields {
    i: OrderId,
    #[serde(default, deserialize_with = "number::optional_text")]
    c: Option<String>,
    s: Symbol,
    #[serde(rename = "S", default, deserialize_with = "number::text")]
    side: String,
    #[serde(default, deserialize_with = "number::text")]
    ps: String,
    #[serde(default, deserialize_with = "number::text")]
    o: String,
    #[serde(rename = "X", deserialize_with = "number::text")]
    status: String,
    #[serde(default, deserialize_with = "number::or_zero")]
    q: Decimal,
    #[serde(default, deserialize_with = "number::or_zero")]
    z: Decimal,
    #[serde(default, deserialize_with = "number::optional")]
    ap: Option<Decimal>,
    #[serde(default, deserialize_with = "number::or_zero")]
    n: Decimal,
    #[serde(default, deserialize_with = "number::or_zero")]
    rp: Decimal,
    #[serde(default, deserialize_with = "number::optional_text")]
    td: Option<String>,
    #[serde(default, deserialize_with = "OrderId::optional")]
    ti: Option<OrderId>,
    #[serde(default, deserialize_with = "number::flag")]
    ro: Option<bool>,
    #[serde(rename = "T", default, deserialize_with = "number::optional_integer")]
    at: Option<i64>,
}

impl From<OrderFrame> for OrderEvent {
    fn from(frame: OrderFrame) -> Self {
        let fields = frame.o;
        Self {
            id: fields.i,
            client_id: fields.c.map(|text| text.to_ascii_lowercase()),
            symbol: fields.s,
            side: TradeSide::read(&fields.side),
            position_side: PositionSide::read(&fields.ps),
            kind: fields.o,
            status: OrderStatus::read(&fields.status),
            quantity: fields.q,
            filled: fields.z,
            average_price: fields.ap.filter(|price| *price > Decimal::ZERO),
            commission: fields.n,
            realised: fields.rp,
            trade_id: fields.td.filter(|id| id != "0"),
            triggered_by: fields.ti,
            reduces_only: fields.ro == Some(true),
            at_ms: fields.at.filter(|at| *at > 0).unwrap_or(frame.at),
        }
    }
}

#[derive(Deserialize)]
struct AccountFrame {
    #[serde(rename = "E", deserialize_with = "number::integer")]
    at: i64,
    a: AccountFields,
}

#[derive(Deserialize)]
struct AccountFields {
    #[serde(default, deserialize_with = "number::text")]
    m: String,
    #[serde(rename = "B", default)]
    balances: Option<Vec<BalanceFields>>,
    #[serde(rename = "P", default)]
    positions: Option<Vec<PositionFields>>,
}

#[derive(Deserialize)]
struct BalanceFields {
    #[serde(deserialize_with = "number::text")]
    a: String,
    #[serde(deserialize_with = "number::decimal")]
    wb: Decimal,
}

#[derive(Deserialize)]
struct PositionFields {
    s: Symbol,
    #[serde(deserialize_with = "number::decimal")]
    pa: Decimal,
    #[serde(default, deserialize_with = "number::or_zero")]
    ep: Decimal,
    #[serde(default, deserialize_with = "number::or_zero")]
    up: Decimal,
    #[serde(default, deserialize_with = "number::text")]
    ps: String,
}

impl From<PositionFields> for PositionChange {
    fn from(fields: PositionFields) -> Self {
        let direction = match PositionSide::read(&fields.ps) {
            Some(PositionSide::Long) => Some(Direction::Long),
            Some(PositionSide::Short) => Some(Direction::Short),
            _ if fields.pa < Decimal::ZERO => Some(Direction::Short),
            _ => None,
        };
        Self {
            symbol: fields.s,
            direction,
            quantity: fields.pa.abs(),
            average_price: fields.ep,
            unrealized_profit: fields.up,
        }
    }
}

impl From<AccountFrame> for AccountEvent {
    fn from(frame: AccountFrame) -> Self {
        Self {
            reason: frame.a.m,
            balances: frame.a.balances.unwrap_or_default().into_iter().map(|one| (one.a, one.wb)).collect(),
            positions: frame.a.positions.unwrap_or_default().into_iter().map(Into::into).collect(),
            at_ms: frame.at,
        }
    }
}

#[derive(Deserialize)]
struct ConfigFrame {
    ac: ConfigEvent,
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const FILLED: &str = r#"{"e":"TRADE_UPDATE","E":1758608899350,"T":1758608899316,"o":{"s":"BTC-USDT","c":"FABC1","i":1970374651259388001,
        "S":"SELL","o":"MARKET","q":"0.00100000","p":"112848.10000000","sp":"0.00000000","ap":"112848.10000000","x":"TRADE","X":"FILLED",
        "N":"USDT","n":"-0.05642405","T":1758608899316,"wt":"","ps":"SHORT","rp":"0.00000000","z":"0.00100000","sg":"false","ti":0,
        "ro":false,"td":511178071,"tv":"112.8"}}"#;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn order(frame: &Frame) -> &OrderEvent {
        match frame {
            Frame::Event(event) => match &**event {
                Event::Order(order) => order,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_fill_keeps_all_digits_of_its_order() {
        let frame = unpack(&packed(FILLED)).unwrap();
        let event = order(&frame);

        assert_eq!(event.id.as_str(), "1970374651259388001");
        assert_eq!(event.client_id.as_deref(), Some("fabc1"));
        assert_eq!(event.trade_id.as_deref(), Some("511178071"));
        assert_eq!(event.triggered_by, None);
        assert_eq!(event.commission.to_string(), "-0.05642405");
        assert!(!event.reduces_only);
        let closing = read(&FILLED.replace("\"ro\":false", "\"ro\":true")).unwrap();
        assert!(order(&closing).reduces_only);
    }

    #[test]
    fn both_names_and_both_forms_of_an_id_mean_the_same() {
        let other = FILLED
            .replace("TRADE_UPDATE", "ORDER_TRADE_UPDATE")
            .replace("1970374651259388001", "\"1970374651259388001\"");
        assert_eq!(read(&other), read(FILLED));
    }

    #[test]
    fn pings_are_known_in_both_packings() {
        assert_eq!(unpack(&packed("Ping")), Ok(Frame::Ping));
        assert_eq!(read("Ping"), Ok(Frame::Ping));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_what_nobody_knows_is_not() {
        assert_eq!(unpack(b"plain"), Err(FrameError::Packing));
        assert_eq!(read(r#"{"e":"TRADE_UPDATE","E":1,"o":{}}"#), Err(FrameError::Event));
        assert_eq!(read(r#"{"e":"SOMETHING_NEW"}"#), Ok(Frame::Other));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let long = "x".repeat(usize::try_from(MAX_FRAME).unwrap() + 10);
        assert_eq!(unpack(&packed(&long)), Err(FrameError::Packing));
    }
}
