//! What holds of the risk engine for every history.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::risk::group::{Gate, Member, Rates, aggregate};
use flotilla_domain::risk::ledger::Ledger;
use flotilla_domain::risk::observation::{Frame, Observation, Position};
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::state::{Event, State, assess, evaluate};
use flotilla_domain::risk::status::Status;
use flotilla_domain::risk::what_if::{Copying, what_if};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Midnight in Prague, 7 July 2026.
const START: i64 = 1_783_375_200;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(START + second, 0).unwrap()
}

fn rules() -> Value {
    json!([
        {"id": "daily", "kind": "max_daily_loss", "limit": {"type": "percent", "value": "5", "of": "initial"}, "reference": "balance", "breach_on": "cross"},
        {"id": "pause", "kind": "max_daily_loss", "limit": {"type": "amount", "value": "1500"}, "reference": "max", "severity": "soft"},
        {"id": "peak", "kind": "max_daily_loss", "limit": {"type": "percent", "value": "4", "of": "reference"}, "reference": "intraday_peak_equity", "severity": "soft"},
        {"id": "total", "kind": "max_total_loss", "limit": {"type": "percent", "value": "10", "of": "initial"}, "cash_policy": "shift"},
        {"id": "trail", "kind": "trailing_drawdown", "limit": {"type": "percent", "value": "6", "of": "hwm"}, "mode": "intraday_equity", "lock": {"offset": "100"}},
        {"id": "close", "kind": "trailing_drawdown", "limit": {"type": "amount", "value": "3000"}, "mode": "eod_balance", "lock": null},
        {"id": "open", "kind": "max_open_positions", "cap": 2},
        {"id": "risk", "kind": "max_risk_per_trade", "limit": {"type": "amount", "value": "900"}, "grace_s": 30},
    ])
}

fn phase(rules: &Value) -> Phase {
    let form = json!({
        "currency": "USD", "starting_balance": "50000", "phase_started_at": at(-86_400),
        "day": {"tz": "Europe/Prague", "reset": "00:00"}, "stale_after_s": 600, "rules": rules,
    });
    serde_json::from_value::<Phase>(form).unwrap().checked().unwrap()
}

fn cents() -> impl Strategy<Value = Decimal> {
    (4_400_000i64..5_600_000).prop_map(|cents| Decimal::new(cents, 2))
}

prop_compose! {
    /// Figures at one second, with extremes, cash and positions now and then.
    fn observation()(
        second in 0i64..90_000, balance in cents(), equity in cents(), extremes in any::<(bool, bool)>(),
        spread in 0i64..200_000, cash in 0i64..3, positions in 0usize..4, stop in prop::option::of(1i64..1_000),
        seq in prop::option::of(0i64..5), delay in 0i64..900,
    ) -> Observation {
        let spread = Decimal::new(spread, 2);
        let position = Position {
            symbol: "EURUSD".to_owned(), lots: Decimal::ONE, weight: Decimal::ONE, notional: None,
            risk: stop.map(Decimal::from), opened_at: Some(at(second - 20)), bare_for_s: None,
        };
        Observation {
            at: at(second), received_at: Some(at(second + delay)), balance, equity,
            high: extremes.0.then(|| equity + spread), low: extremes.1.then(|| equity - spread),
            cash_total: Decimal::from(cash - 1) * Decimal::from(500), positions: Some(vec![position; positions]),
            pending: None, seq, by_hand: false,
        }
    }
}

fn history() -> impl Strategy<Value = Vec<Observation>> {
    prop::collection::vec(observation(), 1..25)
}

fn shuffled() -> impl Strategy<Value = (Vec<Observation>, Vec<Observation>)> {
    history().prop_flat_map(|seen| (Just(seen.clone()), Just(seen).prop_shuffle()))
}

fn risk_of(phase: &Phase, seen: Vec<Observation>, now: DateTime<Utc>) -> AccountRisk {
    assess(phase, seen, &[], now).unwrap()
}

fn end(seen: &[Observation]) -> DateTime<Utc> {
    seen.iter().map(|seen| seen.at).max().unwrap_or(at(0)) + TimeDelta::seconds(10)
}

