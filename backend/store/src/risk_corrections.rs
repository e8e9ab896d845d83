//! What persons have corrected in a phase, as a list; and floors that are taken back.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::audit::NewAudit;
use crate::db::{Scope, Tx};
use crate::error::{StoreError, StoreResult};
use crate::risk_phases::StoredPhase;

/// A floor that was set by hand.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SetFloor {
    /// Identifier.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The rule.
    #[diesel(sql_type = Text)]
    pub rule_id: String,
    /// From when on.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// The floor.
    #[diesel(sql_type = Numeric)]
    pub floor: Decimal,
    /// Why.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// Name of who did; `None` when whoever asks may not know it.
    #[diesel(sql_type = Nullable<Text>)]
    pub set_by: Option<String>,
    /// When it was written down.
    #[diesel(sql_type = Timestamptz)]
    pub set_at: DateTime<Utc>,
    /// When it was taken back.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub taken_back_at: Option<DateTime<Utc>>,
    /// Name of who did that.
    #[diesel(sql_type = Nullable<Text>)]
    pub taken_back_by: Option<String>,
    /// Why.
    #[diesel(sql_type = Nullable<Text>)]
    pub take_back_reason: Option<String>,
}

/// Money that was moved.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct NotedFlow {
    /// Identifier.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// `deposit`, `withdrawal`, `payout`, `credit` or `correction`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// Negative when it left.
    #[diesel(sql_type = Numeric)]
    pub amount: Decimal,
    /// What else was said.
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    /// Whether the account's terminal told, and no person.
    #[diesel(sql_type = Bool)]
    pub is_reported: bool,
    /// Name of who noted it; `None` also when whoever asks may not know it.
    #[diesel(sql_type = Nullable<Text>)]
    pub set_by: Option<String>,
    /// When it was written down.
    #[diesel(sql_type = Timestamptz)]
    pub set_at: DateTime<Utc>,
}

/// What a day began with, as a person says.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct NotedStart {
    /// The date that the day carries.
    #[diesel(sql_type = Date)]
    pub label: NaiveDate,
    /// Balance at its beginning.
    #[diesel(sql_type = Numeric)]
    pub balance: Decimal,
    /// Equity at its beginning.
    #[diesel(sql_type = Numeric)]
    pub equity: Decimal,
    /// Name of who said so last; `None` when whoever asks may not know it.
    #[diesel(sql_type = Nullable<Text>)]
    pub set_by: Option<String>,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub set_at: DateTime<Utc>,
}

/// Floors set in a phase, newest first, those taken back among them.
pub async fn list_floors(tx: &mut Tx, stored: &StoredPhase, limit: i64) -> StoreResult<Vec<SetFloor>> {
    let query = "select f.id, f.rule_id, f.at, f.floor, f.reason, u.name as set_by, f.set_at, f.taken_back_at,
            t.name as taken_back_by, f.take_back_reason
         from risk_floor_overrides f left join users u on u.id = f.set_by left join users t on t.id = f.taken_back_by
         where f.owner_id = $1 and f.phase_id = $2 order by f.at desc, f.id desc limit $3";
    list(tx, query, stored, limit).await
}

/// Money moved in a phase, newest first.
pub async fn list_flows(tx: &mut Tx, stored: &StoredPhase, limit: i64) -> StoreResult<Vec<NotedFlow>> {
    let query = "select c.id, c.kind, c.at, c.amount, c.note, c.source = 'reported' as is_reported,
            u.name as set_by, c.set_at
         from risk_cash_flows c left join users u on u.id = c.set_by
         where c.owner_id = $1 and c.phase_id = $2 order by c.at desc, c.id desc limit $3";
    list(tx, query, stored, limit).await
}

/// What days of a phase began with, as persons say, newest first.
pub async fn list_starts(tx: &mut Tx, stored: &StoredPhase, limit: i64) -> StoreResult<Vec<NotedStart>> {
    let query = "select d.label, d.balance, d.equity, u.name as set_by, d.set_at
         from risk_day_starts d left join users u on u.id = d.set_by
         where d.owner_id = $1 and d.phase_id = $2 order by d.label desc limit $3";
    list(tx, query, stored, limit).await
}

async fn list<R>(tx: &mut Tx, query: &str, stored: &StoredPhase, limit: i64) -> StoreResult<Vec<R>>
where
    R: QueryableByName<diesel::pg::Pg> + Send + 'static,
{
    Ok(sql_query(query)
        .bind::<SqlUuid, _>(stored.owner_id.uuid())
        .bind::<SqlUuid, _>(stored.id)
        .bind::<BigInt, _>(limit)
        .load(tx)
        .await?)
}

#[derive(QueryableByName)]
struct TakenRow {
    #[diesel(sql_type = Text)]
    rule_id: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    floor: Decimal,
    #[diesel(sql_type = Bool)]
    is_first: bool,
}

/// Takes back a floor of the running phase, and says from when on it had held. `None`: it is taken back already.
/// Follow the history again from then on, and append what is returned to the audit when all else is done.
///
/// # Errors
///
/// [`StoreError::NotFound`] when the phase has no such floor.
pub async fn take_back_floor(
    tx: &mut Tx,
    scope: Scope,
    stored: &StoredPhase,
    id: Uuid,
    reason: &str,
) -> StoreResult<Option<(DateTime<Utc>, NewAudit)>> {
    let row: Option<TakenRow> = sql_query(
        "with found as (
            select id, rule_id, at, floor, taken_back_at is null as is_first from risk_floor_overrides
            where owner_id = $1 and phase_id = $2 and id = $3),
        taken as (
            update risk_floor_overrides f
            set taken_back_at = clock_timestamp(), taken_back_by = $4, take_back_reason = $5
            from found where f.id = found.id and f.taken_back_at is null)
        select rule_id, at, floor, is_first from found",
    )
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<SqlUuid, _>(stored.id)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .bind::<Text, _>(reason)
    .get_result(tx)
    .await
    .optional()?;
    let TakenRow { rule_id, at, floor, is_first } = row.ok_or(StoreError::NotFound("floor"))?;
    let detail = json!({
        "account_id": stored.account_id, "override_id": id, "rule_id": rule_id, "at": at, "floor": floor,
        "reason": reason,
    });
    let audit = NewAudit {
        actor: Some(scope.actor),
        action: "risk_floor_taken_back",
        target_kind: "risk_phase",
        target_id: Some(stored.id),
        detail,
    };
    Ok(is_first.then_some((at, audit)))
}
