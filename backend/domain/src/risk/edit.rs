//! What an edit of the rules of a running phase must leave as it is.

use super::phase::Phase;
use super::report::AccountRisk;
use super::rule::{Rule, RuleId, Severity};

/// A rule whose violation stands, and which an edit would take away or change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The rule.
    pub rule: RuleId,
    /// For how long it is bound: `Hard` to the end of the phase, `Soft` until its next reset.
    pub severity: Severity,
}

/// Rules of `before` whose violation stands in `risk`, and which `after` does not hold as it must: an edit takes no
/// violation back.
///
/// One that was broken for good stays as it is, but for its marks. Of one that ends at a reset the line may move.
#[must_use]
pub fn bound(before: &Phase, after: &Phase, risk: &AccountRisk) -> Vec<Bound> {
    let broken = risk.rules.iter().filter(|rule| rule.violation.is_some());
    let rules = broken.filter_map(|of| before.rules.iter().find(|rule| rule.id == of.rule));
    let is_held = |rule: &Rule| {
        let same = after.rules.iter().find(|edited| edited.id == rule.id);
        same.is_some_and(|edited| match rule.severity {
            Severity::Hard => {
                edited.terms == rule.terms && edited.severity == rule.severity && edited.day == rule.day
            }
            Severity::Soft => edited.kind() == rule.kind() && after.clock(edited) == before.clock(rule),
        })
    };
    let lost = rules.filter(|rule| !is_held(rule));
    lost.map(|rule| Bound { rule: rule.id.clone(), severity: rule.severity }).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::super::state::assess;
    use super::*;

    fn phase(rules: &Value) -> Phase {
        let form = json!({
            "currency": "USD", "starting_balance": "100000", "phase_started_at": "2026-07-06T00:00:00Z",
            "day": { "tz": "UTC", "reset": "00:00" }, "rules": rules,
        });
        serde_json::from_value(form).unwrap()
    }

    fn total(change: &Value) -> Value {
        let mut rule = json!({
            "id": "total", "kind": "max_total_loss", "limit": { "type": "percent", "value": "10", "of": "initial" },
        });
        rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        rule
    }

    fn pause(change: &Value) -> Value {
        let mut rule = json!({
            "id": "pause", "kind": "max_daily_loss", "reference": "balance", "severity": "soft",
            "limit": { "type": "amount", "value": "5000" },
        });
        rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        rule
    }

    /// Rules that an edit of both to `edited` would take a violation from, with so much equity of 100,000.
    fn bound_at(equity: &str, edited: &Value) -> Vec<String> {
        let before = phase(&json!([total(&json!({})), pause(&json!({}))]));
        let seen = json!({ "at": "2026-07-06T10:00:00Z", "balance": equity, "equity": equity });
        let now = "2026-07-06T10:00:00Z".parse().unwrap();
        let risk = assess(&before, [serde_json::from_value(seen).unwrap()], &[], now).unwrap();
        bound(&before, &phase(edited), &risk).into_iter().map(|bound| bound.rule.0).collect()
    }

    #[rstest]
    #[case::as_it_is(json!([total(&json!({})), pause(&json!({}))]), &[])]
    #[case::other_marks(json!([total(&json!({ "thresholds": { "caution": "60", "critical": "30" } })), pause(&json!({}))]), &[])]
    #[case::one_more(json!([total(&json!({})), pause(&json!({})), total(&json!({ "id": "own" }))]), &[])]
    #[case::taken_away(json!([pause(&json!({}))]), &["total"])]
    #[case::renamed(json!([total(&json!({ "id": "total2" })), pause(&json!({}))]), &["total"])]
    #[case::more_room(json!([total(&json!({ "limit": { "type": "amount", "value": "50000" } })), pause(&json!({}))]), &["total"])]
    #[case::no_longer_for_good(json!([total(&json!({ "severity": "soft" })), pause(&json!({}))]), &["total"])]
    #[case::another_rule_of_the_name(
        json!([{ "id": "total", "kind": "min_equity", "value": "1" }, pause(&json!({}))]), &["total"]
    )]
    #[case::a_pause_with_more_room(
        json!([total(&json!({})), pause(&json!({ "limit": { "type": "amount", "value": "50000" } }))]), &[]
    )]
    #[case::a_pause_taken_away(json!([total(&json!({}))]), &["pause"])]
    #[case::a_pause_with_another_day(
        json!([total(&json!({})), pause(&json!({ "day": { "tz": "Asia/Tokyo", "reset": "00:00" } }))]), &["pause"]
    )]
    #[case::nothing_left(json!([]), &["total", "pause"])]
    fn an_edit_takes_no_violation_back(#[case] edited: Value, #[case] lost: &[&str]) {
        assert_eq!(bound_at("89000", &edited), lost);
        assert_eq!(bound_at("99000", &edited), Vec::<String>::new(), "nothing is broken");
    }
}
