//! Accounts judged together: the weakest decides.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::objective::{Figures, ObjectiveState};
use super::report::{AccountRisk, RuleRisk, Unit};
use super::rule::{Kind, RuleId};
use super::status::Status;
use crate::text_enum::text_enum;

text_enum! {
    /// Whether orders that add risk may pass. Those that reduce it always may.
    Gate, "gate" {
        /// They may.
        Open = "open",
        /// They may, with a warning.
        Warn = "warn",
        /// They may not.
        Closed = "closed",
    }
}

/// An account of a group and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a, K> {
    /// The account.
    pub id: K,
    /// Where it stands.
    pub risk: &'a AccountRisk,
}

/// What a unit of a currency is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In units of the base currency.
    pub value: Decimal,
    /// When that was so; `None` for one that does not age.
    pub at: Option<DateTime<Utc>>,
}

/// Rates into the currency of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// The group's currency.
    pub base: String,
    /// By currency.
    pub rates: BTreeMap<String, Rate>,
    /// How old a rate may be; an older one counts as missing.
    pub max_age: Option<TimeDelta>,
}

impl Rates {
    /// What a unit of `currency` is worth at `now`, if that is known.
    #[must_use]
    pub fn of(&self, currency: &str, now: DateTime<Utc>) -> Option<Decimal> {
        if currency == self.base {
            return Some(Decimal::ONE);
        }
        let rate = self.rates.get(currency).filter(|rate| rate.value > Decimal::ZERO)?;
        let is_old = self.max_age.zip(rate.at).is_some_and(|(max_age, at)| now - at > max_age);
        (!is_old).then_some(rate.value)
    }
}

/// A rule of an account; no rule for an account that has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weakest<K> {
    /// The account.
    pub account: K,
    /// Its rule.
    pub rule: Option<RuleId>,
}

/// The least of something, and who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Least<K> {
    /// The account.
    pub account: K,
    /// How much.
    pub value: Decimal,
    /// Of what; `None` for percent.
    pub unit: Option<Unit>,
}

/// Where the rules of one kind stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindRisk<K> {
    /// The worst of them.
    pub status: Status,
    /// Whose rule is the weakest.
    pub weakest_account: K,
    /// Which rule that is.
    pub weakest_rule: RuleId,
    /// Smallest percentage that is left, whoever has it.
    pub min_percent: Option<Least<K>>,
    /// Smallest amount that is left; `None` unless all can be compared.
    pub min_buffer: Option<Least<K>>,
    /// Members without such a rule.
    pub members_without: Vec<K>,
}

/// How far the objectives of one kind are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectiveSummary<K> {
    /// Members that have met it.
    pub met: usize,
    /// Members that have it.
    pub total: usize,
    /// Whose progress is the least, among those that have not met it.
    pub slowest: Option<Least<K>>,
}

/// Where a group stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRisk<K: Ord> {
    /// That of the worst member, by the worse of its current and its last known status.
    pub status: Status,
    /// Whether orders that add risk may pass.
    pub gate: Gate,
    /// Whether no member is stale or unknown.
    pub complete: bool,
    /// The rule that decides.
    pub weakest: Option<Weakest<K>>,
    /// Other accounts that are as weak.
    pub tied_with: Vec<K>,
    /// All of them, the weakest first.
    pub order: Vec<K>,
    /// By kind of limit.
    pub rules: BTreeMap<Kind, KindRisk<K>>,
    /// By kind of objective.
    pub objectives: BTreeMap<Kind, ObjectiveSummary<K>>,
    /// Members whose figures are old.
    pub stale_members: Vec<K>,
    /// Members of which nothing can be said.
    pub unknown_members: Vec<K>,
    /// Time of the oldest figures; `None` when a member has none.
    pub as_of: Option<DateTime<Utc>>,
}

/// One rule of one member, ready to be compared.
#[derive(Clone)]
struct Entry<'a, K> {
    account: K,
    rule: Option<&'a RuleRisk>,
    status: Status,
    share: Option<Decimal>,
    money: Option<Decimal>,
    has_rate: bool,
}

/// How weak something is; smaller is weaker. What is not known at all comes first, a zero cap counts as no percent.
type Weakness = (Reverse<u8>, Option<Decimal>, (bool, Option<Decimal>));

