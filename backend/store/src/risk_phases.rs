//! Phases of accounts: the rules by which they are judged, and what their owners correct.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Date, Integer, Jsonb, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::marks::{Marks, Resolved};
use flotilla_domain::risk::phase::{FloorOverride, ManualStart, Phase};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::{self, NewAudit};
use crate::db::{Scope, Tx};
use crate::error::{StoreError, StoreResult};
use crate::risk_phase_rows::{Lock, read_all};
use crate::{risk_days, risk_records};

/// A phase as it is stored, with all that was corrected in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPhase {
    /// Identifier.
    pub id: Uuid,
    /// Tenant.
    pub owner_id: OwnerId,
    /// The account.
    pub account_id: AccountId,
    /// Grows with each edit of its rules.
    pub version: i32,
    /// What the engine reads, with the marks that hold for the account.
    pub phase: Phase,
    /// Marks that the account sets itself.
    pub own_marks: Marks,
    /// What would hold if it set none.
    pub inherited: Resolved,
    /// Template its rules were taken from, and the size chosen there.
    pub template: Option<(String, Option<i32>)>,
    /// When its owner compared the rules with the firm's dashboard.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// Why a phase begins.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// In its owner's words.
    pub reason: &'a str,
    /// Template and size its rules were taken from.
    pub template: Option<(&'a str, i32)>,
    /// Marks that the account sets itself.
    pub marks: Marks,
}

impl StoredPhase {
    /// Which marks hold for the account, and where they are from.
    #[must_use]
    pub fn marks(&self) -> Resolved {
        self.inherited.clone().under(self.own_marks)
    }
}

impl<'a> From<&'a str> for Origin<'a> {
    fn from(reason: &'a str) -> Self {
        Self { reason, template: None, marks: Marks::default() }
    }
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = Numeric)]
    sum: Decimal,
}

/// Begins a phase and ends the one before; nothing of that one is deleted.
/// Returns its identifier. The state begins with the first figures.
pub async fn begin(
    tx: &mut Tx,
    scope: Scope,
    account: AccountId,
    new: &Phase,
    origin: impl Into<Origin<'_>>,
) -> StoreResult<Uuid> {
    let (phase, audit) = begin_unrecorded(tx, scope, account, new, origin).await?;
    audit::append(tx, scope.owner, audit).await.map(|()| phase)
}

/// As [`begin`], with what is to be recorded of it when all else is done.
pub async fn begin_unrecorded(
    tx: &mut Tx,
    scope: Scope,
    account: AccountId,
    new: &Phase,
    origin: impl Into<Origin<'_>>,
) -> StoreResult<(Uuid, NewAudit)> {
    let Origin { reason, template, marks } = origin.into();
    // Two that begin at once wait for each other here.
    let found: Option<IdRow> =
        sql_query("select id from accounts where owner_id = $1 and id = $2 for no key update")
            .bind::<SqlUuid, _>(scope.owner.uuid())
            .bind::<SqlUuid, _>(account.uuid())
            .get_result(tx)
            .await
            .optional()?;
    found.ok_or(StoreError::NotFound("account"))?;
    let former = lock(tx, scope.owner, account).await?;
    if let Some(former) = &former {
        risk_records::end_day(tx, former, new.started_at).await?;
    }
    sql_query(
        "update risk_phases set ended_at = greatest(started_at, $3), updated_at = now()
         where owner_id = $1 and account_id = $2 and ended_at is null",
    )
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Timestamptz, _>(new.started_at)
    .execute(tx)
    .await?;
    // Where the former phase stood says nothing of this one: guards look anew.
    sql_query("delete from guard_latches where owner_id = $1 and account_id = $2")
        .bind::<SqlUuid, _>(scope.owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .execute(tx)
        .await?;
    let row: IdRow = sql_query(
        "insert into risk_phases (owner_id, account_id, currency, starting_balance, started_at, day_tz, day_reset,
            stale_after_s, start_tolerance_s, thresholds, rules, reason, template_id, template_size)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id",
    )
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Text, _>(&new.currency)
    .bind::<Numeric, _>(new.starting_balance)
    .bind::<Timestamptz, _>(new.started_at)
    .bind::<Text, _>(new.day.zone_name())
    .bind::<Text, _>(new.day.reset())
    .bind::<Integer, _>(seconds(new.stale_after_s))
    .bind::<Integer, _>(seconds(new.start_tolerance_s))
    .bind::<Jsonb, _>(json!(marks))
    .bind::<Jsonb, _>(json!(new.rules))
    .bind::<Text, _>(reason)
    .bind::<Nullable<Text>, _>(template.map(|(id, _)| id))
    .bind::<Nullable<Integer>, _>(template.map(|(_, size)| size))
    .get_result(tx)
    .await?;
    if let Some(former) = &former {
        take_over_cash(tx, former, (row.id, new.started_at)).await?;
    }
    let detail = json!({ "account_id": account, "reason": reason, "template": template });
    Ok((row.id, of_person(scope, "risk_phase_begun", row.id, detail)))
}

