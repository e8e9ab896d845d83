use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use flotilla_domain::risk::copy_policy::CopyPolicy;
use flotilla_domain::risk::day::DayClock;
use flotilla_domain::risk::form::{RuleError, RuleForm};
use flotilla_domain::risk::phase::{Phase, PhaseError};
use flotilla_domain::risk::rule::Rule;
use flotilla_domain::risk::template::{Template, Templates};
use flotilla_store::risk_phases::StoredPhase;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{Amount, CurrencyName, Grounds, MarkPercent, RuleName, UnsignedAmount};
use crate::dto::figure::Figure;
use crate::dto::marks::{InheritedMarksDto, OwnMarksDto, SetMarks, UsualMarksDto};
use crate::dto::patched::Patched;
use crate::dto::risk::DayDto;
use crate::dto::rules;
use crate::dto::words::{
    BasisWord, BreachOnWord, CashPolicyWord, CopyStanceWord, DailyReferenceWord, DenominatorWord,
    LotsMetricWord, MeasuredWord, NoStopWord, PercentOfWord, RuleKindWord, RuleSeverityWord,
    TrailingModeWord,
};
use crate::error::{ApiError, ApiResult};
use crate::risk_templates;

/// A rule: one flat object. Which fields belong to it follows from its kind;
/// one that does not is refused.
#[derive(ToSchema)]
#[schema(as = RiskRule)]
#[expect(dead_code, reason = "describes the domain's own form in the document")]
pub struct RuleShape {
    pub id: RuleName,
    pub kind: RuleKindWord,
    /// `hard` unless given; limits only.
    pub severity: Option<RuleSeverityWord>,
    /// `touch` unless given; floors only.
    pub breach_on: Option<BreachOnWord>,
    /// `equity` unless given; floors only.
    pub measured: Option<MeasuredWord>,
    pub thresholds: Option<MarksShape>,
    pub thresholds_money: Option<MarksShape>,
    /// Instead of the account's.
    pub day: Option<DayDto>,
    pub limit: Option<LimitShape>,
    pub reference: Option<DailyReferenceWord>,
    pub mode: Option<TrailingModeWord>,
    pub lock: Option<LockShape>,
    pub cash_policy: Option<CashPolicyWord>,
    pub value: Option<Amount>,
    pub cap: Option<UnsignedAmount>,
    /// In templates only.
    #[schema(value_type = Option<BTreeMap<String, Amount>>)]
    pub cap_by_size: Option<BTreeMap<String, Figure>>,
    pub tiers: Option<Vec<TierShape>>,
    pub metric: Option<LotsMetricWord>,
    /// Unknown, so that a guard holds back every copy, while the account's source
    /// does not tell of pending orders, as older reporters do not.
    pub include_pending: Option<bool>,
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub grace_s: Option<u32>,
    pub no_stop: Option<NoStopWord>,
    pub basis: Option<BasisWord>,
    pub limit_pct: Option<Amount>,
    pub denominator: Option<DenominatorWord>,
    pub target: Option<LimitShape>,
    pub strict: Option<bool>,
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub days: Option<u32>,
    pub qualifier: Option<QualifierShape>,
    pub weights_note: Option<String>,
}

/// Money, a share, or, in templates, money by the size of the account.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = RiskLimit)]
#[expect(dead_code, reason = "describes the domain's own form in the document")]
pub enum LimitShape {
    Amount {
        #[schema(value_type = UnsignedAmount)]
        value: Figure,
    },
    Percent {
        #[schema(value_type = UnsignedAmount)]
        value: Figure,
        of: PercentOfWord,
    },
    BySize {
        #[schema(value_type = BTreeMap<String, Amount>)]
        values: BTreeMap<String, Figure>,
    },
}

/// Above the starting balance a trailing floor stops.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskLock)]
pub struct LockShape {
    #[schema(value_type = Amount)]
    pub offset: Figure,
}

/// A step of a cap that grows with profit.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskTier)]
pub struct TierShape {
    #[schema(value_type = Amount)]
    pub profit_from: Figure,
    #[schema(value_type = Amount)]
    pub cap: Figure,
}

/// Which days count as traded.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = RiskQualifier)]
#[expect(dead_code, reason = "describes the domain's own form in the document")]
pub enum QualifierShape {
    Opened,
    Closed,
    PnlAtLeast { limit: LimitShape },
}

