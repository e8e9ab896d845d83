//! What names of instruments in copy settings must look like.
#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the validation hands over a reference to its context, which is empty here"
)]

use std::collections::{BTreeMap, BTreeSet};

use flotilla_domain::copy::mapping::Suffix;
use flotilla_domain::symbol::Symbol;
use garde::Error;
use rust_decimal::Decimal;

use crate::dto::figure::Figure;
use crate::dto::patched::Patched;
use crate::dto::rules;

type Checked = Result<(), Error>;

/// Most names in a list or map: every one is compared at each signal.
const MOST_NAMES: usize = 200;

fn refuse(code: &str, detail: &str) -> Checked {
    Err(Error::new(format!("{code}: {detail}")))
}

fn few(names: usize) -> Checked {
    if names > MOST_NAMES { refuse("too_many", &format!("use at most {MOST_NAMES} names")) } else { Ok(()) }
}

fn symbol(text: &str) -> Checked {
    match text.parse::<Symbol>() {
        Ok(_) => Ok(()),
        Err(error) => refuse("invalid_symbol", &error.to_string()),
    }
}

/// A suffix, where null removes it.
pub fn patched_suffix(text: &Patched<String>, (): &()) -> Checked {
    match text.set().map(|text| text.parse::<Suffix>()) {
        None | Some(Ok(_)) => Ok(()),
        Some(Err(error)) => refuse("invalid_suffix", &error.to_string()),
    }
}

/// A list of names, where null removes it.
pub fn patched_list(names: &Patched<Vec<String>>, (): &()) -> Checked {
    let Some(names) = names.set() else { return Ok(()) };
    few(names.len())?;
    names.iter().try_for_each(|name| symbol(name))
}

/// Names by names, where null removes them.
pub fn patched_map(map: &Patched<BTreeMap<String, String>>, (): &()) -> Checked {
    let Some(map) = map.set() else { return Ok(()) };
    few(map.len())?;
    map.iter().try_for_each(|(from, to)| symbol(from).and_then(|()| symbol(to)))?;
    let keys: BTreeSet<String> = map.keys().map(|name| name.to_ascii_uppercase()).collect();
    if keys.len() < map.len() {
        return refuse("duplicate", "names that differ in their case only are one name");
    }
    Ok(())
}

/// Units by names, where null removes them. No broker has a lot of more than a million units.
pub fn patched_units(units: &Patched<BTreeMap<String, Figure>>, (): &()) -> Checked {
    let Some(units) = units.set() else { return Ok(()) };
    few(units.len())?;
    units.keys().try_for_each(|name| symbol(name))?;
    units.values().try_for_each(|units| rules::above_zero(&Some(*units), &()))?;
    if units.values().any(|units| units.0 > Decimal::from(1_000_000)) {
        return refuse("too_large", "a lot has at most 1000000 units");
    }
    let keys: BTreeSet<String> = units.keys().map(|name| name.to_ascii_uppercase()).collect();
    if keys.len() < units.len() {
        return refuse("duplicate", "names that differ in their case only are one name");
    }
    Ok(())
}
