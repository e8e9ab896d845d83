//! Accounts, groups and questions as vectors write them.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::risk::amount;
use flotilla_domain::risk::group::{Rate, Rates};
use flotilla_domain::risk::observation::{Observation, Trade};
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::what_if::Copying;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub fn from<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

/// Values for whatever a vector leaves out.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Defaults {
    stale_after_s: Option<Value>,
    start_tolerance_s: Option<Value>,
    breach_on: Option<Value>,
    severity: Option<Value>,
    measured: Option<Value>,
    metric: Option<Value>,
    denominator: Option<Value>,
    basis: Option<Value>,
    no_stop: Option<Value>,
    grace_s: Option<Value>,
    weight: Option<Value>,
    thresholds: Option<Value>,
    cash_policy: Option<Value>,
    include_pending: Option<Value>,
    fx_max_age_s: Option<i64>,
}

/// What a file may say of an account or a rule beside what it is.
const REMARKS: [&str; 4] = ["name", "note", "source", "tags"];

const FLOORS: &[&str] = &["max_daily_loss", "max_total_loss", "trailing_drawdown", "min_equity"];
const CAPS: &[&str] = &["max_open_positions", "max_lots", "daily_trade_count", "max_risk_per_trade"];

fn fill(object: &mut Map<String, Value>, field: &str, default: Option<&Value>) {
    if let Some(default) = default {
        object.entry(field.to_owned()).or_insert_with(|| default.clone());
    }
}

impl Defaults {
    fn fill_account(&self, account: &mut Map<String, Value>) {
        fill(account, "stale_after_s", self.stale_after_s.as_ref());
        fill(account, "start_tolerance_s", self.start_tolerance_s.as_ref());
        fill(account, "thresholds", self.thresholds.as_ref());
        each(account.get_mut("rules"), |rule| self.fill_rule(rule));
        each(account.get_mut("observations"), |seen| {
            each(seen.get_mut("positions"), |position| fill(position, "weight", self.weight.as_ref()));
        });
    }

    fn fill_rule(&self, rule: &mut Map<String, Value>) {
        let kind = rule.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_floor = FLOORS.contains(&kind.as_str());
        let mut when = |applies: bool, field: &str, default: &Option<Value>| {
            if applies {
                fill(rule, field, default.as_ref());
            }
        };
        when(is_floor || CAPS.contains(&kind.as_str()), "severity", &self.severity);
        when(is_floor, "breach_on", &self.breach_on);
        when(is_floor, "measured", &self.measured);
        when(kind == "max_lots", "metric", &self.metric);
        let has_policy = ["max_total_loss", "trailing_drawdown"].contains(&kind.as_str());
        when(has_policy, "cash_policy", &self.cash_policy);
        when(kind == "max_open_positions", "include_pending", &self.include_pending);
        when(kind == "consistency", "denominator", &self.denominator);
        when(kind == "profit_target", "basis", &self.basis);
        when(kind == "max_risk_per_trade", "no_stop", &self.no_stop);
        when(kind == "max_risk_per_trade", "grace_s", &self.grace_s);
    }
}

fn each(list: Option<&mut Value>, mut change: impl FnMut(&mut Map<String, Value>)) {
    let items = list.and_then(Value::as_array_mut).into_iter().flatten();
    items.filter_map(Value::as_object_mut).for_each(&mut change);
}

/// An account with its history.
pub struct Account {
    pub id: String,
    pub phase: Phase,
    pub observations: Vec<Observation>,
    pub trades: Vec<Trade>,
}

impl Account {
    pub fn read(form: &Value, defaults: &Defaults) -> Result<Self, String> {
        let mut form = form.as_object().cloned().ok_or("an account is not an object")?;
        form.retain(|field, _| !REMARKS.contains(&field.as_str()));
        each(form.get_mut("rules"), |rule| rule.retain(|field, _| !REMARKS.contains(&field.as_str())));
        defaults.fill_account(&mut form);
        let id: String = from(&form.remove("id").unwrap_or_default())?;
        let observations = form.remove("observations").map_or(Ok(Vec::new()), |list| from(&list));
        let trades = form.remove("trades").map_or(Ok(Vec::new()), |list| from(&list));
        let phase: Phase = from(&Value::Object(form)).map_err(|error| format!("account {id}: {error}"))?;
        let phase = phase.checked().map_err(|error| format!("account {id}: {error}"))?;
        Ok(Self { id, phase, observations: observations?, trades: trades? })
    }
}

/// A group and its rates.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub members: Vec<String>,
    base_currency: String,
    #[serde(default)]
    fx: BTreeMap<String, RateForm>,
    #[serde(default)]
    fx_max_age_s: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RateForm {
    Plain(#[serde(with = "amount")] Decimal),
    Timed(TimedRate),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimedRate {
    #[serde(with = "amount")]
    rate: Decimal,
    at: DateTime<Utc>,
}

impl Group {
    pub fn rates(&self, defaults: &Defaults) -> Rates {
        let rate = |form: &RateForm| match form {
            RateForm::Plain(value) => Rate { value: *value, at: None },
            RateForm::Timed(timed) => Rate { value: timed.rate, at: Some(timed.at) },
        };
        let rates = self.fx.iter().map(|(currency, form)| (currency.clone(), rate(form))).collect();
        let max_age = self.fx_max_age_s.or(defaults.fx_max_age_s).map(TimeDelta::seconds);
        Rates { base: self.base_currency.clone(), rates, max_age }
    }
}

/// How large the next trade may be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    #[serde(with = "amount")]
    pub leader_step: Decimal,
    pub accounts: BTreeMap<String, Copying>,
}
