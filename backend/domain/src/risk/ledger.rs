//! Trades of a phase, counted by instant and by day.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::day::{DayClock, DayError};
use super::observation::Trade;
use super::phase::Phase;

/// What one day brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayFigures {
    /// Trades opened.
    pub opened: u32,
    /// Trades closed.
    pub closed: u32,
    /// Net result of the closed ones.
    pub pnl: Decimal,
}

/// Trades of a phase, as known at one moment.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    opened: Vec<DateTime<Utc>>,
    closed: Vec<(DateTime<Utc>, Decimal)>,
    days: Vec<(DayClock, BTreeMap<NaiveDate, DayFigures>)>,
}

/// Trades closed in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Closed {
    pub count: usize,
    pub pnl: Decimal,
}

impl Ledger {
    /// Takes the `trades` that belong to `phase`: what happened before it is left out.
    ///
    /// # Errors
    ///
    /// [`DayError`] for times outside of the calendar.
    pub fn new(phase: &Phase, trades: &[Trade], now: DateTime<Utc>) -> Result<Self, DayError> {
        let belongs = |at: DateTime<Utc>| at >= phase.started_at && at <= now;
        let mut opened: Vec<_> =
            trades.iter().map(|trade| trade.opened_at).filter(|at| belongs(*at)).collect();
        let mut closed: Vec<_> = trades
            .iter()
            .filter_map(|trade| Some((trade.closed_at.filter(|at| belongs(*at))?, trade.pnl)))
            .collect();
        opened.sort_unstable();
        closed.sort_unstable();
        let mut ledger = Self { opened, closed, days: Vec::new() };
        for clock in phase.rules.iter().filter(|rule| !rule.kind().is_limit()).map(|rule| phase.clock(rule)) {
            if ledger.days(clock).is_none() {
                let days = ledger.by_day(clock)?;
                ledger.days.push((clock.clone(), days));
            }
        }
        Ok(ledger)
    }

    fn by_day(&self, clock: &DayClock) -> Result<BTreeMap<NaiveDate, DayFigures>, DayError> {
        let mut days: BTreeMap<NaiveDate, DayFigures> = BTreeMap::new();
        for at in &self.opened {
            days.entry(clock.day_at(*at)?.label).or_default().opened += 1;
        }
        for (at, pnl) in &self.closed {
            let day = days.entry(clock.day_at(*at)?.label).or_default();
            day.closed += 1;
            day.pnl += pnl;
        }
        Ok(days)
    }

    /// Days of `clock` on which something was traded.
    pub(super) fn days(&self, clock: &DayClock) -> Option<&BTreeMap<NaiveDate, DayFigures>> {
        self.days.iter().find(|(other, _)| other == clock).map(|(_, days)| days)
    }

    /// Trades opened from `from` to `until`, both included.
    pub(super) fn opened_between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> usize {
        let before = self.opened.partition_point(|at| *at < from);
        let through = self.opened.partition_point(|at| *at <= until);
        through.saturating_sub(before)
    }

    /// Trades closed after `after`, until `until` included.
    pub(super) fn closed_between(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> Closed {
        let from = self.closed.partition_point(|(at, _)| *at <= after);
        let through = self.closed.partition_point(|(at, _)| *at <= until);
        self.closed.get(from..through).map_or_else(Closed::default, |trades| Closed {
            count: trades.len(),
            pnl: trades.iter().map(|(_, pnl)| pnl).sum(),
        })
    }
}
