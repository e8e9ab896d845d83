//! What the API asked the worker to do, from the worker's side; what concerns
//! many accounts at once is in [`crate::stop_requests`].

use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{OwnerId, RequestId};
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::flatten::Pair;
use crate::error::StoreResult;
use crate::stop_requests::IS_COMPLETE;

/// A request that is not done yet.
#[derive(Debug, Clone)]
pub struct OpenRequest {
    /// The request.
    pub id: RequestId,
    /// Who asked.
    pub owner_id: OwnerId,
    /// Whose copies shall be flat, as far as they were planned when it was begun.
    pub pair: Pair,
    /// Whether it was begun.
    pub is_running: bool,
    /// Whether every signal that was being stored when it was begun has been.
    pub is_complete: bool,
}

#[derive(QueryableByName)]
struct RequestRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    began_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    is_running: bool,
    #[diesel(sql_type = Bool)]
    is_complete: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    follower_account_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    master_account_id: Option<Uuid>,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Integer)]
    remaining: i32,
}

/// Locks the first request after `after` that is not done. A target that is not
/// its owner's is not found, and the request fails.
pub async fn lock_next(tx: &mut Tx, after: RequestId) -> StoreResult<Option<OpenRequest>> {
    let mut after = after.uuid();
    loop {
        let rows: Vec<RequestRow> = sql_query(format!(
            "select r.id, r.owner_id, r.began_at, r.state = 'running' as is_running, {IS_COMPLETE} as is_complete,
                f.follower_account_id, f.master_account_id
             from requests r
             left join subscriptions f on f.id = r.target_id and f.owner_id = r.owner_id
             where r.state in ('pending', 'running') and r.kind = 'close_subscription' and r.id > $1
             order by r.id
             limit 1
             for update of r skip locked"
        ))
        .bind::<SqlUuid, _>(after)
        .get_results(tx)
        .await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        if let Some(pair) = row.pair() {
            return Ok(Some(row.request(pair)));
        }
        fail(tx, row.id).await?;
        after = row.id;
    }
}

/// Writes how far a request is. A copy has ended when it is failed, skipped or
/// closed. Returns whether the request is done, which it is not before every
/// signal that was being stored when it was begun has been.
pub async fn save_progress(tx: &mut Tx, request: &OpenRequest) -> StoreResult<bool> {
    let row: CountRow = sql_query(
        "select count(*)::integer as remaining from copy_orders
         where state not in ('failed', 'skipped', 'closed') and desired_lots = 0
            and follower_account_id = $1 and master_account_id = $2",
    )
    .bind::<SqlUuid, _>(request.pair.follower_id.uuid())
    .bind::<SqlUuid, _>(request.pair.master_id.uuid())
    .get_result(tx)
    .await?;
    let is_done = row.remaining == 0 && request.is_complete;
    sql_query(
        "update requests set
            total = greatest(total, $2),
            done = greatest(total, $2) - $2,
            state = case when $3 then 'done' else 'running' end,
            began_at = coalesce(began_at, clock_timestamp()),
            began_xid = coalesce(began_xid, pg_current_xact_id()::text::bigint),
            updated_at = now()
         where id = $1",
    )
    .bind::<SqlUuid, _>(request.id.uuid())
    .bind::<Integer, _>(row.remaining)
    .bind::<Bool, _>(is_done)
    .execute(tx)
    .await?;
    Ok(is_done)
}

async fn fail(tx: &mut Tx, id: Uuid) -> StoreResult<()> {
    sql_query("update requests set state = 'failed', updated_at = now() where id = $1")
        .bind::<SqlUuid, _>(id)
        .execute(tx)
        .await?;
    Ok(())
}

impl RequestRow {
    fn pair(&self) -> Option<Pair> {
        let (follower, master) = self.follower_account_id.zip(self.master_account_id)?;
        Some(Pair { follower_id: follower.into(), master_id: master.into(), until: self.began_at })
    }

    fn request(self, pair: Pair) -> OpenRequest {
        OpenRequest {
            id: self.id.into(),
            owner_id: self.owner_id.into(),
            pair,
            is_running: self.is_running,
            is_complete: self.is_complete,
        }
    }
}
