//! What differs from what was last told of an account.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;
use super::observation::Frame;
use super::phase::Phase;
use super::report::AccountRisk;
use super::rule::RuleId;
use super::status::Status;
use crate::text_enum::text_enum;

text_enum! {
    /// What happened to an account.
    ChangeKind, "change of risk" {
        /// A rule, or the account as a whole, has another status.
        Transition = "transition",
        /// A line was crossed, and that was recorded.
        Violation = "violation",
        /// The figures became too old, and nothing better is known.
        Stale = "stale",
        /// A day began.
        Reset = "reset",
        /// A guard acted.
        GuardTripped = "guard_tripped",
        /// A person ended what a guard did.
        GuardResumed = "guard_resumed",
    }
}

/// What was last told of an account, and with what its day began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Status of the account; `None` before anything was told.
    pub status: Option<Status>,
    /// Status of each limit.
    pub rules: BTreeMap<RuleId, Status>,
    /// Its day, by the account's own clock.
    pub day: Option<DayTold>,
    /// Whether its figures were too old.
    #[serde(default)]
    pub is_stale: bool,
}

/// A day of an account in figures, as far as it was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTold {
    /// The date it carries.
    pub label: NaiveDate,
    /// First instant.
    pub start: DateTime<Utc>,
    /// When the figures of its beginning were true.
    pub as_of: DateTime<Utc>,
    /// Cash moved from the phase's beginning to the day's.
    #[serde(default, with = "amount")]
    pub cash: Decimal,
    /// Balance at the beginning, without the cash moved since the phase began.
    #[serde(with = "amount")]
    pub balance: Decimal,
    /// Equity at the beginning, likewise.
    #[serde(with = "amount")]
    pub equity: Decimal,
    /// Lowest equity since, likewise.
    #[serde(with = "amount")]
    pub low: Decimal,
    /// Highest equity since, likewise.
    #[serde(with = "amount")]
    pub high: Decimal,
}

/// A status that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The rule; `None` for the account as a whole.
    pub rule: Option<RuleId>,
    /// What was told before.
    pub from: Status,
    /// What it is.
    pub to: Status,
}

impl Transition {
    /// Whether somebody should hear of it at once.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.to.rank() >= Status::Critical.rank() && self.to.rank() > self.from.rank()
    }
}

impl Told {
    /// What differs in `risk`; it counts as told afterwards.
    pub fn update(&mut self, risk: &AccountRisk) -> Vec<Transition> {
        let mut changed = Vec::new();
        let mut note = |rule: Option<&RuleId>, from: Option<Status>, to: Status| {
            let from = from.unwrap_or(Status::Unknown);
            if from != to {
                changed.push(Transition { rule: rule.cloned(), from, to });
            }
        };
        note(None, self.status, risk.status);
        for rule in &risk.rules {
            note(Some(&rule.rule), self.rules.get(&rule.rule).copied(), rule.status);
        }
        self.status = Some(risk.status);
        self.is_stale = risk.stale;
        self.rules = risk.rules.iter().map(|rule| (rule.rule.clone(), rule.status)).collect();
        changed
    }

    /// Follows the account's own day to `now`. Returns the day that ended, if
    /// one did, as it was known.
    pub fn follow_day(
        &mut self,
        phase: &Phase,
        (before, last): (Option<&Frame>, Option<&Frame>),
        now: DateTime<Utc>,
    ) -> Option<DayTold> {
        let last = last?;
        let day = phase.day.day_at(now.max(last.at)).ok()?;
        let mut ended = None;
        if self.day.as_ref().is_none_or(|told| told.label != day.label) {
            ended = self.day.take();
            // At a reset the last figures from before it are those it began with.
            let first = [Some(last), before].into_iter().flatten().find(|seen| seen.at <= day.start);
            let first = first.unwrap_or(last);
            let initial = phase.starting_balance;
            let (as_of, cash, balance, equity) = if day.start <= phase.started_at {
                (phase.started_at, Decimal::ZERO, initial, initial)
            } else {
                (first.at, first.cash, first.balance - first.cash, first.equity - first.cash)
            };
            let (label, start) = (day.label, day.start);
            self.day =
                Some(DayTold { label, start, as_of, cash, balance, equity, low: equity, high: equity });
        }
        if let Some(day) = self.day.as_mut().filter(|day| last.at >= day.start) {
            let low = last.low.map_or(last.equity, |low| low.min(last.equity));
            day.low = day.low.min(low - last.cash);
            day.high = day.high.max(last.high - last.cash);
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_becomes_critical_or_worse_is_urgent() {
        let is_urgent = |from, to| Transition { rule: None, from, to }.is_urgent();

        assert!(is_urgent(Status::Caution, Status::Critical));
        assert!(is_urgent(Status::Stale, Status::Violated));
        assert!(!is_urgent(Status::Violated, Status::Critical));
        assert!(!is_urgent(Status::Safe, Status::Stale));
    }
}
