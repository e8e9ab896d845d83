//! Followers as the owner of their master sees them. The worker writes these
//! rows, because the accounts may belong to others.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::settings::SubscriptionState;
use flotilla_domain::id::{AccountId, OwnerId, SubscriptionId};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreResult, known};
use crate::schema::{master_followers, subscriptions};

/// A follower of one's own master.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The account, if it is one's own.
    pub account_id: Option<AccountId>,
    /// The account's name if it is one's own, else `Follower` and four letters.
    pub name: String,
    /// State of the subscription.
    pub state: SubscriptionState,
    /// Whether its EA is connected.
    pub online: bool,
    /// Copies that have not ended.
    pub open_copies: i32,
    /// How long its copies took lately, once some were answered.
    pub lag: Option<Lag>,
    /// When this was true.
    pub updated_at: DateTime<Utc>,
}

/// From the read of a signal to the answer of the follower, over its last copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// Microseconds that half of them took at most.
    pub p50_us: i64,
    /// Microseconds that 99 in a hundred took at most.
    pub p99_us: i64,
    /// Number of copies.
    pub copies: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = master_followers)]
struct FollowerRow {
    subscription_id: Uuid,
    name: String,
    state: String,
    online: bool,
    open_copies: i32,
    lag_p50_us: Option<i64>,
    lag_p99_us: Option<i64>,
    lag_copies: Option<i32>,
    updated_at: DateTime<Utc>,
}

impl FollowerRow {
    /// `own`: accounts of the owner's own subscriptions.
    fn follower(self, own: &HashMap<Uuid, Uuid>) -> StoreResult<Follower> {
        Ok(Follower {
            subscription_id: self.subscription_id.into(),
            account_id: own.get(&self.subscription_id).copied().map(Into::into),
            name: self.name,
            state: known("master_followers.state", &self.state)?,
            online: self.online,
            open_copies: self.open_copies,
            lag: lag(self.lag_p50_us, self.lag_p99_us, self.lag_copies),
            updated_at: self.updated_at,
        })
    }
}

fn lag(p50_us: Option<i64>, p99_us: Option<i64>, copies: Option<i32>) -> Option<Lag> {
    Some(Lag { p50_us: p50_us?, p99_us: p99_us?, copies: copies? })
}

/// Followers whose subscription has not ended, oldest first.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    master: AccountId,
    after: Option<SubscriptionId>,
    limit: i64,
) -> StoreResult<Vec<Follower>> {
    let rows: Vec<FollowerRow> = master_followers::table
        .filter(master_followers::owner_id.eq(owner.uuid()))
        .filter(master_followers::master_account_id.eq(master.uuid()))
        .filter(master_followers::state.ne(SubscriptionState::Ended.as_str()))
        .filter(master_followers::subscription_id.gt(after.map_or(Uuid::nil(), Uuid::from)))
        .order(master_followers::subscription_id)
        .limit(limit)
        .select(FollowerRow::as_select())
        .load(tx)
        .await?;
    let own: Vec<(Uuid, Uuid)> = subscriptions::table
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .filter(subscriptions::id.eq_any(rows.iter().map(|row| row.subscription_id).collect::<Vec<_>>()))
        .select((subscriptions::id, subscriptions::follower_account_id))
        .load(tx)
        .await?;
    let own = own.into_iter().collect();
    rows.into_iter().map(|row| row.follower(&own)).collect()
}
