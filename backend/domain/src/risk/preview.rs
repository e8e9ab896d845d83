//! What the next reset will bring if nothing moves until then.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ledger::Ledger;
use super::observation::Frame;
use super::phase::Phase;
use super::report::RuleRisk;
use super::rule::RuleId;
use super::state::{Event, State, evaluate};
use super::status::Status;

/// Where a floor will be after its next reset, with the figures of now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterReset {
    /// The rule.
    pub rule: RuleId,
    /// When its next day begins.
    pub at: DateTime<Utc>,
    /// The floor it begins with.
    pub floor: Decimal,
    /// What would be left above it; negative is overshoot.
    pub buffer: Decimal,
    /// What would be said of it.
    pub status: Status,
}

/// Floors of the account in `state` after their next reset, if balance and
/// equity stay what they are. Rules without a floor are left out, and all of
/// them while there are no figures.
#[must_use]
pub fn after_reset(phase: &Phase, ledger: &Ledger, state: &State, now: DateTime<Utc>) -> Vec<AfterReset> {
    let Some(last) = state.last() else { return Vec::new() };
    let mut after = Vec::new();
    for rule in phase.rules.iter().filter(|rule| rule.watch().is_some()) {
        let Ok(day) = phase.clock(rule).day_at(now.max(last.at)) else { continue };
        // Evaluated once a clock would do; an account has few rules.
        let still = Frame { at: day.end, detected_at: day.end, low: None, high: last.equity, ..last.clone() };
        let event = Event::Observed(Box::new(still));
        let Ok(risk) = evaluate(phase, ledger, &mut state.clone(), event, day.end) else { continue };
        let found = risk.rules.iter().find(|other| other.rule == rule.id);
        after.extend(found.and_then(|found| read(found, day.end)));
    }
    after
}

fn read(risk: &RuleRisk, at: DateTime<Utc>) -> Option<AfterReset> {
    let (floor, buffer) = risk.floor.zip(risk.buffer)?;
    Some(AfterReset { rule: risk.rule.clone(), at, floor, buffer, status: risk.status })
}
