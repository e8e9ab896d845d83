use chrono::{DateTime, NaiveDate, Utc};
use flotilla_domain::id::{AccountId, GroupId};
use flotilla_domain::stats::Summary;
use flotilla_domain::stats::curve::Point;
use flotilla_domain::stats::drawdown::Drawdown;
use flotilla_domain::stats::histogram::Bin;
use flotilla_domain::stats::slice::Slice;
use flotilla_store::portfolio::PortfolioSummary;
use flotilla_store::stats::Standing;
use flotilla_store::trades::TradeFilter;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::figure::Figure;
use crate::dto::sampled::SampledDto;
use crate::error::{ApiError, ApiResult};

/// Points of a curve unless asked otherwise.
pub const USUAL_POINTS: usize = 200;

/// Whose trades, and of when. Closed trades count by their exit.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// Accounts of this group.
    #[param(value_type = Option<Uuid>)]
    pub group_id: Option<GroupId>,
    #[param(pattern = r"^[^\x00]*$")]
    pub tag: Option<String>,
    #[param(pattern = r"^[^\x00]*$")]
    pub symbol: Option<String>,
    /// Closed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Closed before.
    pub to: Option<DateTime<Utc>>,
    /// Points of the curve, 10 to 1,000; 200 unless given. Up to twice as many come.
    #[param(minimum = 10, maximum = 1000)]
    pub points: Option<usize>,
    /// Whether `scatter` is wanted.
    #[serde(default)]
    pub scatter: bool,
    /// Tell all money in this currency, each trade by the rate of the day of its exit. Trades without a rate are
    /// left out and counted.
    #[param(example = "USD", pattern = "^[A-Z0-9]{2,10}$")]
    pub currency: Option<String>,
}

impl StatsQuery {
    /// How many points the curve should have.
    ///
    /// # Errors
    ///
    /// 422 outside of 10 to 1,000.
    pub fn points(&self) -> ApiResult<usize> {
        match self.points.unwrap_or(USUAL_POINTS) {
            points @ 10..=1_000 => Ok(points),
            _ => Err(ApiError::field("points", "out_of_range", "use 10 to 1000")),
        }
    }

    pub fn filter(self) -> TradeFilter {
        TradeFilter {
            group: self.group_id,
            tag: self.tag,
            symbol: self.symbol,
            from: self.from,
            to: self.to,
            ..TradeFilter::default()
        }
    }
}

/// Which trades are compared. Closed trades count by their exit.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompareQuery {
    #[param(pattern = r"^[^\x00]*$")]
    pub tag: Option<String>,
    /// Closed at or after.
    pub from: Option<DateTime<Utc>>,
    /// Closed before.
    pub to: Option<DateTime<Utc>>,
    /// Tell all money in this currency, each trade by the rate of the day of its exit. Trades without a rate are
    /// left out and counted.
    #[param(example = "USD", pattern = "^[A-Z0-9]{2,10}$")]
    pub currency: Option<String>,
}

impl CompareQuery {
    pub fn filter(&self) -> TradeFilter {
        TradeFilter { tag: self.tag.clone(), from: self.from, to: self.to, ..TradeFilter::default() }
    }
}

