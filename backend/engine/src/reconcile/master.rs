//! A master's trades against a list of its chart.
//!
//! A master runs one EA a chart, and each lists the positions of its chart's
//! symbol only. So a list speaks of the trades alone that connections of the
//! same chart reported.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::ticket::Ticket;

use super::List;

/// A trade younger than this may not be in a list yet.
pub const SETTLED_AFTER_S: i64 = 10;

/// An open trade of a master that this chart reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Led {
    /// Its ticket.
    pub ticket: Ticket,
    /// When it was first reported.
    pub reported_at: DateTime<Utc>,
}

/// The trades that have left, unseen.
///
/// * `earlier`: lists of the same chart, in any order.
/// * A trade has left when this list lacks it, and so do all lists back to one
///   that lies at least `apart` before it and in which it could have been.
#[must_use]
pub fn absent(trades: &[Led], list: &List, earlier: &[List], apart: TimeDelta) -> Vec<Ticket> {
    let settled_after = TimeDelta::seconds(SETTLED_AFTER_S);
    let has_left = |trade: &&Led| {
        let telling = |list: &&List| list.at >= trade.reported_at + settled_after;
        let seen_at = earlier
            .iter()
            .filter(|earlier| earlier.tickets.contains(&trade.ticket))
            .map(|earlier| earlier.at)
            .max();
        let is_lacking = |earlier: &&List| {
            earlier.at + apart <= list.at && seen_at.is_none_or(|seen_at| earlier.at > seen_at)
        };
        telling(&list)
            && !list.tickets.contains(&trade.ticket)
            && earlier.iter().filter(telling).any(|earlier| is_lacking(&earlier))
    };
    trades.iter().filter(has_left).map(|trade| trade.ticket).collect()
}
