//! Balance, positions, modes and the flow of money.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::order::{Direction, PositionSide};
use crate::bingx::id::Symbol;
use crate::bingx::number;

/// What an account holds in one currency. Amounts in that currency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    /// `USDT`, or `VST` on the demo host.
    #[serde(deserialize_with = "number::text")]
    pub asset: String,
    /// Without open profit.
    #[serde(deserialize_with = "number::decimal")]
    pub balance: Decimal,
    /// Balance and open profit.
    #[serde(deserialize_with = "number::decimal")]
    pub equity: Decimal,
    /// Open profit.
    #[serde(default, deserialize_with = "number::or_zero")]
    pub unrealized_profit: Decimal,
    /// What new positions may use.
    #[serde(deserialize_with = "number::decimal")]
    pub available_margin: Decimal,
    /// What open positions use.
    #[serde(default, deserialize_with = "number::or_zero")]
    pub used_margin: Decimal,
    /// What open orders hold.
    #[serde(default, rename = "freezedMargin", deserialize_with = "number::or_zero")]
    pub frozen_margin: Decimal,
}

/// Balances of all currencies of an account, in both shapes that occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balances(pub Vec<Balance>);

impl Balances {
    /// The one in which contracts are margined: `VST` on the demo host, otherwise `USDT`.
    #[must_use]
    pub fn margin(&self) -> Option<&Balance> {
        let of = |asset: &str| self.0.iter().find(|balance| balance.asset == asset);
        of("VST").or_else(|| of("USDT"))
    }
}

impl<'de> Deserialize<'de> for Balances {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct One {
            balance: Balance,
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let json = raw.get();
        let list = if json.trim_start().starts_with('[') {
            serde_json::from_str(json)
        } else {
            serde_json::from_str::<One>(json).map(|one| vec![one.balance])
        };
        list.map(Self).map_err(serde::de::Error::custom)
    }
}

/// An open position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The exchange's name; changes with every new position. Empty where it is hidden.
    pub id: String,
    /// Contract.
    pub symbol: Symbol,
    /// Which way; also in one-way mode, where orders must say `BOTH` all the same.
    pub direction: Direction,
    /// Coins, above zero on both sides.
    pub quantity: Decimal,
    /// Coins that no order has claimed yet; not more than these can be closed.
    pub available: Decimal,
    /// Average entry price.
    pub average_price: Decimal,
    /// Leverage, 1 or more.
    pub leverage: Option<Decimal>,
    /// Whether its margin is its own.
    pub is_isolated: Option<bool>,
    /// Open profit.
    pub unrealized_profit: Decimal,
    /// Price by which it is judged, where the reply has it.
    pub mark_price: Option<Decimal>,
    /// Price at which it is liquidated, where there is one.
    pub liquidation_price: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PositionWire {
    #[serde(default, deserialize_with = "number::text")]
    position_id: String,
    symbol: Symbol,
    #[serde(default, deserialize_with = "number::text")]
    position_side: String,
    #[serde(deserialize_with = "number::decimal")]
    position_amt: Decimal,
    #[serde(default, deserialize_with = "number::optional")]
    available_amt: Option<Decimal>,
    #[serde(default, deserialize_with = "number::or_zero")]
    avg_price: Decimal,
    #[serde(default, deserialize_with = "number::leverage")]
    leverage: Option<Decimal>,
    #[serde(default, deserialize_with = "number::flag")]
    isolated: Option<bool>,
    #[serde(default, deserialize_with = "number::or_zero")]
    unrealized_profit: Decimal,
    #[serde(default, deserialize_with = "number::optional")]
    mark_price: Option<Decimal>,
    #[serde(default, deserialize_with = "number::optional")]
    liquidation_price: Option<Decimal>,
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = PositionWire::deserialize(deserializer)?;
        let direction = match PositionSide::read(&wire.position_side) {
            Some(PositionSide::Short) => Direction::Short,
            // One-way mode as an older reply writes it: the sign tells.
            Some(PositionSide::Both) if wire.position_amt.is_sign_negative() => Direction::Short,
            Some(PositionSide::Long | PositionSide::Both) => Direction::Long,
            None => return Err(serde::de::Error::custom("a position of no known side")),
        };
        let quantity = wire.position_amt.abs();
        Ok(Self {
            id: wire.position_id,
            symbol: wire.symbol,
            direction,
            quantity,
            available: wire.available_amt.map_or(quantity, |available| available.abs()),
            average_price: wire.avg_price,
            leverage: wire.leverage,
            is_isolated: wire.isolated,
            unrealized_profit: wire.unrealized_profit,
            mark_price: wire.mark_price,
            liquidation_price: wire.liquidation_price.filter(|price| *price > Decimal::ZERO),
        })
    }
}

