//! Where an account stands, rule by rule.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::day_start::Quality;
use super::fresh::{fresh_until, is_fresh};
use super::ledger::Ledger;
use super::objective::{self, Objective, percent};
use super::observation::Frame;
use super::phase::Phase;
use super::reading::{Reading, read};
use super::rule::{Kind, Rule, RuleId, Severity};
use super::state::State;
use super::status::{Status, Thresholds};
use super::track::{Scene, Track};
use super::violation::Violation;
use crate::text_enum::text_enum;

text_enum! {
    /// In what a rule counts.
    Unit, "unit" {
        /// Account currency.
        Money = "money",
        /// Open positions.
        Positions = "positions",
        /// Weighted lots.
        Lots = "lots",
        /// Trades opened.
        Trades = "trades",
    }
}

text_enum! {
    /// Why an account is unknown as a whole.
    Reason, "reason" {
        /// It was never observed in this phase.
        NoData = "no_data",
        /// It has no limits that could be judged.
        NoRules = "no_rules",
    }
}

/// Where a limit stands. What does not apply, or is not known, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRisk {
    /// The rule.
    pub rule: RuleId,
    /// What it is about.
    pub kind: Kind,
    /// In what it counts.
    pub unit: Unit,
    /// Room there is in all, or the cap.
    pub limit: Option<Decimal>,
    /// The line, of floors.
    pub floor: Option<Decimal>,
    /// What the floor is derived from.
    pub reference: Option<Decimal>,
    /// The value that is held against the line.
    pub current: Option<Decimal>,
    /// What is left; negative is overshoot.
    pub buffer: Option<Decimal>,
    /// The same in percent of `limit`, rounded half-even to four places. For display: nothing is derived from it.
    pub buffer_percent: Option<Decimal>,
    /// How it is now.
    pub status: Status,
    /// How it was by the last known figures; `None` when there were none.
    pub last_known_status: Option<Status>,
    /// The recorded violation.
    pub violation: Option<Violation>,
    /// Whether a trailing floor has stopped.
    pub locked: Option<bool>,
    /// Whether the line may have been crossed since the observation before the last.
    pub suspected_breach: bool,
    /// When that was last the case.
    pub suspected_at: Option<DateTime<Utc>>,
    /// Whether a position has no stop.
    pub missing_stop: Option<bool>,
    /// Whether one has had none for too long.
    pub missing_stop_late: Option<bool>,
    /// Day of the rule's clock, for rules that begin anew each day.
    pub day: Option<NaiveDate>,
    /// How well the day's start is known.
    pub day_start_quality: Option<Quality>,
    /// When the next day begins.
    pub next_reset_at: Option<DateTime<Utc>>,
    /// When the pause ends that its recorded violation means.
    #[serde(default)]
    pub pause_ends_at: Option<DateTime<Utc>>,
    /// Its marks in percent.
    pub thresholds: Thresholds,
    /// Its marks in money.
    pub money_thresholds: Option<Thresholds>,
}

/// Where an account stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRisk {
    /// Currency of all amounts.
    pub currency: String,
    /// Its limits.
    pub rules: Vec<RuleRisk>,
    /// Its objectives.
    pub objectives: Vec<Objective>,
    /// The worst of its limits, or `stale`, or `unknown`.
    pub status: Status,
    /// Why it is unknown as a whole.
    pub reason: Option<Reason>,
    /// How it was by the last known figures.
    pub last_known_status: Option<Status>,
    /// When the figures were true.
    pub as_of: Option<DateTime<Utc>>,
    /// How old they are, in whole seconds.
    pub age_s: Option<i64>,
    /// Whether they are too old.
    pub stale: bool,
    /// Until when they are not.
    #[serde(default)]
    pub fresh_until: Option<DateTime<Utc>>,
    /// Whether an observation of this phase was ahead of our clock.
    pub clock_skew: bool,
    /// Longest time without an observation in this phase: peaks in between were not seen.
    pub largest_gap_s: i64,
}

