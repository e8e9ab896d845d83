//! How large the next trade may be.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;
use super::group::Member;
use super::observation::Frame;
use super::reading::crosses;
use super::report::{AccountRisk, RuleRisk, Unit};
use super::rule::{Kind, Rule, RuleId};
use super::status::Status;
use crate::text_enum::text_enum;

text_enum! {
    /// What keeps the next trade from being larger.
    BoundBy, "reason of a bound" {
        /// A limit.
        Limit = "limit",
        /// The account is critical already.
        Critical = "critical",
        /// The account is violated.
        Violated = "violated",
        /// The account's figures are old.
        Stale = "stale",
        /// Something needed is not known.
        Unknown = "unknown",
    }
}

/// How an account would copy the trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copying {
    /// Its lots for each lot of the leader, before they are rounded down.
    #[serde(with = "amount")]
    pub ratio: Decimal,
    /// Its lots are a multiple of this.
    #[serde(with = "amount")]
    pub step: Decimal,
    /// What a lot loses when the stop is hit, with costs, in account currency.
    #[serde(with = "amount")]
    pub risk_per_lot: Decimal,
    /// What a lot counts against a cap on lots.
    #[serde(default = "one", with = "amount")]
    pub weight: Decimal,
    /// Money at stake in a lot; needed where notional is capped.
    #[serde(default, with = "amount::optional")]
    pub notional_per_lot: Option<Decimal>,
}

const fn one() -> Decimal {
    Decimal::ONE
}

/// Why the question cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// A step, a ratio, a weight or a loss per lot that is zero or less, or absurd.
    #[error("steps, ratios, weights and amounts per lot must be between 0.00000001 and 1000000000")]
    OutOfRange,
}

/// What keeps the next trade from being larger, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding<K> {
    /// The account.
    pub account: K,
    /// Its rule, where it is one.
    pub rule: Option<RuleId>,
    /// What it is.
    pub reason: BoundBy,
}

/// What the largest trade is to one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share<K> {
    /// The account.
    pub account: K,
    /// Its lots.
    pub lots: Decimal,
    /// What they lose when the stop is hit.
    pub loss: Decimal,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatIf<K> {
    /// The leader's largest volume with which no account reaches critical when all copies are stopped out at once.
    /// `None` when nothing bounds it.
    pub max_leader_lots: Option<Decimal>,
    /// What binds it.
    pub binding: Option<Binding<K>>,
    /// What that volume is to each account, by account.
    pub per_account: Vec<Share<K>>,
    /// Accounts that would not take part because their lots round down to none.
    pub zero_size: Vec<K>,
}

/// Most lots of one account, in steps, and what bounds them.
struct Capacity<'a> {
    steps: Decimal,
    rule: Option<&'a RuleId>,
    reason: BoundBy,
}

