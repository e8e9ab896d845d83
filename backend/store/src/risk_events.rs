//! Changes of where accounts stand. They are written with what changed, and
//! told after the commit; the worker tells again what nobody has told.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::change::{ChangeKind, Transition};
use flotilla_domain::risk::guard::Trip;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::rule::RuleId;
use flotilla_domain::risk::status::Status;
use flotilla_domain::risk::violation::Violation;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::changes;
use crate::db::Tx;
use crate::error::{StoreResult, known};
use crate::risk_phases::StoredPhase;

/// How long an event may be untold before somebody else tells it, in seconds.
const UNTOLD_S: i64 = 2;
/// How long events are kept, in days; violations and days are kept for ever.
const KEEP_DAYS: i64 = 90;

/// A change to be written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewEvent {
    kind: ChangeKind,
    rule: Option<RuleId>,
    statuses: Option<(Status, Status)>,
    detail: Value,
}

/// A change that was written; hint at it after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRef {
    /// Identifier.
    pub id: Uuid,
    /// Whether somebody should hear of it at once.
    pub is_urgent: bool,
}

/// A change as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Identifier.
    pub id: Uuid,
    /// The account.
    pub account_id: AccountId,
    /// What happened.
    pub kind: ChangeKind,
    /// The rule; `None` for the account as a whole.
    pub rule: Option<RuleId>,
    /// What was told before, and what it is.
    pub statuses: Option<(Status, Status)>,
    /// Figures that go with it.
    pub detail: Value,
    /// When it was found.
    pub at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    rule_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    from_status: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    to_status: Option<String>,
    #[diesel(sql_type = Jsonb)]
    detail: Value,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct UntoldRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

impl NewEvent {
    pub fn transition(risk: &AccountRisk, changed: Transition) -> Self {
        let rule = changed.rule.as_ref().and_then(|id| risk.rules.iter().find(|rule| rule.rule == *id));
        let detail = json!({
            "currency": risk.currency,
            "kind": rule.map(|rule| rule.kind),
            "unit": rule.map(|rule| rule.unit),
            "buffer": rule.and_then(|rule| rule.buffer),
            "buffer_percent": rule.and_then(|rule| rule.buffer_percent),
        });
        let statuses = Some((changed.from, changed.to));
        Self { kind: ChangeKind::Transition, rule: changed.rule, statuses, detail }
    }

    pub fn violation(stored: &StoredPhase, id: Uuid, (rule, found): &(RuleId, Violation)) -> Self {
        let by = stored.phase.rules.iter().find(|other| other.id == *rule);
        let detail = json!({
            "violation_id": id,
            "kind": by.map(flotilla_domain::risk::rule::Rule::kind),
            "severity": by.map(|rule| rule.severity),
            "currency": stored.phase.currency,
            "evidence": found,
        });
        Self { kind: ChangeKind::Violation, rule: Some(rule.clone()), statuses: None, detail }
    }

    pub fn stale(risk: &AccountRisk) -> Self {
        let detail = json!({ "as_of": risk.as_of, "last_known_status": risk.last_known_status });
        Self { kind: ChangeKind::Stale, rule: None, statuses: None, detail }
    }

    pub fn guard_tripped(trip: &Trip) -> Self {
        Self { kind: ChangeKind::GuardTripped, rule: trip.rule.clone(), statuses: None, detail: json!(trip) }
    }

    pub fn guard_resumed(trip: &Trip) -> Self {
        Self { kind: ChangeKind::GuardResumed, ..Self::guard_tripped(trip) }
    }

    pub const fn reset(detail: Value) -> Self {
        Self { kind: ChangeKind::Reset, rule: None, statuses: None, detail }
    }

