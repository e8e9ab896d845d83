//! What a group requires, as a body says it.

use std::collections::BTreeSet;

use flotilla_domain::group::RequiredRules;
use flotilla_domain::risk::form::RuleForm;
use flotilla_domain::risk::rule::Rule;

use crate::dto::patched::Patched;
use crate::dto::required_rules::RequireRulesBody;
use crate::dto::risk_rules::rules;
use crate::error::{ApiError, ApiResult};
use crate::routes::risk_rules::{sold, template};

/// Most rules of a group, as of an account.
const MOST_RULES: usize = 50;

/// What a body says of the rules that a group requires.
///
/// # Errors
///
/// 422 that names the first field that is not right.
pub fn asked(body: &Patched<RequireRulesBody>) -> ApiResult<Patched<RequiredRules>> {
    Ok(match body {
        Patched::Kept => Patched::Kept,
        Patched::Removed => Patched::Removed,
        Patched::Set(body) => Patched::Set(required(body).map_err(within)?),
    })
}

/// Fields are those of the whole body.
fn within(error: ApiError) -> ApiError {
    let ApiError::Invalid(mut problems) = error else { return error };
    for problem in &mut problems {
        let field = if problem.field == "size" { "template_size" } else { &problem.field };
        problem.field = format!("required_rules.{field}");
    }
    ApiError::Invalid(problems)
}

fn required(body: &RequireRulesBody) -> ApiResult<RequiredRules> {
    let template = body.template_id.as_deref().map(template).transpose()?;
    if template.is_none() && body.template_size.is_some() {
        return Err(ApiError::field("template_id", "required", "is needed with a size"));
    }
    let (rules, size) = match (&body.rules, template) {
        (Some(forms), Some(template)) if body.template_size.is_some() => {
            (given(forms.clone())?, Some(sold(template, body.template_size)?))
        }
        (Some(forms), _) => (given(forms.clone())?, None),
        (None, Some(template)) => {
            let size = sold(template, body.template_size)?;
            let unknown = |_| ApiError::field("size", "unknown_value", "is not one of the template's sizes");
            (template.required_for(size.unsigned_abs()).map_err(unknown)?, Some(size))
        }
        (None, None) => return Err(ApiError::field("rules", "required", "name a template, or rules")),
    };
    Ok(RequiredRules { rules, template: template.map(|template| (template.id.clone(), size)) })
}

fn given(forms: Vec<RuleForm>) -> ApiResult<Vec<Rule>> {
    if forms.is_empty() || forms.len() > MOST_RULES {
        return Err(ApiError::field("rules", "out_of_range", "must be 1 to 50 rules"));
    }
    let rules = rules(forms)?;
    let mut seen = BTreeSet::new();
    if rules.iter().all(|rule| seen.insert(&rule.id)) {
        return Ok(rules);
    }
    Err(ApiError::field("rules", "duplicate", "have one id twice"))
}
