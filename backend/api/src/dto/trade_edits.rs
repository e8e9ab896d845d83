use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, OwnerId, TradeId};
use flotilla_domain::trade::draft::Draft;
use flotilla_domain::trade::{AssetType, Execution, TradeSource, fills, multiplier};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::bounds::{Line, Tag, TradeFigure, TradeNotes, TradeSize, TradeSymbol};
use crate::dto::figure::Figure;
use crate::dto::patched::Patched;
use crate::dto::words::{AssetTypeWord, DirectionWord, OptionTypeWord, SideWord};

/// Most trades of one bulk edit.
const MOST_AT_ONCE: usize = 500;

/// One fill of a trade.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExecution {
    pub side: SideWord,
    #[schema(value_type = TradeSize)]
    pub quantity: Figure,
    #[schema(value_type = TradeFigure)]
    pub price: Figure,
    pub at: DateTime<Utc>,
    #[schema(value_type = Option<TradeFigure>)]
    pub fees: Option<Figure>,
}

impl From<NewExecution> for Execution {
    fn from(fill: NewExecution) -> Self {
        Self {
            side: fill.side.0,
            quantity: fill.quantity.0,
            price: Some(fill.price.0),
            at: fill.at,
            fees: fill.fees.map(|fees| fees.0).unwrap_or_default(),
        }
    }
}

/// A trade that was typed in. With executions, size, prices and times are made of them.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct CreateTrade {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    #[schema(value_type = TradeSymbol)]
    pub symbol: String,
    pub direction: DirectionWord,
    pub asset_type: AssetTypeWord,
    pub option_type: Option<OptionTypeWord>,
    #[schema(value_type = Option<TradeSize>)]
    pub quantity: Option<Figure>,
    /// Units per one of `quantity`; the usual of the kind unless given.
    #[schema(value_type = Option<TradeSize>)]
    pub multiplier: Option<Figure>,
    #[schema(value_type = Option<TradeFigure>)]
    pub entry_price: Option<Figure>,
    #[schema(value_type = Option<TradeFigure>)]
    pub exit_price: Option<Figure>,
    pub entry_at: Option<DateTime<Utc>>,
    pub exit_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<TradeSize>)]
    pub stop_loss: Option<Figure>,
    #[schema(value_type = Option<TradeSize>)]
    pub take_profit: Option<Figure>,
    /// What was paid; those of the executions unless given.
    #[schema(value_type = Option<TradeFigure>)]
    pub fees: Option<Figure>,
    /// Overnight interest that was credited.
    #[schema(value_type = Option<TradeFigure>)]
    pub swap: Option<Figure>,
    /// The broker's own result, which wins over the computed one.
    #[schema(value_type = Option<TradeFigure>)]
    pub pnl: Option<Figure>,
    #[schema(value_type = Option<TradeFigure>)]
    pub mae: Option<Figure>,
    #[schema(value_type = Option<TradeFigure>)]
    pub mfe: Option<Figure>,
    #[schema(value_type = Option<Line>)]
    pub external_id: Option<String>,
    #[serde(default)]
    #[schema(value_type = Vec<Tag>, max_items = 20)]
    pub tags: Vec<String>,
    #[schema(value_type = Option<TradeNotes>)]
    pub notes: Option<String>,
    #[serde(default)]
    #[schema(max_items = 200)]
    pub executions: Vec<NewExecution>,
}

impl CreateTrade {
    pub fn draft(self, owner_id: OwnerId) -> Draft {
        let bare = |figure: Option<Figure>| figure.map(|figure| figure.0);
        Draft {
            id: TradeId::from_uuid(Uuid::now_v7()),
            owner_id,
            account_id: self.account_id,
            source: TradeSource::Manual,
            symbol: self.symbol,
            direction: self.direction.0,
            asset_type: self.asset_type.0,
            option_type: self.option_type.map(|word| word.0),
            quantity: bare(self.quantity),
            multiplier: bare(self.multiplier),
            entry_price: bare(self.entry_price),
            exit_price: bare(self.exit_price),
            entry_at: self.entry_at,
            exit_at: self.exit_at,
            stop_loss: bare(self.stop_loss),
            take_profit: bare(self.take_profit),
            fees: bare(self.fees),
            swap: bare(self.swap),
            broker_pnl: bare(self.pnl),
            mae: bare(self.mae),
            mfe: bare(self.mfe),
            external_id: self.external_id,
            tags: self.tags,
            notes: self.notes,
            executions: self.executions.into_iter().map(Into::into).collect(),
        }
    }
}

/// What of a trade changes. Of trades from machines only `tags` and `notes` may.
///
/// Null removes a value; a `pnl` of null lets it be computed. Whoever changes
/// size, prices or times without `executions` replaces those by one entry and
/// one exit. A multiplier that was the usual one goes with instrument and kind,
/// the broker's result with the exit.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PatchTrade {
    #[schema(value_type = Option<TradeSymbol>)]
    pub symbol: Option<String>,
    pub direction: Option<DirectionWord>,
    pub asset_type: Option<AssetTypeWord>,
    #[serde(default)]
    #[schema(value_type = Option<OptionTypeWord>)]
    pub option_type: Patched<OptionTypeWord>,
    #[schema(value_type = Option<TradeSize>)]
    pub quantity: Option<Figure>,
    #[serde(default)]
    #[schema(value_type = Option<TradeSize>)]
    pub multiplier: Patched<Figure>,
    #[schema(value_type = Option<TradeFigure>)]
    pub entry_price: Option<Figure>,
    #[serde(default)]
    #[schema(value_type = Option<TradeFigure>)]
    pub exit_price: Patched<Figure>,
    pub entry_at: Option<DateTime<Utc>>,
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub exit_at: Patched<DateTime<Utc>>,
    #[serde(default)]
    #[schema(value_type = Option<TradeSize>)]
    pub stop_loss: Patched<Figure>,
    #[serde(default)]
    #[schema(value_type = Option<TradeSize>)]
    pub take_profit: Patched<Figure>,
    #[schema(value_type = Option<TradeFigure>)]
    pub fees: Option<Figure>,
    #[schema(value_type = Option<TradeFigure>)]
    pub swap: Option<Figure>,
    #[serde(default)]
    #[schema(value_type = Option<TradeFigure>)]
    pub pnl: Patched<Figure>,
    #[serde(default)]
    #[schema(value_type = Option<TradeFigure>)]
    pub mae: Patched<Figure>,
    #[serde(default)]
    #[schema(value_type = Option<TradeFigure>)]
    pub mfe: Patched<Figure>,
    #[schema(value_type = Option<Vec<Tag>>, max_items = 20)]
    pub tags: Option<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<TradeNotes>)]
    pub notes: Patched<String>,
    #[schema(max_items = 200)]
    pub executions: Option<Vec<NewExecution>>,
}

