use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use flotilla_domain::group::Group;
use flotilla_domain::id::{AccountId, GroupId};
use flotilla_domain::risk::group::{GroupRisk, KindRisk, Least, Member, ObjectiveSummary, Rates, aggregate};
use flotilla_domain::risk::rule::Kind;
use flotilla_domain::risk::status::Thresholds;
use flotilla_domain::risk::weight;
use flotilla_domain::risk::what_if::{AtEquity, Binding, Copying, Share, WhatIf, closed};
use flotilla_store::risk_members::RiskMember;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock;
use crate::dto::bounds::{Quantity, UnsignedAmount};
use crate::dto::figure::Figure;
use crate::dto::group_rates::{GroupRateDto, rates};
use crate::dto::guard::GuardStateDto;
use crate::dto::required_rules::ConformityDto;
use crate::dto::risk::RiskSummaryDto;
use crate::dto::risk_rules::MarksShape;
use crate::dto::rule_reports::AtEquityDto;
use crate::dto::words::{BoundByWord, GateWord, RiskStatusWord, RiskUnitWord};

/// Where a group stands: the weakest account decides.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GroupRisk)]
pub struct GroupRiskDto {
    #[schema(value_type = Uuid)]
    pub group_id: GroupId,
    pub group_name: String,
    /// Money of several accounts is compared in it.
    pub base_currency: String,
    pub overall_status: RiskStatusWord,
    #[schema(value_type = Option<Uuid>)]
    pub weakest_account_id: Option<AccountId>,
    pub weakest_account_name: Option<String>,
    pub weakest_rule_id: Option<String>,
    /// Other accounts that are as weak.
    #[schema(value_type = Vec<Uuid>)]
    pub tied_with: Vec<AccountId>,
    /// Limits, by kind.
    pub rule_states: BTreeMap<String, KindRiskDto>,
    /// Objectives, by kind; they never colour a group.
    pub objectives: BTreeMap<String, GroupObjectiveDto>,
    /// Smallest percentage left of any limit.
    pub min_percent: Option<LeastDto>,
    /// Smallest money left under any limit, in the base currency; null unless all can be compared.
    pub min_money: Option<LeastDto>,
    /// Whether orders that add risk may pass.
    pub gate: GateWord,
    /// No member is stale or unknown.
    pub complete: bool,
    #[schema(value_type = Vec<Uuid>)]
    pub stale_members: Vec<AccountId>,
    #[schema(value_type = Vec<Uuid>)]
    pub unknown_members: Vec<AccountId>,
    /// Currencies that cannot be compared with the base currency.
    pub missing_rates: Vec<String>,
    /// What its owner says that currencies are worth.
    pub rates: Vec<GroupRateDto>,
    #[serde(flatten)]
    pub conformity: ConformityDto,
    /// Weakest first.
    pub members: Vec<RiskSummaryDto>,
    /// What happens by itself when a member stands badly.
    pub guard: GuardStateDto,
    /// The first reset of any member.
    pub next_reset_at: Option<DateTime<Utc>>,
    /// Time of the oldest figures; null when a member has none.
    pub as_of: Option<DateTime<Utc>>,
    /// When this was computed.
    pub timestamp: DateTime<Utc>,
    /// Grows with every computation of this group: the larger is the newer.
    pub seq: i64,
}

/// Where the rules of one kind stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = KindRisk)]
pub struct KindRiskDto {
    pub status: RiskStatusWord,
    #[schema(value_type = Uuid)]
    pub weakest_account_id: AccountId,
    pub weakest_account_name: Option<String>,
    pub weakest_rule_id: String,
    /// Marks of that rule, in percent of its limit.
    #[schema(value_type = Option<MarksShape>)]
    pub thresholds: Option<Thresholds>,
    /// Smallest amount left; null unless all can be compared.
    pub min_buffer: Option<Figure>,
    #[schema(value_type = Option<Uuid>)]
    pub min_buffer_account_id: Option<AccountId>,
    pub min_buffer_unit: Option<RiskUnitWord>,
    /// Smallest percentage left, whoever has it.
    pub min_buffer_percent: Option<Figure>,
    #[schema(value_type = Option<Uuid>)]
    pub min_buffer_percent_account_id: Option<AccountId>,
    #[schema(value_type = Vec<Uuid>)]
    pub members_without: Vec<AccountId>,
}

