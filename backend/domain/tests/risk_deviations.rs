//! How the rules of an account differ from those that its group requires.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unnecessary_wraps,
    reason = "a test fails by panicking, and compares what is optional"
)]

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::risk::day::DayClock;
use flotilla_domain::risk::defaults::RiskDefaults;
use flotilla_domain::risk::deviation::{
    Deviates, Deviation, Judged, Measure, Required, Said, Term, deviations,
};
use flotilla_domain::risk::observation::{Observation, Position};
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::rule::Rule;
use flotilla_domain::risk::state::assess;
use flotilla_domain::risk::status::DefaultThresholds;
use proptest::prelude::*;
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn rules(list: &Value) -> Vec<Rule> {
    serde_json::from_value(list.clone()).unwrap()
}

/// How `actual` of an account of 100,000 dollars differs from `required`, in dollars.
fn compared(required: &Value, actual: &Value) -> Vec<Deviation> {
    compared_in("USD", required, actual)
}

fn compared_in(currency: &str, required: &Value, actual: &Value) -> Vec<Deviation> {
    let (required, actual) = (rules(required), rules(actual));
    let (day, marks) = (DayClock::new("UTC", "00:00").unwrap(), DefaultThresholds::default());
    let account =
        Judged { rules: &actual, initial: Decimal::from(100_000), currency: "USD", day: &day, marks: &marks };
    deviations(Required { rules: &required, currency }, Some(&account))
}

/// The one deviation, in short.
fn only(found: &[Deviation]) -> (Deviates, Term, Option<Said>, Option<Said>) {
    let [one] = found else { panic!("one deviation, not {found:?}") };
    (one.deviates, one.term.unwrap(), one.required.clone(), one.actual.clone())
}

fn number(text: &str) -> Option<Said> {
    Some(Said::Number(text.parse().unwrap()))
}

fn word(text: &'static str) -> Option<Said> {
    Some(Said::Word(text.into()))
}

fn percent(value: &str, of: &str) -> Value {
    json!({ "type": "percent", "value": value, "of": of })
}

fn amount(value: &str) -> Value {
    json!({ "type": "amount", "value": value })
}

fn daily(limit: &Value) -> Value {
    json!([{ "id": "daily", "kind": "max_daily_loss", "limit": limit, "reference": "balance" }])
}

#[test]
fn an_account_conforms_to_its_own_rules_and_to_none_without_any() {
    let defaults = RiskDefaults::default().rules();
    let all = serde_json::to_value(&defaults).unwrap();

    let same = compared(&all, &all);
    let none = compared(&all, &json!([]));
    let no_phase = deviations(Required { rules: &defaults, currency: "USD" }, None);

    assert_eq!(same, []);
    assert!(
        none.iter().all(|missing| (missing.deviates, &missing.actual_rule) == (Deviates::Missing, &None))
    );
    let said = |found: &[Deviation]| -> Vec<_> {
        found
            .iter()
            .map(|missing| (missing.rule.0.clone(), missing.measure, missing.required.clone()))
            .collect()
    };
    let each = |id: &str, measure, text| (id.to_owned(), measure, number(text));
    assert_eq!(
        said(&none),
        [
            each("positions", Measure::Positions, "2"),
            each("risk_per_trade", Measure::Percent, "2"),
            each("daily", Measure::Percent, "5"),
            each("total", Measure::Percent, "15"),
        ]
    );
    assert_eq!(said(&no_phase), said(&none));
}

#[test]
fn a_share_and_an_amount_are_compared_by_what_they_allow() {
    let five = daily(&percent("5", "initial"));

    assert_eq!(compared(&five, &daily(&amount("5000"))), []);
    assert_eq!(compared(&five, &daily(&amount("4999.99"))), [], "stricter is no deviation");
    assert_eq!(
        only(&compared(&five, &daily(&amount("5000.01")))),
        (Deviates::Looser, Term::Limit, number("5000"), number("5000.01"))
    );
    assert_eq!(
        only(&compared(&five, &daily(&percent("5", "reference")))),
        (Deviates::Different, Term::Of, word("initial"), word("reference")),
        "the reference moves"
    );
}

