//! With what a day began, and how well that is known.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::day::TradingDay;
use super::ledger::Ledger;
use super::observation::Frame;
use super::phase::Phase;
use super::rule::Rule;
use crate::text_enum::text_enum;

/// How long after it moved the balance a deal is written at most, where its account is connected.
const WRITTEN_WITHIN: TimeDelta = TimeDelta::seconds(5);

text_enum! {
    /// How well a day's start is known.
    Quality, "quality of a day's start" {
        /// A person typed it.
        Manual = "manual",
        /// The phase began on this day.
        PhaseStart = "phase_start",
        /// It was observed.
        Exact = "exact",
        /// It lies between two observations; the stricter reading was taken.
        Estimated = "estimated",
        /// Nothing was observed before.
        Missing = "missing",
    }
}

/// Figures at the first instant of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayStart {
    /// How well they are known.
    pub quality: Quality,
    /// Closed results.
    pub balance: Decimal,
    /// With open profit.
    pub equity: Decimal,
    /// Cash moved from the phase's beginning to the day's; `None` until the first observation tells.
    pub cash: Option<Decimal>,
    /// Whether the first observation of the day is still to come.
    pub(super) is_awaiting: bool,
}

impl DayStart {
    /// What `day` of `rule` began with, `last` being the last observation until then. Deals closed since are added by
    /// [`Self::add_deals`].
    pub(super) fn find(phase: &Phase, rule: &Rule, day: TradingDay, last: Option<&Frame>) -> Option<Self> {
        let began_before = day.start <= phase.started_at;
        let manual = if phase.types_days_of(rule) { phase.day_starts.get(&day.label) } else { None };
        if let Some(manual) = manual {
            let cash = if began_before { Some(Decimal::ZERO) } else { last.map(|last| last.cash) };
            return Some(Self::new(Quality::Manual, manual.balance, manual.equity, cash));
        }
        if began_before {
            let balance = phase.starting_balance;
            return Some(Self::new(Quality::PhaseStart, balance, balance, Some(Decimal::ZERO)));
        }
        let last = last?;
        let is_near = day.start - last.at <= TimeDelta::seconds(phase.start_tolerance_s.into());
        let quality = if is_near || last.is_flat() { Quality::Exact } else { Quality::Estimated };
        // That nothing was open is no proof that nothing was traded until then.
        let is_awaiting = if phase.doubts_gaps { !is_near } else { quality == Quality::Estimated };
        Some(Self { is_awaiting, ..Self::new(quality, last.balance, last.equity, Some(last.cash)) })
    }

    const fn new(quality: Quality, balance: Decimal, equity: Decimal, cash: Option<Decimal>) -> Self {
        Self { quality, balance, equity, cash, is_awaiting: false }
    }

    /// Adds deals that were closed between `last`, the last observation, and the reset to an estimated balance.
    ///
    /// In doubt, an exact one is estimated for them: the balance had moved already. And a deal is dated when it was
    /// written, a moment after it had moved the balance: one of right behind the observation may be in it, and counts as
    /// if it were.
    pub(super) fn add_deals(
        &mut self,
        phase: &Phase,
        ledger: &Ledger,
        (last, reset): (DateTime<Utc>, DateTime<Utc>),
    ) {
        if !phase.doubts_gaps {
            if self.quality == Quality::Estimated {
                self.balance += ledger.closed_between(last, reset).pnl;
            }
            return;
        }
        let is_observed = matches!(self.quality, Quality::Exact | Quality::Estimated);
        let since = (last + WRITTEN_WITHIN).min(reset);
        let (unsure, deals) = (ledger.closed_between(last, since), ledger.closed_between(since, reset));
        if is_observed && unsure.count + deals.count > 0 {
            self.quality = Quality::Estimated;
            self.is_awaiting = true;
            self.balance += deals.pnl;
        }
    }

    /// Raises an estimate to the first figures after the reset: the higher neighbour is the stricter one.
    ///
    /// In doubt, the balance too: what the journal says of deals in between may be incomplete, or dated later than they
    /// were. An account in which nothing was open, and whose balance is another one then, was traded after all. What a
    /// person read hours later says nothing of the balance. Whether it is another start now.
    pub(super) fn see_first(&mut self, phase: &Phase, frame: &Frame, began_at: DateTime<Utc>) -> bool {
        if !self.is_awaiting || frame.at <= began_at {
            return false;
        }
        self.is_awaiting = false;
        let moved = frame.cash - self.cash.unwrap_or_default();
        let (balance, equity) = (frame.balance - moved, frame.equity - moved);
        if self.quality == Quality::Exact && (frame.by_hand || balance == self.balance) {
            return false;
        }
        self.quality = Quality::Estimated;
        self.equity = self.equity.max(equity);
        if phase.doubts_gaps && !frame.by_hand {
            self.balance = self.balance.max(balance);
        }
        true
    }
}
