//! Where copying is stopped until somebody resumes it. The fan-out asks for it;
//! closes never do.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, RequestId};
use flotilla_domain::stop::OperationKind;
use uuid::Uuid;

use crate::db::{Scope, Tx};
use crate::error::StoreResult;
use crate::schema::{requests, stops};
use crate::transaction_time::begun_at;

/// One stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The account; `None`: every account of the owner.
    pub account_id: Option<AccountId>,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Stops copying; a stop that stands already stays as it is. From the commit
/// on no signal is copied within it.
pub async fn insert(tx: &mut Tx, scope: Scope, account: Option<AccountId>) -> StoreResult<()> {
    diesel::insert_into(stops::table)
        .values((
            stops::owner_id.eq(scope.owner.uuid()),
            stops::account_id.eq(account.map(AccountId::uuid)),
            stops::actor_id.eq(scope.actor.uuid()),
            stops::created_at.eq(begun_at()),
        ))
        .on_conflict_do_nothing()
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes back the stop of exactly this scope; others stay.
pub async fn remove(tx: &mut Tx, owner: OwnerId, account: Option<AccountId>) -> StoreResult<()> {
    diesel::delete(stops::table)
        .filter(stops::owner_id.eq(owner.uuid()))
        .filter(stops::account_id.is_not_distinct_from(account.map(AccountId::uuid)))
        .execute(tx)
        .await?;
    Ok(())
}

/// All stops of an owner, oldest first.
pub async fn list(tx: &mut Tx, owner: OwnerId) -> StoreResult<Vec<Stop>> {
    let rows: Vec<(Option<Uuid>, DateTime<Utc>)> = stops::table
        .filter(stops::owner_id.eq(owner.uuid()))
        .order((stops::created_at, stops::id))
        .select((stops::account_id, stops::created_at))
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(|(account, since)| Stop { account_id: account.map(Into::into), since }).collect())
}

/// Leaves a request for the worker; hint at it after the commit.
pub async fn ask(
    tx: &mut Tx,
    scope: Scope,
    kind: OperationKind,
    account: Option<AccountId>,
) -> StoreResult<RequestId> {
    let target = account.map_or_else(|| scope.owner.uuid(), AccountId::uuid);
    let id: Uuid = diesel::insert_into(requests::table)
        .values((
            requests::owner_id.eq(scope.owner.uuid()),
            requests::actor_id.eq(scope.actor.uuid()),
            requests::kind.eq(kind.as_str()),
            requests::target_id.eq(target),
        ))
        .returning(requests::id)
        .get_result(tx)
        .await?;
    Ok(id.into())
}