/// Notes in a phase that begins at a moment of before what has been moved since then: its figures are in it, too.
async fn take_over_cash(
    tx: &mut Tx,
    former: &StoredPhase,
    (phase, since): (Uuid, DateTime<Utc>),
) -> StoreResult<()> {
    sql_query(
        "insert into risk_cash_flows (phase_id, owner_id, kind, at, amount, note, set_by, set_at, source)
         select $3, owner_id, kind, at, amount, note, set_by, set_at, source from risk_cash_flows
         where owner_id = $1 and phase_id = $2 and at >= $4",
    )
    .bind::<SqlUuid, _>(former.owner_id.uuid())
    .bind::<SqlUuid, _>(former.id)
    .bind::<SqlUuid, _>(phase)
    .bind::<Timestamptz, _>(since)
    .execute(tx)
    .await?;
    Ok(())
}

fn seconds(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// What a person did to a phase. Whoever follows the account again does so first: guards may act.
const fn of_person(scope: Scope, action: &'static str, phase: Uuid, detail: Value) -> NewAudit {
    let target_id = Some(phase);
    NewAudit { actor: Some(scope.actor), action, target_kind: "risk_phase", target_id, detail }
}

/// The current phase of an account, if it has one.
pub async fn find(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<StoredPhase>> {
    read(tx, owner, account, Lock::None).await
}

/// The current phase; whoever else takes in figures of the account, or edits
/// the phase, waits until the transaction ends.
pub async fn lock(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<StoredPhase>> {
    // Whoever waited for the end of a phase finds none; the next look sees the one that followed.
    match read(tx, owner, account, Lock::Wait).await? {
        None => read(tx, owner, account, Lock::Wait).await,
        found => Ok(found),
    }
}

/// As [`lock`], but waits for nobody: `None` also while somebody else holds it.
pub async fn try_lock(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<StoredPhase>> {
    read(tx, owner, account, Lock::Skip).await
}

async fn read(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    lock: Lock,
) -> StoreResult<Option<StoredPhase>> {
    Ok(read_all(tx, &[(owner, account)], lock).await?.pop())
}

pub(crate) fn parsed<T: DeserializeOwned>(value: Value, column: &'static str) -> StoreResult<T> {
    serde_json::from_value(value).map_err(|_| StoreError::Corrupt(column))
}

/// Replaces rules, day, ages and the account's own marks of a phase that nobody edited since `version`;
/// currency, starting balance and beginning stay. `None`: somebody did.
///
/// Follow the history again afterwards ([`crate::risk_records::rebuild`]), then append what is returned to the audit.
pub async fn save_rules(
    tx: &mut Tx,
    scope: Scope,
    stored: &StoredPhase,
    (phase, marks): (&Phase, Marks),
) -> StoreResult<Option<NewAudit>> {
    let saved = sql_query(
        "update risk_phases set day_tz = $4, day_reset = $5, stale_after_s = $6, start_tolerance_s = $7,
            thresholds = $8, rules = $9, version = version + 1, updated_at = now(),
            confirmed_at = null, confirmed_by = null
         where owner_id = $1 and id = $2 and version = $3 and ended_at is null",
    )
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<SqlUuid, _>(stored.id)
    .bind::<Integer, _>(stored.version)
    .bind::<Text, _>(phase.day.zone_name())
    .bind::<Text, _>(phase.day.reset())
    .bind::<Integer, _>(seconds(phase.stale_after_s))
    .bind::<Integer, _>(seconds(phase.start_tolerance_s))
    .bind::<Jsonb, _>(json!(marks))
    .bind::<Jsonb, _>(json!(phase.rules))
    .execute(tx)
    .await?;
    let mut detail =
        json!({ "account_id": stored.account_id, "before": stored.phase.rules, "after": phase.rules });
    if let (true, Some(detail)) = (marks != stored.own_marks, detail.as_object_mut()) {
        detail.insert("thresholds_before".to_owned(), json!(stored.own_marks));
        detail.insert("thresholds_after".to_owned(), json!(marks));
    }
    Ok((saved == 1).then(|| of_person(scope, "risk_rules_changed", stored.id, detail)))
}

/// Who edited the rules of a phase last, or began it, and when.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LastEdit {
    /// Name of who did; `None` when whoever asks may not know it.
    #[diesel(sql_type = Nullable<Text>)]
    pub by: Option<String>,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// The last edit of a phase's rules.
pub async fn last_edit(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Option<LastEdit>> {
    Ok(sql_query(
        "select u.name as by, a.at from audit a left join users u on u.id = a.actor_id
         where a.owner_id = $1 and a.target_id = $2 and a.action in ('risk_rules_changed', 'risk_phase_begun')
         order by a.seq desc limit 1",
    )
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<SqlUuid, _>(stored.id)
    .get_result(tx)
    .await
    .optional()?)
}

/// Notes that the rules of this version agree with the firm's dashboard. False:
/// somebody edited them since.
pub async fn confirm(tx: &mut Tx, scope: Scope, stored: &StoredPhase) -> StoreResult<bool> {
    let confirmed = sql_query(
        "update risk_phases set confirmed_at = clock_timestamp(), confirmed_by = $4
         where owner_id = $1 and id = $2 and version = $3 and ended_at is null",
    )
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<SqlUuid, _>(stored.id)
    .bind::<Integer, _>(stored.version)
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .execute(tx)
    .await?;
    if confirmed == 1 {
        let detail = json!({ "account_id": stored.account_id, "version": stored.version });
        let audit = of_person(scope, "risk_rules_confirmed", stored.id, detail);
        audit::append(tx, scope.owner, audit).await?;
    }
    Ok(confirmed == 1)
}

/// Notes what a day began with, in place of what was noted before. Append what is returned to the audit when all else
/// is done.
pub async fn save_day_start(
    tx: &mut Tx,
    scope: Scope,
    phase: Uuid,
    label: NaiveDate,
    start: ManualStart,
) -> StoreResult<NewAudit> {
    sql_query(
        "insert into risk_day_starts (phase_id, label, owner_id, balance, equity, set_by) values ($1, $2, $3, $4, $5, $6)
         on conflict (phase_id, label) do update
            set balance = excluded.balance, equity = excluded.equity, set_by = excluded.set_by, set_at = now()",
    )
    .bind::<SqlUuid, _>(phase)
    .bind::<Date, _>(label)
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<Numeric, _>(start.balance)
    .bind::<Numeric, _>(start.equity)
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .execute(tx)
    .await?;
    Ok(of_person(scope, "risk_day_start_set", phase, json!({ "label": label, "start": start })))
}

/// Fixes a floor from a time on, as the firm did. Append what is returned to the audit when all else is done.
pub async fn insert_floor_override(
    tx: &mut Tx,
    scope: Scope,
    phase: Uuid,
    set: &FloorOverride,
    reason: &str,
) -> StoreResult<NewAudit> {
    sql_query(
        "insert into risk_floor_overrides (phase_id, owner_id, rule_id, at, floor, reason, set_by)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(phase)
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<Text, _>(&set.rule.0)
    .bind::<Timestamptz, _>(set.at)
    .bind::<Numeric, _>(set.floor)
    .bind::<Text, _>(reason)
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .execute(tx)
    .await?;
    Ok(of_person(scope, "risk_floor_overridden", phase, json!({ "override": set, "reason": reason })))
}

/// Money that was moved in or out of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashFlow {
    /// `deposit`, `withdrawal`, `payout`, `credit` or `correction`.
    pub kind: &'static str,
    /// When.
    pub at: DateTime<Utc>,
    /// Negative when it left.
    pub amount: Decimal,
    /// What else is to be said.
    pub note: Option<String>,
}

/// Money that was noted as moved after one moment, up to another.
pub async fn cash_moved(
    tx: &mut Tx,
    stored: &StoredPhase,
    (after, until): (Option<DateTime<Utc>>, DateTime<Utc>),
) -> StoreResult<Decimal> {
    let row: SumRow = sql_query(
        "select coalesce(sum(amount), 0) as sum from risk_cash_flows
         where owner_id = $1 and phase_id = $2 and ($3 is null or at > $3) and at <= $4",
    )
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<SqlUuid, _>(stored.id)
    .bind::<Nullable<Timestamptz>, _>(after)
    .bind::<Timestamptz, _>(until)
    .get_result(tx)
    .await?;
    Ok(row.sum)
}

/// Notes a cash flow: it is never profit or loss. Append what is returned to the audit when all else is done.
pub async fn insert_cash_flow(
    tx: &mut Tx,
    scope: Scope,
    phase: Uuid,
    flow: &CashFlow,
) -> StoreResult<NewAudit> {
    sql_query(
        "insert into risk_cash_flows (phase_id, owner_id, kind, at, amount, note, set_by) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(phase)
    .bind::<SqlUuid, _>(scope.owner.uuid())
    .bind::<Text, _>(flow.kind)
    .bind::<Timestamptz, _>(flow.at)
    .bind::<Numeric, _>(flow.amount)
    .bind::<Nullable<Text>, _>(flow.note.as_deref())
    .bind::<SqlUuid, _>(scope.actor.uuid())
    .execute(tx)
    .await?;
    risk_days::move_cash(tx, phase, flow.at, flow.amount).await?;
    let detail = json!({ "kind": flow.kind, "at": flow.at, "amount": flow.amount });
    Ok(of_person(scope, "risk_cash_moved", phase, detail))
}
