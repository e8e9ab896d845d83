use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, CopyId, TradeId};
use flotilla_store::venue_positions::HeldPosition;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;
use crate::dto::words::DirectionWord;

/// What a quantity counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuantityUnit {
    Lots,
    Coins,
}

/// An open position of an account. At an exchange one position may be made of several copies and of what is foreign:
/// then each part is an entry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Position)]
pub struct PositionDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub symbol: String,
    pub direction: DirectionWord,
    pub quantity: Figure,
    pub quantity_unit: QuantityUnit,
    /// The copy it belongs to.
    #[schema(value_type = Option<Uuid>)]
    pub copy_id: Option<CopyId>,
    /// Row of the journal, of a position at a terminal.
    #[schema(value_type = Option<Uuid>)]
    pub trade_id: Option<TradeId>,
    /// Whether nothing here has opened it: it is never touched.
    pub is_foreign: bool,
    pub average_price: Option<Figure>,
    /// Price by which the exchange judges it.
    pub mark_price: Option<Figure>,
    /// Open profit, in the account's currency; null where nothing tells it.
    pub unrealised_pnl: Option<Figure>,
    pub leverage: Option<Figure>,
    pub liquidation_price: Option<Figure>,
    /// When that was last known to be so.
    pub read_at: DateTime<Utc>,
    /// Seconds since then.
    pub age_s: i64,
}

/// Open positions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Positions)]
pub struct PositionsDto {
    pub items: Vec<PositionDto>,
}

impl From<HeldPosition> for PositionDto {
    fn from(held: HeldPosition) -> Self {
        Self {
            account_id: held.account_id,
            symbol: held.symbol,
            direction: held.direction.into(),
            quantity: held.quantity.into(),
            quantity_unit: if held.is_at_venue { QuantityUnit::Coins } else { QuantityUnit::Lots },
            copy_id: held.copy_id,
            trade_id: held.trade_id,
            is_foreign: held.is_foreign,
            average_price: held.average_price.map(Figure),
            mark_price: held.mark_price.map(Figure),
            unrealised_pnl: held.unrealised.map(Figure),
            leverage: held.leverage.map(Figure),
            liquidation_price: held.liquidation_price.map(Figure),
            age_s: held.now.signed_duration_since(held.read_at).num_seconds().max(0),
            read_at: held.read_at,
        }
    }
}
