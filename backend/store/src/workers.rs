//! Worker processes, and whether one is alive.

use chrono::{DateTime, Utc};
use diesel::dsl::{IntervalDsl, exists};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Double, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::NodeId;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::schema::workers;
use crate::transaction_time::begun_at;

/// A worker that was silent for this long counts as down, in seconds.
pub(crate) const SILENCE: i32 = 30;
/// A worker that was silent for this long is forgotten, in days.
const FORGOTTEN: i32 = 7;

/// Says that a worker lives. Call it every ten seconds or sooner.
pub async fn beat(tx: &mut Tx, node: NodeId) -> StoreResult<()> {
    diesel::insert_into(workers::table)
        .values(workers::node_id.eq(node.uuid()))
        .on_conflict(workers::node_id)
        .do_update()
        .set(workers::last_seen_at.eq(begun_at()))
        .execute(tx)
        .await?;
    diesel::delete(workers::table)
        .filter(workers::last_seen_at.lt(begun_at() - FORGOTTEN.days()))
        .execute(tx)
        .await?;
    Ok(())
}

/// Renews the lease of a worker, by which accounts at exchanges and on paper are its own, for `seconds` from now.
///
/// Returns whether the lease was still held: once it has ended, others may have taken accounts.
pub async fn renew_lease(tx: &mut Tx, node: NodeId, seconds: f64) -> StoreResult<bool> {
    #[derive(QueryableByName)]
    struct HeldRow {
        #[diesel(sql_type = Bool)]
        is_held: bool,
    }
    let rows: Vec<HeldRow> = sql_query(
        "select coalesce(leased_until > clock_timestamp(), false) as is_held from workers where node_id = $1
         for update",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .get_results(tx)
    .await?;
    sql_query(
        "insert into workers (node_id, leased_until) values ($1, clock_timestamp() + make_interval(secs => $2))
         on conflict (node_id) do update set leased_until = excluded.leased_until",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Double, _>(seconds)
    .execute(tx)
    .await?;
    Ok(rows.into_iter().any(|row| row.is_held))
}

/// Ends the lease of a worker whose process is known to be gone.
pub async fn end_lease(tx: &mut Tx, node: NodeId) -> StoreResult<()> {
    diesel::update(workers::table.find(node.uuid()))
        .set(workers::leased_until.eq(None::<DateTime<Utc>>))
        .execute(tx)
        .await?;
    Ok(())
}

/// Says that a worker ends in good order.
pub async fn leave(tx: &mut Tx, node: NodeId) -> StoreResult<()> {
    diesel::delete(workers::table.find(node.uuid())).execute(tx).await?;
    Ok(())
}

/// Whether a worker was heard of within half a minute.
pub async fn any_alive(tx: &mut Tx) -> StoreResult<bool> {
    let alive = workers::table.filter(workers::last_seen_at.gt(begun_at() - SILENCE.seconds()));
    Ok(diesel::select(exists(alive)).get_result(tx).await?)
}
