//! How fast orders of followers leave for an exchange, and how many share each way. The worker writes, the API reads.

use std::collections::BTreeMap;

use diesel::sql_types::{Array, Integer, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::pace::{SharedWay, TurnLimit};
use flotilla_domain::id::{AccountId, NodeId};
use flotilla_domain::venue::VenueEnvironment;
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

/// A limit that each order which opens counts against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLimit {
    /// Of which host.
    pub environment: VenueEnvironment,
    /// Name of the source address.
    pub egress: String,
    /// Its own name.
    pub name: String,
    /// Orders.
    pub requests: i32,
    /// In so many milliseconds.
    pub per_ms: i32,
}

/// How many accounts follow a master over one source address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The master.
    pub master_id: AccountId,
    /// On which host they trade.
    pub environment: VenueEnvironment,
    /// Name of the source address.
    pub egress: String,
    /// How many.
    pub followers: i32,
}

#[derive(QueryableByName)]
struct FollowRow {
    #[diesel(sql_type = SqlUuid)]
    master_account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
}

#[derive(QueryableByName)]
struct WayRow {
    #[diesel(sql_type = SqlUuid)]
    node_id: Uuid,
    #[diesel(sql_type = Text)]
    egress: String,
    #[diesel(sql_type = Integer)]
    requests: i32,
    #[diesel(sql_type = Integer)]
    per_ms: i32,
    #[diesel(sql_type = Integer)]
    followers: i32,
}

/// Masters that these accounts copy, each with the account.
pub async fn list_follows(tx: &mut Tx, followers: &[AccountId]) -> StoreResult<Vec<(AccountId, AccountId)>> {
    let followers: Vec<Uuid> = followers.iter().map(|id| id.uuid()).collect();
    let rows: Vec<FollowRow> = sql_query(
        "select distinct master_account_id, follower_account_id from subscriptions
         where follower_account_id = any($1) and state = 'active'",
    )
    .bind::<Array<SqlUuid>, _>(followers)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.master_account_id.into(), row.follower_account_id.into())).collect())
}

/// Replaces what is known of the ways of a worker. Returns whether it was kept: nothing is of one that was never heard
/// of.
pub async fn replace(
    tx: &mut Tx,
    node: NodeId,
    limits: &[OpenLimit],
    audiences: &[Audience],
) -> StoreResult<bool> {
    for table in ["venue_limits", "venue_audiences"] {
        let delete = format!("delete from {table} where node_id = $1");
        sql_query(delete).bind::<SqlUuid, _>(node.uuid()).execute(tx).await?;
    }
    let kept = sql_query(
        "insert into venue_limits (node_id, environment, egress, name, requests, per_ms)
         select w.node_id, l.* from workers w, unnest($2, $3, $4, $5, $6) as l where w.node_id = $1",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Array<Text>, _>(limits.iter().map(|limit| limit.environment.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(limits.iter().map(|limit| limit.egress.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(limits.iter().map(|limit| limit.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(limits.iter().map(|limit| limit.requests).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(limits.iter().map(|limit| limit.per_ms).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    sql_query(
        "insert into venue_audiences (node_id, master_account_id, environment, egress, followers)
         select w.node_id, a.* from workers w, unnest($2, $3, $4, $5) as a where w.node_id = $1",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Array<SqlUuid>, _>(audiences.iter().map(|one| one.master_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(audiences.iter().map(|one| one.environment.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(audiences.iter().map(|one| one.egress.as_str()).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(audiences.iter().map(|one| one.followers).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(kept > 0)
}

/// The ways of all workers that are alive to a host, with the followers of one master on each.
///
/// The master must be the owner's, or named in this transaction; of any other nobody seems to follow.
pub async fn list_ways(
    tx: &mut Tx,
    environment: VenueEnvironment,
    master: AccountId,
) -> StoreResult<Vec<SharedWay>> {
    let rows: Vec<WayRow> = sql_query(
        "select l.node_id, l.egress, l.requests, l.per_ms, coalesce(a.followers, 0) as followers
         from venue_limits l
         join workers w on w.node_id = l.node_id and w.last_seen_at > now() - interval '30 seconds'
         left join venue_audiences a on a.master_account_id = $2 and a.environment = l.environment
            and a.egress = l.egress and a.node_id = l.node_id
         where l.environment = $1
         order by l.node_id, l.egress, l.name",
    )
    .bind::<Text, _>(environment.as_str())
    .bind::<SqlUuid, _>(master.uuid())
    .get_results(tx)
    .await?;
    let mut ways: BTreeMap<(Uuid, String), SharedWay> = BTreeMap::new();
    for row in rows {
        let count = |value: i32| u32::try_from(value).unwrap_or_default();
        let followers = count(row.followers);
        let way = ways.entry((row.node_id, row.egress));
        let way = way.or_insert(SharedWay { limits: Vec::new(), followers });
        way.limits.push(TurnLimit { requests: count(row.requests), per_ms: count(row.per_ms) });
    }
    Ok(ways.into_values().collect())
}
