//! Where copying is stopped until somebody resumes it. The fan-out asks for it;
//! closes never do.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, GroupId, OwnerId, RequestId, UserId};
use flotilla_domain::risk::guard::Trip;
use flotilla_domain::stop::{OperationKind, StopPlace};
use uuid::Uuid;

use crate::db::{Scope, Tx};
use crate::error::StoreResult;
use crate::groups;
use crate::guard_trips;
use crate::schema::{requests, stops};
use crate::transaction_time::begun_at;

/// One stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Where.
    pub place: StopPlace,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What a guard did it for; `None`: a person did.
    pub trip: Option<Trip>,
}

/// Who stopped copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Somebody with the stop button.
    ByPerson,
    /// A guard, by this trip.
    ByGuard(Uuid),
}

/// Stops copying; a person's stop that stands already stays as it is, and takes
/// the place of a guard's, which holds for less. From the commit on no signal is
/// copied within it.
pub async fn insert(tx: &mut Tx, scope: Scope, place: StopPlace) -> StoreResult<()> {
    diesel::insert_into(stops::table)
        .values((
            stops::owner_id.eq(scope.owner.uuid()),
            stops::account_id.eq(place.account().map(AccountId::uuid)),
            stops::group_id.eq(place.group().map(GroupId::uuid)),
            stops::actor_id.eq(scope.actor.uuid()),
            stops::created_at.eq(begun_at()),
        ))
        .on_conflict_do_nothing()
        .execute(tx)
        .await?;
    diesel::update(stops::table)
        .filter(stops::owner_id.eq(scope.owner.uuid()))
        .filter(stops::account_id.is_not_distinct_from(place.account().map(AccountId::uuid)))
        .filter(stops::group_id.is_not_distinct_from(place.group().map(GroupId::uuid)))
        .filter(stops::trip_id.is_not_null())
        .set((stops::actor_id.eq(Some(scope.actor.uuid())), stops::trip_id.eq(None::<Uuid>)))
        .execute(tx)
        .await?;
    Ok(())
}