/// How far the objectives of one kind are.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GroupObjective)]
pub struct GroupObjectiveDto {
    pub met: usize,
    pub total: usize,
    /// The member that is the least far, in percent.
    pub slowest: Option<LeastDto>,
}

/// The least of something, and who has it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Least)]
pub struct LeastDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub account_name: Option<String>,
    pub value: Figure,
}

/// How large the next trade may be.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct AskWhatIf {
    /// The leader's lots are a multiple of this.
    #[schema(value_type = Quantity)]
    pub leader_step: Figure,
    /// Also says what this many lots would be to each account.
    #[schema(value_type = Option<UnsignedAmount>)]
    pub leader_lots: Option<Figure>,
    /// What would be traded: ten lots of a micro contract count as one against a cap.
    #[garde(length(chars, min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    pub symbol: Option<String>,
    #[garde(length(min = 1, max = 1_000))]
    #[schema(min_items = 1, max_items = 1000)]
    pub accounts: Vec<CopyingBody>,
}

/// How an account of the group would copy the trade.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyingBody {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    /// Its lots for each lot of the leader.
    #[schema(value_type = Quantity)]
    pub ratio: Figure,
    /// Its lots are a multiple of this.
    #[schema(value_type = Quantity)]
    pub step: Figure,
    /// What a lot loses when the stop is hit, with costs, in its currency.
    #[schema(value_type = Quantity)]
    pub risk_per_lot: Figure,
    /// What a lot counts against a cap on lots; unless given that of `symbol`, or else 1.
    #[schema(value_type = Option<Quantity>)]
    pub weight: Option<Figure>,
    /// Money at stake in a lot; needed where notional is capped.
    #[schema(value_type = Option<Quantity>)]
    pub notional_per_lot: Option<Figure>,
}

/// The answer.
#[derive(Serialize, ToSchema)]
#[schema(as = WhatIf)]
pub struct WhatIfDto {
    /// The leader's largest volume with which no account reaches critical when
    /// all copies are stopped out at once; null when nothing bounds it.
    pub max_leader_lots: Option<Figure>,
    pub binding: Option<BindingDto>,
    /// What that volume is to each account.
    pub per_account: Vec<ShareDto>,
    /// Accounts whose lots round down to none at that volume.
    #[schema(value_type = Vec<Uuid>)]
    pub zero_size: Vec<AccountId>,
    /// What `leader_lots` would be to each account.
    pub asked: Vec<ShareDto>,
    /// Where each account would stand if its open stops were hit at once.
    pub stopped_out: Vec<StoppedOutDto>,
    /// Members that nobody asked about, weakest first: the answer does not hold for them.
    pub left_out: Vec<LeftOutDto>,
}

/// A member of the group that the answer leaves out.
#[derive(Serialize, ToSchema)]
#[schema(as = WhatIfLeftOut)]
pub struct LeftOutDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub account_name: String,
    pub status: RiskStatusWord,
    /// Why the group's answer would be none at all with it; null: it might be bounded by it.
    pub reason: Option<BoundByWord>,
}

/// What keeps the next trade from being larger.
#[derive(Serialize, ToSchema)]
#[schema(as = WhatIfBinding)]
pub struct BindingDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub rule_id: Option<String>,
    pub reason: BoundByWord,
}

/// What a trade is to one account.
#[derive(Serialize, ToSchema)]
#[schema(as = WhatIfShare)]
pub struct ShareDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub lots: Figure,
    /// When the stop is hit, in its currency.
    pub loss: Figure,
    /// Where it would stand then; null when a floor or its figures are not known.
    pub after: Option<AtEquityDto>,
}

/// Where an account would stand if its open stops were hit at once.
#[derive(Serialize, ToSchema)]
#[schema(as = StoppedOut)]
pub struct StoppedOutDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    /// Null when a position has no stop, or positions are not known.
    pub after: Option<AtEquityDto>,
}