/// What closed trades say. Ratios are fractions; what is undefined is null.
///
/// Amounts of several currencies are never added up: then `currency` and all
/// amounts are null, and `totals` has one entry for each currency. Asked for in
/// one currency, all but `totals` is told in it: a trade by the rate of the day
/// of its exit, a starting balance by that of the account's first entry, balance
/// and equity by that of today; of earlier rates the latest counts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Stats)]
pub struct StatsDto {
    pub currency: Option<String>,
    pub accounts: usize,
    /// As reported, else what the accounts began with and their closed trades brought, of all times; null where
    /// neither is known of one.
    pub balance: Option<Figure>,
    /// As reported, else the balance.
    pub equity: Option<Figure>,
    pub starting_balance: Option<Figure>,
    /// Zone of `days`, `by_weekday`, `by_hour` and of today.
    pub time_zone: String,
    pub trades: u64,
    pub open_trades: i64,
    /// Closed trades whose result nobody reported; they count nowhere else.
    pub unknown_trades: u64,
    /// Closed trades without a rate; they count in `totals` and nowhere else.
    pub unconverted_trades: u64,
    /// What has to be given for all money to be told in the currency asked for.
    pub missing_rates: Vec<MissingRate>,
    pub wins: u64,
    pub losses: u64,
    pub breakeven: u64,
    pub win_rate: Option<Figure>,
    pub total_pnl: Option<Figure>,
    /// Of the starting balance.
    pub total_pnl_percent: Option<Figure>,
    pub today_trades: u64,
    pub today_pnl: Option<Figure>,
    /// Of equity when the day began.
    pub today_pnl_percent: Option<Figure>,
    pub gross_profit: Option<Figure>,
    /// Zero or less.
    pub gross_loss: Option<Figure>,
    pub profit_factor: Option<Figure>,
    pub expectancy: Option<Figure>,
    pub average_win: Option<Figure>,
    pub average_loss: Option<Figure>,
    pub payoff: Option<Figure>,
    pub best_trade: Option<Figure>,
    pub worst_trade: Option<Figure>,
    pub max_drawdown: Option<DrawdownDto>,
    pub longest_win_streak: u64,
    pub longest_loss_streak: u64,
    pub average_holding_s: Option<i64>,
    pub sharpe: Option<Figure>,
    pub sortino: Option<Figure>,
    pub average_r: Option<Figure>,
    /// Part of the time with an open trade.
    pub exposure: Option<Figure>,
    pub best_day: Option<DayDto>,
    pub worst_day: Option<DayDto>,
    pub by_symbol: Vec<SymbolSlice>,
    /// By entry; 0 is Monday.
    pub by_weekday: Vec<WeekdaySlice>,
    /// By entry.
    pub by_hour: Vec<HourSlice>,
    /// By exit.
    pub days: Vec<DayDto>,
    pub r_distribution: Vec<BinDto>,
    pub pnl_distribution: Vec<BinDto>,
    /// Equity after trades; the sum of results where the starting balance is
    /// unknown. Down-sampled: each point ends a stretch and has its extremes.
    pub curve: Vec<PointDto>,
    /// At most 500 trades in order of exit, evenly out of all of them, with the best and the worst; empty unless asked
    /// for.
    pub scatter: Vec<SampledDto>,
    pub totals: Vec<TotalDto>,
}

/// A rate that was asked for and is not there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MissingRate {
    pub currency: String,
    pub base_currency: String,
    /// The first day that asks for it; a rate of that day is enough for all later ones.
    pub from: NaiveDate,
}