/// Answers for `accounts`, each a member with how it would copy.
///
/// # Errors
///
/// [`WhatIfError::OutOfRange`].
pub fn what_if<K: Ord + Copy>(
    leader_step: Decimal,
    accounts: &[(Member<'_, K>, Copying)],
) -> Result<WhatIf<K>, WhatIfError> {
    let mut accounts = accounts.to_vec();
    accounts.sort_by_key(|(member, _)| member.id);
    let is_sound = |(_, copying): &(Member<'_, K>, Copying)| {
        [copying.ratio, copying.step, copying.risk_per_lot, copying.weight].into_iter().all(is_in_range)
            && copying.notional_per_lot.is_none_or(is_in_range)
    };
    if !is_in_range(leader_step) || !accounts.iter().all(is_sound) {
        return Err(WhatIfError::OutOfRange);
    }
    let mut least: Option<(Decimal, Binding<K>)> = None;
    for (member, copying) in &accounts {
        let Some(capacity) = capacity(member.risk, copying) else { continue };
        let most = leader_lots(leader_step, copying, capacity.steps);
        if least.as_ref().is_none_or(|(lots, _)| most < *lots) {
            let rule = capacity.rule.cloned();
            least = Some((most, Binding { account: member.id, rule, reason: capacity.reason }));
        }
    }
    let max_leader_lots =
        if accounts.is_empty() { Some(Decimal::ZERO) } else { least.as_ref().map(|(lots, _)| *lots) };
    let share = |(member, copying): &(Member<'_, K>, Copying)| {
        let lots = copied(max_leader_lots?, copying);
        Some(Share { account: member.id, lots, loss: lots.checked_mul(copying.risk_per_lot)?.normalize() })
    };
    let per_account: Vec<Share<K>> = accounts.iter().filter_map(share).collect();
    let is_trade = max_leader_lots.is_some_and(|lots| lots > Decimal::ZERO);
    let is_zero = |share: &&Share<K>| is_trade && share.lots.is_zero();
    let zero_size = per_account.iter().filter(is_zero).map(|share| share.account).collect();
    Ok(WhatIf {
        max_leader_lots: max_leader_lots.map(|lots| lots.normalize()),
        binding: least.map(|(_, binding)| binding),
        per_account,
        zero_size,
    })
}

/// Least and most that the numbers of a question may be.
const RANGE: std::ops::RangeInclusive<Decimal> =
    Decimal::from_parts(1, 0, 0, false, 8)..=Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// Most steps that are counted: more is no size.
const MAX_STEPS: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// Whether a question may have this number.
#[must_use]
pub fn is_in_range(number: Decimal) -> bool {
    RANGE.contains(&number)
}

/// What `leader` lots are to a follower: rounded down to its step.
#[must_use]
pub fn copied(leader: Decimal, copying: &Copying) -> Decimal {
    let exact = leader * copying.ratio;
    (largest(|steps| steps * copying.step <= exact, exact, copying.step) * copying.step).normalize()
}

/// Largest volume of the leader that a follower rounds down to at most `steps` steps.
fn leader_lots(leader_step: Decimal, copying: &Copying, steps: Decimal) -> Decimal {
    if steps.is_zero() {
        return Decimal::ZERO;
    }
    let next = (steps + Decimal::ONE) * copying.step;
    let unit = leader_step * copying.ratio;
    largest(|count| count * unit < next, next, unit) * leader_step
}

/// Largest whole number, at least zero, that `fits`; about `total` / `unit`.
/// The division only finds where to look: it may be rounded, the products are not.
fn largest(fits: impl Fn(Decimal) -> bool, total: Decimal, unit: Decimal) -> Decimal {
    let mut count = total.checked_div(unit).unwrap_or(MAX_STEPS).floor().clamp(Decimal::ZERO, MAX_STEPS);
    while count < MAX_STEPS && fits(count + Decimal::ONE) {
        count += Decimal::ONE;
    }
    while count > Decimal::ZERO && !fits(count) {
        count -= Decimal::ONE;
    }
    count
}

/// Why an account may take no trade at all, whatever its size; `None`: it may take some.
#[must_use]
pub const fn closed(status: Status) -> Option<BoundBy> {
    match status {
        Status::Critical => Some(BoundBy::Critical),
        Status::Violated => Some(BoundBy::Violated),
        Status::Stale => Some(BoundBy::Stale),
        Status::Unknown | Status::Empty => Some(BoundBy::Unknown),
        Status::Safe | Status::Caution => None,
    }
}

/// `None` when no rule bounds the account.
fn capacity<'a>(risk: &'a AccountRisk, copying: &Copying) -> Option<Capacity<'a>> {
    if let Some(reason) = closed(risk.status) {
        return Some(Capacity { steps: Decimal::ZERO, rule: None, reason });
    }
    let bounds = risk.rules.iter().filter_map(|rule| {
        let (steps, reason) = bound(rule, copying)?;
        Some(Capacity { steps, rule: Some(&rule.rule), reason })
    });
    bounds.min_by(|one, other| (one.steps, one.rule).cmp(&(other.steps, other.rule)))
}

