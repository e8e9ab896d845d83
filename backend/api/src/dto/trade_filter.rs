use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, GroupId};
use flotilla_store::trades::{SortKey, TradeFilter, TradeResult};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::dto::words::{DirectionWord, TradeSourceWord, TradeStatusWord};

/// How a trade ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TradeResultWord {
    Win,
    Loss,
    Breakeven,
}

impl From<TradeResultWord> for TradeResult {
    fn from(word: TradeResultWord) -> Self {
        match word {
            TradeResultWord::Win => Self::Win,
            TradeResultWord::Loss => Self::Loss,
            TradeResultWord::Breakeven => Self::Breakeven,
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
    #[serde(rename = "symbol")]
    FirstSymbol,
    #[serde(rename = "-symbol")]
    LastSymbol,
    #[serde(rename = "-pnl")]
    BestResult,
    #[serde(rename = "pnl")]
    WorstResult,
}

impl TradeSort {
    /// By what, and whether the last comes first.
    pub const fn order(self) -> (SortKey, bool) {
        match self {
            Self::NewestEntry => (SortKey::Entry, true),
            Self::OldestEntry => (SortKey::Entry, false),
            Self::NewestExit => (SortKey::Exit, true),
            Self::OldestExit => (SortKey::Exit, false),
            Self::FirstSymbol => (SortKey::Symbol, false),
            Self::LastSymbol => (SortKey::Symbol, true),
            Self::BestResult => (SortKey::Pnl, true),
            Self::WorstResult => (SortKey::Pnl, false),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TradeQuery {
    /// At most 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
    #[param(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    /// Accounts of this group.
    #[param(value_type = Option<Uuid>)]
    pub group_id: Option<GroupId>,
    #[param(pattern = r"^[^\x00]*$")]
    pub symbol: Option<String>,
    #[param(value_type = Option<DirectionWord>)]
    pub direction: Option<DirectionWord>,
    #[param(value_type = Option<TradeStatusWord>)]
    pub status: Option<TradeStatusWord>,
    #[param(value_type = Option<TradeSourceWord>)]
    pub source: Option<TradeSourceWord>,
    #[param(pattern = r"^[^\x00]*$")]
    pub tag: Option<String>,
    /// Of closed trades.
    #[param(inline)]
    pub result: Option<TradeResultWord>,
    /// Entered at or after.
    pub from: Option<DateTime<Utc>>,
    /// Entered before.
    pub to: Option<DateTime<Utc>>,
    /// Over at or after.
    pub closed_from: Option<DateTime<Utc>>,
    /// Over before.
    pub closed_to: Option<DateTime<Utc>>,
    /// Only of accounts that statistics count: without archived ones, unless an account or a group is named.
    #[serde(default)]
    pub counted: bool,
    /// Only of accounts that statistics count in this currency.
    #[param(example = "USD", pattern = "^[A-Z0-9]{2,10}$")]
    pub currency: Option<String>,
    /// `-entry_at` unless given. Open trades count as leaving last, and those
    /// without a result as the worst.
    #[serde(default)]
    #[param(inline)]
    pub sort: TradeSort,
}

impl TradeQuery {
    pub fn filter(&self) -> TradeFilter {
        TradeFilter {
            accounts: self.account_id.map(|account| vec![account]),
            group: self.group_id,
            symbol: self.symbol.clone(),
            direction: self.direction.map(|word| word.0),
            status: self.status.map(|word| word.0),
            source: self.source.map(|word| word.0),
            tag: self.tag.clone(),
            result: self.result.map(Into::into),
            from: self.from,
            to: self.to,
            closed_from: self.closed_from,
            closed_to: self.closed_to,
        }
    }
}

/// The list without its pages.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    #[param(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    /// Accounts of this group.
    #[param(value_type = Option<Uuid>)]
    pub group_id: Option<GroupId>,
    #[param(pattern = r"^[^\x00]*$")]
    pub symbol: Option<String>,
    #[param(value_type = Option<DirectionWord>)]
    pub direction: Option<DirectionWord>,
    #[param(value_type = Option<TradeStatusWord>)]
    pub status: Option<TradeStatusWord>,
    #[param(value_type = Option<TradeSourceWord>)]
    pub source: Option<TradeSourceWord>,
    #[param(pattern = r"^[^\x00]*$")]
    pub tag: Option<String>,
    /// Of closed trades.
    #[param(inline)]
    pub result: Option<TradeResultWord>,
    /// Entered at or after.
    pub from: Option<DateTime<Utc>>,
    /// Entered before.
    pub to: Option<DateTime<Utc>>,
    /// Over at or after.
    pub closed_from: Option<DateTime<Utc>>,
    /// Over before.
    pub closed_to: Option<DateTime<Utc>>,
}

impl ExportQuery {
    pub fn filter(self) -> TradeFilter {
        TradeFilter {
            accounts: self.account_id.map(|account| vec![account]),
            group: self.group_id,
            symbol: self.symbol,
            direction: self.direction.map(|word| word.0),
            status: self.status.map(|word| word.0),
            source: self.source.map(|word| word.0),
            tag: self.tag,
            result: self.result.map(Into::into),
            from: self.from,
            to: self.to,
            closed_from: self.closed_from,
            closed_to: self.closed_to,
        }
    }
}