/// An account with one floor of 10 % and this many cents left of its 1,000.
fn left(cents: i64, stale: bool, now: DateTime<Utc>) -> AccountRisk {
    let phase = serde_json::from_value::<Phase>(json!({
        "currency": "USD", "starting_balance": "10000", "phase_started_at": at(-86_400),
        "day": {"tz": "UTC", "reset": "00:00"},
        "rules": [{"id": "total", "kind": "max_total_loss", "limit": {"type": "percent", "value": "10", "of": "initial"}}],
    }))
    .unwrap();
    let equity = Decimal::new(900_000 + cents, 2);
    let seen = Observation {
        at: if stale { now - TimeDelta::hours(1) } else { now },
        received_at: None,
        balance: equity,
        equity,
        high: None,
        low: None,
        cash_total: Decimal::ZERO,
        positions: Some(Vec::new()),
        pending: None,
        seq: None,
        by_hand: false,
    };
    risk_of(&phase, vec![seen], now)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_delivery_does_not_matter((seen, other) in shuffled()) {
        let phase = phase(&rules());
        let now = end(&seen);

        prop_assert_eq!(risk_of(&phase, seen, now), risk_of(&phase, other, now));
    }

    #[test]
    fn a_repeated_observation_changes_nothing(seen in history(), which in any::<prop::sample::Index>()) {
        let phase = phase(&rules());
        let now = end(&seen);
        let mut twice = seen.clone();
        twice.push(seen[which.index(seen.len())].clone());

        prop_assert_eq!(risk_of(&phase, seen, now), risk_of(&phase, twice, now));
    }

    #[test]
    fn step_by_step_and_all_at_once_are_the_same(seen in history()) {
        let phase = phase(&rules());
        let ledger = Ledger::default();
        let now = end(&seen);
        let mut state = State::new(&phase, false).unwrap();
        for frame in Frame::in_order(seen.clone()) {
            let then = frame.at;
            // Time does not pass beyond a frame before it arrives: a missing stop could be judged in between.
            let kept: State = serde_json::from_value(serde_json::to_value(&state).unwrap()).unwrap();
            prop_assert_eq!(&kept, &state);
            state = kept;
            evaluate(&phase, &ledger, &mut state, Event::Observed(Box::new(frame)), then).unwrap();
        }
        let stepped = evaluate(&phase, &ledger, &mut state, Event::Passed, now).unwrap();

        prop_assert_eq!(stepped, risk_of(&phase, seen, now));
    }

    #[test]
    fn floors_of_the_phase_only_rise_and_hard_violations_stay(mut seen in history()) {
        let mut keeping = rules();
        keeping[3]["cash_policy"] = json!("keep");
        let phase = phase(&keeping);
        for seen in &mut seen {
            seen.received_at = None;
        }
        let ledger = Ledger::default();
        let mut state = State::new(&phase, false).unwrap();
        let mut floors: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut violated: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for frame in Frame::in_order(seen) {
            let now = frame.at;
            let risk = evaluate(&phase, &ledger, &mut state, Event::Observed(Box::new(frame)), now).unwrap();
            for rule in risk.rules {
                let id = rule.rule.0.clone();
                if let Some(floor) = rule.floor.filter(|_| ["total", "trail", "close"].contains(&id.as_str())) {
                    let before = floors.insert(id.clone(), floor).unwrap_or(floor);
                    prop_assert!(floor >= before, "{id} fell from {before} to {floor}");
                }
                let recorded = rule.violation.map(|violation| violation.at);
                if let Some(first) = violated.get(&id) {
                    prop_assert_eq!(recorded, Some(*first));
                    prop_assert_eq!(rule.status, Status::Violated);
                } else if let Some(at) = recorded.filter(|_| !["pause", "peak"].contains(&id.as_str())) {
                    violated.insert(id, at);
                }
            }
        }
    }

    #[test]
    fn what_is_crossed_at_the_end_is_violated_and_old_figures_are_never_better(seen in history()) {
        let phase = phase(&rules());
        let now = end(&seen);
        let fresh = risk_of(&phase, seen.clone(), now);
        let old = risk_of(&phase, seen, now + TimeDelta::seconds(700));

        for rule in &fresh.rules {
            let is_over = rule.buffer.is_some_and(|buffer| buffer < Decimal::ZERO);
            prop_assert!(!is_over || rule.status == Status::Violated, "{rule:?}");
        }
        prop_assert!(old.stale && matches!(old.status, Status::Stale | Status::Violated));
        prop_assert!(old.rules.iter().all(|rule| matches!(rule.status, Status::Stale | Status::Violated)));
    }

    #[test]
    fn a_group_is_its_weakest_member(
        members in prop::collection::vec((-20_000i64..120_000, any::<bool>()), 1..12), rotation in 0usize..12,
    ) {
        let now = at(50_000);
        let risks: Vec<AccountRisk> = members.iter().map(|(cents, stale)| left(*cents, *stale, now)).collect();
        let mut together: Vec<Member<'_, usize>> =
            risks.iter().enumerate().map(|(id, risk)| Member { id, risk }).collect();
        together.rotate_left(rotation % risks.len());

        let group = aggregate(&together, &Rates { base: "USD".to_owned(), ..Rates::default() }, now);

        let worse = |risk: &AccountRisk| risk.status.rank().max(risk.last_known_status.unwrap().rank());
        let worst = risks.iter().map(worse).max().unwrap();
        prop_assert_eq!(group.status.rank(), worst);
        prop_assert_eq!(group.gate == Gate::Open, worst == Status::Safe.rank());
        let kind = group.rules.values().next().unwrap();
        let least = members.iter().map(|(cents, _)| *cents).min().unwrap();
        prop_assert_eq!(kind.min_buffer.as_ref().unwrap().value, Decimal::new(least, 2));
        let weakest = group.weakest.unwrap().account;
        prop_assert_eq!(worse(&risks[weakest]), worst);
        let as_bad = (0..risks.len()).filter(|id| worse(&risks[*id]) == worst);
        prop_assert_eq!(members[weakest].0, as_bad.map(|id| members[id].0).min().unwrap());
    }

    #[test]
    fn what_if_is_what_trying_every_volume_finds(
        followers in prop::collection::vec((1i64..100_001, 1i64..40, 1i64..5, 1i64..400), 1..5), leader_step in 1i64..4,
    ) {
        let now = at(50_000);
        let risks: Vec<AccountRisk> = followers.iter().map(|(cents, ..)| left(*cents, false, now)).collect();
        let copying = |(_, ratio, step, loss): &(i64, i64, i64, i64)| Copying {
            ratio: Decimal::new(*ratio, 1), step: Decimal::new(*step, 1), risk_per_lot: Decimal::from(*loss),
            weight: Decimal::ONE, notional_per_lot: None,
        };
        let accounts: Vec<_> = risks.iter().zip(&followers).enumerate()
            .map(|(id, (risk, follower))| (Member { id, risk }, copying(follower))).collect();
        let leader_step = Decimal::new(leader_step, 1);

        let answer = what_if(leader_step, &accounts).unwrap();

        // No account may be critical after its copy is stopped out, nor before. One that could not take a single step
        // blocks the trade although it would not take part: it has no room for it.
        let stays_clear = |leader: Decimal| accounts.iter().zip(&followers).all(|((_, copying), (cents, ..))| {
            let lots = (leader * copying.ratio / copying.step).floor() * copying.step;
            let left = Decimal::new(*cents, 2) - lots * copying.risk_per_lot;
            left > Decimal::from(200)
        });
        let has_room = accounts.iter().zip(&followers).all(|((_, copying), (cents, ..))| {
            Decimal::new(*cents, 2) - copying.step * copying.risk_per_lot > Decimal::from(200)
        });
        let mut most = Decimal::ZERO;
        while has_room && stays_clear(most + leader_step) {
            most += leader_step;
        }
        prop_assert_eq!(answer.max_leader_lots.unwrap(), most);
    }
}