/// The worst fall of equity.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StatsDrawdown)]
pub struct DrawdownDto {
    pub money: Option<Figure>,
    /// Of its peak; the largest such fraction, which may be another fall than that of `money`.
    pub percent: Option<Figure>,
    /// Null where that is the start.
    pub peak_at: Option<DateTime<Utc>>,
    pub trough_at: DateTime<Utc>,
    pub recovered_at: Option<DateTime<Utc>>,
    /// From peak to recovery, or to the last trade.
    pub duration_s: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SymbolSlice {
    pub symbol: String,
    pub trades: u64,
    pub wins: u64,
    pub losses: u64,
    pub win_rate: Option<Figure>,
    pub pnl: Option<Figure>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WeekdaySlice {
    pub weekday: u8,
    pub trades: u64,
    pub wins: u64,
    pub losses: u64,
    pub pnl: Option<Figure>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HourSlice {
    pub hour: u8,
    pub trades: u64,
    pub wins: u64,
    pub losses: u64,
    pub pnl: Option<Figure>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StatsDay)]
pub struct DayDto {
    pub date: NaiveDate,
    pub trades: u64,
    pub pnl: Option<Figure>,
}

/// Trades from `from` to just below `to`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StatsBin)]
pub struct BinDto {
    pub from: Figure,
    pub to: Figure,
    pub trades: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StatsPoint)]
pub struct PointDto {
    pub at: DateTime<Utc>,
    pub value: Figure,
    pub low: Figure,
    pub high: Figure,
    /// `value` as a fraction of the starting balance.
    pub of_start: Option<Figure>,
}

/// What the accounts of one currency brought.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StatsTotal)]
pub struct TotalDto {
    pub currency: String,
    pub accounts: usize,
    pub balance: Option<Figure>,
    pub equity: Option<Figure>,
    pub trades: u64,
    pub wins: u64,
    pub losses: u64,
    pub total_pnl: Figure,
}

/// Accounts side by side.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StatsComparison {
    pub items: Vec<ComparedAccount>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComparedAccount {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub name: String,
    pub capital_level: Option<String>,
    pub stats: StatsDto,
}

/// Headline figures, one entry for each currency. Statistics tell them in one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Portfolio {
    pub items: Vec<PortfolioEntry>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PortfolioEntry {
    pub currency: String,
    pub accounts: i64,
    pub starting_balance: Option<Figure>,
    /// As statistics have it.
    pub balance: Option<Figure>,
    pub equity: Option<Figure>,
    pub trades: i64,
    pub open_trades: i64,
    pub wins: i64,
    pub losses: i64,
    pub win_rate: Option<Figure>,
    pub total_pnl: Figure,
    /// Of the starting balances, if all are known.
    pub total_pnl_percent: Option<Figure>,
    /// By the owner's clock.
    pub today_trades: i64,
    pub today_pnl: Figure,
}

impl From<PortfolioSummary> for PortfolioEntry {
    fn from(row: PortfolioSummary) -> Self {
        Self {
            currency: row.currency,
            accounts: row.accounts,
            starting_balance: row.starting_balance.map(Figure),
            balance: row.balance.map(Figure),
            equity: row.equity.map(Figure),
            trades: row.trades,
            open_trades: row.open_trades,
            wins: row.wins,
            losses: row.losses,
            win_rate: row.win_rate.map(Figure),
            total_pnl: Figure(row.total_pnl),
            total_pnl_percent: row.total_pnl_percent.map(Figure),
            today_trades: row.today_trades,
            today_pnl: Figure(row.today_pnl),
        }
    }
}

/// What figures are shown with.
pub struct Shown {
    /// `None` where there are several.
    pub currency: Option<String>,
    pub time_zone: String,
    pub open_trades: i64,
    pub unknown_trades: u64,
    pub unconverted_trades: u64,
    pub missing_rates: Vec<MissingRate>,
    pub starting_balance: Option<Decimal>,
    pub totals: Vec<TotalDto>,
}

/// A sum of what is known of each; `None` as soon as one is not.
pub fn sum(accounts: &[Standing], of: impl Fn(&Standing) -> Option<Decimal>) -> Option<Decimal> {
    if accounts.is_empty() {
        return None;
    }
    accounts.iter().try_fold(Decimal::ZERO, |sum, account| sum.checked_add(of(account)?))
}

/// Hides amounts that were added up over several currencies.
struct Money(bool);

impl Money {
    fn of(&self, figure: impl Into<Option<Decimal>>) -> Option<Figure> {
        figure.into().filter(|_| self.0).map(Figure)
    }

    fn drawdown(&self, fall: &Drawdown) -> DrawdownDto {
        DrawdownDto {
            money: self.of(fall.money),
            percent: self.of(fall.percent),
            peak_at: fall.peak_at,
            trough_at: fall.trough_at,
            recovered_at: fall.recovered_at,
            duration_s: fall.lasted.num_seconds(),
        }
    }

    fn day(&self, (date, slice): &(NaiveDate, Slice)) -> DayDto {
        DayDto { date: *date, trades: slice.trades, pnl: self.of(slice.pnl) }
    }

    fn bins(&self, bins: &[Bin]) -> Vec<BinDto> {
        let bin = |bin: &Bin| BinDto { from: Figure(bin.from), to: Figure(bin.to), trades: bin.trades };
        bins.iter().filter(|_| self.0).map(bin).collect()
    }

    fn curve(&self, points: &[Point], start: Option<Decimal>) -> Vec<PointDto> {
        let point = |point: &Point| PointDto {
            at: point.at,
            value: Figure(point.value),
            low: Figure(point.low),
            high: Figure(point.high),
            of_start: start
                .and_then(|start| point.value.checked_div(start))
                .map(|part| Figure(part.round_dp(6))),
        };
        points.iter().filter(|_| self.0).map(point).collect()
    }

