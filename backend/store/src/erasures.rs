//! Users who asked to be erased, and how that is done.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::id::UserId;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::schema::{erasures, login_names, users};

/// Tables that refer to nobody; what refers to a user goes with him. The audit
/// trail stays: it knows users by their identifiers.
pub const OF_NOBODY: [&str; 9] = [
    "copy_events",
    "evidence",
    "copy_orders",
    "signals",
    "orphans",
    "copy_sightings",
    "snapshots",
    "alerts",
    "trades",
];

/// How far the erasure of a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasing {
    /// The user.
    pub user: UserId,
    /// Whether he is gone.
    pub is_done: bool,
}

#[derive(QueryableByName)]
struct AskedRow {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
}

/// Lets a user act no more, frees his address, and asks for his erasure, in his own scope.
///
/// # Errors
///
/// [`StoreError::NotFound`] for a user who may not act.
pub async fn ask(tx: &mut Tx, user: UserId) -> StoreResult<()> {
    let ended = diesel::update(users::table.find(user.uuid()))
        .filter(users::is_active)
        .set((users::is_active.eq(false), users::security_version.eq(users::security_version + 1)))
        .execute(tx)
        .await?;
    if ended == 0 {
        return Err(StoreError::NotFound("user"));
    }
    diesel::delete(login_names::table.filter(login_names::user_id.eq(user.uuid()))).execute(tx).await?;
    diesel::insert_into(erasures::table).values(erasures::user_id.eq(user.uuid())).execute(tx).await?;
    Ok(())
}

/// Deletes a piece, at most `limit` rows of a table, of the user who waits longest.
/// `None`: nobody waits.
///
/// Whoever asked waits for a minute, until workers have let go of his accounts,
/// and for as long as one of his copies has not ended.
pub async fn erase_next(tx: &mut Tx, limit: i64) -> StoreResult<Option<Erasing>> {
    let settled: Vec<&str> =
        CopyState::ALL.iter().filter(|state| state.is_settled()).map(|state| state.as_str()).collect();
    let rows: Vec<AskedRow> = sql_query(
        "select e.user_id from erasures e
         where e.asked_at < now() - interval '1 minute'
            and not exists (select from copy_orders c where c.owner_id = e.user_id and c.state <> all($1))
         order by e.asked_at
         limit 1
         for update of e skip locked",
    )
    .bind::<Array<Text>, _>(settled)
    .load(tx)
    .await?;
    let Some(AskedRow { user_id }) = rows.into_iter().next() else { return Ok(None) };
    let user = UserId::from_uuid(user_id);
    for table in OF_NOBODY {
        if delete_some(tx, table, user, limit).await? > 0 {
            return Ok(Some(Erasing { user, is_done: false }));
        }
    }
    if delete_observations(tx, user).await? > 0 {
        return Ok(Some(Erasing { user, is_done: false }));
    }
    diesel::delete(users::table.find(user_id)).execute(tx).await?;
    Ok(Some(Erasing { user, is_done: true }))
}

/// `table` is one of the constants above.
async fn delete_some(tx: &mut Tx, table: &'static str, user: UserId, limit: i64) -> StoreResult<usize> {
    let sql = format!(
        "delete from {table} where ctid = any(array(select ctid from {table} where owner_id = $1 limit $2))"
    );
    Ok(sql_query(sql).bind::<SqlUuid, _>(user.uuid()).bind::<BigInt, _>(limit).execute(tx).await?)
}

/// The oldest six hours of one account: the partitions have no order by owner.
async fn delete_observations(tx: &mut Tx, user: UserId) -> StoreResult<usize> {
    let query = sql_query(
        "with oldest as (
            select o.account_id, o.at
            from accounts a
            cross join lateral (
                select r.account_id, r.at from risk_observations r where r.account_id = a.id order by r.at limit 1
            ) o
            where a.owner_id = $1
            limit 1)
         delete from risk_observations r using oldest o
         where r.account_id = o.account_id and r.at >= o.at and r.at < o.at + interval '6 hours'",
    );
    Ok(query.bind::<SqlUuid, _>(user.uuid()).execute(tx).await?)
}
