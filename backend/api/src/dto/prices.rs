use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::floating::{LIVELY_FOR_S, Quote};
use flotilla_domain::id::{AccountId, CopyId, TradeId};
use flotilla_store::floating::PositionFloating;
use flotilla_store::prices::LastPrice;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;
use crate::dto::words::FloatingUnknownWord;
use crate::floating::FloatingFigures;

/// The last price of an instrument, and what an account's open positions in it
/// would bring.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Price)]
pub struct PriceDto {
    /// The account that listens; a follower gets its masters' prices.
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub symbol: String,
    /// Null before the first tick.
    pub bid: Option<Figure>,
    pub ask: Option<Figure>,
    /// When the terminal last said so.
    pub at: DateTime<Utc>,
    /// When it last said something else.
    pub changed_at: DateTime<Utc>,
    /// No price, an old one, or one that has not changed for a minute: the
    /// terminal may have lost its broker.
    pub is_stale: bool,
    pub positions: Vec<PositionFloatingDto>,
}

/// What one open position would bring now.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PositionFloating)]
pub struct PositionFloatingDto {
    #[schema(value_type = Uuid)]
    pub trade_id: TradeId,
    #[schema(value_type = Option<Uuid>)]
    pub copy_id: Option<CopyId>,
    pub floating_pnl: Option<Figure>,
    pub floating_pnl_estimated: bool,
    pub floating_pnl_unknown: Option<FloatingUnknownWord>,
}

impl PriceDto {
    /// The price with those of `positions` that are in its instrument.
    pub fn new(price: LastPrice, positions: &[PositionFloating]) -> Self {
        let is_own =
            |one: &&PositionFloating| one.account_id == price.account_id && one.symbol == price.symbol;
        Self {
            is_stale: is_stale(&price),
            positions: positions.iter().filter(is_own).map(PositionFloatingDto::from).collect(),
            account_id: price.account_id,
            symbol: price.symbol,
            bid: price.bid.map(Figure),
            ask: price.ask.map(Figure),
            at: price.at,
            changed_at: price.changed_at,
        }
    }
}

fn is_stale(price: &LastPrice) -> bool {
    let Some((bid, ask)) = price.bid.zip(price.ask) else { return true };
    let is_fresh = Quote { bid, ask, at: price.at }.is_fresh(price.now);
    !is_fresh || price.now.signed_duration_since(price.changed_at) > TimeDelta::seconds(LIVELY_FOR_S)
}

impl From<&PositionFloating> for PositionFloatingDto {
    fn from(position: &PositionFloating) -> Self {
        let figures = FloatingFigures::from(position);
        Self {
            trade_id: position.trade_id,
            copy_id: position.copy_id,
            floating_pnl: figures.profit,
            floating_pnl_estimated: figures.is_estimated,
            floating_pnl_unknown: figures.unknown,
        }
    }
}