/// Most steps under one rule, if it bounds them.
fn bound(rule: &RuleRisk, copying: &Copying) -> Option<(Decimal, BoundBy)> {
    let unknown = Some((Decimal::ZERO, BoundBy::Unknown));
    let Some(buffer) = rule.buffer else { return unknown };
    let loss = copying.step * copying.risk_per_lot;
    let under =
        |most: Decimal, unit: Decimal| (largest(|steps| steps * unit <= most, most, unit), BoundBy::Limit);
    match rule.kind {
        Kind::MaxDailyLoss | Kind::MaxTotalLoss | Kind::TrailingDrawdown | Kind::MinEquity => {
            let room = headroom(rule, buffer);
            Some((largest(|steps| steps.is_zero() || steps * loss < room, room, loss), BoundBy::Limit))
        }
        Kind::MaxOpenPositions | Kind::DailyTradeCount if buffer >= Decimal::ONE => None,
        Kind::MaxOpenPositions | Kind::DailyTradeCount => Some((Decimal::ZERO, BoundBy::Limit)),
        Kind::MaxLots if rule.unit == Unit::Lots => Some(under(buffer, copying.step * copying.weight)),
        Kind::MaxLots => match copying.notional_per_lot {
            Some(money) => Some(under(buffer, copying.step * money)),
            None => unknown,
        },
        Kind::MaxRiskPerTrade => rule.limit.map_or(unknown, |limit| Some(under(limit, loss))),
        Kind::ProfitTarget | Kind::Consistency | Kind::MinTradingDays => None,
    }
}

/// What may be lost before the rule is critical, by percent and by money; never more than all that is left.
fn headroom(rule: &RuleRisk, buffer: Decimal) -> Decimal {
    let kept = rule.thresholds.critical() * rule.limit.unwrap_or_default() / Decimal::ONE_HUNDRED;
    let by_money = rule.money_thresholds.map(|marks| buffer - marks.critical());
    by_money.into_iter().fold((buffer - kept).min(buffer), Decimal::min)
}

/// Where an account would stand with another equity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtEquity {
    /// Equity, and balance too.
    pub equity: Decimal,
    /// What each floor would say.
    pub rules: Vec<(RuleId, Status)>,
}

/// Where an account by `rules` would stand if every open stop of its `last`
/// figures were hit at once. `None` when a position has no stop, or positions
/// or a floor are not known.
///
/// A stop costs what lies between it and the entry: what is won or lost until now is no more then. One that would bring a
/// profit counts as nothing, so that it is never too good.
#[must_use]
pub fn stopped_out(rules: &[Rule], risk: &AccountRisk, last: &Frame) -> Option<AtEquity> {
    let positions = last.positions.as_ref()?;
    let losses: Decimal = positions.iter().map(|open| open.risk).sum::<Option<Decimal>>()?;
    let equity = if positions.is_empty() { last.equity } else { last.balance - losses };
    at_equity(rules, risk, equity)
}

/// Where an account by `rules` would stand with this equity, its floors being
/// where they are. `None` when one is not known.
#[must_use]
pub fn at_equity(rules: &[Rule], risk: &AccountRisk, equity: Decimal) -> Option<AtEquity> {
    let floors = rules.iter().filter(|rule| rule.watch().is_some());
    let rules =
        floors.map(|rule| Some((rule.id.clone(), after(rule, risk, equity)?))).collect::<Option<_>>()?;
    Some(AtEquity { equity, rules })
}

fn after(rule: &Rule, risk: &AccountRisk, equity: Decimal) -> Option<Status> {
    let now = risk.rules.iter().find(|other| other.rule == rule.id)?;
    let (floor, watch) = now.floor.zip(rule.watch())?;
    if now.violation.is_some() || crosses(watch, equity, floor) {
        return Some(Status::Violated);
    }
    let buffer = equity - floor;
    let percent = now.thresholds.of_percent(buffer, now.limit.unwrap_or_default());
    let money = now.money_thresholds.map(|marks| marks.of_money(buffer));
    Some(money.map_or(percent, |money| percent.or_worse(money)))
}