/// How an account keeps long and short. One switch for the whole account, and its owner's alone: nothing here sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PositionMode {
    /// One position for each contract; orders say `BOTH`.
    OneWay,
    /// A long and a short one; orders say `LONG` or `SHORT`, and never `reduceOnly`.
    Hedge,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DualSide {
    #[serde(deserialize_with = "number::flag")]
    pub dual_side_position: Option<bool>,
}

/// Leverage of a contract in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leverage {
    /// Of long positions.
    pub long: Decimal,
    /// Of short positions.
    pub short: Decimal,
    /// Highest of long ones, where the reply has it.
    pub max_long: Option<Decimal>,
    /// Highest of short ones, where the reply has it.
    pub max_short: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "as the exchange names them")]
pub(crate) struct LeverageReply {
    #[serde(deserialize_with = "number::decimal")]
    long_leverage: Decimal,
    #[serde(deserialize_with = "number::decimal")]
    short_leverage: Decimal,
    #[serde(default, deserialize_with = "number::optional")]
    max_long_leverage: Option<Decimal>,
    #[serde(default, deserialize_with = "number::optional")]
    max_short_leverage: Option<Decimal>,
}

impl From<LeverageReply> for Leverage {
    fn from(reply: LeverageReply) -> Self {
        Self {
            long: reply.long_leverage,
            short: reply.short_leverage,
            max_long: reply.max_long_leverage,
            max_short: reply.max_short_leverage,
        }
    }
}

/// Whose margin a position uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarginType {
    /// Its own.
    Isolated,
    /// The whole account's.
    Crossed,
    /// Its own, with several positions for each contract.
    SeparateIsolated,
    /// A word that nobody knows.
    Other(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MarginTypeReply {
    #[serde(deserialize_with = "number::text")]
    margin_type: String,
}

impl From<MarginTypeReply> for MarginType {
    fn from(reply: MarginTypeReply) -> Self {
        match reply.margin_type.as_str() {
            "ISOLATED" => Self::Isolated,
            "CROSSED" => Self::Crossed,
            "SEPARATE_ISOLATED" => Self::SeparateIsolated,
            _ => Self::Other(reply.margin_type),
        }
    }
}

/// Which currencies serve as margin. Flotilla trades with one only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetMode {
    /// One.
    Single,
    /// Several: do not trade.
    Multi,
    /// A word that nobody knows: do not trade.
    Other(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModeReply {
    #[serde(deserialize_with = "number::text")]
    asset_mode: String,
}

impl From<ModeReply> for AssetMode {
    fn from(reply: ModeReply) -> Self {
        match reply.asset_mode.as_str() {
            "singleAssetMode" => Self::Single,
            "multiAssetsMode" => Self::Multi,
            _ => Self::Other(reply.asset_mode),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct UidReply {
    #[serde(deserialize_with = "number::text")]
    pub uid: String,
}

/// One row of the flow of money: realised profit, fee, funding, transfer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Income {
    /// Contract; empty where there is none.
    #[serde(default, deserialize_with = "number::text")]
    pub symbol: String,
    /// `REALIZED_PNL`, `FUNDING_FEE`, `TRADING_FEE` and so on, as written.
    #[serde(deserialize_with = "number::text")]
    pub income_type: String,
    /// Amount; below zero is paid.
    #[serde(deserialize_with = "number::decimal")]
    pub income: Decimal,
    /// Currency.
    #[serde(default, deserialize_with = "number::text")]
    pub asset: String,
    /// Unix milliseconds.
    #[serde(deserialize_with = "number::integer")]
    pub time: i64,
    /// Names the row. The same row comes back under the same name.
    #[serde(default, deserialize_with = "number::text")]
    pub tran_id: String,
    /// Names the trade it belongs to; empty where there is none.
    #[serde(default, deserialize_with = "number::text")]
    pub trade_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BALANCE: &str = r#"{"userId":"1","asset":"USDT","balance":"194.8212","equity":"196.7431","unrealizedProfit":"1.9219",
        "realisedProfit":"-109.2504","availableMargin":"193.7609","usedMargin":"1.0602","freezedMargin":"0.0000"}"#;

    #[test]
    fn both_shapes_of_the_balance_are_read() {
        let list: Balances = serde_json::from_str(&format!("[{BALANCE}]")).unwrap();
        let one: Balances = serde_json::from_str(&format!(r#"{{"balance":{BALANCE}}}"#)).unwrap();
        assert_eq!(list, one);
        assert_eq!(list.margin().unwrap().equity.to_string(), "196.7431");
    }

    #[test]
    fn a_position_of_no_known_side_is_not_guessed() {
        let json = r#"{"symbol":"BTC-USDT","positionAmt":"1","positionSide":"UP"}"#;
        assert!(serde_json::from_str::<Position>(json).is_err());
    }
}
