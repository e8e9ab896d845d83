//! What the engine says, in the shape of the vectors.

use flotilla_domain::risk::group::{GroupRisk, Least};
use flotilla_domain::risk::objective::{Figures, Objective};
use flotilla_domain::risk::report::{AccountRisk, Reason, RuleRisk};
use flotilla_domain::risk::rule::Kind;
use flotilla_domain::risk::violation::{Line, Violation};
use flotilla_domain::risk::what_if::WhatIf;
use serde_json::{Map, Value, json};

/// An account. `wanted`: the rules that a vector expects; of an account
/// without data it may list none, as there is no number in them.
pub fn account(risk: &AccountRisk, wanted: Option<&Value>) -> Value {
    let is_left_out =
        risk.reason == Some(Reason::NoData) && wanted.and_then(Value::as_object).is_some_and(Map::is_empty);
    let rules: Map<String, Value> = if is_left_out {
        Map::new()
    } else {
        risk.rules.iter().map(|rule| (rule.rule.0.clone(), self::rule(rule))).collect()
    };
    let objectives: Map<String, Value> =
        risk.objectives.iter().map(|found| (found.rule.0.clone(), objective(found))).collect();
    json!({
        "rules": rules,
        "objectives": objectives,
        "status": risk.status,
        "reason": risk.reason,
        "last_known_status": risk.last_known_status,
        "age_s": risk.age_s,
        "stale": risk.stale,
        "currency": risk.currency,
        "as_of": risk.as_of,
        "clock_skew": risk.clock_skew,
        "largest_gap_s": risk.largest_gap_s,
    })
}

fn rule(risk: &RuleRisk) -> Value {
    json!({
        "kind": risk.kind,
        "unit": risk.unit,
        "limit": risk.limit,
        "floor": risk.floor,
        "reference": risk.reference,
        "current": risk.current,
        "buffer": risk.buffer,
        "buffer_percent": risk.buffer_percent,
        "status": risk.status,
        "last_known_status": risk.last_known_status,
        "latched": risk.violation.is_some(),
        "violation": risk.violation.as_ref().map(violation),
        "locked": risk.locked,
        "suspected_breach": risk.suspected_breach,
        "suspected_at": risk.suspected_at,
        "missing_stop": risk.missing_stop,
        "missing_stop_late": risk.missing_stop_late,
        "day": risk.day,
        "day_start_quality": risk.day_start_quality,
        "next_reset_at": risk.next_reset_at,
        "thresholds": risk.thresholds,
        "thresholds_money": risk.money_thresholds,
    })
}

fn violation(found: &Violation) -> Value {
    let (floor, cap) = match found.line {
        Line::Floor(floor) => (Some(floor), None),
        Line::Cap(cap) => (None, Some(cap)),
    };
    json!({
        "at": found.at,
        "detected_at": found.detected_at,
        "source": found.source,
        "measured": found.measured,
        "floor": floor,
        "cap": cap,
        "buffer": found.buffer,
        "reference": found.reference,
        "day": found.day,
        "not_before": found.not_before,
        "seq": found.seq,
        "late": found.is_late,
        "worst_buffer": found.worst_buffer,
    })
}

fn objective(found: &Objective) -> Value {
    match found.figures {
        Figures::Progress { target, current, remaining, progress_percent } => json!({
            "kind": found.kind,
            "state": found.state,
            "target": target,
            "current": current,
            "remaining": remaining,
            "progress_percent": progress_percent,
        }),
        Figures::Share { best_day, denominator, ratio_percent, allowed, buffer, extra_profit_needed } => {
            json!({
                "kind": found.kind,
                "state": found.state,
                "best_day": best_day,
                "denominator": denominator,
                "ratio_percent": ratio_percent,
                "allowed": allowed,
                "buffer": buffer,
                "extra_profit_needed": extra_profit_needed,
            })
        }
    }
}

fn least(found: &Least<&str>) -> Value {
    json!({ "account": found.account, "value": found.value, "unit": found.unit })
}

/// A group.
pub fn group(risk: &GroupRisk<&str>) -> Value {
    let by_kind = |kind: &Kind| kind.as_str().to_owned();
    let rules: Map<String, Value> = risk
        .rules
        .iter()
        .map(|(kind, found)| {
            let value = json!({
                "status": found.status,
                "weakest_account": found.weakest_account,
                "weakest_rule": found.weakest_rule,
                "min_percent": found.min_percent.as_ref().map(least),
                "min_buffer": found.min_buffer.as_ref().map(least),
                "members_without": found.members_without,
            });
            (by_kind(kind), value)
        })
        .collect();
    let objectives: Map<String, Value> = risk
        .objectives
        .iter()
        .map(|(kind, found)| {
            let slowest = found.slowest.as_ref().map(least);
            (by_kind(kind), json!({ "met": found.met, "total": found.total, "slowest": slowest }))
        })
        .collect();
    json!({
        "status": risk.status,
        "gate": risk.gate,
        "complete": risk.complete,
        "weakest": risk.weakest.as_ref().map(|weakest| json!({ "account": weakest.account, "rule": weakest.rule })),
        "tied_with": risk.tied_with,
        "rules": rules,
        "stale_members": risk.stale_members,
        "unknown_members": risk.unknown_members,
        "as_of": risk.as_of,
        "objectives_summary": objectives,
    })
}

/// An answer.
pub fn what_if(answer: &WhatIf<&str>) -> Value {
    let per_account: Map<String, Value> = answer
        .per_account
        .iter()
        .map(|share| (share.account.to_owned(), json!({ "lots": share.lots, "loss": share.loss })))
        .collect();
    json!({
        "max_base_lots": answer.max_leader_lots,
        "binding": answer.binding.as_ref().map(|binding| {
            json!({ "account": binding.account, "rule": binding.rule, "reason": binding.reason })
        }),
        "per_account": per_account,
        "zero_size": answer.zero_size,
    })
}
