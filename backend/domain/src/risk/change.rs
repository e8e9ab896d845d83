//! What differs from what was last told of an account.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;
use super::observation::Frame;
use super::phase::Phase;
use super::report::{AccountRisk, RuleRisk};
use super::rule::RuleId;
use super::status::{Status, Thresholds};
use crate::text_enum::text_enum;

/// Points by which a rule must be above a mark before it is told to be better.
pub(super) const CLEAR_BY: Decimal = Decimal::TWO;

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
    /// Limits that were past their first mark and are not safe since, whatever came in between.
    #[serde(default)]
    pub cautious: BTreeSet<RuleId>,
    /// Its day, by the account's own clock.
    pub day: Option<DayTold>,
    /// Whether its figures were too old.
    #[serde(default)]
    pub is_stale: bool,
    /// Whether guards could not judge by it; `None` before that was asked.
    #[serde(default)]
    pub is_blind: Option<bool>,
    /// Whether a guard that has answered to it waits for it to be clear of a mark.
    #[serde(default)]
    pub is_near: bool,
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
    #[serde(default, with = "amount::kept")]
    pub cash: Decimal,
    /// Balance at the beginning, without the cash moved since the phase began.
    #[serde(with = "amount::kept")]
    pub balance: Decimal,
    /// Equity at the beginning, likewise.
    #[serde(with = "amount::kept")]
    pub equity: Decimal,
    /// Lowest equity since, likewise.
    #[serde(with = "amount::kept")]
    pub low: Decimal,
    /// Highest equity since, likewise.
    #[serde(with = "amount::kept")]
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
    /// Whether it is kept for ever: of the account as a whole, unless a violation or its end says it already, or the
    /// first figures show that all is well.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        let is_said = self.from == Status::Violated || self.to == Status::Violated;
        let is_first = self.from == Status::Unknown && self.to == Status::Safe;
        self.rule.is_none() && !is_said && !is_first
    }

    /// Whether somebody should hear of it at once.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.to.rank() >= Status::Critical.rank() && self.to.rank() > self.from.rank()
    }
}

/// What is told of `rule`, of which `told` was told before.
fn held(rule: &RuleRisk, told: Option<Status>) -> Status {
    let caution = || rule.is_clear_of(Thresholds::caution, CLEAR_BY);
    let critical = || rule.is_clear_of(Thresholds::critical, CLEAR_BY);
    match (told, rule.status) {
        (Some(Status::Critical), Status::Safe | Status::Caution) if !critical() => Status::Critical,
        (Some(Status::Critical | Status::Caution), Status::Safe) if !caution() => Status::Caution,
        (_, now) => now,
    }
}

impl Told {
    /// What differs in `risk`; it counts as told afterwards. A rule that is
    /// hardly past a mark on its way up is told as it was: who swings around a
    /// mark is told once.
    pub fn update(&mut self, risk: &AccountRisk) -> Vec<Transition> {
        let rules: BTreeMap<RuleId, Status> = risk
            .rules
            .iter()
            .map(|rule| (rule.rule.clone(), held(rule, self.rules.get(&rule.rule).copied())))
            .collect();
        let worst = rules.values().copied().reduce(Status::or_worse);
        let whole = if risk.reason.is_none() { worst.unwrap_or(risk.status) } else { risk.status };
        let mut changed = Vec::new();
        let mut note = |rule: Option<&RuleId>, from: Option<Status>, to: Status| {
            let from = from.unwrap_or(Status::Unknown);
            if from != to {
                changed.push(Transition { rule: rule.cloned(), from, to });
            }
        };
        note(None, self.status, whole);
        for (rule, status) in &rules {
            note(Some(rule), self.rules.get(rule).copied(), *status);
        }
        self.status = Some(whole);
        self.is_stale = risk.stale;
        self.is_blind = Some(risk.is_blind());
        self.rules = rules;
        changed
    }

