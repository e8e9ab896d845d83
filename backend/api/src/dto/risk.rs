use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::floating::Together;
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::change::Told;
use flotilla_domain::risk::marks::MarksLevel;
use flotilla_domain::risk::observation::{Frame, MAX_SKEW_S};
use flotilla_domain::risk::preview::after_reset;
use flotilla_domain::risk::report::{AccountRisk, Reason, RuleRisk, Unit};
use flotilla_domain::risk::what_if::stopped_out;
use flotilla_store::risk_looks::Look;
use flotilla_store::risk_members::{Followed, RiskMember};
use flotilla_store::risk_phases::StoredPhase;
use garde::Validate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{Amount, TimeOfDay, TimeZoneName};
use crate::dto::figure::Figure;
use crate::dto::guard::GuardStateDto;
use crate::dto::risk_corrections::BalanceChange;
use crate::dto::rule_reports::{AfterResetDto, AtEquityDto, ObjectiveDto, RuleRiskDto};
use crate::dto::words::{RiskStatusWord, RuleKindWord};

/// Without figures for longer, an account is shown as disconnected.
const DISCONNECTED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// A clock that is off by more is wrong.
const MAX_SKEW_MS: u64 = MAX_SKEW_S.unsigned_abs() * 1_000;

/// Where an account stands by its rules.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AccountRisk)]
pub struct AccountRiskDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    /// Null: it has no rules, and nothing is known of it.
    pub phase: Option<PhaseDto>,
    /// Of all amounts here.
    pub currency: String,
    /// The worst of its limits, or `stale`, or `unknown`.
    pub status: RiskStatusWord,
    /// Why it is unknown as a whole.
    pub reason: Option<RiskReasonDto>,
    pub last_known_status: Option<RiskStatusWord>,
    /// When the figures were true.
    pub as_of: Option<DateTime<Utc>>,
    pub age_s: Option<i64>,
    /// The figures are too old.
    pub stale: bool,
    /// They are older than ten minutes; for display only.
    pub disconnected: bool,
    /// The source's clock is wrong by more than five seconds.
    pub clock_skew: bool,
    /// What the terminal's clock was ahead of ours with its last figures, in milliseconds; below zero: it was behind.
    /// Null when it does not tell the time.
    pub clock_ahead_ms: Option<i64>,
    /// Longest time without figures in this phase: peaks in between were not seen.
    pub largest_gap_s: i64,
    pub balance: Option<Figure>,
    pub equity: Option<Figure>,
    /// Of an account that reports no figures and has open copies: what prices
    /// make of them. It says nothing of positions that nobody copied, so the
    /// account stays unknown.
    pub figures: Option<EstimateDto>,
    /// Change of equity since the day began, without cash that was moved.
    pub today: Option<Figure>,
    /// When the next day of the account's own clock begins.
    pub next_reset_at: Option<DateTime<Utc>>,
    /// The limit that decides.
    pub weakest_rule_id: Option<String>,
    pub rules: Vec<RuleRiskDto>,
    pub objectives: Vec<ObjectiveDto>,
    /// Floors after their next reset, if balance and equity stay what they are.
    pub after_reset: Vec<AfterResetDto>,
    /// Where it would stand if all open stops were hit at once; null when a position has none.
    pub stopped_out: Option<AtEquityDto>,
    /// What happens by itself when the account stands badly; groups have guards of their own.
    pub guard: GuardStateDto,
    pub computed_at: DateTime<Utc>,
}

/// Open positions at their prices, where the account itself reports nothing.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = EstimatedFigures)]
pub struct EstimateDto {
    pub source: FiguresSource,
    /// In the account's currency; null while one position cannot be priced.
    pub floating_profit: Option<Figure>,
    pub positions: usize,
    /// How many of them cannot be priced.
    pub unpriced: usize,
    pub as_of: DateTime<Utc>,
}

/// From where figures are.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FiguresSource {
    /// Prices and open positions that we know of.
    Estimated,
}