/// Marks at which a rule becomes caution and critical, both inclusive.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskMarks)]
pub struct MarksShape {
    #[schema(value_type = MarkPercent)]
    pub caution: Figure,
    #[schema(value_type = MarkPercent)]
    pub critical: Figure,
}

/// By which rules an account is judged.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountRules)]
pub struct RulesDto {
    /// Zero while the account has none: the first edit begins its first phase.
    pub version: i32,
    pub phase_id: Option<uuid::Uuid>,
    pub started_at: Option<DateTime<Utc>>,
    pub currency: String,
    pub starting_balance: Option<Figure>,
    pub day: DayDto,
    pub stale_after_s: u32,
    /// Marks of its rules that have none of their own.
    pub thresholds: UsualMarksDto,
    /// Those of them that the account sets itself.
    pub own_thresholds: OwnMarksDto,
    /// What holds where it sets none.
    pub inherited: InheritedMarksDto,
    #[schema(value_type = Vec<RuleShape>)]
    pub rules: Vec<RuleForm>,
    pub template_id: Option<String>,
    pub template_size: Option<i32>,
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// An edit of the rules. What is left out stays.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PutRules {
    /// The version that was read.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub version: i32,
    #[schema(value_type = Vec<RuleShape>, max_items = 50)]
    #[garde(length(max = 50))]
    pub rules: Vec<RuleForm>,
    /// Cannot change inside a phase.
    #[schema(value_type = Option<CurrencyName>)]
    pub currency: Option<String>,
    /// Cannot change inside a phase.
    #[schema(value_type = Option<UnsignedAmount>)]
    pub starting_balance: Option<Figure>,
    pub day: Option<DayDto>,
    #[garde(range(max = 31_536_000))]
    #[schema(minimum = 0, maximum = 31_536_000)]
    pub stale_after_s: Option<u32>,
    /// Marks that the account sets itself; null: none.
    #[serde(default)]
    #[schema(value_type = Option<SetMarks>)]
    pub thresholds: Patched<SetMarks>,
}

/// A new phase: from a template and a size, or from rules.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct BeginPhase {
    pub template_id: Option<String>,
    /// One of the template's `market_sizes`; also the starting balance unless that is given.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub size: Option<u32>,
    #[schema(value_type = Option<Vec<RuleShape>>, max_items = 50)]
    #[garde(length(max = 50))]
    pub rules: Option<Vec<RuleForm>>,
    /// That of the account unless given.
    #[schema(value_type = Option<CurrencyName>)]
    pub currency: Option<String>,
    #[schema(value_type = Option<UnsignedAmount>)]
    pub starting_balance: Option<Figure>,
    pub day: Option<DayDto>,
    #[garde(range(max = 31_536_000))]
    #[schema(minimum = 0, maximum = 31_536_000)]
    pub stale_after_s: Option<u32>,
    /// Now unless given; not before the phase that ends.
    pub started_at: Option<DateTime<Utc>>,
    /// Needed when the phase that ends is violated.
    #[garde(custom(rules::optional_reason))]
    #[schema(value_type = Option<Grounds>)]
    pub reason: Option<String>,
}

/// Which version of the rules was compared with the firm's dashboard.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct ConfirmRules {
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub version: i32,
}

/// Rules of firms, to be taken over and confirmed.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskTemplates)]
pub struct TemplatesDto {
    /// What everybody must read who uses one.
    pub warning: &'static str,
    pub templates: Vec<TemplateDto>,
}

/// Rules of one programme of a firm.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskTemplate)]
pub struct TemplateDto {
    pub id: &'static str,
    pub firm: &'static str,
    pub program: &'static str,
    pub stage: &'static str,
    /// Sizes that are sold and for which every limit is known.
    pub market_sizes: Vec<u32>,
    pub day: DayDto,
    #[schema(value_type = Vec<RuleShape>)]
    pub rules: &'static [RuleForm],
    /// How sure we are.
    pub confidence: &'static str,
    /// When that was so: a year, a month or a day.
    pub as_of: &'static str,
    pub sources: &'static [String],
    pub notes: &'static str,
    /// What the firm says about copying; null: not established, read the firm's rules before copying.
    pub copying: Option<CopyPolicyDto>,
}