    /// Limits that came into caution, and those that were in it, or worse, and
    /// are safe again or gone. Whoever gets better, or swings around a mark, or is
    /// stale for a while does not come into it anew.
    pub fn follow_caution(&mut self) -> (Vec<RuleId>, Vec<RuleId>) {
        let is_over = |rule: &RuleId| self.rules.get(rule).is_none_or(|status| *status == Status::Safe);
        let (over, mut cautious): (BTreeSet<RuleId>, BTreeSet<RuleId>) =
            std::mem::take(&mut self.cautious).into_iter().partition(is_over);
        let mut new = Vec::new();
        for (rule, status) in &self.rules {
            let is_past = *status == Status::Caution || status.rank() >= Status::Critical.rank();
            if is_past && cautious.insert(rule.clone()) && *status == Status::Caution {
                new.push(rule.clone());
            }
        }
        self.cautious = cautious;
        (new, over.into_iter().collect())
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
            // A frame of exactly a reset tells of the day that ends.
            if let Some(ended) = ended.as_mut().filter(|_| last.at == day.start) {
                ended.see(last);
            }
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
            let is_of_before = last.at == day.start || before.is_some_and(|before| before.at < day.start);
            if is_of_before {
                day.see(&Frame { low: None, high: last.equity, ..last.clone() });
            } else {
                day.see(last);
            }
        }
        ended
    }
}

impl DayTold {
    fn see(&mut self, frame: &Frame) {
        let low = frame.low.map_or(frame.equity, |low| low.min(frame.equity));
        self.low = self.low.min(low - frame.cash);
        self.high = self.high.max(frame.high - frame.cash);
    }