impl AccountRisk {
    /// Where the account in `state` stands at `now`, to which it has been followed.
    #[must_use]
    pub fn of(phase: &Phase, ledger: &Ledger, state: &State, now: DateTime<Utc>) -> Self {
        let age = state.last.as_ref().map(|last| (now - last.at).max(TimeDelta::zero()));
        let is_stale = state.last.as_ref().is_some_and(|last| !is_fresh(phase, last, now));
        let limits = phase.rules.iter().filter(|rule| rule.kind().is_limit());
        let seen = Seen { last: state.last.as_ref(), now, is_stale };
        let rules: Vec<_> = limits
            .zip(&state.tracks)
            .map(|(rule, (_, track))| RuleRisk::of(&Scene { phase, ledger, rule }, track, seen))
            .collect();
        let reason = match state.last {
            None => Some(Reason::NoData),
            Some(_) if rules.is_empty() => Some(Reason::NoRules),
            Some(_) => None,
        };
        let worst = rules.iter().map(|rule| rule.status).reduce(Status::or_worse);
        let last = state.last.as_ref();
        let objectives = phase.rules.iter().filter_map(|rule| objective::assess(phase, ledger, rule, last?));
        Self {
            currency: phase.currency.clone(),
            objectives: objectives.collect(),
            status: if reason.is_some() { Status::Unknown } else { worst.unwrap_or(Status::Unknown) },
            reason,
            last_known_status: rules
                .iter()
                .filter_map(|rule| rule.last_known_status)
                .reduce(Status::or_worse),
            as_of: state.last.as_ref().map(|last| last.at),
            age_s: age.map(|age| age.num_seconds()),
            stale: is_stale,
            fresh_until: state.last.as_ref().map(|last| fresh_until(phase, last)),
            clock_skew: state.is_skewed,
            largest_gap_s: state.largest_gap_s,
            rules,
        }
    }
}

impl AccountRisk {
    /// The same account at `now`, when nothing came in since: figures may have
    /// become too old. It is never better than it was.
    #[must_use]
    pub fn aged(mut self, stale_after_s: u32, now: DateTime<Utc>) -> Self {
        let Some(as_of) = self.as_of else { return self };
        let age = (now - as_of).max(TimeDelta::zero());
        self.age_s = Some(age.num_seconds());
        let is_fresh = self
            .fresh_until
            .map_or_else(|| age <= TimeDelta::seconds(stale_after_s.into()), |until| now <= until);
        if self.stale || is_fresh {
            return self;
        }
        self.stale = true;
        for rule in self.rules.iter_mut().filter(|rule| rule.status != Status::Violated) {
            rule.status = Status::Stale;
        }
        let worst = self.rules.iter().map(|rule| rule.status).reduce(Status::or_worse);
        if self.reason.is_none() {
            self.status = worst.unwrap_or(self.status);
        }
        self
    }

    /// The limit that decides: the worst one, then the one with the least left.
    #[must_use]
    pub fn weakest(&self) -> Option<&RuleRisk> {
        self.weakest_of(|_| true)
    }

    /// The same among limits of some kinds.
    #[must_use]
    pub fn weakest_of(&self, is_meant: impl Fn(Kind) -> bool) -> Option<&RuleRisk> {
        self.weakest_where(|rule| is_meant(rule.kind))
    }

    pub(super) fn weakest_where(&self, is_meant: impl Fn(&RuleRisk) -> bool) -> Option<&RuleRisk> {
        let rank = |rule: &RuleRisk| {
            rule.last_known_status.map_or(rule.status, |known| rule.status.or_worse(known)).rank()
        };
        let meant = self.rules.iter().filter(|rule| is_meant(rule));
        meant.min_by_key(|rule| {
            let left = rule.buffer.map(|_| rule.share().unwrap_or_default());
            (std::cmp::Reverse(rank(rule)), left, &rule.rule)
        })
    }
}

/// The last figures and how they look now.
#[derive(Clone, Copy)]
struct Seen<'a> {
    last: Option<&'a Frame>,
    now: DateTime<Utc>,
    is_stale: bool,
}

