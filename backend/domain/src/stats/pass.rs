//! The one pass over the trades.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use rust_decimal::Decimal;

use crate::stats::curve::Sampler;
use crate::stats::exposure::Exposure;
use crate::stats::histogram::Histogram;
use crate::stats::sample::Sample;
use crate::stats::slice::Slice;
use crate::stats::streak::Streaks;
use crate::stats::{ClosedTrade, OTHER_SYMBOLS, Setting, StatsError, Summary, drawdown, ratios};

/// Days for which returns are computed at most: about a hundred years.
const MOST_DAYS: usize = 36_600;
/// Symbols that are told apart at most; further ones count as [`OTHER_SYMBOLS`].
const MOST_SYMBOLS: usize = 1_000;
/// Half an R.
const R_WIDTH: Decimal = Decimal::from_parts(5, 0, 0, false, 1);

/// Takes trades one by one and holds no more than sums and a sample.
pub struct Statistics {
    setting: Setting,
    whole: Slice,
    won: Decimal,
    lost: Decimal,
    best: Option<Decimal>,
    worst: Option<Decimal>,
    streaks: Streaks,
    held: TimeDelta,
    multiples: (u64, Decimal),
    exposure: Exposure,
    equity: drawdown::Follower,
    by_symbol: BTreeMap<String, Slice>,
    by_weekday: BTreeMap<u8, Slice>,
    by_hour: BTreeMap<u8, Slice>,
    days: BTreeMap<NaiveDate, Slice>,
    r_distribution: Histogram,
    pnl_distribution: Histogram,
    curve: Sampler,
    sample: Sample,
}

