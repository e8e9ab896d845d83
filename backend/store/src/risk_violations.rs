//! Recorded violations and their clearing.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::report::Unit;
use flotilla_domain::risk::rule::{Kind, RuleId, Severity};
use flotilla_domain::risk::violation::Violation;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::NewAudit;
use crate::db::{Scope, Tx};
use crate::error::{StoreError, StoreResult};
use crate::risk_phases::{StoredPhase, parsed};

/// A violation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredViolation {
    /// Identifier.
    pub id: Uuid,
    /// The phase it belongs to.
    pub phase_id: Uuid,
    /// The rule.
    pub rule: RuleId,
    /// What the rule is about.
    pub kind: Kind,
    /// In what the rule counted.
    pub unit: Unit,
    /// What the violation means.
    pub severity: Severity,
    /// What is known of it: as it was first recorded, but for the worst since.
    pub violation: Violation,
    /// When it was taken back.
    pub cleared_at: Option<DateTime<Utc>>,
    /// Why.
    pub clear_reason: Option<String>,
}

#[derive(QueryableByName)]
struct ViolationRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    phase_id: Uuid,
    #[diesel(sql_type = Text)]
    rule_id: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    is_notional: bool,
    #[diesel(sql_type = Text)]
    severity: String,
    #[diesel(sql_type = Jsonb)]
    evidence: Value,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    cleared_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    clear_reason: Option<String>,
}

impl TryFrom<ViolationRow> for StoredViolation {
    type Error = StoreError;

    fn try_from(row: ViolationRow) -> StoreResult<Self> {
        let kind: Kind = row.kind.parse().map_err(|_| StoreError::Corrupt("risk_violations.kind"))?;
        Ok(Self {
            id: row.id,
            phase_id: row.phase_id,
            rule: RuleId(row.rule_id),
            kind,
            unit: Unit::of_kind(kind, row.is_notional),
            severity: row.severity.parse().map_err(|_| StoreError::Corrupt("risk_violations.severity"))?,
            violation: parsed(row.evidence, "risk_violations.evidence")?,
            cleared_at: row.cleared_at,
            clear_reason: row.clear_reason,
        })
    }
}

const COLUMNS: &str =
    "id, phase_id, rule_id, kind, severity, evidence, cleared_at, clear_reason, is_notional";

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Records violations; one that is recorded already stays as it is. Returns
/// the identifiers of the new ones, each with its place in `found`.
pub(crate) async fn insert(
    tx: &mut Tx,
    stored: &StoredPhase,
    found: &[(RuleId, Violation)],
) -> StoreResult<Vec<(usize, Uuid)>> {
    let mut new = Vec::new();
    for (place, (id, violation)) in found.iter().enumerate() {
        let Some(rule) = stored.phase.rules.iter().find(|rule| rule.id == *id) else { continue };
        let row: Option<IdRow> = sql_query(
            "insert into risk_violations
                (owner_id, account_id, phase_id, rule_id, kind, severity, at, evidence, is_notional)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (phase_id, rule_id, at, (evidence ->> 'day')) do nothing
             returning id",
        )
        .bind::<SqlUuid, _>(stored.owner_id.uuid())
        .bind::<SqlUuid, _>(stored.account_id.uuid())
        .bind::<SqlUuid, _>(stored.id)
        .bind::<Text, _>(&id.0)
        .bind::<Text, _>(rule.kind().as_str())
        .bind::<Text, _>(rule.severity.as_str())
        .bind::<Timestamptz, _>(violation.at)
        .bind::<Jsonb, _>(json!(violation))
        .bind::<Bool, _>(rule.is_notional())
        .get_result(tx)
        .await
        .optional()?;
        new.extend(row.map(|row| (place, row.id)));
    }
    Ok(new)
}

/// Notes that less is left than was recorded with violations that stand.
pub(crate) async fn worsen(
    tx: &mut Tx,
    stored: &StoredPhase,
    worse: Vec<(&RuleId, &Violation)>,
) -> StoreResult<()> {
    for (id, violation) in worse {
        sql_query(
            "update risk_violations set evidence = jsonb_set(evidence, '{worst_buffer}', $4)
             where phase_id = $1 and rule_id = $2 and at = $3 and evidence ->> 'day' = $5
                and (evidence ->> 'worst_buffer')::numeric > ($4::jsonb #>> '{}')::numeric",
        )
        .bind::<SqlUuid, _>(stored.id)
        .bind::<Text, _>(&id.0)
        .bind::<Timestamptz, _>(violation.at)
        .bind::<Jsonb, _>(json!(violation.worst_buffer))
        .bind::<Text, _>(violation.day.to_string())
        .execute(tx)
        .await?;
    }
    Ok(())
}

/// Violations of a phase, those that were taken back included.
pub(crate) async fn list_of_phase(tx: &mut Tx, phase: Uuid) -> StoreResult<Vec<(RuleId, Violation)>> {
    let rows: Vec<ViolationRow> =
        sql_query(format!("select {COLUMNS} from risk_violations where phase_id = $1 order by at, id"))
            .bind::<SqlUuid, _>(phase)
            .load(tx)
            .await?;
    let each = rows.into_iter().map(StoredViolation::try_from);
    each.map(|found| found.map(|stored| (stored.rule, stored.violation))).collect()
}

/// Violations of an account in all its phases, newest first.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    limit: i64,
) -> StoreResult<Vec<StoredViolation>> {
    list_after(tx, owner, account, (None, limit)).await
}

/// As [`list`], after this place in the list: time and id of an entry.
pub async fn list_after(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    (after, limit): (Option<(DateTime<Utc>, Uuid)>, i64),
) -> StoreResult<Vec<StoredViolation>> {
    let rows: Vec<ViolationRow> = sql_query(format!(
        "select {COLUMNS} from risk_violations
         where owner_id = $1 and account_id = $2 and ($4 is null or (at, id) < ($4, $5))
         order by at desc, id desc limit $3"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<BigInt, _>(limit)
    .bind::<Nullable<Timestamptz>, _>(after.map(|(at, _)| at))
    .bind::<Nullable<SqlUuid>, _>(after.map(|(_, id)| id))
    .load(tx)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One violation of an account.
pub async fn get(tx: &mut Tx, owner: OwnerId, account: AccountId, id: Uuid) -> StoreResult<StoredViolation> {
    let row: Option<ViolationRow> = sql_query(format!(
        "select {COLUMNS} from risk_violations where owner_id = $1 and account_id = $2 and id = $3"
    ))
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(id)
    .get_result(tx)
    .await
    .optional()?;
    row.ok_or(StoreError::NotFound("violation"))?.try_into()
}

/// Takes a violation back; it stays in the list, with who did it and why.
/// `None`: it is taken back already. The state lets go of it with its next step;
/// append what is returned to the audit after that.
pub async fn clear(
    tx: &mut Tx,
    scope: Scope,
    account: AccountId,
    id: Uuid,
    reason: &str,
) -> StoreResult<Option<NewAudit>> {
    let cleared = sql_query(
        "update risk_violations set cleared_at = clock_timestamp(), cleared_by = $4, clear_reason = $5
         where owner_id = $1 and account_id = $2 and id = $3 and cleared_at is null",
    )
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .bind::<Text, _>(reason)
    .execute(tx)
    .await?;
    Ok((cleared == 1).then(|| NewAudit {
        actor: Some(scope.actor),
        action: "risk_violation_cleared",
        target_kind: "risk_violation",
        target_id: Some(id),
        detail: json!({ "account_id": account, "reason": reason }),
    }))
}
