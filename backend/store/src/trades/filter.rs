//! Which trades are wanted.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_domain::trade::{Direction, TradeSource, TradeStatus};

use super::order::{EXIT, stored};
use crate::schema::{group_accounts, trade_tags, trades};

/// How a trade ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TradeResult {
    /// Above zero.
    Win,
    /// Below zero.
    Loss,
    /// Zero.
    Breakeven,
}

/// Which trades are wanted; `None` does not restrict.
#[derive(Debug, Clone, Default)]
pub struct TradeFilter {
    /// Of these accounts.
    pub accounts: Option<Vec<AccountId>>,
    /// Of accounts of this group.
    pub group: Option<GroupId>,
    /// Of this instrument.
    pub symbol: Option<String>,
    /// Which way they profit.
    pub direction: Option<Direction>,
    /// Open or closed.
    pub status: Option<TradeStatus>,
    /// From this source.
    pub source: Option<TradeSource>,
    /// With this tag.
    pub tag: Option<String>,
    /// That ended so.
    pub result: Option<TradeResult>,
    /// Entered at or after.
    pub from: Option<DateTime<Utc>>,
    /// Entered before.
    pub to: Option<DateTime<Utc>>,
    /// Over at or after.
    pub closed_from: Option<DateTime<Utc>>,
    /// Over before.
    pub closed_to: Option<DateTime<Utc>>,
}

pub(super) type Boxed<'a> = trades::BoxedQuery<'a, Pg>;

/// Leaves only what is wanted by anything but time.
pub(crate) fn narrowed<'a>(mut query: Boxed<'a>, owner: OwnerId, filter: &TradeFilter) -> Boxed<'a> {
    query = match filter.accounts.as_deref() {
        // Equality keeps the order of an index where a list does not.
        Some([account]) => query.filter(trades::account_id.eq(account.uuid())),
        Some(accounts) => {
            let ids: Vec<_> = accounts.iter().map(|account| account.uuid()).collect();
            query.filter(trades::account_id.eq_any(ids))
        }
        None => query,
    };
    if let Some(group) = filter.group {
        let members = group_accounts::table
            .filter(group_accounts::owner_id.eq(owner.uuid()))
            .filter(group_accounts::group_id.eq(group.uuid()))
            .select(group_accounts::account_id);
        query = query.filter(trades::account_id.eq_any(members));
    }
    if let Some(symbol) = &filter.symbol {
        query = query.filter(trades::symbol.eq(symbol.clone()));
    }
    if let Some(direction) = filter.direction {
        query = query.filter(trades::direction.eq(direction.as_str()));
    }
    if let Some(status) = filter.status {
        query = query.filter(trades::status.eq(status.as_str()));
    }
    if let Some(source) = filter.source {
        query = query.filter(trades::source.eq(source.as_str()));
    }
    if let Some(tag) = &filter.tag {
        let tagged = trade_tags::table
            .filter(trade_tags::owner_id.eq(owner.uuid()))
            .filter(trade_tags::tag.eq(tag.clone()))
            .select(trade_tags::trade_id);
        query = query.filter(trades::id.eq_any(tagged));
    }
    resulted(query, filter.result)
}

fn resulted(query: Boxed<'_>, result: Option<TradeResult>) -> Boxed<'_> {
    let Some(result) = result else { return query };
    // Trades without a result have the lowest rank.
    let query =
        query.filter(trades::status.eq(TradeStatus::Closed.as_str())).filter(trades::pnl.is_not_null());
    match result {
        TradeResult::Win => query.filter(trades::pnl_rank.gt(0.0)),
        TradeResult::Loss => query.filter(trades::pnl_rank.lt(0.0)),
        TradeResult::Breakeven => query.filter(trades::pnl_rank.eq(0.0)),
    }
}

/// Leaves only trades that were over in a time. Open ones are never over.
pub(crate) fn closed_within(
    mut query: Boxed<'_>,
    (from, to): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> Boxed<'_> {
    let exit = || sql::<Timestamptz>(EXIT);
    if let Some(from) = from {
        query = query.filter(exit().ge(stored(from)));
    }
    if let Some(to) = to {
        query = query.filter(exit().lt(stored(to)));
    }
    if from.or(to).is_some() { query.filter(trades::status.eq(TradeStatus::Closed.as_str())) } else { query }
}

/// Leaves only what is wanted.
pub(super) fn filtered<'a>(query: Boxed<'a>, owner: OwnerId, filter: &TradeFilter) -> Boxed<'a> {
    let mut query = narrowed(query, owner, filter);
    if let Some(from) = filter.from {
        query = query.filter(trades::entry_at.ge(stored(from)));
    }
    if let Some(to) = filter.to {
        query = query.filter(trades::entry_at.lt(stored(to)));
    }
    closed_within(query, (filter.closed_from, filter.closed_to))
}