impl Statistics {
    /// Of no trade yet.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        Self {
            whole: Slice::default(),
            won: Decimal::ZERO,
            lost: Decimal::ZERO,
            best: None,
            worst: None,
            streaks: Streaks::default(),
            held: TimeDelta::zero(),
            multiples: (0, Decimal::ZERO),
            exposure: Exposure::default(),
            equity: drawdown::Follower::new(setting.starting_balance),
            by_symbol: BTreeMap::new(),
            by_weekday: BTreeMap::new(),
            by_hour: BTreeMap::new(),
            days: BTreeMap::new(),
            r_distribution: Histogram::new(R_WIDTH),
            pnl_distribution: Histogram::new(Decimal::ONE),
            curve: Sampler::new(setting.points),
            sample: Sample::new(),
            setting,
        }
    }

    /// Takes the next trade, in order of exit.
    ///
    /// # Errors
    ///
    /// [`StatsError`] when a figure is out of bounds; then these statistics are of no use.
    pub fn push(&mut self, trade: &ClosedTrade<'_>) -> Result<(), StatsError> {
        let entered = self.setting.clock.show(trade.entry_at)?;
        let left = self.setting.clock.show(trade.exit_at)?;
        let slices = [
            &mut self.whole,
            self.by_weekday.entry(entered.weekday).or_default(),
            self.by_hour.entry(entered.hour).or_default(),
            self.days.entry(left.date).or_default(),
            of_symbol(&mut self.by_symbol, trade.symbol),
        ];
        for slice in slices {
            slice.push(trade.pnl).ok_or(StatsError::OutOfRange)?;
        }
        self.add(trade).ok_or(StatsError::OutOfRange)
    }

    fn add(&mut self, trade: &ClosedTrade<'_>) -> Option<()> {
        let pnl = trade.pnl;
        self.won = self.won.checked_add(pnl.max(Decimal::ZERO))?;
        self.lost = self.lost.checked_add(pnl.min(Decimal::ZERO))?;
        self.best = self.best.max(Some(pnl));
        self.worst = Some(self.worst.map_or(pnl, |worst| worst.min(pnl)));
        self.streaks.push(pnl);
        self.held = self.held.checked_add(&trade.exit_at.signed_duration_since(trade.entry_at))?;
        self.exposure.push(trade.entry_at, trade.exit_at);
        self.equity.push((trade.entry_at, trade.exit_at), pnl)?;
        self.curve.push(trade.exit_at, self.equity.equity());
        self.pnl_distribution.push(pnl)?;
        self.sample.push(trade);
        if let Some(r) = trade.r {
            let (count, sum) = self.multiples;
            self.multiples = (count.checked_add(1)?, sum.checked_add(r)?);
            self.r_distribution.push(r)?;
        }
        Some(())
    }

    /// All figures of the trades so far.
    #[must_use]
    pub fn finish(self) -> Summary {
        let whole = self.whole;
        let returns = self.returns();
        let starts_at = self.setting.starting_balance.filter(|balance| *balance > Decimal::ZERO);
        let today = self.days.get(&self.setting.today).copied().unwrap_or_default();
        let (average_win, average_loss) = (average(self.won, whole.wins), average(self.lost, whole.losses));
        let days = || self.days.iter().map(|(date, slice)| (*date, slice.pnl));
        Summary {
            breakeven: whole.trades.saturating_sub(whole.wins).saturating_sub(whole.losses),
            total_pnl_percent: ratio(Some(whole.pnl), starts_at),
            today_pnl_percent: ratio(
                Some(today.pnl),
                starts_at.and_then(|balance| self.before_today(balance)),
            ),
            today,
            gross_profit: self.won,
            gross_loss: self.lost,
            profit_factor: ratio(Some(self.won), Some(-self.lost)),
            expectancy: average(whole.pnl, whole.trades),
            average_win,
            average_loss,
            payoff: ratio(average_win, average_loss.map(|loss| -loss)),
            best_trade: self.best,
            worst_trade: self.worst,
            max_drawdown: self.equity.worst(),
            longest_win_streak: self.streaks.longest_wins,
            longest_loss_streak: self.streaks.longest_losses,
            average_holding: i32::try_from(whole.trades)
                .ok()
                .and_then(|trades| self.held.checked_div(trades)),
            sharpe: returns.as_deref().and_then(ratios::sharpe),
            sortino: returns.as_deref().and_then(ratios::sortino),
            average_r: average(self.multiples.1, self.multiples.0),
            exposure: self.exposure.fraction(),
            best_day: days().reduce(|best, day| if day.1 > best.1 { day } else { best }),
            worst_day: days().reduce(|worst, day| if day.1 < worst.1 { day } else { worst }),
            r_distribution: self.r_distribution.finish(),
            pnl_distribution: self.pnl_distribution.finish(),
            whole,
            by_symbol: self.by_symbol.into_iter().collect(),
            by_weekday: self.by_weekday.into_iter().collect(),
            by_hour: self.by_hour.into_iter().collect(),
            days: self.days.into_iter().collect(),
            curve: self.curve.finish(),
            sample: self.sample.finish(),
        }
    }

    /// Equity when today began.
    fn before_today(&self, starts_at: Decimal) -> Option<Decimal> {
        let earlier = self.days.range(..self.setting.today);
        earlier.map(|(_, day)| day.pnl).try_fold(starts_at, Decimal::checked_add)
    }

    /// Return of each day; `None` without a starting balance, or where equity
    /// is used up: a return on nothing is undefined.
    fn returns(&self) -> Option<Vec<Decimal>> {
        let mut equity = self.setting.starting_balance?;
        let (first, last) = (self.days.first_key_value()?.0, self.days.last_key_value()?.0);
        let mut returns = Vec::new();
        let mut date = *first;
        while date <= *last {
            let slice = self.days.get(&date);
            let is_weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
            if slice.is_some() || !is_weekend {
                let pnl = slice.map_or(Decimal::ZERO, |slice| slice.pnl);
                returns.push(ratio_exact(pnl, equity)?);
                equity = equity.checked_add(pnl)?;
            }
            date = date.checked_add_days(Days::new(1))?;
            if returns.len() > MOST_DAYS {
                return None;
            }
        }
        Some(returns)
    }
}

fn of_symbol<'a>(slices: &'a mut BTreeMap<String, Slice>, symbol: &str) -> &'a mut Slice {
    let is_apart = slices.len() < MOST_SYMBOLS || slices.contains_key(symbol);
    let name = if is_apart { symbol } else { OTHER_SYMBOLS };
    slices.entry(name.to_owned()).or_default()
}

fn average(sum: Decimal, count: u64) -> Option<Decimal> {
    sum.checked_div(Decimal::from(count)).map(|average| average.round_dp(8))
}

/// `None` unless `whole` is above zero.
fn ratio(part: Option<Decimal>, whole: Option<Decimal>) -> Option<Decimal> {
    ratio_exact(part?, whole?).map(|ratio| ratio.round_dp(6))
}

fn ratio_exact(part: Decimal, whole: Decimal) -> Option<Decimal> {
    if whole > Decimal::ZERO { part.checked_div(whole) } else { None }
}