impl RuleRisk {
    fn of(scene: &Scene<'_>, track: &Track, seen: Seen<'_>) -> Self {
        let rule = scene.rule;
        let reading =
            seen.last.map_or_else(Reading::default, |last| read(scene, track, last, seen.now.max(last.at)));
        let marks = rule.marks(&scene.phase.thresholds);
        let known = seen.last.map(|_| known_status(rule, track, &reading, marks));
        let status = match known {
            None => Status::Unknown,
            Some(Status::Violated) => Status::Violated,
            Some(_) if seen.is_stale => Status::Stale,
            Some(known) => known,
        };
        let kind = rule.kind();
        let is_daily = matches!(kind, Kind::MaxDailyLoss | Kind::DailyTradeCount);
        // Without the day's start there is no floor, and a limit without a floor says nothing.
        let limit = reading.limit;
        let has_stops = kind == Kind::MaxRiskPerTrade && seen.last.is_some();
        Self {
            rule: rule.id.clone(),
            kind,
            unit: Unit::of(rule),
            limit,
            floor: reading.floor,
            reference: reading.reference,
            current: reading.current,
            buffer: reading.buffer,
            buffer_percent: reading.buffer.zip(limit).and_then(|(buffer, limit)| percent(buffer, limit)),
            status,
            last_known_status: known,
            violation: track.violation().cloned(),
            locked: (kind == Kind::TrailingDrawdown && seen.last.is_some()).then_some(reading.is_locked),
            suspected_breach: track.is_suspected(),
            suspected_at: track.suspected_at(),
            missing_stop: has_stops.then_some(reading.stops.missing),
            missing_stop_late: has_stops.then_some(reading.stops.late),
            day: is_daily.then_some(track.day().label),
            day_start_quality: (kind == Kind::MaxDailyLoss).then(|| track.quality()),
            next_reset_at: is_daily.then_some(track.day().end),
            pause_ends_at: (rule.severity == Severity::Soft && track.violation().is_some())
                .then_some(track.day().end),
            thresholds: marks,
            money_thresholds: rule.money_thresholds,
        }
    }

    /// Whether it is above one of its marks by so many points of its limit.
    pub(super) fn is_clear_of(&self, mark: impl Fn(&Thresholds) -> Decimal, points: Decimal) -> bool {
        let margin = self.limit.unwrap_or_default() * points / Decimal::ONE_HUNDRED;
        let is_above = |marks: &Thresholds| self.buffer.is_none_or(|left| left >= mark(marks) + margin);
        self.share().is_none_or(|share| share >= mark(&self.thresholds) + points)
            && self.money_thresholds.as_ref().is_none_or(is_above)
    }

    /// Percent of the limit that is left, as the exact ratio; `None` without one.
    pub(super) fn share(&self) -> Option<Decimal> {
        (self.buffer? * Decimal::ONE_HUNDRED).checked_div(self.limit?)
    }
}

/// Status by the figures that are there, however old.
fn known_status(rule: &Rule, track: &Track, reading: &Reading, marks: Thresholds) -> Status {
    if track.violation().is_some() {
        return Status::Violated;
    }
    let Some(buffer) = reading.buffer else { return Status::Unknown };
    // Without a limit there is no percentage: only no room at all is critical.
    let mut status = marks.of_percent(buffer, reading.limit.unwrap_or_default());
    if reading.limit.is_none() {
        status = if buffer > Decimal::ZERO { Status::Safe } else { Status::Critical };
    }
    if let Some(money) = rule.money_thresholds {
        status = status.or_worse(money.of_money(buffer));
    }
    // A line that is crossed by figures too old to record it is still crossed.
    if track.is_suspected() || reading.is_breach {
        status = status.or_worse(Status::Critical);
    }
    if reading.is_partial { status.or_worse(Status::Unknown) } else { status }
}

impl Unit {
    /// In what a rule counts.
    #[must_use]
    pub fn of(rule: &Rule) -> Self {
        Self::of_kind(rule.kind(), rule.is_notional())
    }

    /// In what a rule of this kind counts.
    ///
    /// * `is_notional`: it caps size by the money at stake.
    #[must_use]
    pub const fn of_kind(kind: Kind, is_notional: bool) -> Self {
        match kind {
            Kind::MaxOpenPositions => Self::Positions,
            Kind::MaxLots if !is_notional => Self::Lots,
            Kind::DailyTradeCount => Self::Trades,
            _ => Self::Money,
        }
    }
}
