use chrono::{DateTime, Utc};
use flotilla_domain::trade::Trade;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;
use crate::dto::stats::{PointDto, StatsDto};
use crate::dto::words::DirectionWord;

/// What a link shows: no identifiers, no numbers of accounts, and names and money
/// only where its owner chose so. Parts that were not chosen are null.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedFigures {
    pub name: Option<String>,
    /// Names of accounts; empty unless chosen.
    pub accounts: Vec<String>,
    pub shows_money: bool,
    /// Trades closed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Trades closed before.
    pub to: Option<DateTime<Utc>>,
    /// What happened later is not shown.
    pub as_of: DateTime<Utc>,
    pub delay_minutes: i32,
    pub expires_at: DateTime<Utc>,
    /// Of all money but that of single trades; null for several.
    pub currency: Option<String>,
    pub statistics: Option<SharedStatistics>,
    /// After closed trades.
    pub curve: Option<Vec<SharedPoint>>,
    /// Closed last first, at most 100.
    pub trades: Option<Vec<SharedTrade>>,
    /// Entered last first, at most 200.
    pub positions: Option<Vec<SharedPosition>>,
}

/// Figures of closed trades. Ratios are fractions; what is undefined or not chosen is null.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedStatistics {
    pub trades: u64,
    pub wins: u64,
    pub losses: u64,
    pub win_rate: Option<Figure>,
    pub total_pnl: Option<Figure>,
    /// Of the starting balance.
    pub total_pnl_percent: Option<Figure>,
    pub profit_factor: Option<Figure>,
    pub payoff: Option<Figure>,
    pub expectancy: Option<Figure>,
    pub average_r: Option<Figure>,
    pub max_drawdown: Option<Figure>,
    /// Of its peak.
    pub max_drawdown_percent: Option<Figure>,
    pub sharpe: Option<Figure>,
    pub sortino: Option<Figure>,
    pub average_holding_s: Option<i64>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedPoint {
    pub at: DateTime<Utc>,
    pub value: Option<Figure>,
    /// `value` as a fraction of the starting balance.
    pub of_start: Option<Figure>,
}

/// A closed trade.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedTrade {
    pub symbol: String,
    pub direction: DirectionWord,
    pub entry_at: DateTime<Utc>,
    pub exit_at: Option<DateTime<Utc>>,
    pub entry_price: Option<Figure>,
    pub exit_price: Option<Figure>,
    pub quantity: Option<Figure>,
    pub pnl: Option<Figure>,
    /// Of `pnl`.
    pub currency: Option<String>,
    /// Result as a fraction of the account's starting balance.
    pub of_start: Option<Figure>,
    pub r_multiple: Option<Figure>,
}

/// What was open.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SharedPosition {
    pub symbol: String,
    pub direction: DirectionWord,
    pub entry_at: DateTime<Utc>,
    /// Average of what had been entered by then.
    pub entry_price: Option<Figure>,
}

impl SharedStatistics {
    /// Without money unless it is shown.
    pub fn new(stats: &StatsDto, shows_money: bool) -> Self {
        let money = |figure: Option<Figure>| figure.filter(|_| shows_money);
        let fall = stats.max_drawdown.as_ref();
        Self {
            trades: stats.trades,
            wins: stats.wins,
            losses: stats.losses,
            win_rate: stats.win_rate,
            total_pnl: money(stats.total_pnl),
            total_pnl_percent: stats.total_pnl_percent,
            profit_factor: stats.profit_factor,
            payoff: stats.payoff,
            expectancy: money(stats.expectancy),
            average_r: stats.average_r,
            max_drawdown: money(fall.and_then(|fall| fall.money)),
            max_drawdown_percent: fall.and_then(|fall| fall.percent),
            sharpe: stats.sharpe,
            sortino: stats.sortino,
            average_holding_s: stats.average_holding_s,
        }
    }
}

impl SharedPoint {
    /// A curve; nothing of it where neither money nor a fraction can be shown.
    pub fn curve(points: &[PointDto], shows_money: bool) -> Vec<Self> {
        let point = |point: &PointDto| Self {
            at: point.at,
            value: Some(point.value).filter(|_| shows_money),
            of_start: point.of_start,
        };
        points.iter().map(point).filter(|point| point.value.or(point.of_start).is_some()).collect()
    }
}

/// The money of a trade's account.
#[derive(Debug, Clone, Default)]
pub struct TradeBasis {
    pub currency: Option<String>,
    pub starting_balance: Option<Decimal>,
}

impl SharedTrade {
    /// Without money unless it is shown.
    pub fn new(trade: Trade, basis: TradeBasis, shows_money: bool) -> Self {
        let money = |figure: Option<Decimal>| figure.filter(|_| shows_money).map(Figure);
        let of_start = trade.pnl.and_then(|pnl| pnl.checked_div(basis.starting_balance?));
        Self {
            r_multiple: trade.r_multiple().map(Figure),
            direction: trade.direction.into(),
            entry_at: trade.entry_at,
            exit_at: trade.exit_at,
            entry_price: trade.entry_price.map(Figure),
            exit_price: trade.exit_price.map(Figure),
            quantity: money(Some(trade.quantity)),
            pnl: money(trade.pnl),
            currency: basis.currency.filter(|_| shows_money),
            of_start: of_start.map(|part| Figure(part.round_dp(6))),
            symbol: trade.symbol,
        }
    }
}

impl SharedPosition {
    /// As it was at `as_of`.
    pub fn new(trade: Trade, as_of: DateTime<Utc>) -> Self {
        Self {
            direction: trade.direction.into(),
            entry_at: trade.entry_at,
            entry_price: trade.entry_price_at(as_of).map(Figure),
            symbol: trade.symbol,
        }
    }
}
