//! Guards of accounts and groups, as their owners set them.

use std::collections::HashMap;

use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_domain::risk::guard::{Guard, Trip};
use uuid::Uuid;

use crate::alerts;
use crate::changes::Change;
use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::{guard_steps, guard_trips, risk_marks};

/// An account's guard, and what it did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountGuard {
    /// The guard; `None`: it is off.
    pub guard: Option<Guard>,
    /// Grows with each edit; 0 before the first.
    pub version: i32,
    /// What it did and nobody has ended.
    pub trip: Option<Trip>,
}

/// Somebody edited it in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the guard was changed in the meantime; read it again")]
pub struct StaleGuard;

#[derive(QueryableByName)]
struct GuardRow {
    #[diesel(sql_type = SqlUuid)]
    place: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    action: Option<String>,
    #[diesel(sql_type = Integer)]
    version: i32,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct SetRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bool)]
    is_other: bool,
}

/// The guard of an account.
pub async fn of_account(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<AccountGuard> {
    Ok(of_accounts(tx, owner, &[account]).await?.remove(&account).unwrap_or_default())
}

/// The guards of those of `accounts` that have one, or had.
pub async fn of_accounts(
    tx: &mut Tx,
    owner: OwnerId,
    accounts: &[AccountId],
) -> StoreResult<HashMap<AccountId, AccountGuard>> {
    let ids: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
    let rows: Vec<GuardRow> = sql_query(
        "select account_id as place, status, action, version from guards where owner_id = $1 and account_id = any($2)",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(&ids)
    .load(tx)
    .await?;
    let mut found: HashMap<AccountId, AccountGuard> = HashMap::new();
    for row in rows {
        let guard = found.entry(AccountId::from_uuid(row.place)).or_default();
        guard.version = row.version;
        guard.guard = row.guard()?;
    }
    for (account, trip) in guard_trips::standing_of_accounts(tx, owner, &ids).await? {
        found.entry(account).or_default().trip = Some(trip);
    }
    Ok(found)
}

/// Sets the guard of an account that nobody edited since `version`; 0: that has none yet.
/// A trip that stands is not touched.
///
/// # Errors
///
/// [`StaleGuard`].
pub async fn set_of_account(
    tx: &mut Tx,
    owner: OwnerId,
    (account, version): (AccountId, i32),
    guard: Option<Guard>,
) -> StoreResult<Result<(), StaleGuard>> {
    // The parameter that only one of them needs is named in both.
    let query = if version == 0 {
        "insert into guards (owner_id, account_id, status, action) values ($1, $2, $3, $4)
         on conflict on constraint guards_once do nothing
         returning id, $5::integer = 0 as is_other"
    } else {
        "with before as (
            select id, status, action from guards where owner_id = $1 and account_id = $2 and version = $5
            for no key update)
         update guards g set status = $3, action = $4, version = g.version + 1, updated_at = now()
         from before where g.id = before.id and g.version = $5
         returning g.id, (before.status, before.action) is distinct from ($3, $4) as is_other"
    };
    let row: Option<SetRow> = sql_query(query)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Nullable<Text>, _>(guard.map(|guard| guard.status().as_str()))
        .bind::<Nullable<Text>, _>(guard.map(|guard| guard.action().as_str()))
        .bind::<Integer, _>(version)
        .get_result(tx)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(Err(StaleGuard)) };
    if row.is_other {
        forget_answers(tx, row.id).await?;
    }
    Ok(Ok(()))
}