    fn symbols(&self, slices: &[(String, Slice)]) -> Vec<SymbolSlice> {
        let slice = |(symbol, slice): &(String, Slice)| SymbolSlice {
            symbol: symbol.clone(),
            trades: slice.trades,
            wins: slice.wins,
            losses: slice.losses,
            win_rate: slice.win_rate().map(Figure),
            pnl: self.of(slice.pnl),
        };
        slices.iter().map(slice).collect()
    }

    fn weekdays(&self, slices: &[(u8, Slice)]) -> Vec<WeekdaySlice> {
        let slice = |(weekday, slice): &(u8, Slice)| WeekdaySlice {
            weekday: *weekday,
            trades: slice.trades,
            wins: slice.wins,
            losses: slice.losses,
            pnl: self.of(slice.pnl),
        };
        slices.iter().map(slice).collect()
    }

    fn hours(&self, slices: &[(u8, Slice)]) -> Vec<HourSlice> {
        let slice = |(hour, slice): &(u8, Slice)| HourSlice {
            hour: *hour,
            trades: slice.trades,
            wins: slice.wins,
            losses: slice.losses,
            pnl: self.of(slice.pnl),
        };
        slices.iter().map(slice).collect()
    }
}

impl StatsDto {
    pub fn new(summary: &Summary, accounts: &[Standing], shown: Shown) -> Self {
        let money = Money(shown.currency.is_some() || accounts.is_empty());
        let whole = summary.whole;
        let day_of = |day: Option<(NaiveDate, Decimal)>| {
            let (date, _) = day.filter(|_| money.0)?;
            summary.days.iter().find(|(other, _)| *other == date).map(|day| money.day(day))
        };
        Self {
            accounts: accounts.len(),
            balance: money.of(sum(accounts, |account| account.balance)),
            equity: money.of(sum(accounts, |account| account.equity)),
            starting_balance: money.of(shown.starting_balance),
            trades: whole.trades,
            wins: whole.wins,
            losses: whole.losses,
            breakeven: summary.breakeven,
            win_rate: whole.win_rate().map(Figure),
            total_pnl: money.of(whole.pnl),
            total_pnl_percent: money.of(summary.total_pnl_percent),
            today_trades: summary.today.trades,
            today_pnl: money.of(summary.today.pnl),
            today_pnl_percent: money.of(summary.today_pnl_percent),
            gross_profit: money.of(summary.gross_profit),
            gross_loss: money.of(summary.gross_loss),
            profit_factor: money.of(summary.profit_factor),
            expectancy: money.of(summary.expectancy),
            average_win: money.of(summary.average_win),
            average_loss: money.of(summary.average_loss),
            payoff: money.of(summary.payoff),
            best_trade: money.of(summary.best_trade),
            worst_trade: money.of(summary.worst_trade),
            max_drawdown: summary.max_drawdown.as_ref().filter(|_| money.0).map(|fall| money.drawdown(fall)),
            longest_win_streak: summary.longest_win_streak,
            longest_loss_streak: summary.longest_loss_streak,
            average_holding_s: summary.average_holding.map(|held| held.num_seconds()),
            sharpe: money.of(summary.sharpe),
            sortino: money.of(summary.sortino),
            average_r: summary.average_r.map(Figure),
            exposure: summary.exposure.map(Figure),
            best_day: day_of(summary.best_day),
            worst_day: day_of(summary.worst_day),
            by_symbol: money.symbols(&summary.by_symbol),
            by_weekday: money.weekdays(&summary.by_weekday),
            by_hour: money.hours(&summary.by_hour),
            days: summary.days.iter().map(|day| money.day(day)).collect(),
            r_distribution: Money(true).bins(&summary.r_distribution),
            pnl_distribution: money.bins(&summary.pnl_distribution),
            curve: money.curve(&summary.curve, shown.starting_balance),
            scatter: summary.sample.iter().filter(|_| money.0).map(Into::into).collect(),
            currency: shown.currency,
            time_zone: shown.time_zone,
            open_trades: shown.open_trades,
            unknown_trades: shown.unknown_trades,
            unconverted_trades: shown.unconverted_trades,
            missing_rates: shown.missing_rates,
            totals: shown.totals,
        }
    }
}
