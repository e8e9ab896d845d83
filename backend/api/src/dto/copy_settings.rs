use std::collections::{BTreeMap, BTreeSet};

use flotilla_domain::copy::mapping::{Suffix, SymbolRules};
use flotilla_domain::copy::settings::{CopySettings, Sizing};
use flotilla_domain::symbol::Symbol;
use garde::Validate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{Fraction, InstrumentName, InstrumentSuffix, Size, UnitsPerLot};
use crate::dto::figure::Figure;
use crate::dto::patched::Patched;
use crate::dto::words::{OnPartialWord, SidesWord, SizingModeWord};
use crate::dto::{rules, symbol_rules};
use crate::error::{ApiError, ApiResult};

/// How a follower copies one master. What is null does not restrict.
#[derive(Serialize, ToSchema)]
#[schema(as = CopySettings)]
pub struct SettingsDto {
    pub sizing: SizingDto,
    /// A smaller size is not copied.
    pub min_lots: Option<Figure>,
    /// A larger size is capped.
    pub max_lots: Option<Figure>,
    /// Sizes are rounded down to whole steps.
    pub lot_step: Option<Figure>,
    /// Which trades are copied, by the master's side.
    pub sides: SidesWord,
    /// Buys what the master sells, with stop loss and take profit exchanged.
    pub reverse: bool,
    pub copy_sl_tp: bool,
    /// When the master leaves a part of a trade: what becomes of a copy in a terminal that cannot be told to close a
    /// part. At an exchange and on paper the same share is closed.
    pub on_partial: OnPartialWord,
    /// The follower's name of an instrument by the master's in capitals. A mapped name is final.
    pub symbol_map: BTreeMap<String, String>,
    /// Taken off the end of the master's name.
    pub strip_suffix: Option<String>,
    /// Put at the end of a name that is not mapped.
    pub add_suffix: Option<String>,
    /// Only these are copied, by the master's or the follower's name, whatever the case.
    pub allow_symbols: Option<Vec<String>>,
    /// These are not copied, by the master's or the follower's name, whatever the case.
    pub deny_symbols: Option<Vec<String>>,
    /// With so many copies of this master not ended, no further one is opened.
    pub max_open_copies: Option<i32>,
    /// Seconds after which an open is not sent any more.
    pub max_age_s: i32,
    /// As a fraction of the master's price. Exchanges judge by it (0.001 where it is null); EAs of version 7 do not.
    pub max_deviation: Option<Figure>,
    /// Units of one lot by the master's name of an instrument in capitals, for followers at an exchange.
    pub units_per_lot: BTreeMap<String, Figure>,
}

/// How the size of a copy follows from the master's size.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Sizing)]
pub struct SizingDto {
    pub mode: SizingModeWord,
    /// A factor (`multiplier`, ratios), lots (`fixed`) or a fraction of the equity (`risk_percent`: 0.01 is 1 %).
    pub value: Figure,
}

impl From<Sizing> for SizingDto {
    fn from(sizing: Sizing) -> Self {
        Self { mode: sizing.mode.into(), value: Figure(sizing.value) }
    }
}

impl From<CopySettings> for SettingsDto {
    fn from(settings: CopySettings) -> Self {
        let rules = settings.symbols;
        let list = |names: BTreeSet<String>| names.into_iter().collect();
        let suffix = |suffix: Suffix| suffix.as_str().to_owned();
        Self {
            sizing: Sizing { mode: settings.sizing, value: settings.value }.into(),
            min_lots: settings.min_lots.map(Figure),
            max_lots: settings.max_lots.map(Figure),
            lot_step: settings.lot_step.map(Figure),
            sides: settings.sides.into(),
            reverse: settings.reverse,
            copy_sl_tp: settings.copy_sl_tp,
            on_partial: settings.on_partial.into(),
            symbol_map: rules.map.into_iter().map(|(from, to)| (from, to.as_str().to_owned())).collect(),
            strip_suffix: rules.strip_suffix.map(suffix),
            add_suffix: rules.add_suffix.map(suffix),
            allow_symbols: rules.allow.map(list),
            deny_symbols: rules.deny.map(list),
            max_open_copies: settings.max_open_copies,
            max_age_s: settings.max_age_s,
            max_deviation: settings.max_deviation.map(Figure),
            units_per_lot: settings
                .units_per_lot
                .into_iter()
                .map(|(name, units)| (name, Figure(units)))
                .collect(),
        }
    }
}

