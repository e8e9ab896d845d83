//! What one step of an account writes: its state, and what the step brought.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Array, Date, Jsonb, Nullable, Numeric, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::change::{DayTold, Told, Transition};
use flotilla_domain::risk::ledger::Sealed;
use flotilla_domain::risk::report::{AccountRisk, Unit};
use flotilla_domain::risk::rule::RuleId;
use flotilla_domain::risk::state::State;
use flotilla_domain::risk::status::Status;
use flotilla_domain::risk::violation::{Line, Violation};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::alerts::{self, NewAlert};
use crate::audit::{self, NewAudit};
use crate::changes::Change;
use crate::db::Tx;
use crate::error::StoreResult;
use crate::guard_steps::{self, Look, Sight};
use crate::risk_events::{self, NewEvent};
use crate::risk_phases::StoredPhase;
use crate::risk_records::Recorded;
use crate::risk_violations;

/// An account after a step.
pub(crate) struct Step {
    /// What is remembered of it.
    pub state: State,
    /// What was told before.
    pub told: Told,
    /// Where it stands.
    pub risk: AccountRisk,
    /// What was remembered before the step.
    pub before: Option<State>,
    /// What trades brought on days that are over, unless it is as it was stored.
    pub sealed: Option<Sealed>,
    /// When it was taken.
    pub now: DateTime<Utc>,
}

/// Writes the state, and in the same transaction what it shows: violations, a
/// day that ended, changes to tell.
pub(crate) async fn save(tx: &mut Tx, stored: &StoredPhase, mut step: Step) -> StoreResult<Recorded> {
    let found = step.state.take_recorded();
    let new = risk_violations::insert(tx, stored, &found).await?;
    let violations: Vec<(Uuid, &(RuleId, Violation))> =
        new.into_iter().filter_map(|(place, id)| Some((id, found.get(place)?))).collect();
    risk_violations::worsen(tx, stored, step.state.worsened(step.before.as_ref())).await?;
    let before = step.before.as_ref().and_then(State::last);
    let ended = step.told.follow_day(&stored.phase, (before, step.state.last()), step.now);
    let violated_anew = violations.iter().any(|(_, (rule, found))| is_anew(&step, rule, found));
    let sight = Sight { stored, told: &step.told, risk: &step.risk, violated_anew };
    // Before the state is written: whoever edits the group of a guard holds it, and may wait for that row.
    let acted = guard_steps::act(tx, &sight).await?;
    step.told.is_near = acted.is_near;
    let stood = step.told.status;
    let Changes { mut events, alerts: mut told, over, audit } =
        changes(stored, &mut step, &violations, ended.as_ref());
    events.extend(acted.events);
    // That a guard cannot judge says already that figures are old.
    if acted.alerts.iter().any(|alert| alert.kind == AlertKind::GuardBlind) {
        told.retain(|alert| alert.kind != AlertKind::RiskStale);
    }
    told.extend(acted.alerts);
    if let Some((ended, begun)) = ended.as_ref().zip(step.told.day.as_ref()) {
        save_day(tx, stored, ended, begun).await?;
    }
    let events =
        risk_events::insert(tx, (stored.owner_id, stored.account_id, Some(stored.id)), events).await?;
    save_states(tx, [(stored, &step)]).await?;
    let resolved = over.resolve(tx, stored).await?;
    let mut alerts = alerts::raise_all(tx, &told).await?;
    alerts.extend(acted.resolved);
    alerts.extend(resolved);
    for (id, (rule, found)) in violations {
        append(tx, stored, id, (rule, found)).await?;
    }
    if let Some(now) = step.told.status.filter(|now| has_recovered(stood, *now)) {
        append_recovery(tx, stored, now).await?;
    }
    if let Some(audit) = audit {
        audit::append(tx, stored.owner_id, audit).await?;
    }
    guard_steps::append(tx, stored, &acted.trips).await?;
    Ok(Recorded { risk: step.risk, events, alerts, requests: acted.requests, audit: None })
}

/// Whether a rule that was not violated is now, or is anew after the violation of before has ended in this very step: not
/// one of which an earlier breach came to light, nor one that was violated for a while in between.
fn is_anew(step: &Step, rule: &RuleId, found: &Violation) -> bool {
    let before = step.before.as_ref().and_then(|state| state.violation(rule));
    let is_later = before.is_none_or(|before| (before.day, before.at) < (found.day, found.at));
    is_later && step.state.violation(rule).is_some_and(|stands| stands.at == found.at)
}

