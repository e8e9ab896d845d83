//! How the rules of an account differ from those that its group requires.
//!
//! An account conforms to a required rule when any one of its own is at least
//! as strict in everything: whatever breaks the required rule then breaks the
//! account's own, too. Rules that cannot be ranked differ; they are never taken
//! for stricter.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::comparison::Comparison;
use super::day::DayClock;
use super::rule::{Kind, Limit, LotsCap, LotsMetric, Qualifier, Rule, RuleId, Terms};
use super::status::DefaultThresholds;
use crate::text_enum::text_enum;

text_enum! {
    /// What an account's rule is to the required one; the later, the graver.
    Deviates, "deviation" {
        /// Another one, neither stricter nor looser.
        Different = "different",
        /// It allows more.
        Looser = "looser",
        /// There is none of its kind.
        Missing = "missing",
    }
}

text_enum! {
    /// In what two rules differ: a field of the rule as it is written.
    Term, "term of a rule" {
        /// How much is allowed.
        Limit = "limit",
        /// Of what that is a percentage.
        Of = "of",
        /// A floor that somebody named.
        Value = "value",
        /// How many.
        Cap = "cap",
        /// How many, by profit.
        Tiers = "tiers",
        /// What a breach means.
        Severity = "severity",
        /// Where a floor is broken.
        BreachOn = "breach_on",
        /// Which value is held against it.
        Measured = "measured",
        /// Under which value a daily floor lies.
        Reference = "reference",
        /// Which peak is followed.
        Mode = "mode",
        /// Where a trailing floor stops.
        Lock = "lock",
        /// What moved cash does.
        CashPolicy = "cash_policy",
        /// How size is counted.
        Metric = "metric",
        /// Whether pending orders count.
        IncludePending = "include_pending",
        /// How long a stop may be missing.
        GraceS = "grace_s",
        /// What a missing stop is then.
        NoStop = "no_stop",
        /// On what a target is counted.
        Basis = "basis",
        /// Share of the best day.
        LimitPct = "limit_pct",
        /// Of what.
        Denominator = "denominator",
        /// The target of that.
        Target = "target",
        /// Whether it must be below.
        Strict = "strict",
        /// How many days.
        Days = "days",
        /// Which days count.
        Qualifier = "qualifier",
        /// The clock of its day.
        Day = "day",
        /// Its marks in percent.
        Thresholds = "thresholds",
        /// Its marks in money.
        ThresholdsMoney = "thresholds_money",
        /// Amounts are in another currency.
        Currency = "currency",
    }
}

text_enum! {
    /// In what the values of a deviation count.
    Measure, "measure" {
        /// Currency of the account; of a missing rule, that of the group.
        Money = "money",
        /// Percent.
        Percent = "percent",
        /// Open positions.
        Positions = "positions",
        /// Weighted lots.
        Lots = "lots",
        /// Trades opened.
        Trades = "trades",
        /// Days.
        Days = "days",
        /// Seconds.
        Seconds = "seconds",
        /// They are words.
        Word = "word",
    }
}

/// One side of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A number.
    Number(Decimal),
    /// A word of the rule's form, or a clock, or a currency.
    Word(Cow<'static, str>),
}

/// Rules of a group that every member must follow.
#[derive(Debug, Clone, Copy)]
pub struct Required<'a> {
    /// The rules.
    pub rules: &'a [Rule],
    /// Currency of their amounts.
    pub currency: &'a str,
}

/// By what an account is judged.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// Its rules.
    pub rules: &'a [Rule],
    /// Starting balance of its phase.
    pub initial: Decimal,
    /// Its currency.
    pub currency: &'a str,
    /// Its day.
    pub day: &'a DayClock,
    /// Marks of rules that have none of their own.
    pub marks: &'a DefaultThresholds,
}

/// A required rule that an account does not conform to. Of several differences
/// it is the gravest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// The required rule.
    pub rule: RuleId,
    /// What it is about.
    pub kind: Kind,
    /// What the account's rule is to it.
    pub deviates: Deviates,
    /// That rule; `None` when it is missing.
    pub actual_rule: Option<RuleId>,
    /// In what they differ; `None` when it is missing.
    pub term: Option<Term>,
    /// In what the values count.
    pub measure: Measure,
    /// What is required; `None`: nothing.
    pub required: Option<Said>,
    /// What the account has; `None`: nothing.
    pub actual: Option<Said>,
}

/// The required rules to which an account does not conform, in their order.
/// `account`: `None` for one that has no rules at all.
#[must_use]
pub fn deviations(required: Required<'_>, account: Option<&Judged<'_>>) -> Vec<Deviation> {
    let each = required.rules.iter();
    each.filter_map(|rule| match account {
        Some(account) => deviation(rule, required.currency, account),
        None => Some(missing(rule)),
    })
    .collect()
}

