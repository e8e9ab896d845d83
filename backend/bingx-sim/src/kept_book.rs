//! A book as one connection was told it: all of it at first, then only what has changed.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::json::{Json, fixed, number, object, text};
use crate::market::{Level, Market};

/// Coins by price.
type Side = BTreeMap<Decimal, Decimal>;

/// What a client knows that has put all frames together.
#[derive(Debug, Default)]
pub struct KeptBook {
    /// Number of the last frame. The next has the one after it, however much has happened between them.
    id: u64,
    bids: Side,
    asks: Side,
}

impl KeptBook {
    /// Data of the next frame; nothing where nothing has changed since the last.
    ///
    /// * `kept`: what was told so far; nothing before the first frame, which tells all.
    pub fn next_frame(kept: &mut Option<Self>, market: &Market, now_ms: i64) -> Option<Json> {
        let (action, before) = match kept.take() {
            Some(before) => ("update", before),
            None => ("all", Self { id: market.book_version - 1, ..Self::default() }),
        };
        let now = Self { id: before.id + 1, bids: side(&market.bids), asks: side(&market.asks) };
        if action == "update" && (&before.bids, &before.asks) == (&now.bids, &now.asks) {
            *kept = Some(before);
            return None;
        }
        let decimals = market.rules.quantity_decimals;
        let frame = object([
            ("action", text(action)),
            ("lastUpdateId", number(now.id)),
            ("time", number(now_ms)),
            ("bids", changes(&before.bids, &now.bids, decimals)),
            ("asks", changes(&before.asks, &now.asks, decimals)),
        ]);
        *kept = Some(now);
        Some(frame)
    }
}

fn side(levels: &[Level]) -> Side {
    levels.iter().map(|level| (level.price, level.quantity)).collect()
}

/// Levels that are new, hold another quantity, or went (none is left of those). The highest price first on both sides.
fn changes(before: &Side, now: &Side, quantity_decimals: u32) -> Json {
    let mut changed: BTreeMap<Decimal, Json> = BTreeMap::new();
    for price in before.keys().filter(|price| !now.contains_key(*price)) {
        changed.insert(*price, fixed(Decimal::ZERO, quantity_decimals));
    }
    for (price, quantity) in now.iter().filter(|(price, quantity)| before.get(*price) != Some(*quantity)) {
        changed.insert(*price, text(quantity));
    }
    let level = |(price, quantity): (Decimal, Json)| Json::List(vec![text(price), quantity]);
    Json::List(changed.into_iter().rev().map(level).collect())
}