/// From one reset of an account by its firm to the next.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskPhase)]
pub struct PhaseDto {
    pub id: uuid::Uuid,
    /// Of its rules.
    pub version: i32,
    pub started_at: DateTime<Utc>,
    pub starting_balance: Figure,
    pub day: DayDto,
    pub stale_after_s: u32,
    pub template_id: Option<String>,
    pub template_size: Option<i32>,
    /// When its owner compared these rules with the firm's dashboard.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// When a firm's day begins.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RiskDay)]
pub struct DayDto {
    /// IANA name.
    #[schema(value_type = TimeZoneName)]
    pub tz: String,
    #[schema(value_type = TimeOfDay)]
    pub reset: String,
}

/// Why an account is unknown as a whole.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RiskReason)]
#[expect(clippy::enum_variant_names, reason = "the words of the contract")]
pub enum RiskReasonDto {
    /// It was never given rules.
    NoPhase,
    /// It was never observed in this phase.
    NoData,
    /// It has no limits that could be judged.
    NoRules,
}

/// An account in short: its weakest limit, and how it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskSummary)]
pub struct RiskSummaryDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub account_name: String,
    pub template_id: Option<String>,
    /// Names of the masters it copies from.
    pub follows: Vec<String>,
    /// The same, with the accounts of those that are the owner's.
    pub copies_from: Vec<CopiesFromDto>,
    pub currency: String,
    pub status: RiskStatusWord,
    pub reason: Option<RiskReasonDto>,
    pub last_known_status: Option<RiskStatusWord>,
    pub as_of: Option<DateTime<Utc>>,
    pub age_s: Option<i64>,
    pub stale: bool,
    pub disconnected: bool,
    pub balance: Option<Figure>,
    pub equity: Option<Figure>,
    pub today: Option<Figure>,
    pub next_reset_at: Option<DateTime<Utc>>,
    /// What a guard did stands until a person resumes: its own guard, or that of one of its groups.
    pub guard_stopped: bool,
    /// A crossed line only pauses it: when the first of such pauses ends.
    pub pause_ends_at: Option<DateTime<Utc>>,
    /// The limit that decides.
    pub weakest: Option<RoomDto>,
    /// The weakest daily loss limit.
    pub daily: Option<RoomDto>,
    /// The weakest of the limits that last.
    pub total: Option<RoomDto>,
}

/// A master from which an account copies.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CopiesFrom)]
pub struct CopiesFromDto {
    /// Null: it is another owner's.
    #[schema(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    pub name: String,
}

/// What is left under one limit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskRoom)]
pub struct RoomDto {
    pub rule_id: String,
    pub kind: RuleKindWord,
    /// Of its amounts.
    pub unit: RoomUnit,
    pub status: RiskStatusWord,
    pub last_known_status: Option<RiskStatusWord>,
    pub limit: Option<Figure>,
    pub floor: Option<Figure>,
    pub buffer: Option<Figure>,
    pub buffer_percent: Option<Figure>,
    pub locked: Option<bool>,
    pub latched: bool,
    pub next_reset_at: Option<DateTime<Utc>>,
}

/// In what the amounts of a limit are written.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomUnit {
    /// Account currency.
    Money,
    /// Weighted lots.
    Lots,
    /// Open positions, or trades.
    Count,
}

/// Figures from an integrator, or typed in.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct TakeSnapshot {
    #[schema(value_type = Amount)]
    pub balance: Figure,
    #[schema(value_type = Amount)]
    pub equity: Figure,
    /// When they were true; now unless given.
    pub at: Option<DateTime<Utc>>,
    /// What made the balance another one than before. All but `trading` note
    /// the difference as moved money, which is never profit or loss; without
    /// it the difference was traded.
    pub change: Option<BalanceChange>,
}