fn deviation(rule: &Rule, currency: &str, account: &Judged<'_>) -> Option<Deviation> {
    let mut nearest: Option<((bool, Deviates), Deviation)> = None;
    for actual in account.rules.iter().filter(|actual| actual.kind() == rule.kind()) {
        let found = compare(rule, actual, (currency, account))?;
        // The rule of the same name is the one that is meant; else whichever comes nearest.
        let order = (actual.id != rule.id, found.deviates);
        if nearest.as_ref().is_none_or(|(least, _)| order < *least) {
            nearest = Some((order, found));
        }
    }
    let found = nearest.map(|(_, found)| found);
    Some(found.unwrap_or_else(|| missing(rule)))
}

/// `None`: `actual` is strict enough.
fn compare(required: &Rule, actual: &Rule, (currency, account): (&str, &Judged<'_>)) -> Option<Deviation> {
    let mut comparison = Comparison::new(account.initial);
    if speaks_of_money(required) && currency != account.currency {
        let words = (Said::Word(currency.to_owned().into()), Said::Word(account.currency.to_owned().into()));
        comparison.differ(Term::Currency, Measure::Word, words);
    } else {
        comparison.rules(required, actual, account);
    }
    let found = comparison.gravest()?;
    Some(Deviation {
        rule: required.id.clone(),
        kind: required.kind(),
        deviates: found.deviates,
        actual_rule: Some(actual.id.clone()),
        term: Some(found.term),
        measure: found.measure,
        required: found.required,
        actual: found.actual,
    })
}

fn missing(rule: &Rule) -> Deviation {
    let (measure, size) = size(rule);
    Deviation {
        rule: rule.id.clone(),
        kind: rule.kind(),
        deviates: Deviates::Missing,
        actual_rule: None,
        term: None,
        measure,
        required: Some(Said::Number(size)),
        actual: None,
    }
}

/// What a rule allows or asks for, in short, as it says it.
fn size(rule: &Rule) -> (Measure, Decimal) {
    let limit = |limit: &Limit| match limit {
        Limit::Amount(amount) => (Measure::Money, *amount),
        Limit::Percent(percent, _) => (Measure::Percent, *percent),
    };
    match &rule.terms {
        Terms::MaxDailyLoss { limit: room, .. }
        | Terms::MaxTotalLoss { limit: room, .. }
        | Terms::TrailingDrawdown { limit: room, .. }
        | Terms::MaxRiskPerTrade { limit: room, .. }
        | Terms::ProfitTarget { limit: room, .. } => limit(room),
        Terms::MinEquity { value, .. } => (Measure::Money, *value),
        Terms::MaxOpenPositions { cap, .. } => (Measure::Positions, *cap),
        Terms::MaxLots { metric, cap } => (of_size(*metric), cap.at(Decimal::ZERO)),
        Terms::DailyTradeCount { cap } => (Measure::Trades, *cap),
        Terms::Consistency { percent, .. } => (Measure::Percent, *percent),
        Terms::MinTradingDays { days, .. } => (Measure::Days, (*days).into()),
    }
}

pub(super) const fn of_size(metric: LotsMetric) -> Measure {
    match metric {
        LotsMetric::GrossLots | LotsMetric::NetLots => Measure::Lots,
        LotsMetric::Notional => Measure::Money,
    }
}

/// Whether a rule names an amount, which is one only in its currency.
fn speaks_of_money(rule: &Rule) -> bool {
    let is_amount = |limit: &Limit| matches!(limit, Limit::Amount(_));
    rule.money_thresholds.is_some()
        || match &rule.terms {
            Terms::MaxDailyLoss { limit, .. }
            | Terms::MaxTotalLoss { limit, .. }
            | Terms::MaxRiskPerTrade { limit, .. }
            | Terms::ProfitTarget { limit, .. } => is_amount(limit),
            Terms::TrailingDrawdown { limit, lock, .. } => {
                is_amount(limit) || lock.is_some_and(|lock| !lock.is_zero())
            }
            Terms::MinEquity { .. } => true,
            Terms::MaxLots { metric, cap } => {
                *metric == LotsMetric::Notional || matches!(cap, LotsCap::Tiers(_))
            }
            Terms::Consistency { target, .. } => target.as_ref().is_some_and(is_amount),
            Terms::MinTradingDays { qualifier, .. } => {
                matches!(qualifier, Qualifier::PnlAtLeast(limit) if is_amount(limit))
            }
            Terms::MaxOpenPositions { .. } | Terms::DailyTradeCount { .. } => false,
        }
}
