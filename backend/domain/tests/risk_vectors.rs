//! Golden vectors: those of the specification, and our own for what it leaves out.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "../examples/risk_vectors/compare.rs"]
mod compare;
#[path = "../examples/risk_vectors/read.rs"]
mod read;
#[path = "../examples/risk_vectors/render.rs"]
mod render;
#[path = "../examples/risk_vectors/report.rs"]
mod report;
#[path = "../examples/risk_vectors/vectors.rs"]
mod vectors;

use std::path::Path;

use flotilla_domain::risk::form::RuleError;
use flotilla_domain::risk::rule::Rule;
use flotilla_domain::risk::template::Templates;
use rstest::rstest;
use serde_json::{Value, json};

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/risk").join(file)).unwrap()
}

#[rstest]
#[case::of_the_specification("vectors.json", 103)]
#[case::our_own("more.json", 60)]
fn every_vector_agrees(#[case] file: &str, #[case] at_least: usize) {
    let outcome = vectors::run(&text(file)).unwrap();

    let found: Vec<String> = outcome.mismatches.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(outcome.total >= at_least && outcome.agreeing == outcome.total);
}

/// The first vector that judges an account, changed by `change`.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut file: Value = serde_json::from_str(&text("vectors.json")).unwrap();
    let mut vector = file["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .find(|vector| vector["name"] == "daily-on-the-line-touch")
        .unwrap()
        .clone();
    change(&mut vector);
    file["vectors"] = json!([vector]);
    let outcome = vectors::run(&file.to_string()).unwrap();
    outcome.mismatches.iter().map(ToString::to_string).collect()
}

#[test]
fn a_vector_that_is_not_changed_agrees() {
    assert_eq!(changed(|_| {}), Vec::<String>::new());
}

#[rstest]
#[case::a_number("/expected/accounts/A/rules/daily/floor", json!("95000.0000001"))]
#[case::a_percent("/expected/accounts/A/rules/daily/buffer_percent", json!("0.0001"))]
#[case::a_status("/expected/accounts/A/status", json!("critical"))]
#[case::an_instant("/expected/accounts/A/rules/daily/violation/at", json!("2026-07-07T10:00:01Z"))]
#[case::evidence_left_out("/expected/accounts/A/rules/daily/violation", json!(null))]
#[case::a_rule_left_out("/expected/accounts/A/rules", json!({}))]
#[case::the_kind("/accounts/0/rules/0/kind", json!("max_hourly_loss"))]
#[case::a_reference("/accounts/0/rules/0/reference", json!("vwap"))]
#[case::the_type("/type", json!("simulate"))]
#[case::a_float("/accounts/0/observations/0/equity", json!(100_000.5))]
#[case::a_zone("/accounts/0/day/tz", json!("Europe/Atlantis"))]
fn what_differs_or_is_not_known_is_a_mismatch(#[case] path: &str, #[case] value: Value) {
    let found = changed(|vector| *vector.pointer_mut(path).unwrap() = value);

    assert_ne!(found, Vec::<String>::new());
}

#[rstest]
#[case::of_a_rule("/accounts/0/rules/0")]
#[case::of_an_account("/accounts/0")]
#[case::of_an_observation("/accounts/0/observations/0")]
#[case::of_a_result("/expected/accounts/A")]
#[case::of_a_rules_result("/expected/accounts/A/rules/daily")]
fn a_field_nobody_knows_is_a_mismatch(#[case] path: &str) {
    let found = changed(|vector| vector.pointer_mut(path).unwrap()["trailing_stop"] = json!("1"));

    assert_ne!(found, Vec::<String>::new());
}

/// How the command ends for a file of this text, and what it says last.
fn ends(name: &str, text: &str) -> (u8, bool, String) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    let mut report = report::of_file(path.to_str().unwrap());
    (report.status, report.is_read, report.lines.pop().unwrap())
}

#[test]
fn the_command_ends_with_1_for_what_differs_and_with_2_for_what_it_cannot_read() {
    let agreeing = text("vectors.json");
    let mut file: Value = serde_json::from_str(&agreeing).unwrap();
    let vectors = file["vectors"].as_array_mut().unwrap();
    let judged = vectors.iter_mut().find(|vector| vector["name"] == "daily-on-the-line-touch").unwrap();
    judged["expected"]["accounts"]["A"]["status"] = json!("critical");

    let good = ends("risk_vectors_good.json", &agreeing);
    let changed = ends("risk_vectors_changed.json", &file.to_string());
    let broken = ends("risk_vectors_broken.json", "{");

    assert_eq!(good, (0, true, "103 of 103 vectors agree".to_owned()));
    assert_eq!(changed, (1, true, "102 of 103 vectors agree".to_owned()));
    assert_eq!((broken.0, broken.1), (2, false));
    assert_eq!(report::of_file("no/such/file").status, 2);
}

#[test]
fn what_a_file_says_beside_its_vectors_is_passed_over() {
    let mut file: Value = serde_json::from_str(&text("vectors.json")).unwrap();
    file.as_object_mut().unwrap().remove("compare");
    (file["source"], file["license"]) = (json!("a firm"), json!({ "name": "CC0" }));
    (file["defaults"]["cash_policy"], file["defaults"]["round"]) = (json!("keep"), json!("half_even"));
    for vector in file["vectors"].as_array_mut().unwrap() {
        (vector["tags"], vector["note"], vector["since"]) = (json!(["daily"]), json!(null), json!(2));
        for account in vector["accounts"].as_array_mut().into_iter().flatten() {
            (account["name"], account["note"]) = (json!("FTMO-3"), json!(null));
            for rule in account["rules"].as_array_mut().into_iter().flatten() {
                (rule["name"], rule["source"]) = (json!("Daily loss"), json!("https://example.com"));
            }
        }
    }

    let outcome = vectors::run(&file.to_string()).unwrap();

    assert_eq!((outcome.total, outcome.agreeing), (103, 103));
}

#[test]
fn every_template_has_rules_for_the_sizes_that_are_sold_or_says_that_it_has_not() {
    let file: Templates = serde_json::from_str(include_str!("../data/risk_templates.json")).unwrap();

    let mut unknown = Vec::new();
    for template in &file.templates {
        for size in &template.market_sizes {
            match template.rules_for(*size) {
                Ok(rules) => assert!(!rules.is_empty()),
                Err(error) => unknown.push((template.id.as_str(), *size, error)),
            }
        }
    }

    assert_eq!(file.templates.len(), 24);
    // Its cap on contracts was not found for this size: without it the template would promise too little.
    assert_eq!(unknown, [("tradeify_growth", 25_000, RuleError::BySize)]);
}

#[test]
fn a_rule_survives_being_written() {
    let file: Value = serde_json::from_str(&text("vectors.json")).unwrap();
    let accounts =
        file["vectors"].as_array().unwrap().iter().filter_map(|vector| vector["accounts"].as_array());
    let forms: Vec<&Value> =
        accounts.flatten().filter_map(|account| account["rules"].as_array()).flatten().collect();

    assert!(forms.len() > 100);
    for form in forms {
        let rule: Rule = serde_json::from_value(form.clone()).unwrap();
        let written = serde_json::to_value(&rule).unwrap();
        assert_eq!(serde_json::from_value::<Rule>(written).unwrap(), rule);
    }
}