impl AccountRiskDto {
    pub fn of(look: &Look, guard: GuardStateDto) -> Self {
        let Look { stored, ledger, state, told, risk, now } = look;
        let last = state.last();
        let after = after_reset(&stored.phase, ledger, state, *now);
        let stopped = last.and_then(|last| stopped_out(&stored.phase.rules, risk, last));
        Self {
            phase: Some(stored.into()),
            rules: rules_of(risk, stored),
            balance: last.map(|last| last.balance.into()),
            equity: last.map(|last| last.equity.into()),
            today: today(told, last),
            next_reset_at: stored.phase.day.day_at(*now).ok().map(|day| day.end),
            after_reset: after.into_iter().map(Into::into).collect(),
            stopped_out: stopped.map(Into::into),
            ..Self::bare(stored.account_id, (risk, guard), *now)
        }
    }

    /// With what the terminal's clock is ahead of ours.
    pub fn with_clock(self, ahead_ms: Option<i64>) -> Self {
        let is_wrong = ahead_ms.is_some_and(|ahead| ahead.unsigned_abs() > MAX_SKEW_MS);
        Self { clock_skew: self.clock_skew || is_wrong, clock_ahead_ms: ahead_ms, ..self }
    }

    /// Of an account without rules.
    pub fn without_phase(member: &RiskMember, guard: GuardStateDto) -> Self {
        let bare = Self::bare(member.id, (&member.risk, guard), member.now);
        Self { reason: Some(RiskReasonDto::NoPhase), ..bare }
    }

    fn bare(account_id: AccountId, (risk, guard): (&AccountRisk, GuardStateDto), now: DateTime<Utc>) -> Self {
        Self {
            account_id,
            phase: None,
            currency: risk.currency.clone(),
            status: risk.status.into(),
            reason: risk.reason.map(Into::into),
            last_known_status: risk.last_known_status.map(Into::into),
            as_of: risk.as_of,
            age_s: risk.age_s,
            stale: risk.stale,
            disconnected: is_disconnected(risk, now),
            clock_skew: risk.clock_skew,
            clock_ahead_ms: None,
            largest_gap_s: risk.largest_gap_s,
            balance: None,
            equity: None,
            figures: None,
            today: None,
            next_reset_at: None,
            weakest_rule_id: risk.weakest().map(|rule| rule.rule.0.clone()),
            rules: Vec::new(),
            objectives: risk.objectives.iter().map(Into::into).collect(),
            after_reset: Vec::new(),
            stopped_out: None,
            guard,
            computed_at: now,
        }
    }
}

impl EstimateDto {
    /// Of open positions at `as_of`; `None`: there are none.
    pub fn of(sum: Together, as_of: DateTime<Utc>) -> Option<Self> {
        let Together { profit, positions, unpriced } = sum;
        let floating_profit = profit.map(Into::into);
        let source = FiguresSource::Estimated;
        (positions > 0).then_some(Self { source, floating_profit, positions, unpriced, as_of })
    }
}

/// Each rule with who set its marks.
fn rules_of(risk: &AccountRisk, stored: &StoredPhase) -> Vec<RuleRiskDto> {
    let marks = stored.marks();
    let source = |of: &RuleRisk| {
        let rule = stored.phase.rules.iter().find(|rule| rule.id == of.rule);
        rule.map_or_else(|| MarksLevel::BuiltIn.into(), |rule| marks.source_of(rule))
    };
    risk.rules.iter().map(|rule| RuleRiskDto::of(rule, source(rule))).collect()
}

fn is_disconnected(risk: &AccountRisk, now: DateTime<Utc>) -> bool {
    risk.as_of.is_some_and(|at| now - at > DISCONNECTED_AFTER)
}

/// Change of equity since the day began; nothing while no figures of the day are there.
fn today(told: &Told, last: Option<&Frame>) -> Option<Figure> {
    let (day, last) = told.day.as_ref().zip(last)?;
    let change: Decimal = last.equity - last.cash - day.equity;
    (last.at >= day.start).then(|| change.into())
}