impl PatchTrade {
    /// Whether it says more than a person may say about any trade.
    pub const fn alters(&self) -> bool {
        self.symbol.is_some()
            || self.direction.is_some()
            || self.asset_type.is_some()
            || self.option_type.is_named()
            || self.multiplier.is_named()
            || self.stop_loss.is_named()
            || self.take_profit.is_named()
            || self.fees.is_some()
            || self.swap.is_some()
            || self.pnl.is_named()
            || self.mae.is_named()
            || self.mfe.is_named()
            || self.executions.is_some()
            || self.reshapes()
    }

    /// Whether it says, or lets follow, how many units one of the size is. Of
    /// contracts for difference a name tells nothing: each broker has its own.
    pub const fn names_units(&self, kind: AssetType) -> bool {
        let is_told_by_name = self.symbol.is_some() && !matches!(kind, AssetType::Cfd);
        is_told_by_name || self.asset_type.is_some() || self.multiplier.is_named()
    }

    /// Whether it says what executions say.
    const fn reshapes(&self) -> bool {
        self.direction.is_some()
            || self.quantity.is_some()
            || self.entry_price.is_some()
            || self.exit_price.is_named()
            || self.entry_at.is_some()
            || self.exit_at.is_named()
    }

    /// `draft` with what this says.
    pub fn over(self, mut draft: Draft) -> Draft {
        let bare = |figure: Figure| figure.0;
        let is_reopened = self.exit_at.is_named() && self.exit_at.set().is_none();
        if self.reshapes() {
            draft.executions.clear();
        }
        if let Some(fills) = self.executions {
            draft.executions = fills.into_iter().map(Into::into).collect();
            draft.fees = None;
        }
        let usual = multiplier::default(draft.asset_type, &draft.symbol);
        if (self.symbol.is_some() || self.asset_type.is_some()) && draft.multiplier == usual {
            // Nobody named it: another instrument has its own.
            draft.multiplier = None;
        }
        draft.symbol = self.symbol.unwrap_or(draft.symbol);
        draft.direction = self.direction.map_or(draft.direction, |word| word.0);
        draft.asset_type = self.asset_type.map_or(draft.asset_type, |word| word.0);
        draft.option_type = self.option_type.over(draft.option_type, |word| word.0);
        draft.quantity = self.quantity.map(bare).or(draft.quantity);
        draft.multiplier = self.multiplier.over(draft.multiplier, bare);
        draft.entry_price = self.entry_price.map(bare).or(draft.entry_price);
        draft.exit_price = self.exit_price.over(draft.exit_price, bare);
        draft.entry_at = self.entry_at.or(draft.entry_at);
        draft.exit_at = self.exit_at.over(draft.exit_at, |at| at);
        draft.stop_loss = self.stop_loss.over(draft.stop_loss, bare);
        draft.take_profit = self.take_profit.over(draft.take_profit, bare);
        draft.fees = self.fees.map(bare).or(draft.fees);
        draft.swap = self.swap.map(bare).or(draft.swap);
        if is_reopened || is_open_by_fills(&draft) {
            draft.broker_pnl = None;
        }
        draft.broker_pnl = self.pnl.over(draft.broker_pnl, bare);
        draft.mae = self.mae.over(draft.mae, bare);
        draft.mfe = self.mfe.over(draft.mfe, bare);
        draft.tags = self.tags.unwrap_or(draft.tags);
        draft.notes = self.notes.over(draft.notes, |notes| notes);
        draft
    }
}

/// Whether its fills leave something of the position.
fn is_open_by_fills(draft: &Draft) -> bool {
    fills::position(draft.direction, &draft.executions).is_ok_and(|position| position.exit_at.is_none())
}

/// Tags of many trades at once.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct TagTrades {
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 500)]
    #[garde(length(min = 1, max = MOST_AT_ONCE))]
    pub ids: Vec<TradeId>,
    /// Put on each.
    #[serde(default)]
    #[schema(value_type = Vec<Tag>, max_items = 20)]
    pub add: Vec<String>,
    /// Taken off each.
    #[serde(default)]
    #[schema(value_type = Vec<Tag>, max_items = 20)]
    pub remove: Vec<String>,
}

/// Trades to delete at once.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct DeleteTrades {
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 500)]
    #[garde(length(min = 1, max = MOST_AT_ONCE))]
    pub ids: Vec<TradeId>,
}

/// What became of a bulk edit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulkAnswer {
    /// How many were changed or deleted.
    pub changed: usize,
    /// How many were left as they are: foreign, unchanged, full of tags, or
    /// from machines and not to be deleted.
    pub skipped: usize,
}