#[test]
fn any_rule_that_is_strict_enough_will_do_and_the_one_of_the_same_name_is_meant() {
    let five = daily(&percent("5", "initial"));
    let own = |limit: &str, id: &str| json!({ "id": id, "kind": "max_daily_loss", "limit": amount(limit), "reference": "balance" });

    let both = compared(&five, &json!([own("8000", "daily"), own("3000", "mine")]));
    let neither = compared(&five, &json!([own("6000", "mine"), own("8000", "daily")]));
    let other = compared(&five, &json!([own("6000", "mine")]));

    assert_eq!(both, []);
    assert_eq!(only(&neither), (Deviates::Looser, Term::Limit, number("5000"), number("8000")));
    assert_eq!(other[0].actual_rule.as_ref().unwrap().0, "mine");
    assert_eq!((other[0].rule.0.as_str(), other[0].deviates), ("daily", Deviates::Looser));
}

#[test]
fn what_is_looser_is_said_before_what_is_only_different() {
    let required = json!([{ "id": "t", "kind": "max_total_loss", "limit": amount("10000"), "cash_policy": "keep", "breach_on": "touch" }]);
    let actual = json!([{ "id": "t", "kind": "max_total_loss", "limit": amount("10000"), "cash_policy": "shift", "breach_on": "cross" }]);

    let found = compared(&required, &actual);

    assert_eq!(only(&found), (Deviates::Looser, Term::BreachOn, word("touch"), word("cross")));
}

#[test]
fn an_amount_of_another_currency_is_neither_stricter_nor_looser_and_a_share_needs_none() {
    let of_all = daily(&percent("5", "initial"));

    let in_euro = compared_in("EUR", &daily(&amount("5000")), &daily(&amount("1")));
    let share = compared_in("EUR", &of_all, &of_all);

    assert_eq!(only(&in_euro), (Deviates::Different, Term::Currency, word("EUR"), word("USD")));
    assert_eq!(share, []);
}

#[rstest]
#[case::hard_is_stricter("severity", "hard", "soft", Some(Deviates::Looser))]
#[case::soft_is_looser("severity", "soft", "hard", None)]
#[case::touch_is_stricter("breach_on", "touch", "cross", Some(Deviates::Looser))]
#[case::cross_is_looser("breach_on", "cross", "touch", None)]
#[case::lower_is_stricter("measured", "lower", "equity", Some(Deviates::Looser))]
#[case::equity_is_no_lower("measured", "equity", "lower", None)]
#[case::equity_is_not_balance("measured", "equity", "balance", Some(Deviates::Different))]
#[case::higher_of_both_is_stricter("reference", "max", "balance", Some(Deviates::Looser))]
#[case::balance_alone_is_looser("reference", "balance", "max", None)]
#[case::peak_is_stricter("reference", "equity", "intraday_peak_equity", None)]
#[case::peaks_are_apart("reference", "max", "intraday_peak_equity", Some(Deviates::Different))]
fn words_of_a_daily_limit_are_ranked(
    #[case] field: &str,
    #[case] required: &str,
    #[case] actual: &str,
    #[case] deviates: Option<Deviates>,
) {
    let with = |word: &str| {
        let mut rules = daily(&amount("5000"));
        rules[0][field] = json!(word);
        rules
    };

    let found = compared(&with(required), &with(actual));

    assert_eq!(found.first().map(|found| found.deviates), deviates);
    let said = found
        .first()
        .map(|found| (found.term.unwrap().as_str(), found.required.clone(), found.actual.clone()));
    let words =
        (field, Some(Said::Word(required.to_owned().into())), Some(Said::Word(actual.to_owned().into())));
    assert_eq!(said, deviates.map(|_| words));
}

fn trailing(change: &Value) -> Value {
    let mut rule = json!({ "id": "t", "kind": "trailing_drawdown", "limit": amount("5000"), "mode": "eod_balance", "lock": null });
    rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    json!([rule])
}