    /// The same with what `last` showed at the end.
    #[must_use]
    pub fn ended_with(&self, last: &Frame) -> Self {
        let (balance, equity) = (last.balance - last.cash, last.equity - last.cash);
        Self { as_of: last.at, cash: last.cash, balance, equity, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::observation::Observation;
    use super::super::state::assess;
    use super::*;

    /// An account with this much left of 1,000 above its floor.
    fn left(money: i64, thresholds_money: &serde_json::Value) -> AccountRisk {
        let at = DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::days(1);
        let phase: Phase = serde_json::from_value(json!({
            "currency": "USD", "starting_balance": "10000", "phase_started_at": at,
            "day": {"tz": "UTC", "reset": "00:00"}, "rules": [{"id": "total", "kind": "max_total_loss",
                "limit": {"type": "amount", "value": "1000"}, "thresholds_money": thresholds_money}],
        }))
        .unwrap();
        let equity = 9_000 + money;
        let seen: Observation =
            serde_json::from_value(json!({ "at": at, "balance": equity, "equity": equity })).unwrap();
        assess(&phase, [seen], &[], at).unwrap()
    }

    fn told_of(each: &[i64], thresholds_money: &serde_json::Value) -> Vec<(i64, Status)> {
        let mut told = Told::default();
        let mut heard = Vec::new();
        for money in each {
            let changed = told.update(&left(*money, thresholds_money));
            let whole: Vec<_> = changed.iter().filter(|changed| changed.rule.is_none()).collect();
            assert_eq!(whole.len() * 2, changed.len(), "the rule and the account, which has no other");
            heard.extend(whole.iter().map(|changed| (*money, changed.to)));
        }
        heard
    }

    #[test]
    fn a_mark_is_left_only_two_points_above_it_and_whoever_swings_around_it_is_told_once() {
        use Status::{Caution, Critical, Safe, Violated};

        let heard = told_of(&[600, 500, 501, 500, 519, 500, 520, 501, 500], &json!(null));
        let fell = told_of(&[600, 200, 210, 200, 219, 220, 200, 519, 520], &json!(null));
        let broke = told_of(&[600, 0, 600], &json!(null));

        assert_eq!(heard, [(600, Safe), (500, Caution), (520, Safe), (500, Caution)]);
        assert_eq!(
            fell,
            [(600, Safe), (200, Critical), (220, Caution), (200, Critical), (519, Caution), (520, Safe)]
        );
        assert_eq!(broke, [(600, Safe), (0, Violated), (600, Safe)], "each of them is an account of its own");
    }

    #[test]
    fn a_mark_in_money_is_left_only_two_hundredths_of_the_limit_above_it() {
        use Status::{Caution, Safe};

        let heard = told_of(&[900, 800, 801, 800, 819, 820], &json!({ "caution": "800", "critical": "100" }));

        assert_eq!(heard, [(900, Safe), (800, Caution), (820, Safe)]);
    }

    #[test]
    fn caution_is_told_once_until_it_is_safe_again_and_not_of_what_gets_better() {
        let told_of = |each: &[i64]| {
            let mut told = Told::default();
            let mut heard = Vec::new();
            for money in each {
                let mut risk = left(*money, &json!(null));
                // Without figures it is only known to be old.
                if *money < 0 {
                    risk = left(600, &json!(null));
                    risk.rules.iter_mut().for_each(|rule| rule.status = Status::Stale);
                }
                told.update(&risk);
                let (new, over) = told.follow_caution();
                heard.extend(new.iter().map(|_| (*money, "caution")));
                heard.extend(over.iter().map(|_| (*money, "over")));
            }
            heard
        };

        assert_eq!(
            told_of(&[600, 500, 510, 499, 520, 500]),
            [(500, "caution"), (520, "over"), (500, "caution")]
        );
        assert_eq!(told_of(&[500, -1, 490, -1, 600]), [(500, "caution"), (600, "over")]);
        assert_eq!(told_of(&[600, -1, 450]), [(450, "caution")]);
        assert_eq!(
            told_of(&[600, 100, 400, 600]),
            [(600, "over")],
            "it was critical, of which is told elsewhere"
        );
    }

    fn frame(at: &str, equity: i64, extremes: (i64, i64)) -> Frame {
        let seen: Observation = serde_json::from_value(json!({
            "at": at, "balance": 10_000, "equity": equity, "high": extremes.1, "low": extremes.0 }))
        .unwrap();
        Frame::from(seen)
    }

    #[test]
    fn what_may_have_been_before_a_reset_is_no_extreme_of_the_new_day() {
        let phase: Phase = serde_json::from_value(json!({
            "currency": "USD", "starting_balance": "10000", "phase_started_at": "2026-07-05T00:00:00Z",
            "day": { "tz": "UTC", "reset": "00:00" }, "rules": [] }))
        .unwrap();
        let mut told = Told::default();
        let mut follow = |frames: [&Frame; 2]| {
            let ended = told.follow_day(&phase, (Some(frames[0]), Some(frames[1])), frames[1].at);
            let day = told.day.clone().unwrap();
            (ended.map(|day| (day.low, day.high)), (day.low, day.high))
        };
        let money = |(low, high): (i64, i64)| (Decimal::from(low), Decimal::from(high));

        let first = frame("2026-07-06T10:00:00Z", 10_000, (10_000, 10_000));
        let last = frame("2026-07-06T23:57:00Z", 9_900, (9_800, 10_100));
        let back = frame("2026-07-07T00:02:00Z", 9_950, (9_500, 10_500));
        let next = frame("2026-07-07T00:02:01Z", 9_950, (9_940, 9_960));
        let reset = frame("2026-07-08T00:00:00Z", 9_950, (9_700, 9_990));
        follow([&first, &first]);
        assert_eq!(follow([&first, &last]), (None, money((9_800, 10_100))));
        assert_eq!(follow([&last, &back]), (Some(money((9_800, 10_100))), money((9_900, 9_950))));
        assert_eq!(follow([&back, &next]), (None, money((9_900, 9_960))));
        assert_eq!(follow([&next, &reset]), (Some(money((9_700, 9_990))), money((9_950, 9_950))));
    }

    #[test]
    fn only_what_becomes_critical_or_worse_is_urgent() {
        let is_urgent = |from, to| Transition { rule: None, from, to }.is_urgent();

        assert!(is_urgent(Status::Caution, Status::Critical));
        assert!(is_urgent(Status::Stale, Status::Violated));
        assert!(!is_urgent(Status::Violated, Status::Critical));
        assert!(!is_urgent(Status::Safe, Status::Stale));
    }
}
