//! How far the worker is with what concerns many copies at once, as the owner
//! reads it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{IntervalDsl, IsNotNull};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, RequestId};
use flotilla_domain::stop::{OperationKind, OperationState, StopPlace};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::{accounts, request_accounts, requests, sessions};
use crate::transaction_time::begun_at;

/// Finished operations that are still listed, in seconds after their last change.
const SHOWN_AFTER_S: i32 = 30;

/// Something the worker was asked to do to many copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Identifier.
    pub id: RequestId,
    /// What it is.
    pub kind: OperationKind,
    /// Where.
    pub place: StopPlace,
    /// How far it is.
    pub state: OperationState,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Follower accounts with copies to close, by name.
    pub accounts: Vec<OperationAccount>,
}

/// How far an operation is in one follower account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationAccount {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Copies to be closed.
    pub total: i32,
    /// Copies that have ended, by evidence.
    pub done: i32,
    /// Whether its terminal is connected now.
    pub is_reachable: bool,
}

const KINDS: [&str; 4] = ["stop_new", "flatten", "resume", "close_account"];

type Row = (Uuid, Uuid, bool, String, String, DateTime<Utc>, DateTime<Utc>);
type AccountRow = (Uuid, Uuid, String, i32, i32, Option<i32>);

/// One operation.
pub async fn get(tx: &mut Tx, owner: OwnerId, id: RequestId) -> StoreResult<Operation> {
    find_all(tx, owner, &[id.uuid()]).await?.pop().ok_or(StoreError::NotFound("operation"))
}

/// Those of `ids` that are the owner's operations.
pub async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Operation>> {
    let rows: Vec<Row> = requests::table
        .filter(requests::owner_id.eq(owner.uuid()))
        .filter(requests::id.eq_any(ids))
        .filter(requests::kind.eq_any(KINDS))
        .order(requests::id)
        .select(columns())
        .load(tx)
        .await?;
    with_accounts(tx, owner, rows).await
}

/// Operations that are not done, and those done a moment ago, oldest first.
pub async fn list_current(tx: &mut Tx, owner: OwnerId) -> StoreResult<Vec<Operation>> {
    let lately = begun_at() - SHOWN_AFTER_S.seconds();
    let rows: Vec<Row> = requests::table
        .filter(requests::owner_id.eq(owner.uuid()))
        .filter(requests::kind.eq_any(KINDS))
        .filter(requests::state.eq_any(["pending", "running"]).or(requests::updated_at.gt(lately)))
        .order(requests::id)
        .limit(50)
        .select(columns())
        .load(tx)
        .await?;
    with_accounts(tx, owner, rows).await
}

type Columns = (
    requests::id,
    requests::target_id,
    IsNotNull<requests::account_ids>,
    requests::kind,
    requests::state,
    requests::created_at,
    requests::updated_at,
);

fn columns() -> Columns {
    (
        requests::id,
        requests::target_id,
        requests::account_ids.is_not_null(),
        requests::kind,
        requests::state,
        requests::created_at,
        requests::updated_at,
    )
}

async fn with_accounts(tx: &mut Tx, owner: OwnerId, rows: Vec<Row>) -> StoreResult<Vec<Operation>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let counts: Vec<AccountRow> = request_accounts::table
        .inner_join(accounts::table.on(accounts::id.eq(request_accounts::account_id)))
        .left_join(sessions::table.on(sessions::account_id.eq(request_accounts::account_id)))
        .filter(request_accounts::owner_id.eq(owner.uuid()))
        .filter(request_accounts::request_id.eq_any(ids))
        .order((accounts::name, accounts::id))
        .select((
            request_accounts::request_id,
            accounts::id,
            accounts::name,
            request_accounts::total,
            request_accounts::remaining,
            sessions::sockets.nullable(),
        ))
        .load(tx)
        .await?;
    let mut by_request: HashMap<Uuid, Vec<OperationAccount>> = HashMap::new();
    for (request, id, name, total, remaining, sockets) in counts {
        by_request.entry(request).or_default().push(OperationAccount {
            id: id.into(),
            name,
            total,
            done: total.saturating_sub(remaining),
            is_reachable: sockets.is_some_and(|sockets| sockets > 0),
        });
    }
    rows.into_iter()
        .map(|row| {
            let accounts = by_request.remove(&row.0).unwrap_or_default();
            operation(owner, row, accounts)
        })
        .collect()
}

fn operation(owner: OwnerId, row: Row, accounts: Vec<OperationAccount>) -> StoreResult<Operation> {
    let (id, target, is_group, kind, state, created_at, updated_at) = row;
    let place = if is_group {
        StopPlace::Group(target.into())
    } else if target == owner.uuid() {
        StopPlace::Everywhere
    } else {
        StopPlace::Account(target.into())
    };
    Ok(Operation {
        id: id.into(),
        kind: known::<OperationKind>("requests.kind", &kind)?,
        place,
        state: known::<OperationState>("requests.state", &state)?,
        created_at,
        updated_at,
        accounts,
    })
}