#[rstest]
#[case::no_lock_is_stricter(json!({}), json!({ "lock": { "offset": "100" } }), Some((Deviates::Looser, Term::Lock)))]
#[case::any_lock_is_looser(json!({ "lock": { "offset": "100" } }), json!({}), None)]
#[case::a_later_lock_is_stricter(json!({ "lock": { "offset": "100" } }), json!({ "lock": { "offset": "500" } }), None)]
#[case::an_earlier_one_is_looser(json!({ "lock": { "offset": "100" } }), json!({ "lock": { "offset": "0" } }), Some((Deviates::Looser, Term::Lock)))]
#[case::every_balance_is_stricter(json!({}), json!({ "mode": "intraday_balance" }), None)]
#[case::only_resets_are_looser(json!({ "mode": "intraday_balance" }), json!({}), Some((Deviates::Looser, Term::Mode)))]
#[case::equity_is_another_peak(json!({}), json!({ "mode": "intraday_equity" }), Some((Deviates::Different, Term::Mode)))]
#[case::a_share_of_the_peak_grows(json!({}), json!({ "limit": percent("5", "hwm") }), Some((Deviates::Looser, Term::Of)))]
#[case::less_at_first_may_be_more_later(json!({}), json!({ "limit": percent("4", "hwm") }), Some((Deviates::Different, Term::Of)))]
#[case::and_a_fixed_room_does_not(json!({ "limit": percent("5", "hwm") }), json!({}), None)]
fn trailing_floors_are_ranked(
    #[case] required: Value,
    #[case] actual: Value,
    #[case] deviates: Option<(Deviates, Term)>,
) {
    let found = compared(&trailing(&required), &trailing(&actual));

    assert_eq!(found.first().map(|found| (found.deviates, found.term.unwrap())), deviates);
}

#[rstest]
#[case::more_lots(json!({ "cap": "3" }), json!({ "cap": "3.01" }), Some((Deviates::Looser, Term::Cap)))]
#[case::fewer(json!({ "cap": "3" }), json!({ "cap": "2.99" }), None)]
#[case::every_step_is_below(json!({ "cap": "3" }), json!({ "tiers": [{ "profit_from": "0", "cap": "1" }, { "profit_from": "1000", "cap": "3" }] }), None)]
#[case::one_step_is_above(json!({ "cap": "3" }), json!({ "tiers": [{ "profit_from": "0", "cap": "1" }, { "profit_from": "1000", "cap": "4" }] }), Some((Deviates::Looser, Term::Tiers)))]
#[case::it_grows_too_early(
    json!({ "tiers": [{ "profit_from": "0", "cap": "1" }, { "profit_from": "1000", "cap": "3" }] }),
    json!({ "tiers": [{ "profit_from": "0", "cap": "1" }, { "profit_from": "900", "cap": "3" }] }),
    Some((Deviates::Looser, Term::Tiers))
)]
#[case::netting_is_looser(json!({ "cap": "3" }), json!({ "cap": "3", "metric": "net_lots" }), Some((Deviates::Looser, Term::Metric)))]
#[case::money_is_no_lots(json!({ "cap": "3" }), json!({ "cap": "1", "metric": "notional" }), Some((Deviates::Different, Term::Metric)))]
fn caps_on_size_are_ranked_at_every_profit(
    #[case] required: Value,
    #[case] actual: Value,
    #[case] deviates: Option<(Deviates, Term)>,
) {
    let lots = |change: &Value| {
        let mut rule = json!({ "id": "lots", "kind": "max_lots" });
        rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!([rule])
    };

    let found = compared(&lots(&required), &lots(&actual));

    assert_eq!(found.first().map(|found| (found.deviates, found.term.unwrap())), deviates);
}

#[test]
fn of_a_stop_the_grace_counts_and_of_positions_what_is_counted() {
    let risk = |grace: u32, answer: &str| json!([{ "id": "r", "kind": "max_risk_per_trade", "limit": amount("500"), "grace_s": grace, "no_stop": answer }]);
    let open = |pending: bool| json!([{ "id": "o", "kind": "max_open_positions", "cap": "2", "include_pending": pending }]);

    assert_eq!(
        only(&compared(&risk(60, "violate"), &risk(300, "violate"))),
        (Deviates::Looser, Term::GraceS, number("60"), number("300"))
    );
    assert_eq!(only(&compared(&risk(60, "violate"), &risk(0, "unknown"))).1, Term::NoStop);
    assert_eq!(
        only(&compared(&open(true), &open(false))),
        (Deviates::Looser, Term::IncludePending, word("true"), word("false"))
    );
    assert_eq!(compared(&open(false), &open(true)), []);
}