impl From<&RiskMember> for RiskSummaryDto {
    fn from(member: &RiskMember) -> Self {
        use flotilla_domain::risk::rule::Kind;

        let (risk, phase) = (&member.risk, member.phase.as_ref());
        let last = phase.and_then(|phase| phase.last.as_ref());
        let is_lasting = |kind| matches!(kind, Kind::MaxTotalLoss | Kind::TrailingDrawdown | Kind::MinEquity);
        let reason = risk.reason.map(RiskReasonDto::from);
        Self {
            account_id: member.id,
            account_name: member.name.clone(),
            template_id: phase.and_then(|phase| phase.template_id.clone()),
            follows: member.follows.iter().map(|master| master.name.clone()).collect(),
            copies_from: member.follows.iter().map(Into::into).collect(),
            currency: risk.currency.clone(),
            status: risk.status.into(),
            reason: if phase.is_some() { reason } else { Some(RiskReasonDto::NoPhase) },
            last_known_status: risk.last_known_status.map(Into::into),
            as_of: risk.as_of,
            age_s: risk.age_s,
            stale: risk.stale,
            disconnected: is_disconnected(risk, member.now),
            balance: last.map(|last| last.balance.into()),
            equity: last.map(|last| last.equity.into()),
            today: phase.and_then(|phase| today(&phase.told, last)),
            next_reset_at: phase.and_then(|phase| Some(phase.day.day_at(member.now).ok()?.end)),
            guard_stopped: member.is_stopped_by_guard,
            pause_ends_at: risk
                .rules
                .iter()
                .filter_map(|rule| rule.pause_ends_at)
                .filter(|ends_at| *ends_at > member.now)
                .min(),
            weakest: risk.weakest().map(Into::into),
            daily: risk.weakest_of(|kind| kind == Kind::MaxDailyLoss).map(Into::into),
            total: risk.weakest_of(is_lasting).map(Into::into),
        }
    }
}

impl From<&Followed> for CopiesFromDto {
    fn from(master: &Followed) -> Self {
        Self { account_id: master.account_id, name: master.name.clone() }
    }
}

impl From<&RuleRisk> for RoomDto {
    fn from(rule: &RuleRisk) -> Self {
        Self {
            rule_id: rule.rule.0.clone(),
            kind: rule.kind.into(),
            unit: rule.unit.into(),
            status: rule.status.into(),
            last_known_status: rule.last_known_status.map(Into::into),
            limit: rule.limit.map(Figure),
            floor: rule.floor.map(Figure),
            buffer: rule.buffer.map(Figure),
            buffer_percent: rule.buffer_percent.map(Figure),
            locked: rule.locked,
            latched: rule.violation.is_some(),
            next_reset_at: rule.next_reset_at,
        }
    }
}

impl From<Unit> for RoomUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Money => Self::Money,
            Unit::Lots => Self::Lots,
            Unit::Positions | Unit::Trades => Self::Count,
        }
    }
}

impl From<&StoredPhase> for PhaseDto {
    fn from(stored: &StoredPhase) -> Self {
        let phase = &stored.phase;
        Self {
            id: stored.id,
            version: stored.version,
            started_at: phase.started_at,
            starting_balance: phase.starting_balance.into(),
            day: (&phase.day).into(),
            stale_after_s: phase.stale_after_s,
            template_id: stored.template.as_ref().map(|(id, _)| id.clone()),
            template_size: stored.template.as_ref().and_then(|(_, size)| *size),
            confirmed_at: stored.confirmed_at,
        }
    }
}

impl From<&flotilla_domain::risk::day::DayClock> for DayDto {
    fn from(clock: &flotilla_domain::risk::day::DayClock) -> Self {
        Self { tz: clock.zone_name().to_owned(), reset: clock.reset() }
    }
}

impl From<Reason> for RiskReasonDto {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NoData => Self::NoData,
            Reason::NoRules => Self::NoRules,
        }
    }
}
