//! Orders of the journal, and places in them where a page goes on.
//!
//! Each order is total (its last column is the id) and has an index of its
//! own, so that a page far down costs as much as the first.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Double, Text, Timestamptz, Uuid as SqlUuid};
use flotilla_domain::id::TradeId;
use flotilla_domain::trade::Trade;
use serde::{Deserialize, Serialize};

use super::filter::Boxed;
use crate::schema::trades;

/// As in the index `trades_by_exit`.
pub(crate) const EXIT: &str = "coalesce(trades.exit_at, '9999-12-31 00:00:00+00'::timestamptz)";

/// What trades are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// First entry.
    Entry,
    /// Last exit; open trades count as leaving last.
    Exit,
    /// Instrument, then first entry.
    Symbol,
    /// Result; trades without one count as the lowest.
    Pnl,
}

/// A place in an order: of the last row of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// By a time.
    At(DateTime<Utc>, TradeId),
    /// By instrument and entry.
    Symbol(String, DateTime<Utc>, TradeId),
    /// By result: its bits, so that it is the same again.
    Rank(u64, TradeId),
}

impl Place {
    /// Whether it can be a place in the order by `key`.
    #[must_use]
    pub fn fits(&self, key: SortKey) -> bool {
        match self {
            Self::At(at, _) => matches!(key, SortKey::Entry | SortKey::Exit) && is_stored(*at),
            Self::Symbol(symbol, at, _) => key == SortKey::Symbol && is_stored(*at) && !symbol.contains('\0'),
            Self::Rank(..) => key == SortKey::Pnl,
        }
    }
}

/// Order of a list, and where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeOrder {
    /// By what.
    pub by: SortKey,
    /// Latest, last or largest first.
    pub is_descending: bool,
    /// Place of the last row of the page before.
    pub after: Option<Place>,
}

/// Whether the database knows such a time.
fn is_stored(at: DateTime<Utc>) -> bool {
    stored(at) == at
}

/// The nearest time of which every trade is on the same side.
#[must_use]
pub fn stored(at: DateTime<Utc>) -> DateTime<Utc> {
    at.clamp(earliest(), never())
}

/// 0001-01-01, before every trade.
fn earliest() -> DateTime<Utc> {
    DateTime::from_timestamp(-62_135_596_800, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// 9999-12-31, the exit of trades that have none.
fn never() -> DateTime<Utc> {
    DateTime::from_timestamp(253_402_214_400, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Where `trade` stands.
pub(super) fn place(by: SortKey, trade: &Trade, rank: Option<f64>) -> Place {
    match by {
        SortKey::Entry => Place::At(trade.entry_at, trade.id),
        SortKey::Exit => Place::At(trade.exit_at.unwrap_or_else(never), trade.id),
        SortKey::Symbol => Place::Symbol(trade.symbol.clone(), trade.entry_at, trade.id),
        SortKey::Pnl => Place::Rank(rank.unwrap_or(f64::NEG_INFINITY).to_bits(), trade.id),
    }
}

/// Rows compare column by column, exactly as they are sorted.
fn behind<'a>(query: Boxed<'a>, columns: &str, order: &TradeOrder) -> Boxed<'a> {
    let Some(place) = order.after.clone() else { return query };
    let than = if order.is_descending { "< (" } else { "> (" };
    let begun = sql::<Bool>("(").sql(columns).sql(") ").sql(than);
    match place {
        Place::At(at, id) => {
            query.filter(begun.bind::<Timestamptz, _>(at).sql(", ").bind::<SqlUuid, _>(id.uuid()).sql(")"))
        }
        Place::Symbol(symbol, at, id) => query.filter(
            begun
                .bind::<Text, _>(symbol)
                .sql(", ")
                .bind::<Timestamptz, _>(at)
                .sql(", ")
                .bind::<SqlUuid, _>(id.uuid())
                .sql(")"),
        ),
        Place::Rank(bits, id) => query.filter(
            begun.bind::<Double, _>(f64::from_bits(bits)).sql(", ").bind::<SqlUuid, _>(id.uuid()).sql(")"),
        ),
    }
}

/// Sorts, and starts behind the last row of the page before.
pub(super) fn sorted<'a>(query: Boxed<'a>, order: &TradeOrder) -> Boxed<'a> {
    let (columns, sorts) = match order.by {
        SortKey::Entry => ("trades.entry_at, trades.id".to_owned(), vec!["trades.entry_at"]),
        SortKey::Exit => (format!("{EXIT}, trades.id"), vec![EXIT]),
        SortKey::Symbol => {
            ("trades.symbol, trades.entry_at, trades.id".to_owned(), vec!["trades.symbol", "trades.entry_at"])
        }
        SortKey::Pnl => ("trades.pnl_rank, trades.id".to_owned(), vec!["trades.pnl_rank"]),
    };
    let mut query = behind(query, &columns, order);
    for column in sorts {
        query = if order.is_descending {
            query.then_order_by(sql::<Text>(column).desc())
        } else {
            query.then_order_by(sql::<Text>(column).asc())
        };
    }
    if order.is_descending {
        query.then_order_by(trades::id.desc())
    } else {
        query.then_order_by(trades::id.asc())
    }
}
