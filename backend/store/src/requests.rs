//! What the API asked the worker to do, from the worker's side; what concerns
//! many accounts at once is in [`crate::stop_requests`].

use diesel::sql_types::{Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, RequestId};
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::flatten::Flatten;
use crate::error::{StoreError, StoreResult};

/// A request that is not done yet.
#[derive(Debug, Clone)]
pub struct OpenRequest {
    /// The request.
    pub id: RequestId,
    /// Who asked.
    pub owner_id: OwnerId,
    /// The account its hints are about.
    pub account_id: AccountId,
    /// What shall be flat.
    pub what: Flatten,
    /// Whether it was begun.
    pub is_running: bool,
}

#[derive(QueryableByName)]
struct RequestRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    is_running: bool,
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

/// Locks the requests that are not done. A target that is not its owner's is
/// not found, and the request fails.
pub async fn lock_open(tx: &mut Tx) -> StoreResult<Vec<OpenRequest>> {
    let rows: Vec<RequestRow> = sql_query(
        "select r.id, r.owner_id, r.kind, r.state = 'running' as is_running, f.follower_account_id,
            f.master_account_id
         from requests r
         left join subscriptions f on r.kind = 'close_subscription' and f.id = r.target_id and f.owner_id = r.owner_id
         where r.state in ('pending', 'running') and r.kind = 'close_subscription'
         order by r.id
         limit 100
         for update of r skip locked",
    )
    .get_results(tx)
    .await?;
    let mut open = Vec::with_capacity(rows.len());
    for row in rows {
        match row.request() {
            Ok(request) => open.push(request),
            Err((id, StoreError::NotFound(_))) => fail(tx, id).await?,
            Err((_, error)) => return Err(error),
        }
    }
    Ok(open)
}

/// Writes how far a request is: with `began`, sets its total. A copy has ended
/// when it is failed, skipped or closed. Returns whether the request is done.
pub async fn save_progress(tx: &mut Tx, request: &OpenRequest, began: bool) -> StoreResult<bool> {
    let (scope, first, second) = match &request.what {
        Flatten::Pair(follower, master) => {
            ("follower_account_id = $1 and master_account_id = $2", follower.uuid(), master.uuid())
        }
        Flatten::Trade(..) | Flatten::Stop(_) => return Err(StoreError::NotFound("request of this kind")),
    };
    let row: CountRow = sql_query(format!(
        "select count(*)::integer as remaining from copy_orders
         where state not in ('failed', 'skipped', 'closed') and desired_lots = 0 and {scope}"
    ))
    .bind::<SqlUuid, _>(first)
    .bind::<SqlUuid, _>(second)
    .get_result(tx)
    .await?;
    sql_query(
        "update requests set
            total = case when $3 then $2 else coalesce(total, $2) end,
            done = greatest(case when $3 then 0 else coalesce(total, $2) - $2 end, 0),
            state = case when $2 = 0 then 'done' else 'running' end,
            updated_at = now()
         where id = $1",
    )
    .bind::<SqlUuid, _>(request.id.uuid())
    .bind::<Integer, _>(row.remaining)
    .bind::<Bool, _>(began)
    .execute(tx)
    .await?;
    Ok(row.remaining == 0)
}

async fn fail(tx: &mut Tx, id: Uuid) -> StoreResult<()> {
    sql_query("update requests set state = 'failed', updated_at = now() where id = $1")
        .bind::<SqlUuid, _>(id)
        .execute(tx)
        .await?;
    Ok(())
}

impl RequestRow {
    fn request(self) -> Result<OpenRequest, (Uuid, StoreError)> {
        let owner = OwnerId::from(self.owner_id);
        let target = match self.kind.as_str() {
            "close_subscription" => self
                .follower_account_id
                .zip(self.master_account_id)
                .map(|(follower, master)| (follower, Flatten::Pair(follower.into(), master.into()))),
            _ => return Err((self.id, StoreError::Corrupt("requests.kind"))),
        };
        let (account, what) = target.ok_or((self.id, StoreError::NotFound("request target")))?;
        Ok(OpenRequest {
            id: self.id.into(),
            owner_id: owner,
            account_id: account.into(),
            what,
            is_running: self.is_running,
        })
    }
}
