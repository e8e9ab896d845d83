//! A phase of an account: from one reset by its firm to the next.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;
use super::day::{DayClock, DayError};
use super::form::MAX_THRESHOLD;
use super::rule::{Kind, Rule, RuleId};
use super::status::DefaultThresholds;

/// How old figures may be, in seconds, unless the account says otherwise.
pub const STALE_AFTER_S: u32 = 60;
/// How old an observation may be at a reset to be the day's start, in seconds.
pub const START_TOLERANCE_S: u32 = 60;

/// What the engine must know of an account and does not change inside a phase
/// but by its owner's hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Currency of all amounts.
    pub currency: String,
    /// Balance with which it began.
    #[serde(with = "amount")]
    pub starting_balance: Decimal,
    /// When it began; what was observed before is ignored.
    #[serde(rename = "phase_started_at")]
    pub started_at: DateTime<Utc>,
    /// The firm's day.
    pub day: DayClock,
    /// How old figures may be, in seconds; equal is still fresh.
    #[serde(default = "stale_after_s")]
    pub stale_after_s: u32,
    /// How old an observation may be at a reset, in seconds.
    #[serde(default = "start_tolerance_s")]
    pub start_tolerance_s: u32,
    /// Whether what nobody watched is taken for the worse: the start of a day after an outage is raised to the balance of
    /// the first figures too, trades are not counted while positions are not told, and extremes of an interval over a
    /// reset may be of either day. Otherwise a day begins with what the figures and deals of before say, and what is told
    /// after a reset is of the new day.
    #[serde(default)]
    pub doubts_gaps: bool,
    /// Marks of rules that have none of their own.
    #[serde(default)]
    pub thresholds: DefaultThresholds,
    /// Its rules, each with its own name.
    pub rules: Vec<Rule>,
    /// What a person says a day of the account's own clock began with, by the day's label.
    #[serde(default)]
    pub day_starts: BTreeMap<NaiveDate, ManualStart>,
    /// Floors that the firm has set by hand.
    #[serde(default)]
    pub floor_overrides: Vec<FloorOverride>,
    /// Recorded violations that an authorised person has taken back.
    #[serde(default)]
    pub clearances: Vec<Clearance>,
}

const fn stale_after_s() -> u32 {
    STALE_AFTER_S
}

const fn start_tolerance_s() -> u32 {
    START_TOLERANCE_S
}

/// A day's start as typed from the firm's dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManualStart {
    /// Balance at the reset.
    #[serde(with = "amount")]
    pub balance: Decimal,
    /// Equity at the reset.
    #[serde(with = "amount")]
    pub equity: Decimal,
}

/// A floor that is fixed from a moment on, as some firms do at the first payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloorOverride {
    /// The rule.
    pub rule: RuleId,
    /// From when on.
    pub at: DateTime<Utc>,
    /// The floor.
    #[serde(with = "amount")]
    pub floor: Decimal,
}

/// A violation that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clearance {
    /// The rule.
    pub rule: RuleId,
    /// When the violation had happened. One that came to light later, of another instant, is not cleared.
    pub violation_at: DateTime<Utc>,
    /// When it was taken back.
    pub at: DateTime<Utc>,
}

/// Why a phase makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhaseError {
    /// Nobody starts with debts.
    #[error("the starting balance must not be negative")]
    StartingBalance,
    /// Not a currency.
    #[error("the currency must be 2 to 10 capital letters or digits")]
    Currency,
    /// Default marks beyond all percentages.
    #[error("the default thresholds are out of range")]
    Thresholds,
    /// Two rules with one name.
    #[error("two rules have the id `{0}`")]
    DuplicateRule(String),
    /// An override of something that is not a floor of the whole phase.
    #[error("`{0}` has no floor that could be set")]
    NoFloor(String),
}

impl Phase {
    /// This phase, when it makes sense.
    ///
    /// # Errors
    ///
    /// [`PhaseError`] says what does not.
    pub fn checked(mut self) -> Result<Self, PhaseError> {
        if self.starting_balance < Decimal::ZERO {
            return Err(PhaseError::StartingBalance);
        }
        if !is_currency(&self.currency) {
            return Err(PhaseError::Currency);
        }
        let DefaultThresholds { money, count } = self.thresholds;
        if money.largest().max(count.largest()) > MAX_THRESHOLD {
            return Err(PhaseError::Thresholds);
        }
        let mut seen = BTreeSet::new();
        if let Some(rule) = self.rules.iter().find(|rule| !seen.insert(&rule.id)) {
            return Err(PhaseError::DuplicateRule(rule.id.0.clone()));
        }
        let has_floor = |id: &RuleId| {
            self.rules.iter().any(|rule| {
                rule.id == *id
                    && matches!(rule.kind(), Kind::MaxTotalLoss | Kind::TrailingDrawdown | Kind::MinEquity)
            })
        };
        if let Some(set) = self.floor_overrides.iter().find(|set| !has_floor(&set.rule)) {
            return Err(PhaseError::NoFloor(set.rule.0.clone()));
        }
        self.floor_overrides.sort_by_key(|set| set.at);
        Ok(self)
    }

    /// The clock of `rule`: its own or the account's.
    pub(super) fn clock<'a>(&'a self, rule: &'a Rule) -> &'a DayClock {
        rule.day.as_ref().unwrap_or(&self.day)
    }

    /// Whether typed starts are of the days of `rule` too. Their labels are those of the account's own clock: the same label
    /// of another clock is another span of time.
    pub(super) fn types_days_of(&self, rule: &Rule) -> bool {
        self.clock(rule) == &self.day
    }

    /// The next reset after `now`, of the account's day or of a rule that has a day of its own.
    ///
    /// # Errors
    ///
    /// [`DayError::OutOfRange`] at the ends of the calendar.
    pub fn next_reset(day: &DayClock, rules: &[Rule], now: DateTime<Utc>) -> Result<DateTime<Utc>, DayError> {
        let own = rules.iter().filter_map(|rule| rule.day.as_ref());
        own.map(|clock| clock.day_at(now))
            .try_fold(day.day_at(now)?.end, |soonest, own| Ok(soonest.min(own?.end)))
    }

    /// The floor that was set for `rule` and holds at `at`.
    pub(super) fn floor_set(&self, rule: &RuleId, at: DateTime<Utc>) -> Option<Decimal> {
        let holds = |set: &&FloorOverride| set.rule == *rule && set.at >= self.started_at && set.at <= at;
        self.floor_overrides.iter().filter(holds).max_by_key(|set| set.at).map(|set| set.floor)
    }

    /// Whether a violation of `rule` was taken back after `from` and until `until`.
    pub(super) fn is_clearing_between(
        &self,
        rule: &RuleId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> bool {
        self.clearances.iter().any(|clear| clear.rule == *rule && clear.at > from && clear.at <= until)
    }

    /// Whether the violation of `rule` at `violation_at` has been taken back by `at`.
    pub(super) fn is_cleared(&self, rule: &RuleId, violation_at: DateTime<Utc>, at: DateTime<Utc>) -> bool {
        self.clearances
            .iter()
            .any(|clear| clear.rule == *rule && clear.violation_at == violation_at && clear.at <= at)
    }
}

/// Whether `text` names a currency: `USD` and `USDT` are two.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    (2..=10).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