#[test]
fn a_required_clock_is_that_of_the_rule_or_else_of_the_account() {
    let with = |day: &Value| {
        let mut rules = daily(&amount("5000"));
        rules[0]["day"] = day.clone();
        rules
    };
    let prague = json!({ "tz": "Europe/Prague", "reset": "00:00" });

    let found = compared(&with(&prague), &daily(&amount("5000")));

    assert_eq!(
        only(&found),
        (Deviates::Different, Term::Day, word("Europe/Prague 00:00"), word("UTC 00:00"))
    );
    assert_eq!(compared(&with(&json!({ "tz": "UTC", "reset": "00:00" })), &daily(&amount("5000"))), []);
    assert_eq!(compared(&with(&prague), &with(&prague)), []);
}

#[test]
fn marks_that_are_required_must_be_reached_as_early() {
    let with = |field: &str, caution: &str| {
        let mut rules = daily(&amount("5000"));
        rules[0][field] = json!({ "caution": caution, "critical": "20" });
        rules
    };

    let late = compared(&with("thresholds", "60"), &daily(&amount("5000")));
    let money = compared(&with("thresholds_money", "600"), &daily(&amount("5000")));

    assert_eq!(only(&late), (Deviates::Looser, Term::Thresholds, number("60"), number("50")));
    assert_eq!(only(&money), (Deviates::Looser, Term::ThresholdsMoney, number("600"), None));
    assert_eq!(compared(&with("thresholds", "60"), &with("thresholds", "70")), []);
}

#[rstest]
#[case::target(json!({ "kind": "profit_target", "limit": amount("10000") }), json!({ "kind": "profit_target", "limit": amount("8000") }), Term::Limit)]
#[case::days(json!({ "kind": "min_trading_days", "days": 4, "qualifier": { "type": "opened" } }), json!({ "kind": "min_trading_days", "days": 3, "qualifier": { "type": "opened" } }), Term::Days)]
#[case::qualifier(json!({ "kind": "min_trading_days", "days": 4, "qualifier": { "type": "opened" } }), json!({ "kind": "min_trading_days", "days": 4, "qualifier": { "type": "closed" } }), Term::Qualifier)]
#[case::share(json!({ "kind": "consistency", "limit_pct": "40" }), json!({ "kind": "consistency", "limit_pct": "50" }), Term::LimitPct)]
fn an_objective_that_is_easier_deviates(#[case] required: Value, #[case] actual: Value, #[case] term: Term) {
    let named = |rule: &Value| {
        let mut rule = rule.clone();
        rule["id"] = json!("objective");
        json!([rule])
    };

    let found = compared(&named(&required), &named(&actual));

    assert_eq!(only(&found).1, term);
    assert_eq!(compared(&named(&required), &named(&required)), []);
}

/// Midnight in Prague, 7 July 2026.
const START: i64 = 1_783_375_200;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(START + second, 0).unwrap()
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(words)
}

fn limit(bases: &'static [&'static str]) -> impl Strategy<Value = Value> {
    (1i64..8, one_of(bases)).prop_map(|(share, base)| match base {
        "amount" => amount(&(share * 500).to_string()),
        of => percent(&share.to_string(), of),
    })
}

prop_compose! {
    fn watch()(breach in one_of(&["touch", "cross"]), measured in one_of(&["equity", "balance", "lower"])) -> (Value, Value) {
        (json!(breach), json!(measured))
    }
}

