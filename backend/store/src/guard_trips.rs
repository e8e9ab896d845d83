//! What guards did: for ever, and what of it stands.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_domain::risk::guard::{GuardAction, Trip};
use flotilla_domain::risk::rule::RuleId;
use flotilla_domain::stop::StopPlace;
use serde_json::json;
use uuid::Uuid;

use crate::alerts::{self, NewAlert};
use crate::changes::Change;
use crate::db::{Scope, Tx};
use crate::error::{StoreResult, known};
use crate::risk_events::{self, EventRef, NewEvent};

/// A trip that may have been ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastTrip {
    /// The trip.
    pub trip: Trip,
    /// Name of who ended it.
    pub resumed_by: Option<String>,
}

#[derive(QueryableByName)]
pub(crate) struct TripRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    group_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    guarded_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    scope_name: String,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    account_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    rule_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    rule_kind: Option<String>,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    resumed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    resumed_by_name: Option<String>,
}

pub(crate) const COLUMNS: &str = "t.id, t.group_id, t.guarded_id, t.scope_name, t.account_id, t.account_name,
    t.rule_id, t.rule_kind, t.status, t.action, t.at, t.resumed_at";

/// What the guards of accounts did and nobody has ended.
pub(crate) async fn standing_of_accounts(
    tx: &mut Tx,
    owner: OwnerId,
    accounts: &[Uuid],
) -> StoreResult<HashMap<AccountId, Trip>> {
    let rows: Vec<TripRow> = sql_query(format!(
        "select {COLUMNS}, null as resumed_by_name from guard_trips t
         where t.owner_id = $1 and t.guarded_id = any($2) and t.resumed_at is null"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(accounts)
    .load(tx)
    .await?;
    let by_account = |row: TripRow| Ok((row.guarded_id.map(AccountId::from_uuid), row.trip()?));
    let trips: StoreResult<Vec<(Option<AccountId>, Trip)>> = rows.into_iter().map(by_account).collect();
    Ok(trips?.into_iter().filter_map(|(account, trip)| Some((account?, trip))).collect())
}

/// The same of groups.
pub(crate) async fn standing_of_groups(
    tx: &mut Tx,
    owner: OwnerId,
    groups: &[Uuid],
) -> StoreResult<HashMap<Uuid, Trip>> {
    let rows: Vec<TripRow> = sql_query(format!(
        "select {COLUMNS}, null as resumed_by_name from guard_trips t
         where t.owner_id = $1 and t.group_id = any($2) and t.resumed_at is null"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(groups)
    .load(tx)
    .await?;
    let trips: StoreResult<Vec<Trip>> = rows.into_iter().map(TripRow::trip).collect();
    Ok(trips?.into_iter().filter_map(|trip| Some((trip.group_id?.uuid(), trip))).collect())
}

/// These trips of an owner.
pub(crate) async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Trip>> {
    let rows: Vec<TripRow> = sql_query(format!(
        "select {COLUMNS}, null as resumed_by_name from guard_trips t where t.owner_id = $1 and t.id = any($2)"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx)
    .await?;
    rows.into_iter().map(TripRow::trip).collect()
}

/// What the guard of a group or an account did, newest first; `after` leaves
/// out that trip and those that followed it.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    place: StopPlace,
    after: Option<Uuid>,
    limit: i64,
) -> StoreResult<Vec<PastTrip>> {
    let rows: Vec<TripRow> = sql_query(format!(
        "select {COLUMNS}, u.name as resumed_by_name
         from guard_trips t
         left join users u on u.id = t.resumed_by
         where t.owner_id = $1 and (t.group_id = $2 or t.guarded_id = $3) and ($4 is null or t.id < $4)
         order by t.id desc
         limit $5"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Nullable<SqlUuid>, _>(place.group().map(GroupId::uuid))
    .bind::<Nullable<SqlUuid>, _>(place.account().map(AccountId::uuid))
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx)
    .await?;
    let past = |mut row: TripRow| {
        let resumed_by = row.resumed_by_name.take();
        Ok(PastTrip { trip: row.trip()?, resumed_by })
    };
    rows.into_iter().map(past).collect()
}

/// Ends what the guard of exactly this place did, as a person; hint at the
/// event after the commit.
pub async fn resume(tx: &mut Tx, scope: Scope, place: StopPlace) -> StoreResult<Option<(Trip, EventRef)>> {
    let rows: Vec<TripRow> = sql_query(format!(
        "update guard_trips t set resumed_at = clock_timestamp(), resumed_by = $4
         where t.owner_id = $1 and (t.group_id = $2 or t.guarded_id = $3) and t.resumed_at is null
         returning {COLUMNS}, null as resumed_by_name"
    ))
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<Nullable<SqlUuid>, _>(place.group().map(GroupId::uuid))
    .bind::<Nullable<SqlUuid>, _>(place.account().map(AccountId::uuid))
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .load(tx)
    .await?;
    let Some(trip) = rows.into_iter().next().map(TripRow::trip).transpose()? else { return Ok(None) };
    let told = vec![NewEvent::guard_resumed(&trip)];
    let event = risk_events::insert(tx, (scope.owner, trip.account_id, None), told).await?.into_iter().next();
    Ok(event.map(|event| (trip, event)))
}

/// Tells that an account joined a group where a guard's trip stands: nothing new
/// is copied for it, and what it has open stays open, whatever the guard closed
/// of the others.
pub async fn tell_joined(
    tx: &mut Tx,
    owner: OwnerId,
    trip: &Trip,
    account: AccountId,
) -> StoreResult<Change> {
    let kind = AlertKind::GuardTripped;
    let detail = json!({
        "scope": if trip.group_id.is_some() { "group" } else { "account" },
        "name": trip.scope_name,
        "account": trip.account_name,
        "rule": trip.rule,
        "status": trip.status,
        "action": GuardAction::StopNew,
    });
    let dedupe_key = format!("{kind}:{}:{account}", trip.id);
    let new =
        NewAlert { owner_id: owner, kind, account_id: Some(account), copy_id: None, detail, dedupe_key };
    alerts::raise(tx, &new).await
}

impl TripRow {
    pub(crate) fn trip(self) -> StoreResult<Trip> {
        Ok(Trip {
            id: self.id,
            group_id: self.group_id.map(Into::into),
            guarded_id: self.guarded_id.map(Into::into),
            scope_name: self.scope_name,
            account_id: self.account_id.into(),
            account_name: self.account_name,
            rule: self.rule_id.map(RuleId),
            kind: self.rule_kind.as_deref().map(|kind| known("guard_trips.rule_kind", kind)).transpose()?,
            status: known("guard_trips.status", &self.status)?,
            action: known("guard_trips.action", &self.action)?,
            at: self.at,
            resumed_at: self.resumed_at,
        })
    }
}
