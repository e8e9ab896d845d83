//! What the next reset will bring, and what it would cost if every stop were hit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::risk::ledger::Ledger;
use flotilla_domain::risk::observation::Observation;
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::preview::{AfterReset, after_reset};
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::state::State;
use flotilla_domain::risk::status::Status;
use flotilla_domain::risk::what_if::{AtEquity, stopped_out};
use rstest::rstest;
use serde_json::{Value, json};

/// Noon in Prague, a summer's day.
fn noon() -> DateTime<Utc> {
    "2026-07-07T10:00:00Z".parse().unwrap()
}

fn midnight() -> DateTime<Utc> {
    "2026-07-07T22:00:00Z".parse().unwrap()
}

fn phase(rules: &Value) -> Phase {
    let form = json!({
        "currency": "USD", "starting_balance": "200000", "phase_started_at": "2026-07-06T10:00:00Z",
        "day": {"tz": "Europe/Prague", "reset": "00:00"}, "stale_after_s": 600, "rules": rules,
    });
    serde_json::from_value::<Phase>(form).unwrap().checked().unwrap()
}

fn seen(at: DateTime<Utc>, balance: &str, equity: &str, positions: &Value) -> Observation {
    let form = json!({ "at": at, "balance": balance, "equity": equity, "positions": positions });
    serde_json::from_value(form).unwrap()
}

/// Flat at the day's beginning, then as given at noon.
fn history(balance: &str, equity: &str, positions: &Value) -> [Observation; 2] {
    let began = midnight() - TimeDelta::days(1);
    [seen(began, "200000", "200000", &json!([])), seen(noon(), balance, equity, positions)]
}

fn previewed(rules: &Value, balance: &str, equity: &str) -> Vec<AfterReset> {
    let phase = phase(rules);
    let ledger = Ledger::new(&phase, &[], noon()).unwrap();
    let seen = history(balance, equity, &json!([]));
    let state = State::replay(&phase, &ledger, seen, noon()).unwrap();
    after_reset(&phase, &ledger, &state, noon())
}

fn daily(reference: &str) -> Value {
    json!({
        "id": "daily", "kind": "max_daily_loss", "reference": reference, "breach_on": "cross",
        "limit": {"type": "percent", "value": "5", "of": "initial"},
    })
}

// The document's own example: a loss carried over midnight by an account that won before.
#[rstest]
#[case::of_the_balance("balance", ["204000", "191000"], ["194000", "-3000"], Status::Violated)]
#[case::of_the_higher("max", ["198000", "201000"], ["191000", "10000"], Status::Safe)]
#[case::of_the_days_peak("intraday_peak_equity", ["200000", "196000"], ["186000", "10000"], Status::Safe)]
fn the_floor_after_the_reset_is_the_one_that_the_figures_of_now_would_make(
    #[case] reference: &str,
    #[case] figures: [&str; 2],
    #[case] line: [&str; 2],
    #[case] status: Status,
) {
    let ([balance, equity], [floor, buffer]) = (figures, line);
    let after = previewed(&json!([daily(reference)]), balance, equity);

    assert_eq!(after.len(), 1);
    let after = after.first().unwrap();
    assert_eq!(after.at, midnight());
    assert_eq!((after.floor, after.buffer), (floor.parse().unwrap(), buffer.parse().unwrap()));
    assert_eq!(after.status, status);
}

#[test]
fn a_preview_changes_nothing_and_leaves_caps_and_objectives_out() {
    let rules = json!([
        {"id": "open", "kind": "max_open_positions", "cap": 2},
        {"id": "close", "kind": "trailing_drawdown", "mode": "eod_balance", "limit": {"type": "amount", "value": "8000"}},
        {"id": "target", "kind": "profit_target", "limit": {"type": "percent", "value": "10", "of": "initial"}},
    ]);
    let phase = phase(&rules);
    let ledger = Ledger::new(&phase, &[], noon()).unwrap();
    let state = State::replay(&phase, &ledger, history("206000", "206000", &json!([])), noon()).unwrap();
    let before = (state.clone(), AccountRisk::of(&phase, &ledger, &state, noon()));

    let after = after_reset(&phase, &ledger, &state, noon());

    // The line follows the balances of closes only: today's counts from the reset on.
    assert_eq!(before.1.rules.iter().find_map(|rule| rule.floor), Some("192000".parse().unwrap()));
    let told: Vec<_> = after.iter().map(|after| (after.rule.0.as_str(), after.floor)).collect();
    assert_eq!(told, [("close", "198000".parse().unwrap())]);
    assert_eq!(before, (state.clone(), AccountRisk::of(&phase, &ledger, &state, noon())));
}

#[test]
fn without_figures_nothing_is_previewed() {
    let phase = phase(&json!([daily("balance")]));
    let ledger = Ledger::new(&phase, &[], noon()).unwrap();

    assert_eq!(
        after_reset(&phase, &ledger, &State::replay(&phase, &ledger, [], noon()).unwrap(), noon()),
        []
    );
}