/// Sets the guard of a group whose row the transaction holds. True: it was another one.
pub async fn set_of_group(
    tx: &mut Tx,
    owner: OwnerId,
    group: GroupId,
    guard: Option<Guard>,
) -> StoreResult<bool> {
    let row: Option<IdRow> = sql_query(
        "insert into guards as g (owner_id, group_id, status, action) values ($1, $2, $3, $4)
         on conflict on constraint guards_once do update
            set status = excluded.status, action = excluded.action, version = g.version + 1, updated_at = now()
            where (g.status, g.action) is distinct from (excluded.status, excluded.action)
         returning id",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(group.uuid())
    .bind::<Nullable<Text>, _>(guard.map(|guard| guard.status().as_str()))
    .bind::<Nullable<Text>, _>(guard.map(|guard| guard.action().as_str()))
    .get_result(tx)
    .await
    .optional()?;
    if let Some(row) = &row {
        forget_answers(tx, row.id).await?;
    }
    Ok(row.is_some())
}

/// A guard that was edited looks at every account anew.
async fn forget_answers(tx: &mut Tx, guard: Uuid) -> StoreResult<()> {
    sql_query("delete from guard_latches where guard_id = $1").bind::<SqlUuid, _>(guard).execute(tx).await?;
    Ok(())
}

/// Guards of groups that have one.
pub(crate) async fn of_groups(
    tx: &mut Tx,
    owner: OwnerId,
    groups: &[Uuid],
) -> StoreResult<HashMap<Uuid, Guard>> {
    let rows: Vec<GuardRow> = sql_query(
        "select group_id as place, status, action, version from guards
         where owner_id = $1 and group_id = any($2) and action is not null",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(groups)
    .load(tx)
    .await?;
    let guards = rows.into_iter().map(|row| Ok((row.place, row.guard()?)));
    let guards: StoreResult<Vec<(Uuid, Option<Guard>)>> = guards.collect();
    Ok(guards?.into_iter().filter_map(|(place, guard)| Some((place, guard?))).collect())
}

/// Makes the worker look at accounts soon, though nothing comes in: their guard
/// is another, or they joined or left its group. Call it after the commit of that.
///
/// Tells at once of those that a guard knows too little of, which time alone
/// would not show, and that it is over for those that no guard holds back any
/// more: returns the alerts, to be hinted at.
pub async fn look_again(tx: &mut Tx, owner: OwnerId, accounts: &[AccountId]) -> StoreResult<Vec<Change>> {
    let ids: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
    risk_marks::make_due(tx, owner, Some(&ids)).await?;
    let rows: Vec<IdRow> =
        sql_query(BLIND).bind::<SqlUuid, _>(owner.uuid()).bind::<Array<SqlUuid>, _>(&ids).load(tx).await?;
    let told: Vec<_> = rows.into_iter().map(|row| guard_steps::blind(owner, row.id.into())).collect();
    let mut changes = alerts::raise_all(tx, &told).await?;
    let free: Vec<IdRow> =
        sql_query(FREE).bind::<SqlUuid, _>(owner.uuid()).bind::<Array<SqlUuid>, _>(ids).load(tx).await?;
    for row in free {
        changes.extend(alerts::resolve(tx, AlertKind::GuardBlind, row.id.into()).await?);
    }
    Ok(changes)
}

const FREE: &str = "
    select a.id from accounts a
    where a.owner_id = $1 and a.id = any($2) and not exists (
        select from guards g
        where g.owner_id = $1 and g.action in ('stop_new', 'close_all') and (g.account_id = a.id
            or g.group_id in (select group_id from group_accounts where owner_id = $1 and account_id = a.id)))
    order by a.id";

// As an entry judges it.
const BLIND: &str = "
    select a.id from accounts a
    where a.owner_id = $1 and a.id = any($2) and a.archived_at is null
        and exists (
            select from guards g
            where g.owner_id = $1 and g.action in ('stop_new', 'close_all') and (g.account_id = a.id
                or g.group_id in (select group_id from group_accounts where owner_id = $1 and account_id = a.id)))
        and not exists (
            select from risk_states r
            join risk_phases p on p.id = r.phase_id and p.ended_at is null
            where r.account_id = a.id and r.sees_until >= clock_timestamp())
    order by a.id";

impl GuardRow {
    fn guard(self) -> StoreResult<Option<Guard>> {
        let Some((status, action)) = self.status.as_deref().zip(self.action.as_deref()) else {
            return Ok(None);
        };
        guard(status, action).map(Some)
    }
}

pub(crate) fn guard(status: &str, action: &str) -> StoreResult<Guard> {
    let (status, action) = (known("guards.status", status)?, known("guards.action", action)?);
    Guard::new(status, action).map_err(|_| StoreError::Corrupt("guards.status"))
}