/// Absent fields stay; null means no limit.
#[derive(Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchSettings {
    #[garde(dive)]
    pub sizing: Option<PatchSizing>,
    #[garde(custom(rules::patched_lots))]
    #[serde(default)]
    #[schema(value_type = Option<Size>)]
    pub min_lots: Patched<Figure>,
    #[garde(custom(rules::patched_lots))]
    #[serde(default)]
    #[schema(value_type = Option<Size>)]
    pub max_lots: Patched<Figure>,
    #[garde(custom(rules::patched_lots))]
    #[serde(default)]
    #[schema(value_type = Option<Size>)]
    pub lot_step: Patched<Figure>,
    #[garde(skip)]
    pub sides: Option<SidesWord>,
    #[garde(skip)]
    pub reverse: Option<bool>,
    #[garde(skip)]
    pub copy_sl_tp: Option<bool>,
    #[garde(skip)]
    pub on_partial: Option<OnPartialWord>,
    /// Replaces the whole map; null or empty removes it.
    #[garde(custom(symbol_rules::patched_map))]
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, InstrumentName>>)]
    pub symbol_map: Patched<BTreeMap<String, String>>,
    #[garde(custom(symbol_rules::patched_suffix))]
    #[serde(default)]
    #[schema(value_type = Option<InstrumentSuffix>)]
    pub strip_suffix: Patched<String>,
    #[garde(custom(symbol_rules::patched_suffix))]
    #[serde(default)]
    #[schema(value_type = Option<InstrumentSuffix>)]
    pub add_suffix: Patched<String>,
    #[garde(custom(symbol_rules::patched_list))]
    #[serde(default)]
    #[schema(value_type = Option<Vec<InstrumentName>>, max_items = 200)]
    pub allow_symbols: Patched<Vec<String>>,
    #[garde(custom(symbol_rules::patched_list))]
    #[serde(default)]
    #[schema(value_type = Option<Vec<InstrumentName>>, max_items = 200)]
    pub deny_symbols: Patched<Vec<String>>,
    #[garde(custom(rules::patched_open_copies))]
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 10_000)]
    pub max_open_copies: Patched<i32>,
    #[garde(custom(rules::max_age))]
    #[schema(minimum = 1, maximum = 120)]
    pub max_age_s: Option<i32>,
    #[garde(custom(rules::patched_fraction))]
    #[serde(default)]
    #[schema(value_type = Option<Fraction>)]
    pub max_deviation: Patched<Figure>,
    /// Replaces the whole map; null or empty removes it.
    #[garde(custom(symbol_rules::patched_units))]
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, UnitsPerLot>>)]
    pub units_per_lot: Patched<BTreeMap<String, Figure>>,
}

#[derive(Deserialize, Validate, ToSchema)]
#[garde(custom(rules::sizing))]
#[serde(deny_unknown_fields)]
pub struct PatchSizing {
    #[garde(skip)]
    pub mode: SizingModeWord,
    /// Needed by every mode but `same`: a value that suited another mode may be a slip that costs an account.
    #[garde(custom(rules::above_zero))]
    #[schema(value_type = Option<Size>)]
    pub value: Option<Figure>,
}

/// The value of `same` says nothing: it needs none.
impl From<PatchSizing> for Sizing {
    fn from(sizing: PatchSizing) -> Self {
        let value = sizing.value.map_or(Decimal::ONE, |Figure(value)| value);
        Self { mode: sizing.mode.0, value }
    }
}

impl PatchSettings {
    /// `settings` with what this patch names.
    ///
    /// # Errors
    ///
    /// 422 where fields do not fit each other.
    pub fn applied_to(self, settings: CopySettings) -> ApiResult<CopySettings> {
        let (sizing, value) = match self.sizing {
            Some(sizing) => (sizing.mode.0, sizing.value.map_or(settings.value, |Figure(value)| value)),
            None => (settings.sizing, settings.value),
        };
        let old = settings.symbols;
        let names = |names: Vec<String>| names.iter().map(|name| name.to_ascii_uppercase()).collect();
        let symbols = SymbolRules {
            map: self.symbol_map.over(Some(old.map), mapped).unwrap_or_default(),
            strip_suffix: self
                .strip_suffix
                .over(old.strip_suffix.map(Some), |text| text.parse().ok())
                .flatten(),
            add_suffix: self.add_suffix.over(old.add_suffix.map(Some), |text| text.parse().ok()).flatten(),
            allow: self.allow_symbols.over(old.allow, names).filter(|list: &BTreeSet<_>| !list.is_empty()),
            deny: self.deny_symbols.over(old.deny, names).filter(|list: &BTreeSet<_>| !list.is_empty()),
        };
        let settings = CopySettings {
            sizing,
            value,
            min_lots: self.min_lots.over(settings.min_lots, |figure| figure.0),
            max_lots: self.max_lots.over(settings.max_lots, |figure| figure.0),
            lot_step: self.lot_step.over(settings.lot_step, |figure| figure.0),
            sides: self.sides.map_or(settings.sides, |word| word.0),
            reverse: self.reverse.unwrap_or(settings.reverse),
            copy_sl_tp: self.copy_sl_tp.unwrap_or(settings.copy_sl_tp),
            on_partial: self.on_partial.map_or(settings.on_partial, |word| word.0),
            symbols,
            max_open_copies: self.max_open_copies.over(settings.max_open_copies, |most| most),
            max_age_s: self.max_age_s.unwrap_or(settings.max_age_s),
            max_deviation: self.max_deviation.over(settings.max_deviation, |figure| figure.0),
            units_per_lot: self.units_per_lot.over(Some(settings.units_per_lot), units).unwrap_or_default(),
        };
        checked(settings)
    }
}

/// Names were checked by the rules of the field.
fn mapped(map: BTreeMap<String, String>) -> BTreeMap<String, Symbol> {
    let names = map.into_iter();
    names.filter_map(|(from, to)| Some((from.to_ascii_uppercase(), to.parse().ok()?))).collect()
}

fn units(map: BTreeMap<String, Figure>) -> BTreeMap<String, Decimal> {
    map.into_iter().map(|(name, Figure(units))| (name.to_ascii_uppercase(), units)).collect()
}

/// Rules that need more than one field.
fn checked(settings: CopySettings) -> ApiResult<CopySettings> {
    match (settings.min_lots, settings.max_lots) {
        (Some(min), Some(max)) if min > max => {
            Err(ApiError::field("settings.max_lots", "below_min_lots", "must not be below min_lots"))
        }
        _ => Ok(settings),
    }
}
