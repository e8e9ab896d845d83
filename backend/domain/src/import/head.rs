//! The row that names the columns.

use std::collections::HashMap;

use crate::import::mapping::{Field, Layout};

/// Names of the columns, and which of them says what.
#[derive(Debug)]
pub(super) struct Head {
    names: Vec<String>,
    places: HashMap<Field, usize>,
}

impl Head {
    /// The head that `row` is, if it names what is needed; `is_strict`: and each
    /// column of `layout`.
    pub(super) fn of(row: &[String], layout: &Layout, is_strict: bool) -> Option<Self> {
        let names = numbered(row);
        let place = |name: &String| names.iter().position(|known| known.eq_ignore_ascii_case(name.trim()));
        let places: HashMap<Field, usize> =
            layout.columns.iter().filter_map(|(field, name)| Some((*field, place(name)?))).collect();
        let has = |fields: &[Field]| fields.iter().all(|field| places.contains_key(field));
        let is_direct = has(&[Field::Direction, Field::EntryPrice, Field::EntryAt]);
        let is_by_sides = has(&[Field::BuyPrice, Field::SellPrice, Field::BoughtAt, Field::SoldAt]);
        let is_by_costs = has(&[Field::Cost, Field::Proceeds, Field::EntryAt, Field::ExitAt]);
        let is_by_fills = layout.is_of_fills && has(&[Field::Side, Field::FillPrice, Field::FilledAt]);
        let is_whole = !is_strict || places.len() == layout.columns.len();
        let is_known = is_direct || is_by_sides || is_by_costs || is_by_fills;
        let is_head = has(&[Field::Symbol, Field::Quantity]) && is_known && is_whole;
        is_head.then_some(Self { names, places })
    }

    /// Of the columns; the second one of a name is `Name#2`.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Which column says it.
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        self.places.get(&field).copied()
    }
}

/// `Time, Price, Time` as `Time, Price, Time#2`.
fn numbered(row: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    for cell in row {
        let name = cell.trim().trim_start_matches('\u{feff}').to_owned();
        let count = seen.entry(name.clone()).or_default();
        *count = count.saturating_add(1);
        names.push(if *count > 1 { format!("{name}#{count}") } else { name });
    }
    names
}