/// Stops copying for a guard. Where a person stopped it, that stop stays as it is.
pub(crate) async fn insert_of_guard(tx: &mut Tx, owner: OwnerId, trip: &Trip) -> StoreResult<()> {
    let place = trip.place();
    sql_query(
        "insert into stops as x (owner_id, account_id, group_id, trip_id) values ($1, $2, $3, $4)
         on conflict on constraint stops_once do update set trip_id = excluded.trip_id
            where x.trip_id is not null",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Nullable<SqlUuid>, _>(place.account().map(AccountId::uuid))
    .bind::<Nullable<SqlUuid>, _>(place.group().map(GroupId::uuid))
    .bind::<SqlUuid, _>(trip.id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes back the stop of exactly this scope; others stay.
pub async fn remove(tx: &mut Tx, owner: OwnerId, place: StopPlace) -> StoreResult<()> {
    diesel::delete(stops::table)
        .filter(stops::owner_id.eq(owner.uuid()))
        .filter(stops::account_id.is_not_distinct_from(place.account().map(AccountId::uuid)))
        .filter(stops::group_id.is_not_distinct_from(place.group().map(GroupId::uuid)))
        .execute(tx)
        .await?;
    Ok(())
}

/// Account, group, since when, and the guard's trip.
type StopRow = (Option<Uuid>, Option<Uuid>, DateTime<Utc>, Option<Uuid>);

/// All stops of an owner, oldest first.
pub async fn list(tx: &mut Tx, owner: OwnerId) -> StoreResult<Vec<Stop>> {
    let rows: Vec<StopRow> = stops::table
        .filter(stops::owner_id.eq(owner.uuid()))
        .order((stops::created_at, stops::id))
        .select((stops::account_id, stops::group_id, stops::created_at, stops::trip_id))
        .load(tx)
        .await?;
    let ids: Vec<Uuid> = rows.iter().filter_map(|(_, _, _, trip)| *trip).collect();
    let mut trips = if ids.is_empty() { Vec::new() } else { guard_trips::find_all(tx, owner, &ids).await? };
    let mut stop = |(account, group, since, trip): StopRow| {
        let group = group.map(|id| StopPlace::Group(id.into()));
        let account = account.map(|id| StopPlace::Account(id.into()));
        let trip = trip.and_then(|id| Some(trips.swap_remove(trips.iter().position(|trip| trip.id == id)?)));
        Stop { place: group.or(account).unwrap_or(StopPlace::Everywhere), since, trip }
    };
    Ok(rows.into_iter().map(&mut stop).collect())
}

/// Who stopped copying for a group: a person, or a guard by this trip. `None`: nobody did.
pub async fn find_of_group(tx: &mut Tx, owner: OwnerId, group: GroupId) -> StoreResult<Option<Stopped>> {
    let trip: Option<Option<Uuid>> = stops::table
        .filter(stops::owner_id.eq(owner.uuid()))
        .filter(stops::group_id.eq(group.uuid()))
        .select(stops::trip_id)
        .first(tx)
        .await
        .optional()?;
    Ok(trip.map(|trip| trip.map_or(Stopped::ByPerson, Stopped::ByGuard)))
}

/// Leaves a request for the worker; hint at it after the commit. Of a group it
/// is about the accounts that are in it now.
pub async fn ask(tx: &mut Tx, scope: Scope, kind: OperationKind, place: StopPlace) -> StoreResult<RequestId> {
    let target = target(tx, scope.owner, place).await?;
    insert_request(tx, scope.owner, (kind, By::Person(scope.actor)), target).await
}

/// The same for a guard.
pub(crate) async fn ask_of_guard(
    tx: &mut Tx,
    owner: OwnerId,
    (kind, place): (OperationKind, StopPlace),
    trip: Uuid,
) -> StoreResult<RequestId> {
    let target = target(tx, owner, place).await?;
    insert_request(tx, owner, (kind, By::Guard(trip)), target).await
}

async fn target(tx: &mut Tx, owner: OwnerId, place: StopPlace) -> StoreResult<(Uuid, Option<Vec<Uuid>>)> {
    Ok(match place {
        StopPlace::Everywhere => (owner.uuid(), None),
        StopPlace::Account(account) => (account.uuid(), None),
        StopPlace::Group(group) => (group.uuid(), Some(groups::list_account_ids(tx, owner, group).await?)),
    })
}

/// Who asks.
enum By {
    Person(UserId),
    Guard(Uuid),
}

/// Asks for the stop of a group to hold for an account that just joined it:
/// nothing new is copied. Nothing is closed, whatever else was asked before.
pub async fn ask_for_joined(
    tx: &mut Tx,
    scope: Scope,
    (group, account): (GroupId, AccountId),
    stopped: Stopped,
) -> StoreResult<RequestId> {
    let target = (group.uuid(), Some(vec![account.uuid()]));
    let by = match stopped {
        Stopped::ByPerson => By::Person(scope.actor),
        Stopped::ByGuard(trip) => By::Guard(trip),
    };
    insert_request(tx, scope.owner, (OperationKind::StopNew, by), target).await
}

async fn insert_request(
    tx: &mut Tx,
    owner: OwnerId,
    (kind, by): (OperationKind, By),
    (target, accounts): (Uuid, Option<Vec<Uuid>>),
) -> StoreResult<RequestId> {
    let (actor, trip) = match by {
        By::Person(actor) => (Some(actor.uuid()), None),
        By::Guard(trip) => (None, Some(trip)),
    };
    let id: Uuid = diesel::insert_into(requests::table)
        .values((
            requests::owner_id.eq(owner.uuid()),
            requests::actor_id.eq(actor),
            requests::trip_id.eq(trip),
            requests::kind.eq(kind.as_str()),
            requests::target_id.eq(target),
            requests::account_ids.eq(accounts),
        ))
        .returning(requests::id)
        .get_result(tx)
        .await?;
    Ok(id.into())
}
