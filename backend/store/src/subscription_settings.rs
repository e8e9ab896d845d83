//! Copy settings as columns of a subscription.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use flotilla_domain::copy::mapping::{Suffix, SymbolRules};
use flotilla_domain::copy::settings::CopySettings;
use flotilla_domain::symbol::Symbol;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::error::{StoreError, StoreResult, known};
use crate::schema::subscriptions;

/// The columns. Absent settings are written as null.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subscriptions, treat_none_as_null = true)]
pub(crate) struct SettingsRow {
    sizing: String,
    sizing_value: Decimal,
    min_lots: Option<Decimal>,
    max_lots: Option<Decimal>,
    lot_step: Option<Decimal>,
    copy_sl_tp: bool,
    on_partial: String,
    max_age_s: i32,
    sides: String,
    reverse: bool,
    symbol_map: Option<Value>,
    strip_suffix: Option<String>,
    add_suffix: Option<String>,
    allow_symbols: Option<Vec<String>>,
    deny_symbols: Option<Vec<String>>,
    max_open_copies: Option<i32>,
    max_deviation: Option<Decimal>,
    units_per_lot: Option<Value>,
}

impl SettingsRow {
    pub(crate) fn of(settings: &CopySettings) -> Self {
        let rules = &settings.symbols;
        let list =
            |names: &Option<BTreeSet<String>>| names.as_ref().map(|names| names.iter().cloned().collect());
        let suffix = |suffix: &Option<Suffix>| suffix.as_ref().map(|suffix| suffix.as_str().to_owned());
        Self {
            sizing: settings.sizing.to_string(),
            sizing_value: settings.value,
            min_lots: settings.min_lots,
            max_lots: settings.max_lots,
            lot_step: settings.lot_step,
            copy_sl_tp: settings.copy_sl_tp,
            on_partial: settings.on_partial.to_string(),
            max_age_s: settings.max_age_s,
            sides: settings.sides.to_string(),
            reverse: settings.reverse,
            symbol_map: map_value(&rules.map),
            strip_suffix: suffix(&rules.strip_suffix),
            add_suffix: suffix(&rules.add_suffix),
            allow_symbols: list(&rules.allow),
            deny_symbols: list(&rules.deny),
            max_open_copies: settings.max_open_copies,
            max_deviation: settings.max_deviation,
            units_per_lot: units_value(&settings.units_per_lot),
        }
    }

    pub(crate) fn settings(self) -> StoreResult<CopySettings> {
        let suffix =
            |column, text: Option<String>| text.map(|text| known::<Suffix>(column, &text)).transpose();
        let list = |names: Option<Vec<String>>| names.map(|names| names.into_iter().collect());
        Ok(CopySettings {
            sizing: known("subscriptions.sizing", &self.sizing)?,
            value: self.sizing_value,
            min_lots: self.min_lots,
            max_lots: self.max_lots,
            lot_step: self.lot_step,
            sides: known("subscriptions.sides", &self.sides)?,
            reverse: self.reverse,
            copy_sl_tp: self.copy_sl_tp,
            on_partial: known("subscriptions.on_partial", &self.on_partial)?,
            symbols: SymbolRules {
                map: self.symbol_map.map(map_of).transpose()?.unwrap_or_default(),
                strip_suffix: suffix("subscriptions.strip_suffix", self.strip_suffix)?,
                add_suffix: suffix("subscriptions.add_suffix", self.add_suffix)?,
                allow: list(self.allow_symbols),
                deny: list(self.deny_symbols),
            },
            max_open_copies: self.max_open_copies,
            max_age_s: self.max_age_s,
            max_deviation: self.max_deviation,
            units_per_lot: self.units_per_lot.map(units_of).transpose()?.unwrap_or_default(),
        })
    }
}

fn map_value(map: &BTreeMap<String, Symbol>) -> Option<Value> {
    let names = map.iter().map(|(from, to)| (from.clone(), Value::from(to.as_str())));
    (!map.is_empty()).then(|| Value::Object(names.collect()))
}

fn map_of(value: Value) -> StoreResult<BTreeMap<String, Symbol>> {
    serde_json::from_value(value).map_err(|_| StoreError::Corrupt("subscriptions.symbol_map"))
}

/// Decimals as text: JSON numbers of other readers are floats.
fn units_value(units: &BTreeMap<String, Decimal>) -> Option<Value> {
    let names = units.iter().map(|(name, units)| (name.clone(), Value::from(units.normalize().to_string())));
    (!units.is_empty()).then(|| Value::Object(names.collect()))
}

/// Units by name, as they are stored.
pub(crate) fn units_of(value: Value) -> StoreResult<BTreeMap<String, Decimal>> {
    let corrupt = || StoreError::Corrupt("subscriptions.units_per_lot");
    let texts: BTreeMap<String, String> = serde_json::from_value(value).map_err(|_| corrupt())?;
    texts.into_iter().map(|(name, text)| Ok((name, text.parse().map_err(|_| corrupt())?))).collect()
}