impl<'a, K: Ord + Copy> Entry<'a, K> {
    fn of_rule(member: Member<'a, K>, rule: &'a RuleRisk, rate: Option<Decimal>) -> Self {
        let known = rule.buffer.map(|_| rule.share().unwrap_or_default());
        let money = rule.buffer.zip(rate).filter(|_| rule.unit == Unit::Money);
        Self {
            account: member.id,
            rule: Some(rule),
            status: rule.last_known_status.map_or(rule.status, |known| rule.status.or_worse(known)),
            share: known,
            money: money.and_then(|(buffer, rate)| buffer.checked_mul(rate)),
            has_rate: rate.is_some(),
        }
    }

    fn without_rules(member: Member<'a, K>) -> Self {
        let status = member.risk.status;
        Self { account: member.id, rule: None, status, share: None, money: None, has_rate: false }
    }

    fn weakness(&self) -> Weakness {
        (Reverse(self.status.rank()), self.share, (self.money.is_none(), self.money))
    }

    fn order(&self) -> (Weakness, K, Option<&'a RuleId>) {
        (self.weakness(), self.account, self.rule.map(|rule| &rule.rule))
    }
}

/// Judges accounts together at `now`. The order of `members` does not matter.
#[must_use]
pub fn aggregate<K: Ord + Copy>(
    members: &[Member<'_, K>],
    rates: &Rates,
    now: DateTime<Utc>,
) -> GroupRisk<K> {
    let mut members = members.to_vec();
    members.sort_by_key(|member| member.id);
    members.dedup_by_key(|member| member.id);
    let entries = entries(&members, rates, now);
    let is_stale = |member: &&Member<'_, K>| member.risk.stale;
    let is_unknown = |member: &&Member<'_, K>| member.risk.status == Status::Unknown;
    let stale_members: Vec<K> = members.iter().filter(is_stale).map(|member| member.id).collect();
    let unknown_members: Vec<K> = members.iter().filter(is_unknown).map(|member| member.id).collect();
    let worst = entries.iter().map(|entry| entry.status).reduce(Status::or_worse).unwrap_or(Status::Empty);
    let status = unless_stale(worst, !stale_members.is_empty());
    let weakest = entries.iter().min_by_key(|entry| entry.order());
    GroupRisk {
        status,
        gate: match status {
            Status::Safe => Gate::Open,
            Status::Caution => Gate::Warn,
            _ => Gate::Closed,
        },
        complete: !members.is_empty() && stale_members.is_empty() && unknown_members.is_empty(),
        tied_with: weakest.map(|weakest| tied(&entries, weakest)).unwrap_or_default(),
        order: in_order(&entries),
        weakest: weakest
            .map(|entry| Weakest { account: entry.account, rule: entry.rule.map(|rule| rule.rule.clone()) }),
        rules: kinds(&members, &entries),
        objectives: objectives(&members),
        stale_members,
        unknown_members,
        as_of: members.iter().map(|member| member.risk.as_of).min().flatten(),
    }
}

fn entries<'a, K: Ord + Copy>(
    members: &[Member<'a, K>],
    rates: &Rates,
    now: DateTime<Utc>,
) -> Vec<Entry<'a, K>> {
    let mut entries = Vec::with_capacity(members.len().saturating_mul(4));
    for member in members {
        let rate = rates.of(&member.risk.currency, now);
        entries.extend(member.risk.rules.iter().map(|rule| Entry::of_rule(*member, rule, rate)));
        if member.risk.rules.is_empty() {
            entries.push(Entry::without_rules(*member));
        }
    }
    entries
}

/// Of the two equally bad ones, stale is said when something is.
const fn unless_stale(worst: Status, is_any_stale: bool) -> Status {
    match worst {
        Status::Stale | Status::Unknown if is_any_stale => Status::Stale,
        Status::Stale | Status::Unknown => Status::Unknown,
        other => other,
    }
}