/// What a firm says about copying, on a page of its own.
#[derive(Serialize, ToSchema)]
#[schema(as = CopyPolicy)]
pub struct CopyPolicyDto {
    /// From an account of the trader to another of his.
    pub own_accounts: CopyStanceWord,
    /// From or to accounts of other people.
    pub other_people: CopyStanceWord,
    /// By a program, such as an EA.
    pub copier_programs: CopyStanceWord,
    pub confidence: &'static str,
    #[schema(value_type = String, format = Date)]
    pub read_on: NaiveDate,
    pub source: &'static str,
    pub notes: &'static str,
}

impl From<StoredPhase> for RulesDto {
    fn from(stored: StoredPhase) -> Self {
        let phase = stored.phase;
        Self {
            version: stored.version,
            phase_id: Some(stored.id),
            started_at: Some(phase.started_at),
            currency: phase.currency,
            starting_balance: Some(phase.starting_balance.into()),
            day: (&phase.day).into(),
            stale_after_s: phase.stale_after_s,
            thresholds: phase.thresholds.into(),
            own_thresholds: stored.own_marks.into(),
            inherited: stored.inherited.into(),
            rules: phase.rules.into_iter().map(Into::into).collect(),
            template_size: stored.template.as_ref().and_then(|(_, size)| *size),
            template_id: stored.template.map(|(id, _)| id),
            confirmed_at: stored.confirmed_at,
        }
    }
}

impl From<&'static Templates> for TemplatesDto {
    fn from(shipped: &'static Templates) -> Self {
        Self { warning: &shipped.warning, templates: shipped.templates.iter().map(Into::into).collect() }
    }
}

impl From<&'static Template> for TemplateDto {
    fn from(template: &'static Template) -> Self {
        let is_whole = |size: &u32| template.rules_for(*size).is_ok();
        Self {
            id: &template.id,
            firm: &template.firm,
            program: &template.program,
            stage: &template.stage,
            market_sizes: template.market_sizes.iter().copied().filter(is_whole).collect(),
            day: (&template.day).into(),
            rules: &template.rules,
            confidence: &template.confidence,
            as_of: &template.as_of,
            sources: &template.sources,
            notes: &template.notes,
            copying: risk_templates::copying(&template.id).map(Into::into),
        }
    }
}

impl From<&'static CopyPolicy> for CopyPolicyDto {
    fn from(policy: &'static CopyPolicy) -> Self {
        Self {
            own_accounts: policy.own_accounts.into(),
            other_people: policy.other_people.into(),
            copier_programs: policy.copier_programs.into(),
            confidence: &policy.confidence,
            read_on: policy.read_on,
            source: &policy.source,
            notes: &policy.notes,
        }
    }
}

/// The rules that are written in `forms`.
///
/// # Errors
///
/// 422 that names the first field that is not right.
pub fn rules(forms: Vec<RuleForm>) -> ApiResult<Vec<Rule>> {
    let each = forms.into_iter().enumerate();
    each.map(|(place, form)| form.rule().map_err(|error| unfit(place, &error))).collect()
}

fn unfit(place: usize, error: &RuleError) -> ApiError {
    let (field, code) = match error {
        RuleError::Id => ("id", "invalid"),
        RuleError::Missing { field, .. } => (*field, "required"),
        RuleError::Unexpected { field, .. } => (*field, "not_allowed"),
        RuleError::Range { field, .. } => (*field, "out_of_range"),
        RuleError::BySize => ("limit", "by_size"),
    };
    ApiError::field(&format!("rules[{place}].{field}"), code, &error.to_string())
}

/// The day that is written here.
///
/// # Errors
///
/// 422.
pub fn clock(day: &DayDto) -> ApiResult<DayClock> {
    DayClock::new(&day.tz, &day.reset).map_err(|error| ApiError::field("day", "invalid", &error.to_string()))
}

/// The phase, when it makes sense.
///
/// # Errors
///
/// 422 that names what does not.
pub fn checked(phase: Phase) -> ApiResult<Phase> {
    phase.checked().map_err(|error| {
        let (field, code) = match error {
            PhaseError::StartingBalance => ("starting_balance", "negative"),
            PhaseError::Currency => ("currency", "invalid_currency"),
            PhaseError::Thresholds => ("thresholds", "out_of_range"),
            PhaseError::DuplicateRule(_) => ("rules", "duplicate"),
            PhaseError::NoFloor(_) => ("rules", "has_floor_override"),
        };
        ApiError::field(field, code, &error.to_string())
    })
}
