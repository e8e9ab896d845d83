//! Fills.

use chrono::DateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use super::order::{PositionSide, TradeSide};
use crate::bingx::id::{OrderId, Symbol};
use crate::bingx::number;

/// What makes two reports of a fill the same one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FillId {
    /// The order.
    pub order: OrderId,
    /// The exchange's name of the trade; empty in lists that have none.
    pub trade: String,
}

/// One fill of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// What makes it the same one when it comes again.
    pub id: FillId,
    /// Contract.
    pub symbol: Symbol,
    /// Buys or sells, where the list says so.
    pub side: Option<TradeSide>,
    /// Of which position, where the list says so.
    pub position_side: Option<PositionSide>,
    /// Coins, from `volume`. Not `qty`, which is quote currency in these lists.
    pub quantity: Decimal,
    /// Price.
    pub price: Decimal,
    /// Fee; below zero is paid.
    pub commission: Decimal,
    /// Currency of the fee; empty where the list does not say.
    pub commission_asset: String,
    /// Unix milliseconds, from `filledTime`. `filledTm` claims UTC and is eight hours ahead.
    pub filled_at_ms: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FillWire {
    order_id: OrderId,
    #[serde(default, deserialize_with = "number::text")]
    trade_id: String,
    symbol: Symbol,
    #[serde(default, deserialize_with = "number::text")]
    side: String,
    #[serde(default, deserialize_with = "number::text")]
    position_side: String,
    #[serde(deserialize_with = "number::decimal")]
    volume: Decimal,
    #[serde(deserialize_with = "number::decimal")]
    price: Decimal,
    #[serde(default, deserialize_with = "number::or_zero")]
    commission: Decimal,
    #[serde(default, deserialize_with = "number::text")]
    commission_asset: String,
    #[serde(default, deserialize_with = "number::text")]
    currency: String,
    filled_time: String,
}

impl<'de> Deserialize<'de> for Fill {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = FillWire::deserialize(deserializer)?;
        let filled_at = DateTime::parse_from_str(&wire.filled_time, "%Y-%m-%dT%H:%M:%S%.f%z")
            .map_err(|_| serde::de::Error::custom("filledTime is no time"))?;
        Ok(Self {
            id: FillId { order: wire.order_id, trade: wire.trade_id },
            symbol: wire.symbol,
            side: TradeSide::read(&wire.side),
            position_side: PositionSide::read(&wire.position_side),
            quantity: wire.volume,
            price: wire.price,
            commission: wire.commission,
            commission_asset: if wire.commission_asset.is_empty() {
                wire.currency
            } else {
                wire.commission_asset
            },
            filled_at_ms: filled_at.timestamp_millis(),
        })
    }
}

/// A page of fills, under either of its names.
#[derive(Deserialize)]
pub(crate) struct FillList {
    #[serde(default)]
    pub fill_history_orders: Option<Vec<Fill>>,
    #[serde(default)]
    pub fill_orders: Option<Vec<Fill>>,
}

impl FillList {
    pub(crate) fn into_fills(self) -> Vec<Fill> {
        self.fill_history_orders.or(self.fill_orders).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_with_an_offset_counts_and_volume_is_the_quantity() {
        let fill: Fill = serde_json::from_str(
            r#"{"filledTm":"2023-12-16T20:58:36Z","volume":"4.10","price":"3.1088","qty":"12.74","quoteQty":"211.40",
                "commission":"-0.0025","commissionAsset":"USDT","orderId":"1736007768311123456","tradeId":"241512",
                "filledTime":"2023-12-16T20:58:36.000+0800","symbol":"WLD-USDT","role":"maker","side":"buy","positionSide":"short"}"#,
        )
        .unwrap();

        assert_eq!(fill.filled_at_ms, 1_702_731_516_000);
        assert_eq!(fill.quantity.to_string(), "4.10");
        assert_eq!((fill.side, fill.position_side), (Some(TradeSide::Buy), Some(PositionSide::Short)));
        // The order was made in the half minute before it was filled.
        let made = fill.id.order.made_at_ms().unwrap();
        assert!((0..60_000).contains(&(fill.filled_at_ms - made)));
    }
}
