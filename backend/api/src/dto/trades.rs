use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, CopyId, TradeId};
use flotilla_domain::trade::{Execution, Trade, profit};
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;
use crate::dto::words::{
    AssetTypeWord, DirectionWord, FloatingUnknownWord, OptionTypeWord, PnlSourceWord, SideWord,
    TradeSourceWord, TradeStatusWord,
};
use crate::floating::FloatingFigures;

/// A position from entry to exit, on one account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Trade)]
pub struct TradeDto {
    #[schema(value_type = Uuid)]
    pub id: TradeId,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub source: TradeSourceWord,
    pub symbol: String,
    pub direction: DirectionWord,
    pub asset_type: AssetTypeWord,
    pub option_type: Option<OptionTypeWord>,
    /// Lots for MetaTrader accounts.
    pub quantity: Figure,
    pub multiplier: Option<Figure>,
    pub entry_price: Option<Figure>,
    pub exit_price: Option<Figure>,
    pub entry_at: DateTime<Utc>,
    pub exit_at: Option<DateTime<Utc>>,
    pub stop_loss: Option<Figure>,
    pub take_profit: Option<Figure>,
    pub fees: Figure,
    pub swap: Figure,
    /// Result in the account's currency.
    pub pnl: Option<Figure>,
    pub pnl_source: Option<PnlSourceWord>,
    /// Result as a fraction of the money at work; null where that is unknown.
    pub pnl_percent: Option<Figure>,
    /// The way from entry to exit over the way from entry to the stop.
    pub r_multiple: Option<Figure>,
    /// Worst result while it was open; zero or less.
    pub mae: Option<Figure>,
    /// Best result while it was open; zero or more.
    pub mfe: Option<Figure>,
    /// What the open position would bring now, in the account's currency,
    /// without swap and fees; null where something it depends on is not known.
    pub floating_pnl: Option<Figure>,
    /// The master's price of entry stands for the account's own.
    pub floating_pnl_estimated: bool,
    /// What is missing to know it.
    pub floating_pnl_unknown: Option<FloatingUnknownWord>,
    pub status: TradeStatusWord,
    pub external_id: Option<String>,
    #[schema(value_type = Option<Uuid>)]
    pub copy_id: Option<CopyId>,
    pub tags: Vec<String>,
    pub notes: Option<String>,
    /// Oldest first.
    pub executions: Vec<ExecutionDto>,
}

/// One fill of a trade.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Execution)]
pub struct ExecutionDto {
    pub side: SideWord,
    pub quantity: Figure,
    pub price: Option<Figure>,
    pub at: DateTime<Utc>,
    pub fees: Figure,
}

impl TradeDto {
    pub fn with_floating(trade: Trade, floating: FloatingFigures) -> Self {
        let pnl_percent = profit::fraction(&trade).map(Figure);
        let r_multiple = trade.r_multiple().map(Figure);
        Self {
            id: trade.id,
            account_id: trade.account_id,
            source: trade.source.into(),
            symbol: trade.symbol,
            direction: trade.direction.into(),
            asset_type: trade.asset_type.into(),
            option_type: trade.option_type.map(Into::into),
            quantity: Figure(trade.quantity),
            multiplier: trade.multiplier.map(Figure),
            entry_price: trade.entry_price.map(Figure),
            exit_price: trade.exit_price.map(Figure),
            entry_at: trade.entry_at,
            exit_at: trade.exit_at,
            stop_loss: trade.stop_loss.map(Figure),
            take_profit: trade.take_profit.map(Figure),
            fees: Figure(trade.fees),
            swap: Figure(trade.swap),
            pnl: trade.pnl.map(Figure),
            pnl_source: trade.pnl_source.map(Into::into),
            pnl_percent,
            r_multiple,
            mae: trade.mae.map(Figure),
            mfe: trade.mfe.map(Figure),
            floating_pnl: floating.profit,
            floating_pnl_estimated: floating.is_estimated,
            floating_pnl_unknown: floating.unknown,
            status: trade.status.into(),
            external_id: trade.external_id,
            copy_id: trade.copy_id,
            tags: trade.tags,
            notes: trade.notes,
            executions: trade.executions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Execution> for ExecutionDto {
    fn from(execution: Execution) -> Self {
        Self {
            side: execution.side.into(),
            quantity: Figure(execution.quantity),
            price: execution.price.map(Figure),
            at: execution.at,
            fees: Figure(execution.fees),
        }
    }
}

/// What was traded, each symbol once, the one that was entered last first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TradeSymbols {
    pub items: Vec<String>,
}