/// What a step shows.
struct Changes {
    events: Vec<NewEvent>,
    alerts: Vec<NewAlert>,
    /// Of what was told before.
    over: Over,
    /// What is kept of it for ever.
    audit: Option<NewAudit>,
}

/// What an owner was told of and is so no more.
#[derive(Default, PartialEq, Eq)]
struct Over {
    /// Limits that are not in caution any more.
    cautions: Vec<RuleId>,
    /// The figures are not old any more.
    is_fresh: bool,
    /// A phase began: nothing that was told of the one before is so.
    is_anew: bool,
}

impl Over {
    async fn resolve(self, tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Vec<Change>> {
        let account = stored.account_id;
        let mut resolved = Vec::new();
        if self.is_anew {
            resolved = alerts::resolve(tx, AlertKind::RiskCaution, account).await?;
        } else if !self.cautions.is_empty() {
            let key = |rule: &RuleId| key_of(stored, AlertKind::RiskCaution, rule);
            let keys: Vec<String> = self.cautions.iter().map(key).collect();
            resolved = alerts::resolve_keys(tx, AlertKind::RiskCaution, &keys).await?;
        }
        if self.is_fresh || self.is_anew {
            resolved.extend(alerts::resolve(tx, AlertKind::RiskStale, account).await?);
        }
        Ok(resolved)
    }
}

fn changes(
    stored: &StoredPhase,
    step: &mut Step,
    violations: &[(Uuid, &(RuleId, Violation))],
    ended: Option<&DayTold>,
) -> Changes {
    let mut new = Vec::new();
    if let Some((ended, begun)) = ended.zip(step.told.day.as_ref()) {
        let next = stored.phase.day.day_at(begun.start).ok().map(|day| day.end);
        new.push(NewEvent::reset(json!({ "day": begun.label, "next_reset_at": next, "ended": ended })));
    }
    new.extend(violations.iter().map(|(id, found)| NewEvent::violation(stored, *id, found)));
    let (was_stale, is_anew) = (step.told.is_stale, step.told.status.is_none());
    let is_stale_now = step.risk.stale && !was_stale;
    if is_stale_now {
        new.push(NewEvent::stale(&step.risk));
    }
    let changed = step.told.update(&step.risk);
    let audit = changed.iter().find(|changed| changed.is_kept());
    let audit = audit.map(|changed| moved(stored, &step.risk, changed));
    let mut told: Vec<NewAlert> = violations.iter().map(|(_, found)| violated(stored, found)).collect();
    told.extend(changed.iter().filter_map(|changed| critical(stored, &step.risk, changed)));
    let (begun, ended) = step.told.follow_caution();
    told.extend(begun.iter().filter_map(|rule| near(stored, &step.risk, AlertKind::RiskCaution, rule)));
    told.extend(is_stale_now.then(|| stale(stored)));
    let over = Over { cautions: ended, is_fresh: was_stale && !step.risk.stale, is_anew };
    new.extend(changed.into_iter().map(|changed| NewEvent::transition(&step.risk, changed)));
    Changes { events: new, alerts: told, over, audit }
}

/// That an account stands otherwise than before, and by which rule.
fn moved(stored: &StoredPhase, risk: &AccountRisk, changed: &Transition) -> NewAudit {
    let weakest = risk.weakest();
    let detail = json!({
        "phase_id": stored.id,
        "from": changed.from,
        "to": changed.to,
        "rule_id": weakest.map(|rule| &rule.rule),
        "buffer": weakest.and_then(|rule| rule.buffer),
        "as_of": risk.as_of,
    });
    NewAudit {
        actor: None,
        action: "risk_moved",
        target_kind: "account",
        target_id: Some(stored.account_id.uuid()),
        detail,
    }
}

fn violated(stored: &StoredPhase, (rule, found): &(RuleId, Violation)) -> NewAlert {
    let (Line::Floor(line) | Line::Cap(line)) = found.line;
    let (measured, line) = (found.measured.normalize().to_string(), line.normalize().to_string());
    let detail = json!({ "rule": rule, "measured": measured, "line": line });
    of_rule(stored, AlertKind::RiskViolated, rule, detail)
}

/// A rule of which little is left, unless that is so because it was worse before.
fn critical(stored: &StoredPhase, risk: &AccountRisk, changed: &Transition) -> Option<NewAlert> {
    let rule = changed.rule.as_ref().filter(|_| changed.to == Status::Critical && changed.is_urgent())?;
    near(stored, risk, AlertKind::RiskCritical, rule)
}

/// What is left under a rule.
fn near(stored: &StoredPhase, risk: &AccountRisk, kind: AlertKind, rule: &RuleId) -> Option<NewAlert> {
    let of = risk.rules.iter().find(|of| of.rule == *rule)?;
    let left = of.buffer.map(|left| match of.unit {
        Unit::Money => format!("{} {}", left.normalize(), risk.currency),
        Unit::Positions | Unit::Lots | Unit::Trades => left.normalize().to_string(),
    });
    Some(of_rule(stored, kind, rule, json!({ "rule": rule, "left": left })))
}

/// The figures of the account are too old.
fn stale(stored: &StoredPhase) -> NewAlert {
    NewAlert {
        owner_id: stored.owner_id,
        kind: AlertKind::RiskStale,
        account_id: Some(stored.account_id),
        copy_id: None,
        detail: json!({}),
        dedupe_key: format!("{}:{}", AlertKind::RiskStale, stored.account_id),
    }
}

fn of_rule(stored: &StoredPhase, kind: AlertKind, rule: &RuleId, detail: Value) -> NewAlert {
    NewAlert {
        owner_id: stored.owner_id,
        kind,
        account_id: Some(stored.account_id),
        copy_id: None,
        detail,
        dedupe_key: key_of(stored, kind, rule),
    }
}

fn key_of(stored: &StoredPhase, kind: AlertKind, rule: &RuleId) -> String {
    format!("{kind}:{}:{}", stored.account_id, rule.0)
}

/// A step of which nothing is to be written but the state, changes to tell and a day that ended.
pub(crate) struct Quiet {
    pub step: Step,
    ended: Option<DayTold>,
    events: Vec<NewEvent>,
    audit: Option<NewAudit>,
}

/// Looks whether a step is quiet; `None`: [`save`] must be asked.
///
/// * `looks`: guards of the account, if it is worth a look.
pub(crate) fn quiet(stored: &StoredPhase, mut step: Step, looks: &[Look]) -> Option<Quiet> {
    let has_violations = !step.state.take_recorded().is_empty();
    if has_violations || !step.state.worsened(step.before.as_ref()).is_empty() {
        return None;
    }
    let before = step.before.as_ref().and_then(State::last);
    let ended = step.told.follow_day(&stored.phase, (before, step.state.last()), step.now);
    let sight = Sight { stored, told: &step.told, risk: &step.risk, violated_anew: false };
    step.told.is_near = guard_steps::is_near(&sight, looks)?;
    let stood = step.told.status;
    let Changes { events, alerts, over, audit } = changes(stored, &mut step, &[], ended.as_ref());
    let has_recovered = step.told.status.is_some_and(|now| has_recovered(stood, now));
    (alerts.is_empty() && over == Over::default() && !has_recovered).then_some(Quiet {
        step,
        ended,
        events,
        audit,
    })
}

/// Writes steps of several accounts. What is to be kept of them for ever is returned with each, for
/// [`audit::append_all`] at the end.
pub(crate) async fn save_quiet(
    tx: &mut Tx,
    all: Vec<(&StoredPhase, Quiet)>,
) -> StoreResult<Vec<(AccountId, Recorded)>> {
    save_states(tx, all.iter().map(|(stored, quiet)| (*stored, &quiet.step))).await?;
    let mut recorded = Vec::with_capacity(all.len());
    for (stored, Quiet { step, ended, events, audit }) in all {
        if let Some((ended, begun)) = ended.as_ref().zip(step.told.day.as_ref()) {
            save_day(tx, stored, ended, begun).await?;
        }
        let events =
            risk_events::insert(tx, (stored.owner_id, stored.account_id, Some(stored.id)), events).await?;
        let (alerts, requests) = (Vec::new(), Vec::new());
        let audit = audit.map(|audit| (stored.owner_id, audit));
        recorded.push((stored.account_id, Recorded { risk: step.risk, events, alerts, requests, audit }));
    }
    Ok(recorded)
}

/// States, column by column.
#[derive(Default)]
struct Columns {
    accounts: Vec<Uuid>,
    owners: Vec<Uuid>,
    phases: Vec<Uuid>,
    states: Vec<Value>,
    risks: Vec<Value>,
    told: Vec<Value>,
    due_at: Vec<Option<DateTime<Utc>>>,
    sees_until: Vec<Option<DateTime<Utc>>>,
    ledgers: Vec<Option<Value>>,
}

/// Writes states of accounts, each named once.
async fn save_states<'a>(
    tx: &mut Tx,
    all: impl IntoIterator<Item = (&'a StoredPhase, &'a Step)>,
) -> StoreResult<()> {
    let mut rows = Columns::default();
    let mut all: Vec<(&StoredPhase, &Step)> = all.into_iter().collect();
    // Locked in one order, by whoever writes several.
    all.sort_unstable_by_key(|(stored, _)| stored.account_id);
    for (stored, step) in all {
        rows.accounts.push(stored.account_id.uuid());
        rows.owners.push(stored.owner_id.uuid());
        rows.phases.push(stored.id);
        rows.states.push(json!(step.state));
        rows.risks.push(json!(step.risk));
        rows.told.push(json!(step.told));
        rows.due_at.push(step.state.next_change(&stored.phase, step.now));
        rows.sees_until.push(step.risk.sees_until());
        rows.ledgers.push(step.sealed.as_ref().map(|sealed| json!(sealed)));
    }
    sql_query(
        "insert into risk_states (account_id, owner_id, phase_id, state, risk, told, due_at, sees_until, ledger)
         select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (account_id) do update
            set phase_id = excluded.phase_id, state = excluded.state, risk = excluded.risk, told = excluded.told,
                due_at = excluded.due_at, sees_until = excluded.sees_until, updated_at = now(),
                ledger = coalesce(excluded.ledger,
                    case risk_states.phase_id when excluded.phase_id then risk_states.ledger end),
                reported_cash = case risk_states.phase_id when excluded.phase_id then risk_states.reported_cash end,
                cash_reported_since =
                    case risk_states.phase_id when excluded.phase_id then risk_states.cash_reported_since end",
    )
    .bind::<Array<SqlUuid>, _>(rows.accounts)
    .bind::<Array<SqlUuid>, _>(rows.owners)
    .bind::<Array<SqlUuid>, _>(rows.phases)
    .bind::<Array<Jsonb>, _>(rows.states)
    .bind::<Array<Jsonb>, _>(rows.risks)
    .bind::<Array<Jsonb>, _>(rows.told)
    .bind::<Array<Nullable<Timestamptz>>, _>(rows.due_at)
    .bind::<Array<Nullable<Timestamptz>>, _>(rows.sees_until)
    .bind::<Array<Nullable<Jsonb>>, _>(rows.ledgers)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes a day that ended with the figures with which the next one began.
pub(crate) async fn save_day(
    tx: &mut Tx,
    stored: &StoredPhase,
    ended: &DayTold,
    begun: &DayTold,
) -> StoreResult<()> {
    sql_query(
        "insert into risk_days (phase_id, label, owner_id, account_id, started_at, start_as_of, start_balance,
            start_equity, end_balance, end_equity, low_equity, high_equity, ended_at, cash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (phase_id, label) do update
            set end_balance = excluded.end_balance, end_equity = excluded.end_equity,
                low_equity = least(risk_days.low_equity, excluded.low_equity),
                high_equity = greatest(risk_days.high_equity, excluded.high_equity), ended_at = excluded.ended_at,
                cash = excluded.cash",
    )
    .bind::<SqlUuid, _>(stored.id)
    .bind::<Date, _>(ended.label)
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(ended.start)
    .bind::<Timestamptz, _>(ended.as_of)
    .bind::<Numeric, _>(ended.balance)
    .bind::<Numeric, _>(ended.equity)
    .bind::<Numeric, _>(begun.balance)
    .bind::<Numeric, _>(begun.equity)
    .bind::<Numeric, _>(ended.low)
    .bind::<Numeric, _>(ended.high)
    .bind::<Timestamptz, _>(begun.as_of)
    .bind::<Numeric, _>(begun.cash)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether an account is no longer violated: a pause has ended, or a violation was taken back.
fn has_recovered(stood: Option<Status>, now: Status) -> bool {
    stood == Some(Status::Violated) && now != Status::Violated
}

async fn append_recovery(tx: &mut Tx, stored: &StoredPhase, now: Status) -> StoreResult<()> {
    let new = NewAudit {
        actor: None,
        action: "risk_recovered",
        target_kind: "account",
        target_id: Some(stored.account_id.uuid()),
        detail: json!({ "phase_id": stored.id, "status": now }),
    };
    audit::append(tx, stored.owner_id, new).await
}

async fn append(
    tx: &mut Tx,
    stored: &StoredPhase,
    id: Uuid,
    (rule, found): (&RuleId, &Violation),
) -> StoreResult<()> {
    let detail = json!({ "account_id": stored.account_id, "rule_id": rule, "evidence": found });
    let new = NewAudit {
        actor: None,
        action: "risk_violated",
        target_kind: "risk_violation",
        target_id: Some(id),
        detail,
    };
    audit::append(tx, stored.owner_id, new).await
}
