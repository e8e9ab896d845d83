use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, CopyId, TradeId};
use flotilla_domain::trade::{Execution, Trade, TradeStatus};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::figure::Figure;
use crate::dto::words::{
    AssetTypeWord, DirectionWord, FloatingUnknownWord, PnlSourceWord, SideWord, TradeSourceWord,
    TradeStatusWord,
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
    pub option_type: Option<String>,
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
    pub r_multiple: Option<Figure>,
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
        let pnl_percent = pnl_fraction(&trade);
        Self {
            id: trade.id,
            account_id: trade.account_id,
            source: trade.source.into(),
            symbol: trade.symbol,
            direction: trade.direction.into(),
            asset_type: trade.asset_type.into(),
            option_type: None,
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
            r_multiple: None,
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

/// Needs the contract size: a lot is not an amount of money.
fn pnl_fraction(trade: &Trade) -> Option<Figure> {
    if trade.status == TradeStatus::Open {
        return None;
    }
    let at_work = trade.entry_price?.checked_mul(trade.quantity)?.checked_mul(trade.multiplier?)?;
    let fraction = trade.pnl?.checked_div(at_work)?;
    Some(Figure(Decimal::round_dp(&fraction, 6)))
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

/// Order of a list of trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
pub enum TradeSort {
    #[default]
    #[serde(rename = "-entry_at")]
    NewestEntry,
    #[serde(rename = "entry_at")]
    OldestEntry,
    #[serde(rename = "-exit_at")]
    NewestExit,
    #[serde(rename = "exit_at")]
    OldestExit,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TradeQuery {
    /// At most 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    #[param(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    pub symbol: Option<String>,
    #[param(value_type = Option<TradeStatusWord>)]
    pub status: Option<TradeStatusWord>,
    #[param(value_type = Option<TradeSourceWord>)]
    pub source: Option<TradeSourceWord>,
    /// Entered at or after.
    pub from: Option<DateTime<Utc>>,
    /// Entered before.
    pub to: Option<DateTime<Utc>>,
    /// `-entry_at` unless given. Open trades count as leaving last.
    #[serde(default)]
    #[param(inline)]
    pub sort: TradeSort,
}