/// Numbers at the edges of what is accepted.
fn extreme() -> impl Strategy<Value = Decimal> {
    prop::sample::select(vec![
        "0",
        "1000000000000000",
        "-1000000000000000",
        "0.000000000001",
        "-0.000000000001",
        "999999999999999.999999999999",
        "100000",
        "0.1",
    ])
    .prop_map(|text| text.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_number_that_is_accepted_is_too_large_or_too_small_to_be_judged(
        numbers in prop::collection::vec(extreme(), 12), percent in prop::sample::select(vec!["1000", "0.000000000001", "0"]),
        copying in prop::collection::vec(prop::sample::select(vec!["0.00000001", "1000000000", "0.1"]), 6),
    ) {
        let text = |index: usize| numbers[index].to_string();
        let size = |index: usize| numbers[index].abs().to_string();
        let mut every = rules().as_array().unwrap().clone();
        every.extend(json!([
            {"id": "wide", "kind": "max_total_loss", "limit": {"type": "percent", "value": percent, "of": "initial"},
                "thresholds": {"caution": "1000000", "critical": "-1000000"}, "thresholds_money": {"caution": size(3), "critical": "0"}},
            {"id": "min", "kind": "min_equity", "value": text(4)},
            {"id": "lots", "kind": "max_lots", "cap": size(5), "metric": "net_lots"},
            {"id": "target", "kind": "profit_target", "limit": {"type": "amount", "value": size(6)}},
            {"id": "share", "kind": "consistency", "limit_pct": "0.01", "denominator": "max_target_net", "target": {"type": "amount", "value": size(7)}},
        ]).as_array().unwrap().clone());
        let mut phase = phase(&Value::Array(every));
        phase.starting_balance = numbers[0].abs();
        let seen: Observation = serde_json::from_value(json!({
            "at": at(10), "balance": text(1), "equity": text(2), "high": text(8), "low": text(9), "cash_total": text(10),
            "positions": [{"symbol": "A", "lots": text(11), "weight": text(3), "notional": text(4), "risk": text(5)}],
        })).unwrap();
        let later = Observation { at: at(90_000), equity: seen.balance, balance: seen.equity, ..seen.clone() };

        let risk = risk_of(&phase, vec![seen, later], at(90_001));
        let member = Member { id: 0, risk: &risk };
        let _ = aggregate(&[member], &Rates { base: "EUR".to_owned(), ..Rates::default() }, at(90_001));
        let number = |index: usize| copying[index].parse::<Decimal>().unwrap();
        let question = Copying {
            ratio: number(0), step: number(1), risk_per_lot: number(2), weight: number(3), notional_per_lot: Some(number(4)),
        };
        for cents in [1, 100_000] {
            let room = left(cents, false, at(90_001));
            let answer = what_if(number(5), &[(Member { id: 0, risk: &room }, question)]);
            prop_assert!(answer.is_ok());
        }
    }
}

/// A balance of 104,000 with a float of -3,500 carried over midnight: under the new day's floor.
fn carried(by_hand: bool, seconds_before: i64) -> AccountRisk {
    let phase = serde_json::from_value::<Phase>(json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": at(-86_400), "stale_after_s": 60,
        "day": {"tz": "Europe/Prague", "reset": "00:00"},
        "rules": [{"id": "daily", "kind": "max_daily_loss", "limit": {"type": "amount", "value": "3000"}, "reference": "max"}],
    }))
    .unwrap();
    let seen =
        json!({"at": at(-seconds_before), "balance": "104000", "equity": "100500", "by_hand": by_hand});
    risk_of(&phase, vec![serde_json::from_value(seen).unwrap()], at(0))
}

#[test]
fn what_a_person_read_is_fresh_until_the_reset_which_belongs_to_the_new_day() {
    let typed_at_noon = carried(true, 43_200);
    let seen_just_before = carried(false, 10);
    let typed_just_before = carried(true, 10);

    assert_eq!((typed_at_noon.status, typed_at_noon.stale), (Status::Stale, true));
    assert_eq!(typed_at_noon.rules[0].violation, None, "nothing is recorded under a floor of the day after");
    assert_eq!(typed_at_noon.last_known_status, Some(Status::Critical), "but nothing is hidden");
    assert_eq!(typed_at_noon.fresh_until, Some(at(0) - TimeDelta::microseconds(1)));
    assert_eq!(seen_just_before.status, Status::Violated);
    assert_eq!(
        typed_just_before.status,
        Status::Violated,
        "of whatever source, figures of this age are fresh"
    );
}
