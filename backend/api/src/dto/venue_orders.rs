use chrono::{DateTime, Utc};
use flotilla_domain::copy::venue_order::Leg;
use flotilla_store::copies::CopyView;
use flotilla_store::venue_orders::views::OrderView;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;
use crate::dto::words::{DirectionWord, LegWord, VenueOrderStateWord};

/// An order of a copy at an exchange, or what something else took of its position.
#[derive(Serialize, ToSchema)]
#[schema(as = VenueOrder)]
pub struct VenueOrderDto {
    /// `external`: no order of ours; a stop, a liquidation or the owner's own hand.
    pub leg: LegWord,
    /// Counts orders of this leg from 1.
    pub version: i32,
    /// Our name of it at the exchange. It is never sent under another.
    pub client_id: String,
    /// The exchange's name, once known.
    #[schema(example = "1745839584339562496")]
    pub order_id: Option<String>,
    /// Contract.
    #[schema(example = "BTC-USDT")]
    pub symbol: String,
    pub direction: DirectionWord,
    pub state: VenueOrderStateWord,
    /// Asked for, in coins.
    pub quantity: Figure,
    /// Coins of one lot of the master.
    pub units_per_lot: Figure,
    /// Filled, in coins.
    pub filled: Figure,
    pub average_price: Option<Figure>,
    /// How much worse than the master's price, as a fraction of it; below zero is better. Of an order that opens.
    pub slippage: Option<Figure>,
    /// What was paid for it; below zero was earned.
    pub fee: Option<Figure>,
    pub fee_asset: Option<String>,
    /// Comes with an order that opens, in the contract's decimals.
    pub stop_loss: Option<Figure>,
    pub take_profit: Option<Figure>,
    /// How often it was sent, always under the same name.
    pub sendings: i32,
    pub created_at: DateTime<Utc>,
    pub sent_at: DateTime<Utc>,
    /// When the exchange first said anything about it.
    pub answered_at: Option<DateTime<Utc>>,
    /// What the exchange said when it refused, or why nobody knows.
    pub words: Option<String>,
}

impl VenueOrderDto {
    pub fn new(order: OrderView, copy: &CopyView) -> Self {
        Self {
            slippage: slippage(&order, copy).map(Figure),
            leg: order.leg.into(),
            version: order.version,
            client_id: order.client_id,
            order_id: order.order_id,
            symbol: order.symbol,
            direction: order.direction.into(),
            state: order.state.into(),
            quantity: Figure(order.quantity),
            units_per_lot: Figure(order.units_per_lot),
            filled: Figure(order.filled),
            average_price: order.average_price.map(Figure),
            fee: order.fee.map(Figure),
            fee_asset: order.fee_asset,
            stop_loss: order.stop_loss.map(Figure),
            take_profit: order.take_profit.map(Figure),
            sendings: order.sendings,
            created_at: order.created_at,
            sent_at: order.sent_at,
            answered_at: order.answered_at,
            words: order.words,
        }
    }
}

fn slippage(order: &OrderView, copy: &CopyView) -> Option<Decimal> {
    let price = order.average_price.filter(|_| order.leg == Leg::Open)?;
    let worse = match order.direction {
        flotilla_domain::trade::Direction::Long => price - copy.master_price,
        flotilla_domain::trade::Direction::Short => copy.master_price - price,
    };
    Some(worse.checked_div(copy.master_price)?.round_dp(6))
}
