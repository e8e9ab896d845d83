//! Golden vectors: what the engine must say, by example.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use flotilla_domain::risk::day::DayClock;
use flotilla_domain::risk::group::{Member, aggregate};
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::state::assess;
use flotilla_domain::risk::what_if::{WhatIf, what_if};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::compare::{Mismatch, compare};
use super::read::{self, Account, Defaults, Group, Question};
use super::render;

/// The format that is read.
const FORMAT: &str = "flotilla-risk-vectors/1";

/// What came of a file.
pub struct Outcome {
    pub total: usize,
    pub agreeing: usize,
    pub mismatches: Vec<Found>,
}

/// A mismatch and its vector.
pub struct Found {
    pub vector: String,
    pub mismatch: Mismatch,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.vector, self.mismatch)
    }
}

/// Who wrote it, when and why is nobody's business here.
#[derive(Deserialize)]
struct File {
    format: String,
    #[serde(default)]
    defaults: Defaults,
    vectors: Vec<Value>,
}

/// Runs all vectors of a file.
pub fn run(text: &str) -> Result<Outcome, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if file.format != FORMAT {
        return Err(format!("the format is `{}`, not `{FORMAT}`", file.format));
    }
    let mut outcome = Outcome { total: file.vectors.len(), agreeing: 0, mismatches: Vec::new() };
    for (index, vector) in file.vectors.iter().enumerate() {
        let name =
            vector.get("name").and_then(Value::as_str).map_or_else(|| format!("#{index}"), str::to_owned);
        let mismatches = run_one(vector, &file.defaults);
        outcome.agreeing += usize::from(mismatches.is_empty());
        let found = mismatches.into_iter().map(|mismatch| Found { vector: name.clone(), mismatch });
        outcome.mismatches.extend(found);
    }
    Ok(outcome)
}

fn run_one(vector: &Value, defaults: &Defaults) -> Vec<Mismatch> {
    let expected = vector.get("expected").cloned().unwrap_or(Value::Null);
    let actual = match vector.get("type").and_then(Value::as_str) {
        Some("trading_day") => trading_day(vector),
        Some("evaluate") => evaluate(vector, defaults, &expected),
        other => Err(format!("unknown type {other:?}")),
    };
    match actual {
        Ok(actual) => compare(&expected, &actual),
        Err(error) => vec![Mismatch::failed(&expected, error)],
    }
}

#[derive(Deserialize)]
struct DayVector {
    at: DateTime<Utc>,
    tz: String,
    reset: String,
}

fn trading_day(vector: &Value) -> Result<Value, String> {
    let vector: DayVector = read::from(vector)?;
    let clock = DayClock::new(&vector.tz, &vector.reset).map_err(|error| error.to_string())?;
    let day = clock.day_at(vector.at).map_err(|error| error.to_string())?;
    Ok(json!({
        "label": day.label,
        "start": day.start,
        "end": day.end,
        "length_s": day.length().num_seconds(),
        "seconds_to_reset": (day.end - vector.at).num_seconds(),
    }))
}

#[derive(Deserialize)]
struct EvaluateVector {
    now: DateTime<Utc>,
    accounts: Vec<Value>,
    #[serde(default)]
    group: Option<Group>,
    #[serde(default)]
    what_if: Option<Question>,
}

fn evaluate(vector: &Value, defaults: &Defaults, expected: &Value) -> Result<Value, String> {
    let vector: EvaluateVector = read::from(vector)?;
    let mut risks: BTreeMap<String, AccountRisk> = BTreeMap::new();
    let mut accounts = Map::new();
    for form in &vector.accounts {
        let account = Account::read(form, defaults)?;
        let risk = assess(&account.phase, account.observations, &account.trades, vector.now)
            .map_err(|error| format!("account {}: {error}", account.id))?;
        let wanted = expected.pointer(&format!("/accounts/{}/rules", account.id));
        accounts.insert(account.id.clone(), render::account(&risk, wanted));
        if risks.insert(account.id.clone(), risk).is_some() {
            return Err(format!("two accounts have the id {}", account.id));
        }
    }
    let mut actual = Map::from_iter([("accounts".to_owned(), Value::Object(accounts))]);
    if let Some(group) = &vector.group {
        let members = members(&group.members, &risks)?;
        actual.insert(
            "group".to_owned(),
            render::group(&aggregate(&members, &group.rates(defaults), vector.now)),
        );
    }
    if let Some(question) = &vector.what_if {
        actual.insert("what_if".to_owned(), render::what_if(&answer(question, &risks)?));
    }
    Ok(Value::Object(actual))
}

fn members<'a>(
    ids: &'a [String],
    risks: &'a BTreeMap<String, AccountRisk>,
) -> Result<Vec<Member<'a, &'a str>>, String> {
    let member = |id: &'a String| {
        risks.get(id).map(|risk| Member { id: id.as_str(), risk }).ok_or_else(|| format!("no account {id}"))
    };
    ids.iter().map(member).collect()
}

fn answer<'a>(
    question: &'a Question,
    risks: &'a BTreeMap<String, AccountRisk>,
) -> Result<WhatIf<&'a str>, String> {
    let account = |(id, copying): (&'a String, &'a _)| {
        let risk = risks.get(id).ok_or_else(|| format!("no account {id}"))?;
        Ok((Member { id: id.as_str(), risk }, *copying))
    };
    let accounts = question.accounts.iter().map(account).collect::<Result<Vec<_>, String>>()?;
    what_if(question.leader_step, &accounts).map_err(|error| error.to_string())
}