/// Names of members.
struct Names<'a>(&'a [RiskMember]);

impl Names<'_> {
    fn of(&self, id: AccountId) -> Option<String> {
        self.0.iter().find(|member| member.id == id).map(|member| member.name.clone())
    }

    fn least(&self, least: &Least<AccountId>) -> LeastDto {
        let (account_id, value) = (least.account, least.value.into());
        LeastDto { account_id, account_name: self.of(account_id), value }
    }

    fn kind(&self, kind: KindRisk<AccountId>) -> KindRiskDto {
        let (buffer, percent) = (kind.min_buffer, kind.min_percent);
        let weakest = self.0.iter().find(|member| member.id == kind.weakest_account);
        let rule =
            weakest.and_then(|member| member.risk.rules.iter().find(|rule| rule.rule == kind.weakest_rule));
        KindRiskDto {
            status: kind.status.into(),
            weakest_account_id: kind.weakest_account,
            weakest_account_name: self.of(kind.weakest_account),
            thresholds: rule.map(|rule| rule.thresholds),
            weakest_rule_id: kind.weakest_rule.0,
            min_buffer_account_id: buffer.as_ref().map(|least| least.account),
            min_buffer_unit: buffer.as_ref().and_then(|least| least.unit).map(Into::into),
            min_buffer: buffer.map(|least| least.value.into()),
            min_buffer_percent_account_id: percent.as_ref().map(|least| least.account),
            min_buffer_percent: percent.map(|least| least.value.into()),
            members_without: kind.members_without,
        }
    }

    fn objective(&self, summary: &ObjectiveSummary<AccountId>) -> GroupObjectiveDto {
        let slowest = summary.slowest.as_ref().map(|least| self.least(least));
        GroupObjectiveDto { met: summary.met, total: summary.total, slowest }
    }
}

/// Judges the members of a group together.
pub fn judge(group: &Group, members: &[RiskMember], now: DateTime<Utc>) -> GroupRisk<AccountId> {
    let members: Vec<_> = members.iter().map(|member| Member { id: member.id, risk: &member.risk }).collect();
    aggregate(&members, &group.rates(), now)
}

/// Currencies of members that cannot be compared with that of the group.
fn missing_rates(group: &Group, members: &[RiskMember], now: DateTime<Utc>) -> Vec<String> {
    let rates = group.rates();
    let each: BTreeSet<&String> = members.iter().map(|member| &member.risk.currency).collect();
    each.into_iter().filter(|currency| rates.of(currency, now).is_none()).cloned().collect()
}

impl GroupRiskDto {
    /// `members`: those of the group.
    pub fn of(group: &Group, members: &[RiskMember], now: DateTime<Utc>) -> Self {
        let (risk, names) = (judge(group, members, now), Names(members));
        let weakest = risk.weakest.as_ref();
        let all = risk.rules.values();
        let percent =
            all.clone().filter_map(|kind| kind.min_percent.as_ref()).min_by_key(|least| least.value);
        let missing_rates = missing_rates(group, members, now);
        let money = smallest_money(&risk).filter(|_| missing_rates.is_empty());
        let summaries = by_weakness(&risk.order, members);
        Self {
            group_id: group.id,
            group_name: group.name.clone(),
            base_currency: group.base_currency.clone(),
            overall_status: risk.status.into(),
            weakest_account_id: weakest.map(|weakest| weakest.account),
            weakest_account_name: weakest.and_then(|weakest| names.of(weakest.account)),
            weakest_rule_id: weakest.and_then(|weakest| weakest.rule.clone()).map(|rule| rule.0),
            min_percent: percent.map(|least| names.least(least)),
            min_money: money.map(|least| names.least(least)),
            tied_with: risk.tied_with.clone(),
            gate: risk.gate.into(),
            complete: risk.complete,
            stale_members: risk.stale_members.clone(),
            unknown_members: risk.unknown_members.clone(),
            missing_rates,
            rates: rates(group, now),
            conformity: ConformityDto::of(group, members),
            next_reset_at: summaries.iter().filter_map(|member| member.next_reset_at).min(),
            members: summaries,
            guard: GuardStateDto::of(
                group.guard,
                group.trip.clone(),
                members.iter().map(|member| (member.id, &member.risk)),
            ),
            as_of: risk.as_of,
            timestamp: now,
            seq: now.timestamp_micros(),
            objectives: risk
                .objectives
                .iter()
                .map(|(kind, summary)| (kind.as_str().to_owned(), names.objective(summary)))
                .collect(),
            rule_states: risk
                .rules
                .into_iter()
                .map(|(kind, state)| (kind.as_str().to_owned(), names.kind(state)))
                .collect(),
        }
    }
}

