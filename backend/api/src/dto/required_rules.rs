use std::collections::BTreeSet;

use flotilla_domain::group::{Group, RequiredRules};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::deviation::{Deviates, Deviation, Judged, Required, Said, deviations};
use flotilla_domain::risk::form::RuleForm;
use flotilla_store::risk_members::RiskMember;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::risk_rules::RuleShape;
use crate::dto::words::{DeviationKindWord, DeviationMeasureWord, DeviationTermWord, RuleKindWord};

/// Deviations that are told one by one; all of them are counted.
const SHOWN: usize = 200;

/// Rules that every account of a group must have.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RequiredRules)]
pub struct RequiredRulesDto {
    /// Template they were taken from.
    pub template_id: Option<String>,
    pub template_size: Option<i32>,
    /// Amounts are in the group's base currency.
    #[schema(value_type = Vec<RuleShape>)]
    pub rules: Vec<RuleForm>,
}

/// Rules to be required: as they are, or those of a template for a size.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequireRules)]
pub struct RequireRulesBody {
    /// Beside rules, it only says where they are from.
    pub template_id: Option<String>,
    /// One of the template's `market_sizes`.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub template_size: Option<u32>,
    /// At most 50.
    #[schema(value_type = Option<Vec<RuleShape>>, min_items = 1, max_items = 50)]
    pub rules: Option<Vec<RuleForm>>,
}

/// A required rule that an account does not conform to. Of several differences
/// it is the gravest; a stricter rule is none.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RuleDeviation)]
pub struct DeviationDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub account_name: String,
    /// The required rule.
    pub rule_id: String,
    pub kind: RuleKindWord,
    pub deviation: DeviationKindWord,
    /// Which field of the rule it is about; null when the rule is missing.
    pub field: Option<DeviationTermWord>,
    /// In what the values count; `word`: they are words of the field.
    pub unit: DeviationMeasureWord,
    /// Of money: the account's; of a missing rule, the group's.
    pub currency: String,
    /// The account's own rule; null when it is missing.
    pub actual_rule_id: Option<String>,
    /// Null: none.
    pub required: Option<String>,
    /// Null: none.
    pub actual: Option<String>,
}

/// How the accounts of a group conform to what it requires.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GroupConformity)]
pub struct ConformityDto {
    /// Null: nothing is required.
    #[schema(required = true)]
    pub required_rules: Option<RequiredRulesDto>,
    /// By account and rule; at most 200.
    pub deviations: Vec<DeviationDto>,
    /// How many there are in all.
    pub deviations_total: usize,
    /// All accounts that deviate.
    #[schema(value_type = Vec<Uuid>)]
    pub deviating_accounts: Vec<AccountId>,
}

impl ConformityDto {
    /// `members`: those of the group, by name.
    pub fn of(group: &Group, members: &[RiskMember]) -> Self {
        let Some(required) = &group.required else {
            let (deviations, deviating_accounts) = (Vec::new(), Vec::new());
            return Self { required_rules: None, deviations, deviations_total: 0, deviating_accounts };
        };
        let rules = Required { rules: &required.rules, currency: &group.base_currency };
        let (mut shown, mut total, mut accounts) = (Vec::new(), 0, BTreeSet::new());
        for member in members {
            for deviation in of_member(rules, member) {
                total += 1;
                accounts.insert(member.id);
                if shown.len() < SHOWN {
                    shown.push(DeviationDto::of(group, member, deviation));
                }
            }
        }
        Self {
            required_rules: Some(required.clone().into()),
            deviations: shown,
            deviations_total: total,
            deviating_accounts: accounts.into_iter().collect(),
        }
    }
}

fn of_member(required: Required<'_>, member: &RiskMember) -> Vec<Deviation> {
    let judged = member.phase.as_ref().map(|phase| Judged {
        rules: &phase.rules,
        initial: phase.starting_balance,
        currency: &member.risk.currency,
        day: &phase.day,
        marks: &phase.thresholds,
    });
    deviations(required, judged.as_ref())
}

impl DeviationDto {
    fn of(group: &Group, member: &RiskMember, deviation: Deviation) -> Self {
        let is_missing = deviation.deviates == Deviates::Missing;
        let currency = if is_missing { &group.base_currency } else { &member.risk.currency };
        Self {
            account_id: member.id,
            account_name: member.name.clone(),
            rule_id: deviation.rule.0,
            kind: deviation.kind.into(),
            deviation: deviation.deviates.into(),
            field: deviation.term.map(Into::into),
            unit: deviation.measure.into(),
            currency: currency.clone(),
            actual_rule_id: deviation.actual_rule.map(|rule| rule.0),
            required: deviation.required.map(text),
            actual: deviation.actual.map(text),
        }
    }
}

fn text(said: Said) -> String {
    match said {
        Said::Number(number) => number.normalize().to_string(),
        Said::Word(word) => word.into_owned(),
    }
}

impl From<RequiredRules> for RequiredRulesDto {
    fn from(required: RequiredRules) -> Self {
        let (template_id, template_size) = required.template.unzip();
        Self {
            template_id,
            template_size: template_size.flatten(),
            rules: required.rules.into_iter().map(Into::into).collect(),
        }
    }
}
