//! Decisions of people about copies: left by the API, performed by the worker.

use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::resolution::{Resolution, ResolutionAction};
use flotilla_domain::id::{CopyId, OwnerId, RequestId, UserId};
use flotilla_domain::ticket::Ticket;
use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, NewAudit};
use crate::db::{Scope, Tx};
use crate::error::{StoreError, StoreResult, known};

/// A decision that is not performed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenResolution {
    /// The request.
    pub id: RequestId,
    /// Whose copy it is.
    pub owner_id: OwnerId,
    /// Who decided.
    pub actor_id: UserId,
    /// The copy.
    pub copy_id: CopyId,
    /// What was decided; `None`: a link without a ticket.
    pub resolution: Option<Resolution>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct OpenRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    actor_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    target_id: Uuid,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    ticket: Option<i64>,
}

/// Leaves a decision for the worker; hint at it after the commit.
pub async fn insert(
    tx: &mut Tx,
    scope: Scope,
    copy: CopyId,
    action: ResolutionAction,
    ticket: Option<Ticket>,
) -> StoreResult<RequestId> {
    let row: IdRow = sql_query(
        "insert into requests (owner_id, actor_id, kind, target_id, action, ticket)
         values ($1, $2, 'resolve_copy', $3, $4, $5)
         returning id",
    )
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .bind::<SqlUuid, _>(copy.uuid())
    .bind::<Text, _>(action.as_str())
    .bind::<Nullable<BigInt>, _>(ticket.map(Ticket::value))
    .get_result(tx)
    .await?;
    Ok(row.id.into())
}

/// Locks the oldest decision that is not performed yet.
pub async fn lock_next(tx: &mut Tx) -> StoreResult<Option<OpenResolution>> {
    let rows: Vec<OpenRow> = sql_query(
        "select id, owner_id, actor_id, target_id, action, ticket from requests
         where kind = 'resolve_copy' and state = 'pending'
         order by id
         limit 1
         for update skip locked",
    )
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(OpenRow::open).transpose()
}

/// Ends a request and records it; `failure`: why it was not performed. Make it
/// the last thing a transaction does.
pub async fn finish(tx: &mut Tx, asked: &OpenResolution, failure: Option<&str>) -> StoreResult<()> {
    sql_query(
        "update requests set
            state = case when $2 is null then 'done' else 'failed' end,
            failure = $2, total = 1, done = case when $2 is null then 1 else 0 end, updated_at = now()
         where id = $1",
    )
    .bind::<SqlUuid, _>(asked.id.uuid())
    .bind::<Nullable<Text>, _>(failure)
    .execute(tx)
    .await?;
    let new = NewAudit {
        actor: Some(asked.actor_id),
        action: "copy_resolved",
        target_kind: "copy",
        target_id: Some(asked.copy_id.uuid()),
        detail: json!({ "request_id": asked.id, "failure": failure }),
    };
    audit::append(tx, asked.owner_id, new).await
}

/// From now on the copy shall be flat. It must be locked.
pub async fn want_flat(tx: &mut Tx, copy: CopyId) -> StoreResult<()> {
    sql_query(
        "update copy_orders
         set desired_lots = 0, desired_version = desired_version + 1, close_due_at = now(), updated_at = now()
         where copy_id = $1 and desired_lots > 0",
    )
    .bind::<SqlUuid, _>(copy.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

impl OpenRow {
    fn open(self) -> StoreResult<OpenResolution> {
        let action: ResolutionAction = known("requests.action", &self.action)?;
        let ticket =
            self.ticket.map(Ticket::new).transpose().map_err(|_| StoreError::Corrupt("requests.ticket"))?;
        Ok(OpenResolution {
            id: self.id.into(),
            owner_id: self.owner_id.into(),
            actor_id: self.actor_id.into(),
            copy_id: self.target_id.into(),
            resolution: Resolution::new(action, ticket),
        })
    }
}