/// The least money left, unless one of the kinds that count in money cannot be compared.
fn smallest_money(risk: &GroupRisk<AccountId>) -> Option<&Least<AccountId>> {
    use flotilla_domain::risk::report::Unit;

    let counts =
        |kind: &Kind| !matches!(kind, Kind::MaxOpenPositions | Kind::DailyTradeCount | Kind::MaxLots);
    let in_money: Option<Vec<_>> = risk
        .rules
        .iter()
        .filter(|(kind, _)| counts(kind))
        .map(|(_, kind)| kind.min_buffer.as_ref())
        .collect();
    in_money?.into_iter().filter(|least| least.unit == Some(Unit::Money)).min_by_key(|least| least.value)
}

/// Members in this order.
fn by_weakness(order: &[AccountId], members: &[RiskMember]) -> Vec<RiskSummaryDto> {
    let places: BTreeMap<AccountId, usize> =
        order.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    let mut members: Vec<&RiskMember> = members.iter().collect();
    members.sort_by_key(|member| places.get(&member.id));
    members.into_iter().map(Into::into).collect()
}

impl CopyingBody {
    /// How it would copy a trade of `symbol`.
    pub fn copying(&self, symbol: Option<&str>) -> Copying {
        let weight = || symbol.map_or(rust_decimal::Decimal::ONE, weight::of_symbol);
        Copying {
            ratio: self.ratio.0,
            step: self.step.0,
            risk_per_lot: self.risk_per_lot.0,
            weight: self.weight.map_or_else(weight, |weight| weight.0),
            notional_per_lot: self.notional_per_lot.map(|money| money.0),
        }
    }
}

impl ShareDto {
    pub fn of(share: Share<AccountId>, after: Option<AtEquity>) -> Self {
        Self {
            account_id: share.account,
            lots: share.lots.into(),
            loss: share.loss.into(),
            after: after.map(Into::into),
        }
    }
}

impl WhatIfDto {
    /// `after`: where an account would stand after a loss.
    pub fn of(answer: WhatIf<AccountId>, after: impl Fn(&Share<AccountId>) -> Option<AtEquity>) -> Self {
        let share = |share: Share<AccountId>| ShareDto::of(share, after(&share));
        Self {
            max_leader_lots: answer.max_leader_lots.map(Into::into),
            binding: answer.binding.map(Into::into),
            per_account: answer.per_account.into_iter().map(share).collect(),
            zero_size: answer.zero_size,
            asked: Vec::new(),
            stopped_out: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// With the `members` it says nothing of.
    pub fn leaving_out(self, members: &[RiskMember], asked: &[AccountId]) -> Self {
        let each: Vec<_> =
            members.iter().map(|member| Member { id: member.id, risk: &member.risk }).collect();
        let order = aggregate(&each, &Rates::default(), clock::now()).order;
        let left_out = order.into_iter().filter(|id| !asked.contains(id)).filter_map(|id| {
            let member = members.iter().find(|member| member.id == id)?;
            let (account_name, status) = (member.name.clone(), member.risk.status);
            let reason = closed(status).map(Into::into);
            Some(LeftOutDto { account_id: id, account_name, status: status.into(), reason })
        });
        Self { left_out: left_out.collect(), ..self }
    }
}

impl From<Binding<AccountId>> for BindingDto {
    fn from(binding: Binding<AccountId>) -> Self {
        Self {
            account_id: binding.account,
            rule_id: binding.rule.map(|rule| rule.0),
            reason: binding.reason.into(),
        }
    }
}
