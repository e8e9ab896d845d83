//! Trades of a phase, counted by instant and by day.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;
use super::day::{DayClock, DayError};
use super::observation::Trade;
use super::phase::Phase;

/// What one day brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayFigures {
    /// Trades opened.
    pub opened: u32,
    /// Trades closed.
    pub closed: u32,
    /// Net result of the closed ones.
    #[serde(with = "amount::kept")]
    pub pnl: Decimal,
}

type Days = BTreeMap<NaiveDate, DayFigures>;

/// What trades until a moment brought, day by day: of those only later ones
/// need a look afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    until: DateTime<Utc>,
    days: Vec<(DayClock, Days)>,
}

impl Sealed {
    /// What happened before this is in it, and nothing else.
    #[must_use]
    pub const fn until(&self) -> DateTime<Utc> {
        self.until
    }
}

/// Trades of a phase, as known at one moment.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    opened: Vec<DateTime<Utc>>,
    closed: Vec<(DateTime<Utc>, Decimal)>,
    since: DateTime<Utc>,
    before: Vec<(DayClock, Days)>,
    days: Vec<(DayClock, Days)>,
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
        Self::build(phase, (phase.started_at, Vec::new()), trades, now)
    }

    /// Goes on from `sealed`, of the same phase with the same rules, with the
    /// `trades` of which something happened since: what happened before is in
    /// it. Spans that begin before [`Sealed::until`] are not known any more.
    ///
    /// # Errors
    ///
    /// [`DayError`] for times outside of the calendar.
    pub fn resume(
        phase: &Phase,
        sealed: &Sealed,
        trades: &[Trade],
        now: DateTime<Utc>,
    ) -> Result<Self, DayError> {
        let since = sealed.until.max(phase.started_at);
        Self::build(phase, (since, sealed.days.clone()), trades, now)
    }

    fn build(
        phase: &Phase,
        (since, before): (DateTime<Utc>, Vec<(DayClock, Days)>),
        trades: &[Trade],
        now: DateTime<Utc>,
    ) -> Result<Self, DayError> {
        let belongs = |at: DateTime<Utc>| at >= since && at <= now;
        let mut opened: Vec<_> =
            trades.iter().map(|trade| trade.opened_at).filter(|at| belongs(*at)).collect();
        let mut closed: Vec<_> = trades
            .iter()
            .filter_map(|trade| Some((trade.closed_at.filter(|at| belongs(*at))?, trade.pnl)))
            .collect();
        opened.sort_unstable();
        closed.sort_unstable();
        let mut ledger = Self { opened, closed, since, before, days: Vec::new() };
        for clock in phase.rules.iter().filter(|rule| !rule.kind().is_limit()).map(|rule| phase.clock(rule)) {
            if ledger.days(clock).is_none() {
                let days = ledger.by_day(clock, |_| true)?;
                ledger.days.push((clock.clone(), days));
            }
        }
        Ok(ledger)
    }

    /// What happened before `until`, to be gone on from; not before the moment
    /// from which this ledger itself goes on.
    ///
    /// # Errors
    ///
    /// [`DayError`] for times outside of the calendar.
    pub fn seal(&self, until: DateTime<Utc>) -> Result<Sealed, DayError> {
        let until = until.max(self.since);
        let clocks = self.days.iter().map(|(clock, _)| clock);
        let days = clocks.map(|clock| Ok((clock.clone(), self.by_day(clock, |at| at < until)?)));
        Ok(Sealed { until, days: days.collect::<Result<_, DayError>>()? })
    }

    fn by_day(&self, clock: &DayClock, is_meant: impl Fn(DateTime<Utc>) -> bool) -> Result<Days, DayError> {
        let before = self.before.iter().find(|(other, _)| other == clock);
        let mut days = before.map(|(_, days)| days.clone()).unwrap_or_default();
        for at in self.opened.iter().filter(|at| is_meant(**at)) {
            days.entry(clock.day_at(*at)?.label).or_default().opened += 1;
        }
        for (at, pnl) in self.closed.iter().filter(|(at, _)| is_meant(*at)) {
            let day = days.entry(clock.day_at(*at)?.label).or_default();
            day.closed += 1;
            day.pnl += pnl;
        }
        Ok(days)
    }

    /// Days of `clock` on which something was traded.
    pub(super) fn days(&self, clock: &DayClock) -> Option<&Days> {
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