fn stressed(positions: &Value) -> Option<AtEquity> {
    let rules = json!([
        daily("balance"),
        {"id": "total", "kind": "max_total_loss", "limit": {"type": "percent", "value": "10", "of": "initial"}},
        {"id": "open", "kind": "max_open_positions", "cap": 2},
    ]);
    let phase = phase(&rules);
    let ledger = Ledger::new(&phase, &[], noon()).unwrap();
    let state = State::replay(&phase, &ledger, history("200000", "199000", positions), noon()).unwrap();
    let risk = AccountRisk::of(&phase, &ledger, &state, noon());
    stopped_out(&phase.rules, &risk, state.last().unwrap())
}

fn open(lots: &str, risk: Option<&str>) -> Value {
    json!({ "symbol": "XAUUSD", "lots": lots, "risk": risk })
}

#[test]
fn all_stops_hit_at_once_cost_the_sum_and_every_floor_is_asked() {
    let held = json!([open("1", Some("4000")), open("-2", Some("3500"))]);

    let found = stressed(&held).unwrap();

    // From the balance: the 1,000 that are lost until now are part of what the stops cost.
    assert_eq!(found.equity, "192500".parse().unwrap());
    let told: Vec<_> = found.rules.iter().map(|(rule, status)| (rule.0.as_str(), *status)).collect();
    // 2,500 of 10,000 are left of the day, 12,500 of 20,000 in all. Caps have no floor.
    assert_eq!(told, [("daily", Status::Caution), ("total", Status::Safe)]);
}

#[test]
fn what_is_won_until_now_is_gone_when_the_stop_at_the_entry_is_hit() {
    let rules = json!([{
        "id": "trail", "kind": "trailing_drawdown", "mode": "intraday_equity", "breach_on": "cross",
        "limit": {"type": "amount", "value": "4000"},
    }]);
    let phase = phase(&rules);
    let ledger = Ledger::new(&phase, &[], noon()).unwrap();
    let seen = history("200000", "206000", &json!([open("1", Some("0"))]));
    let state = State::replay(&phase, &ledger, seen, noon()).unwrap();
    let risk = AccountRisk::of(&phase, &ledger, &state, noon());

    let found = stopped_out(&phase.rules, &risk, state.last().unwrap()).unwrap();

    // The line has come to 202,000 with the equity.
    assert_eq!(found.equity, "200000".parse().unwrap());
    assert_eq!(found.rules.first().map(|(_, status)| *status), Some(Status::Violated));
}

#[test]
fn stops_that_cost_more_than_is_left_cross_the_line() {
    let found = stressed(&json!([open("1", Some("10001"))])).unwrap();

    assert_eq!(found.rules.first().map(|(_, status)| *status), Some(Status::Violated));
}

#[rstest]
#[case::no_stop(json!([open("1", Some("10")), open("1", None)]))]
#[case::unknown_positions(Value::Null)]
fn without_a_stop_or_positions_it_is_not_known(#[case] positions: Value) {
    assert_eq!(stressed(&positions), None);
}

#[test]
fn without_positions_nothing_is_lost() {
    assert_eq!(stressed(&json!([])).unwrap().equity, "199000".parse().unwrap());
}

#[rstest]
#[case::daily_loss(json!({"id": "a", "kind": "max_daily_loss", "reference": "balance", "severity": "soft", "limit": {"type": "amount", "value": "500"}}))]
#[case::a_cap_has_no_reset_of_its_own(json!({"id": "a", "kind": "max_open_positions", "severity": "soft", "cap": 0}))]
fn a_pause_says_when_it_ends(#[case] mut rule: Value) {
    let mut ends = Vec::new();
    for severity in ["soft", "hard"] {
        rule["severity"] = json!(severity);
        let phase = phase(&json!([rule]));
        let ledger = Ledger::new(&phase, &[], noon()).unwrap();
        let seen = history("200000", "199000", &json!([open("1", Some("10"))]));
        let state = State::replay(&phase, &ledger, seen, noon()).unwrap();
        let risk = AccountRisk::of(&phase, &ledger, &state, noon());
        assert_eq!(risk.status, Status::Violated);
        ends.extend(risk.rules.iter().map(|rule| rule.pause_ends_at));
    }

    assert_eq!(ends, [Some(midnight()), None]);
}

#[rstest]
#[case::for_less_than_the_grace(300, Status::Unknown)]
#[case::for_longer(301, Status::Violated)]
fn a_position_that_is_seen_without_a_stop_for_longer_than_the_grace_breaks_the_rule(
    #[case] bare_for_s: u32,
    #[case] status: Status,
) {
    let rules = json!([{
        "id": "risk", "kind": "max_risk_per_trade", "limit": {"type": "amount", "value": "3000"}, "grace_s": 300,
    }]);
    let phase = phase(&rules);
    let ledger = Ledger::new(&phase, &[], noon()).unwrap();
    let held = json!([{ "symbol": "BTC-USDT", "lots": "1", "bare_for_s": bare_for_s }]);

    let state = State::replay(&phase, &ledger, history("200000", "199000", &held), noon()).unwrap();

    assert_eq!(AccountRisk::of(&phase, &ledger, &state, noon()).status, status);
    let kept = json!(state);
    assert!(!kept.to_string().contains("bare_for_s"), "others that read it may not know it");
    let read: State = serde_json::from_value(kept).unwrap();
    assert_eq!(AccountRisk::of(&phase, &ledger, &read, noon()).status, status);
}