/// A rule of one of the kinds that can be broken, in a world small enough that many are comparable.
fn rule() -> impl Strategy<Value = Value> {
    let severity = one_of(&["hard", "soft"]);
    let references = one_of(&["balance", "equity", "max", "intraday_peak_equity", "intraday_peak_balance"]);
    let daily = (limit(&["amount", "initial", "reference"]), references, watch(), severity).prop_map(
        |(limit, reference, (breach, measured), severity)| {
            json!({ "kind": "max_daily_loss", "limit": limit, "reference": reference, "breach_on": breach,
                "measured": measured, "severity": severity })
        },
    );
    let cash = || one_of(&["keep", "shift"]);
    let total = (limit(&["amount", "initial"]), cash(), watch()).prop_map(|(limit, cash, (breach, measured))| {
        json!({ "kind": "max_total_loss", "limit": limit, "cash_policy": cash, "breach_on": breach, "measured": measured })
    });
    let modes = one_of(&["intraday_equity", "intraday_balance", "eod_balance"]);
    let trailing = (limit(&["amount", "initial", "hwm"]), modes, prop::option::of(0i64..3), cash(), watch()).prop_map(
        |(limit, mode, lock, cash, (breach, measured))| {
            let lock = lock.map(|lock| json!({ "offset": (lock * 500).to_string() }));
            json!({ "kind": "trailing_drawdown", "limit": limit, "mode": mode, "lock": lock, "cash_policy": cash,
                "breach_on": breach, "measured": measured })
        },
    );
    let floor = (46_000i64..50_000, watch()).prop_map(|(value, (breach, measured))| {
        json!({ "kind": "min_equity", "value": value.to_string(), "breach_on": breach, "measured": measured })
    });
    let open = (0i64..4).prop_map(|cap| json!({ "kind": "max_open_positions", "cap": cap.to_string() }));
    let lots = (0i64..6, one_of(&["gross_lots", "net_lots", "notional"]))
        .prop_map(|(cap, metric)| json!({ "kind": "max_lots", "cap": cap.to_string(), "metric": metric }));
    let risk = (limit(&["amount", "initial"]), 0u32..3, one_of(&["violate", "unknown"])).prop_map(
        |(limit, grace, answer)| {
            json!({ "kind": "max_risk_per_trade", "limit": limit, "grace_s": grace * 30, "no_stop": answer })
        },
    );
    prop_oneof![4 => daily, 2 => total, 4 => trailing, 1 => floor, 1 => open, 2 => lots, 2 => risk]
}

/// Two rules of one kind.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    (rule(), prop::collection::vec(rule(), 12)).prop_map(|(one, others)| {
        let same = others.into_iter().find(|other| other["kind"] == one["kind"]);
        (one.clone(), same.unwrap_or(one))
    })
}

fn cents() -> impl Strategy<Value = Decimal> {
    (4_400_000i64..5_600_000).prop_map(|cents| Decimal::new(cents, 2))
}

prop_compose! {
    fn observation()(
        second in 0i64..200_000, balance in cents(), equity in cents(), extremes in any::<(bool, bool)>(),
        spread in 0i64..200_000, cash in 0i64..3, sizes in prop::collection::vec((-2i64..3, prop::option::of(1i64..3_000)), 0..4),
    ) -> Observation {
        let spread = Decimal::new(spread, 2);
        let open = |(lots, stop): (i64, Option<i64>)| Position {
            symbol: "EURUSD".to_owned(), lots: Decimal::from(lots), weight: Decimal::ONE,
            notional: Some(Decimal::from(lots.abs())), risk: stop.map(Decimal::from), opened_at: Some(at(second - 40)), bare_for_s: None,
        };
        Observation {
            at: at(second), received_at: None, balance, equity,
            high: extremes.0.then(|| equity + spread), low: extremes.1.then(|| equity - spread),
            cash_total: Decimal::from(cash - 1) * Decimal::from(500),
            positions: Some(sizes.into_iter().map(open).collect()), pending: Some(0), seq: None, by_hand: false,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whoever_conforms_never_breaks_a_required_rule_without_breaking_his_own(
        (mut required, mut actual) in pair(), seen in prop::collection::vec(observation(), 1..20),
    ) {
        required["id"] = json!("required");
        actual["id"] = json!("own");
        let form = json!({
            "currency": "USD", "starting_balance": "50000", "phase_started_at": at(-86_400),
            "day": {"tz": "Europe/Prague", "reset": "00:00"}, "stale_after_s": 600, "rules": [required, actual],
        });
        let phase = serde_json::from_value::<Phase>(form).unwrap().checked().unwrap();
        let [required, own] = phase.rules.as_slice() else { unreachable!() };
        let account = Judged {
            rules: std::slice::from_ref(own), initial: phase.starting_balance, currency: "USD", day: &phase.day,
            marks: &phase.thresholds,
        };
        let found = deviations(Required { rules: std::slice::from_ref(required), currency: "USD" }, Some(&account));
        let now = seen.iter().map(|seen| seen.at).max().unwrap() + TimeDelta::seconds(10);

        let risk = assess(&phase, seen, &[], now).unwrap();

        let is_broken = |id: &str| risk.rules.iter().any(|rule| rule.rule.0 == id && rule.violation.is_some());
        prop_assert!(!found.is_empty() || !is_broken("required") || is_broken("own"), "{:?}", risk.rules);
    }
}
