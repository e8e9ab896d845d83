//! Rules of firms, ready to be taken over and confirmed.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::day::DayClock;
use super::form::{LimitForm, RuleError, RuleForm, SizedAmount};
use super::rule::Rule;

/// Templates of firms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    /// Name and version of the format.
    pub format: String,
    /// What everybody must read who uses one.
    pub warning: String,
    /// Which rules they hold.
    pub rule_schema: String,
    /// The templates.
    pub templates: Vec<Template>,
}

/// Rules of one programme of a firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stable name.
    pub id: String,
    /// The firm.
    pub firm: String,
    /// Its programme.
    pub program: String,
    /// Which stage of it.
    pub stage: String,
    /// Sizes that are sold.
    pub market_sizes: Vec<u32>,
    /// The firm's day.
    pub day: DayClock,
    /// Its rules; limits may depend on the size.
    pub rules: Vec<RuleForm>,
    /// How sure we are.
    pub confidence: String,
    /// When that was so: a year, a month or a day.
    pub as_of: String,
    /// From where we know.
    pub sources: Vec<String>,
    /// What else is to be known.
    pub notes: String,
}

impl Template {
    /// Its rules for an account of `size`. An objective that is not known for
    /// that size is left out; a limit never is.
    ///
    /// # Errors
    ///
    /// [`RuleError::BySize`] when a limit is not known for that size.
    pub fn rules_for(&self, size: u32) -> Result<Vec<Rule>, RuleError> {
        let rule = |form: &RuleForm| match sized(form.clone(), size).and_then(RuleForm::rule) {
            Err(RuleError::BySize) if !form.kind.is_limit() => None,
            found => Some(found),
        };
        self.rules.iter().filter_map(rule).collect()
    }

    /// Its rules for an account of `size`, to be required of accounts whose own
    /// day may be another: rules about a day bring the firm's along.
    ///
    /// # Errors
    ///
    /// As of [`Template::rules_for`].
    pub fn required_for(&self, size: u32) -> Result<Vec<Rule>, RuleError> {
        let mut rules = self.rules_for(size)?;
        for rule in rules.iter_mut().filter(|rule| rule.depends_on_day()) {
            rule.day.get_or_insert_with(|| self.day.clone());
        }
        Ok(rules)
    }

    /// The day its facts are of, when that is known to the day.
    #[must_use]
    pub fn as_of_day(&self) -> Option<NaiveDate> {
        self.as_of.parse().ok()
    }
}

fn sized(mut form: RuleForm, size: u32) -> Result<RuleForm, RuleError> {
    let size = size.to_string();
    let amount = |values: &std::collections::BTreeMap<String, SizedAmount>| -> Result<Decimal, RuleError> {
        values.get(&size).map(|amount| amount.0).ok_or(RuleError::BySize)
    };
    if let Some(LimitForm::BySize { values }) = &form.limit {
        form.limit = Some(LimitForm::Amount { value: amount(values)? });
    }
    if let Some(values) = form.cap_by_size.take() {
        form.cap = Some(amount(&values)?);
    }
    Ok(form)
}
