//! Exact comparison of what was expected with what the engine says.

use std::fmt;

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

/// One difference.
pub struct Mismatch {
    path: String,
    expected: String,
    actual: String,
}

impl Mismatch {
    /// The vector could not be run.
    pub fn failed(expected: &Value, error: String) -> Self {
        Self { path: "(not run)".to_owned(), expected: expected.to_string(), actual: error }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, got {}", self.path, self.expected, self.actual)
    }
}

/// What the engine says beyond the format: compared when a vector names it.
const EXTRAS: &[&str] = &[
    "as_of",
    "clock_skew",
    "currency",
    "detected_at",
    "largest_gap_s",
    "late",
    "objectives_summary",
    "seq",
    "suspected_at",
    "thresholds",
    "thresholds_money",
    "worst_buffer",
];
/// Part of the evidence that the format leaves out.
const EVIDENCE_EXTRAS: &[&str] = &["reference"];

/// All differences.
pub fn compare(expected: &Value, actual: &Value) -> Vec<Mismatch> {
    let mut found = Vec::new();
    differ(expected, actual, "", &mut found);
    found
}

fn differ(expected: &Value, actual: &Value, path: &str, found: &mut Vec<Mismatch>) {
    match (expected, actual) {
        (Value::Object(wanted), Value::Object(is)) => {
            for (key, value) in wanted {
                differ(value, is.get(key).unwrap_or(&Value::Null), &format!("{path}/{key}"), found);
            }
            let is_evidence = path.ends_with("/violation");
            for (key, value) in is.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
                let is_extra = EXTRAS.contains(&key.as_str())
                    || (is_evidence && EVIDENCE_EXTRAS.contains(&key.as_str()));
                if !is_extra && !is_nothing(value) {
                    found.push(mismatch(&format!("{path}/{key}"), &Value::Null, value));
                }
            }
        }
        (Value::Array(wanted), Value::Array(is)) if wanted.len() == is.len() => {
            for (index, (value, other)) in wanted.iter().zip(is).enumerate() {
                differ(value, other, &format!("{path}/{index}"), found);
            }
        }
        _ if is_same(expected, actual, path.ends_with("percent") || path.ends_with("min_percent/value")) => {}
        _ => found.push(mismatch(path, expected, actual)),
    }
}

/// Left out and null, or false, are the same.
fn is_nothing(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false))
}

fn mismatch(path: &str, expected: &Value, actual: &Value) -> Mismatch {
    Mismatch { path: path.to_owned(), expected: expected.to_string(), actual: actual.to_string() }
}

fn is_same(expected: &Value, actual: &Value, is_percent: bool) -> bool {
    if expected == actual {
        return true;
    }
    if let (Some(wanted), Some(is)) = (decimal(expected), decimal(actual)) {
        let shown = |number: Decimal| {
            if is_percent {
                number.round_dp_with_strategy(4, RoundingStrategy::MidpointNearestEven)
            } else {
                number
            }
        };
        return shown(wanted) == shown(is);
    }
    matches!((instant(expected), instant(actual)), (Some(wanted), Some(is)) if wanted == is)
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => Decimal::from_str_exact(text).ok(),
        Value::Number(number) => Decimal::from_str_exact(&number.to_string()).ok(),
        _ => None,
    }
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}