    /// Violations, what becomes critical or worse, and what guards do.
    fn is_urgent(&self) -> bool {
        let is_worse = |(from, to): (Status, Status)| Transition { rule: None, from, to }.is_urgent();
        match self.kind {
            ChangeKind::Violation | ChangeKind::GuardTripped | ChangeKind::GuardResumed => true,
            ChangeKind::Transition | ChangeKind::Stale | ChangeKind::Reset => {
                self.statuses.is_some_and(is_worse)
            }
        }
    }
}

/// Writes changes of an account.
pub(crate) async fn insert(
    tx: &mut Tx,
    (owner, account, phase): (OwnerId, AccountId, Option<Uuid>),
    new: Vec<NewEvent>,
) -> StoreResult<Vec<EventRef>> {
    let mut written = Vec::with_capacity(new.len());
    for event in new {
        let row: IdRow = sql_query(
            "insert into risk_events (owner_id, account_id, phase_id, kind, rule_id, from_status, to_status, detail)
             values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
        )
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<SqlUuid, _>(account.uuid())
        .bind::<Nullable<SqlUuid>, _>(phase)
        .bind::<Text, _>(event.kind.as_str())
        .bind::<Nullable<Text>, _>(event.rule.as_ref().map(|rule| rule.0.as_str()))
        .bind::<Nullable<Text>, _>(event.statuses.map(|(from, _)| from.as_str()))
        .bind::<Nullable<Text>, _>(event.statuses.map(|(_, to)| to.as_str()))
        .bind::<Jsonb, _>(&event.detail)
        .get_result(tx)
        .await?;
        written.push(EventRef { id: row.id, is_urgent: event.is_urgent() });
    }
    Ok(written)
}

/// Those of `ids` that are the owner's, oldest first.
pub async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Event>> {
    let rows: Vec<EventRow> = sql_query(
        "select id, account_id, kind, rule_id, from_status, to_status, detail, at
         from risk_events where owner_id = $1 and id = any($2) order by id",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx)
    .await?;
    rows.into_iter().map(EventRow::event).collect()
}

/// Notes that these were hinted at.
pub async fn mark_told(tx: &mut Tx, ids: &[Uuid]) -> StoreResult<()> {
    sql_query("update risk_events set is_told = true where id = any($1)")
        .bind::<Array<SqlUuid>, _>(ids)
        .execute(tx)
        .await?;
    Ok(())
}

/// Hints at events that were committed and not told: whoever wrote them may be
/// gone. They count as told.
pub async fn take_untold(tx: &mut Tx, limit: i64) -> StoreResult<Vec<changes::Change>> {
    let rows: Vec<UntoldRow> = sql_query(
        "update risk_events e set is_told = true
         from (select id from risk_events
            where not is_told and at < clock_timestamp() - make_interval(secs => $1)
            order by at limit $2 for update skip locked) late
         where e.id = late.id
         returning e.id, e.owner_id, e.account_id",
    )
    .bind::<BigInt, _>(UNTOLD_S)
    .bind::<BigInt, _>(limit)
    .load(tx)
    .await?;
    let change = |row: UntoldRow| changes::Change {
        kind: changes::ChangeKind::RiskEvent,
        owner: row.owner_id.into(),
        account: row.account_id.into(),
        id: row.id,
    };
    Ok(rows.into_iter().map(change).collect())
}

/// Forgets events of long ago.
pub async fn prune(tx: &mut Tx) -> StoreResult<usize> {
    Ok(sql_query("delete from risk_events where at < now() - make_interval(days => $1::integer)")
        .bind::<BigInt, _>(KEEP_DAYS)
        .execute(tx)
        .await?)
}

impl EventRow {
    fn event(self) -> StoreResult<Event> {
        let status = |text: Option<String>| {
            text.map(|text| known::<Status>("risk_events.to_status", &text)).transpose()
        };
        Ok(Event {
            id: self.id,
            account_id: self.account_id.into(),
            kind: known("risk_events.kind", &self.kind)?,
            rule: self.rule_id.map(RuleId),
            statuses: status(self.from_status)?.zip(status(self.to_status)?),
            detail: self.detail,
            at: self.at,
        })
    }
}
