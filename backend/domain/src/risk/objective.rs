//! Objectives: what is to be reached. They are met or open, never violated.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::ledger::{DayFigures, Ledger};
use super::observation::Frame;
use super::phase::Phase;
use super::rule::{Basis, Denominator, Kind, Limit, Qualifier, Rule, RuleId, Terms};
use crate::text_enum::text_enum;

text_enum! {
    /// Where an objective stands.
    ObjectiveState, "state of an objective" {
        /// Reached.
        Met = "met",
        /// Not yet.
        Open = "open",
        /// Reached otherwise, but one day brought too much of it.
        Blocked = "blocked",
    }
}

/// An objective and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    /// The rule.
    pub rule: RuleId,
    /// What it is about.
    pub kind: Kind,
    /// Where it stands.
    pub state: ObjectiveState,
    /// Its numbers.
    pub figures: Figures,
}

/// Numbers of an objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Figures {
    /// Of something that is counted up to a target.
    Progress {
        /// What is to be reached.
        target: Decimal,
        /// What is reached.
        current: Decimal,
        /// What is missing, at least zero.
        remaining: Decimal,
        /// Rounded; may be negative and above a hundred. `None` for a target of zero.
        progress_percent: Option<Decimal>,
    },
    /// Of the best day's share.
    Share {
        /// Largest result of one day, at least zero.
        best_day: Decimal,
        /// Against which it is held.
        denominator: Decimal,
        /// Rounded; `None` while there is no profit.
        ratio_percent: Option<Decimal>,
        /// The most that the best day may be.
        allowed: Option<Decimal>,
        /// What is left of it.
        buffer: Option<Decimal>,
        /// Profit that would make the best day small enough.
        extra_profit_needed: Option<Decimal>,
    },
}

/// 100 · `part` / `whole`, rounded half-even to four places.
pub(super) fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let exact = (part * Decimal::ONE_HUNDRED).checked_div(whole)?;
    Some(exact.round_dp_with_strategy(4, RoundingStrategy::MidpointNearestEven).normalize())
}

/// Where the objective `rule` stands; `None` for a limit.
pub(super) fn assess(phase: &Phase, ledger: &Ledger, rule: &Rule, last: &Frame) -> Option<Objective> {
    let (state, figures) = match &rule.terms {
        Terms::ProfitTarget { limit, basis } => {
            let target = amount(phase, *limit);
            let value = if *basis == Basis::Equity { last.equity } else { last.balance };
            progress(target, value - phase.starting_balance - last.cash)
        }
        Terms::MinTradingDays { days, qualifier } => {
            let counts = |day: &&DayFigures| match qualifier {
                Qualifier::Opened => day.opened > 0,
                Qualifier::Closed => day.closed > 0,
                Qualifier::PnlAtLeast(limit) => day.closed > 0 && day.pnl >= amount(phase, *limit),
            };
            let traded = days_of(phase, ledger, rule).filter(counts).count();
            progress(Decimal::from(*days), Decimal::from(traded))
        }
        Terms::Consistency { percent, denominator, target, is_strict } => {
            let target = target.map(|target| amount(phase, target));
            let (best, whole) = best_and_whole(phase, ledger, rule, (*denominator, target));
            share(best, whole, *percent, *is_strict)
        }
        _ => return None,
    };
    Some(Objective { rule: rule.id.clone(), kind: rule.kind(), state, figures })
}

fn amount(phase: &Phase, limit: Limit) -> Decimal {
    limit.amount(phase.starting_balance, phase.starting_balance)
}

fn days_of<'a>(phase: &'a Phase, ledger: &'a Ledger, rule: &'a Rule) -> impl Iterator<Item = &'a DayFigures> {
    ledger.days(phase.clock(rule)).into_iter().flat_map(|days| days.values())
}

fn progress(target: Decimal, current: Decimal) -> (ObjectiveState, Figures) {
    let state = if current >= target { ObjectiveState::Met } else { ObjectiveState::Open };
    let remaining = (target - current).max(Decimal::ZERO);
    (state, Figures::Progress { target, current, remaining, progress_percent: percent(current, target) })
}

fn best_and_whole(
    phase: &Phase,
    ledger: &Ledger,
    rule: &Rule,
    (denominator, target): (Denominator, Option<Decimal>),
) -> (Decimal, Decimal) {
    let results = || days_of(phase, ledger, rule).filter(|day| day.closed > 0).map(|day| day.pnl);
    let best = results().max().unwrap_or_default().max(Decimal::ZERO);
    let net: Decimal = results().sum();
    let whole = match denominator {
        Denominator::Net => net,
        Denominator::PositiveDays => results().filter(|pnl| *pnl > Decimal::ZERO).sum(),
        Denominator::MaxTargetNet => net.max(target.unwrap_or_default()),
    };
    (best, whole)
}

fn share(
    best_day: Decimal,
    denominator: Decimal,
    limit: Decimal,
    is_strict: bool,
) -> (ObjectiveState, Figures) {
    let extra = (best_day * Decimal::ONE_HUNDRED / limit - denominator).max(Decimal::ZERO);
    if denominator <= Decimal::ZERO {
        let figures = Figures::Share {
            best_day,
            denominator,
            ratio_percent: None,
            allowed: None,
            buffer: None,
            extra_profit_needed: Some(extra),
        };
        return (ObjectiveState::Open, figures);
    }
    let (is, may_be) = (best_day * Decimal::ONE_HUNDRED, denominator * limit);
    let is_met = if is_strict { is < may_be } else { is <= may_be };
    let state = if is_met { ObjectiveState::Met } else { ObjectiveState::Blocked };
    let allowed = may_be / Decimal::ONE_HUNDRED;
    let figures = Figures::Share {
        best_day,
        denominator,
        ratio_percent: percent(best_day, denominator),
        allowed: Some(allowed),
        buffer: Some(allowed - best_day),
        extra_profit_needed: Some(extra),
    };
    (state, figures)
}
