//! `openapi/openapi.json` is what the handlers say, and they say what they check.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// What requests name freely: it is known or not.
const FREE: [&str; 5] = [
    "BeginPhase.template_id",
    "Register.invite_code",
    "RequireRules.template_id",
    "RiskRule.tiers",
    "RiskRule.weights_note",
];

/// Run with `FLOTILLA_BLESS=1` after a change of the API to rewrite the file.
#[test]
fn document_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/openapi.json");
    let generated = flotilla_api::openapi::document().to_pretty_json().unwrap() + "\n";

    if std::env::var_os("FLOTILLA_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &generated).unwrap();
    }

    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == generated, "openapi/openapi.json is not current; run this test with FLOTILLA_BLESS=1");
}

/// Names of the schemas that are referred to anywhere in `value`.
fn referred(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|place| place.strip_prefix("#/components/schemas/"));
            own.map(ToOwned::to_owned).into_iter().chain(fields.values().flat_map(referred)).collect()
        }
        Value::Array(items) => items.iter().flat_map(referred).collect(),
        _ => Vec::new(),
    }
}

/// Whether somebody who reads the schema knows how long, how large and of what form.
fn is_bounded(schema: &Value) -> bool {
    let has = |word: &str| !schema[word].is_null();
    let is = |kind: &str| {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&kind.into()))
    };
    if is("string") {
        let is_formed = ["uuid", "date", "date-time"].iter().any(|format| schema["format"] == **format);
        return is_formed || has("enum") || has("pattern") || has("maxLength");
    }
    if is("array") {
        return has("maxItems") && is_bounded(&schema["items"]);
    }
    !is("integer") || (has("minimum") && has("maximum"))
}

#[test]
fn what_requests_may_say_is_bounded() {
    let document = flotilla_api::openapi::document().to_json().unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let items = document["paths"].as_object().unwrap().values();
    let operations: Vec<&Value> = items.flat_map(|item| item.as_object().unwrap().values()).collect();

    let mut waiting: Vec<String> =
        operations.iter().flat_map(|operation| referred(&operation["requestBody"])).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let schema = &document["components"]["schemas"][&name];
        waiting.extend(referred(schema).into_iter().filter(|name| !seen.contains(name)));
        assert_ne!(name, "Decimal", "figures of requests have types with bounds");
        assert!(is_bounded(schema), "{name}");
        let shapes = schema["oneOf"].as_array().into_iter().flatten().chain([schema]);
        for (field, said) in shapes.filter_map(|shape| shape["properties"].as_object()).flatten() {
            let place = format!("{name}.{field}");
            assert!(is_bounded(said) || FREE.contains(&place.as_str()), "{place}: {said}");
        }
        seen.insert(name);
    }
    assert!(seen.len() > 50, "{}", seen.len());

    for operation in operations {
        let id = &operation["operationId"];
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let schema = &parameter["schema"];
            let said = if schema["type"] == "array" { &schema["items"] } else { schema };
            assert!(is_bounded(said), "{id}: {parameter}");
        }
    }
}