fn tied<K: Ord + Copy>(entries: &[Entry<'_, K>], weakest: &Entry<'_, K>) -> Vec<K> {
    let is_tied =
        |entry: &&Entry<'_, K>| entry.account != weakest.account && entry.weakness() == weakest.weakness();
    let mut tied: Vec<K> = entries.iter().filter(is_tied).map(|entry| entry.account).collect();
    tied.sort_unstable();
    tied.dedup();
    tied
}

/// Accounts by the weakest of their entries, which stand together.
fn in_order<K: Ord + Copy>(entries: &[Entry<'_, K>]) -> Vec<K> {
    let each = entries.chunk_by(|one, other| one.account == other.account);
    let mut weakest: Vec<_> = each.filter_map(|of_one| of_one.iter().map(Entry::order).min()).collect();
    weakest.sort_unstable();
    weakest.into_iter().map(|(_, account, _)| account).collect()
}

fn kinds<K: Ord + Copy>(members: &[Member<'_, K>], entries: &[Entry<'_, K>]) -> BTreeMap<Kind, KindRisk<K>> {
    let mut by_kind: BTreeMap<Kind, Vec<&Entry<'_, K>>> = BTreeMap::new();
    for entry in entries {
        if let Some(rule) = entry.rule {
            by_kind.entry(rule.kind).or_default().push(entry);
        }
    }
    by_kind.into_iter().filter_map(|(kind, entries)| Some((kind, of_kind(members, &entries)?))).collect()
}

fn of_kind<K: Ord + Copy>(members: &[Member<'_, K>], entries: &[&Entry<'_, K>]) -> Option<KindRisk<K>> {
    let weakest = entries.iter().min_by_key(|entry| entry.order())?;
    let worst = entries.iter().map(|entry| entry.status).reduce(Status::or_worse)?;
    let is_any_stale =
        entries.iter().any(|entry| entry.rule.is_some_and(|rule| rule.status == Status::Stale));
    // Both are in the order of their accounts.
    let mut holders = entries.iter().map(|entry| entry.account).peekable();
    let mut members_without = Vec::new();
    for member in members {
        let mut has_rule = false;
        while holders.next_if_eq(&member.id).is_some() {
            has_rule = true;
        }
        if !has_rule {
            members_without.push(member.id);
        }
    }
    Some(KindRisk {
        status: unless_stale(worst, is_any_stale),
        weakest_account: weakest.account,
        weakest_rule: weakest.rule?.rule.clone(),
        min_percent: min_percent(entries),
        min_buffer: min_buffer(entries),
        members_without,
    })
}

fn min_percent<K: Ord + Copy>(entries: &[&Entry<'_, K>]) -> Option<Least<K>> {
    let shares = entries.iter().filter_map(|entry| {
        let rule = entry.rule?;
        Some((rule.share()?, entry.account, &rule.rule, rule.buffer_percent?))
    });
    shares.min().map(|(_, account, _, value)| Least { account, value, unit: None })
}

/// The least that is left: money in the group's currency, where every rate is known; counts as they are. The two are
/// never mixed.
fn min_buffer<K: Ord + Copy>(entries: &[&Entry<'_, K>]) -> Option<Least<K>> {
    let unit = entries.first()?.rule?.unit;
    let is_comparable = entries.iter().all(|entry| {
        entry.rule.is_some_and(|rule| rule.unit == unit) && (unit != Unit::Money || entry.has_rate)
    });
    let buffers = entries.iter().filter_map(|entry| {
        let rule = entry.rule?;
        let left = if unit == Unit::Money { entry.money } else { rule.buffer };
        Some((left?, entry.account, &rule.rule))
    });
    let (value, account, _) = buffers.min().filter(|_| is_comparable)?;
    Some(Least { account, value: value.normalize(), unit: Some(unit) })
}

fn objectives<K: Ord + Copy>(members: &[Member<'_, K>]) -> BTreeMap<Kind, ObjectiveSummary<K>> {
    let mut by_kind: BTreeMap<Kind, ObjectiveSummary<K>> = BTreeMap::new();
    for (member, objective) in members
        .iter()
        .flat_map(|member| member.risk.objectives.iter().map(move |objective| (member, objective)))
    {
        let summary =
            by_kind.entry(objective.kind).or_insert(ObjectiveSummary { met: 0, total: 0, slowest: None });
        summary.total += 1;
        if objective.state == ObjectiveState::Met {
            summary.met += 1;
        } else if let Figures::Progress { progress_percent: Some(value), .. } = objective.figures
            && summary.slowest.as_ref().is_none_or(|slowest| value < slowest.value)
        {
            summary.slowest = Some(Least { account: member.id, value, unit: None });
        }
    }
    by_kind
}
