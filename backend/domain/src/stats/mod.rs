//! What closed trades say about who traded.
//!
//! All figures come from one pass over the trades in order of exit
//! ([`Statistics`]). A ratio that is undefined is `None`, never zero.
//!
//! | figure | definition | source |
//! | --- | --- | --- |
//! | total % | sum of results / starting balance | usual |
//! | today % | sum of today's results / equity when today began, by the trader's clock | usual |
//! | win rate | wins / trades; zero is neither won nor lost | usual |
//! | profit factor | gross profit / \|gross loss\| | MetaTrader report |
//! | expectancy | sum of results / trades | Tharp, in money |
//! | payoff | average win / \|average loss\| | MetaTrader report |
//! | R | see [`crate::trade::profit::r_multiple`] | Tharp |
//! | drawdown | see [`drawdown`] | empyrical |
//! | its duration | from the peak to the exit that reaches it again, or to the last exit | as in pyfolio's table of drawdowns |
//! | streak | most wins, or losses, one after another by exit; zero ends both | MetaTrader report |
//! | average holding | sum of (last exit − first entry) / trades | usual |
//! | daily return | result of trades closed that day / equity before it; Mondays to Fridays from the first exit to the last, and weekend days with an exit | empyrical on such a series |
//! | Sharpe, Sortino | see [`ratios`] | empyrical |
//! | exposure | time with an open trade / first entry to last exit | usual |
//! | weekday, hour | of the entry, by the trader's clock | usual |
//! | day | of the exit, by the trader's clock | usual |
//! | distributions | trades by R in bins of half an R, by result in bins of one unit; widths double until 64 bins are enough | ours |
//! | sample | every so manieth trade in order of exit, with the best and the worst, see [`sample`] | ours |
//! | other currencies | each trade by the rate of its day, see [`rates`] | usual |

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::risk::day::DayError;
use crate::stats::clock::LocalClock;
use crate::stats::curve::Point;
use crate::stats::drawdown::Drawdown;
use crate::stats::histogram::Bin;
use crate::stats::sample::Sampled;
use crate::stats::slice::Slice;

pub use pass::Statistics;

pub mod clock;
pub mod curve;
pub mod drawdown;
mod exposure;
pub mod histogram;
mod pass;
pub mod rates;
pub mod ratios;
pub mod sample;
pub mod slice;
mod streak;

/// Stands for all symbols past the thousandth.
pub const OTHER_SYMBOLS: &str = "*";

/// Why there are no statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatsError {
    /// A sum does not fit.
    #[error("a figure is out of all bounds")]
    OutOfRange,
    /// A time does not exist.
    #[error(transparent)]
    Day(#[from] DayError),
}

/// A trade that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedTrade<'a> {
    /// Instrument.
    pub symbol: &'a str,
    /// First entry.
    pub entry_at: DateTime<Utc>,
    /// Last exit.
    pub exit_at: DateTime<Utc>,
    /// Result, all of one currency.
    pub pnl: Decimal,
    /// Result in multiples of what was risked, if that is known.
    pub r: Option<Decimal>,
}

/// What statistics depend on besides the trades.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The trader's clock.
    pub clock: LocalClock,
    /// Today on that clock.
    pub today: NaiveDate,
    /// Balance before the first trade, if known: what percentages refer to.
    pub starting_balance: Option<Decimal>,
    /// Points of the curve; at most twice as many are returned.
    pub points: usize,
}

/// All figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// All trades together.
    pub whole: Slice,
    /// Neither won nor lost.
    pub breakeven: u64,
    /// [`Slice::pnl`] as a fraction of the starting balance.
    pub total_pnl_percent: Option<Decimal>,
    /// Trades closed today.
    pub today: Slice,
    /// Today's result as a fraction of equity when the day began.
    pub today_pnl_percent: Option<Decimal>,
    /// Sum of wins.
    pub gross_profit: Decimal,
    /// Sum of losses; zero or less.
    pub gross_loss: Decimal,
    /// What was won for each unit that was lost.
    pub profit_factor: Option<Decimal>,
    /// Average result.
    pub expectancy: Option<Decimal>,
    /// Average of wins.
    pub average_win: Option<Decimal>,
    /// Average of losses; below zero.
    pub average_loss: Option<Decimal>,
    /// Average win over average loss, without sign.
    pub payoff: Option<Decimal>,
    /// Best result.
    pub best_trade: Option<Decimal>,
    /// Worst result.
    pub worst_trade: Option<Decimal>,
    /// Worst fall; `None` if equity never fell.
    pub max_drawdown: Option<Drawdown>,
    /// Most wins in a row.
    pub longest_win_streak: u64,
    /// Most losses in a row.
    pub longest_loss_streak: u64,
    /// Average time from entry to exit.
    pub average_holding: Option<TimeDelta>,
    /// Yearly, on daily returns.
    pub sharpe: Option<Decimal>,
    /// Yearly, on daily returns.
    pub sortino: Option<Decimal>,
    /// Average R of trades that have one.
    pub average_r: Option<Decimal>,
    /// Part of the time with an open trade.
    pub exposure: Option<Decimal>,
    /// By instrument, in order of their names.
    pub by_symbol: Vec<(String, Slice)>,
    /// By weekday of entry, 0 is Monday.
    pub by_weekday: Vec<(u8, Slice)>,
    /// By hour of entry.
    pub by_hour: Vec<(u8, Slice)>,
    /// By date of exit.
    pub days: Vec<(NaiveDate, Slice)>,
    /// Day with the best result.
    pub best_day: Option<(NaiveDate, Decimal)>,
    /// Day with the worst result.
    pub worst_day: Option<(NaiveDate, Decimal)>,
    /// How often which R, in bins of half an R or wider.
    pub r_distribution: Vec<Bin>,
    /// How often which result.
    pub pnl_distribution: Vec<Bin>,
    /// Equity after trades, or the sum of results where the start is unknown.
    pub curve: Vec<Point>,
    /// At most 500 trades, evenly out of all of them, with the best and the worst.
    pub sample: Vec<Sampled>,
}
