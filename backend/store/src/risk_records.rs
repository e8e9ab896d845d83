//! Figures of accounts and where they stand: an observation, the state that it
//! changed and the violations it showed are written in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Numeric, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, RequestId};
use flotilla_domain::risk::change::Told;
use flotilla_domain::risk::ledger::{Ledger, Sealed};
use flotilla_domain::risk::observation::{Frame, Observation};
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::rule::RuleId;
use flotilla_domain::risk::state::{Event, RiskError, State, evaluate};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::NewAudit;
use crate::changes::Change;
use crate::db::{Tx, wait_briefly};
use crate::error::{StoreError, StoreResult};
use crate::risk_backlog;
use crate::risk_checkpoints::{self, Checkpoint};
use crate::risk_events::EventRef;
use crate::risk_ledgers::{self, Changed};
pub use crate::risk_observations::is_kept;
use crate::risk_observations::{self, Flows, Pages, insert, is_known};
use crate::risk_phases::{self, StoredPhase, parsed};
use crate::risk_steps::{Step, save, save_day};
use crate::risk_violations;

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Jsonb)]
    state: Value,
    #[diesel(sql_type = Jsonb)]
    told: Value,
    #[diesel(sql_type = Nullable<Jsonb>)]
    ledger: Option<Value>,
    #[diesel(sql_type = Nullable<Numeric>)]
    reported_cash: Option<Decimal>,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

#[derive(QueryableByName)]
struct ClockRow {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// What a step brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Where the account stands.
    pub risk: AccountRisk,
    /// What changed; hint at it after the commit.
    pub events: Vec<EventRef>,
    /// Alerts that were raised or ended; hint at them too.
    pub alerts: Vec<Change>,
    /// What guards asked the worker to do; hint at that first.
    pub requests: Vec<RequestId>,
    /// What is still to be appended to the audit of its owner, when all else of the transaction is done; of steps of
    /// several accounts only.
    pub audit: Option<(OwnerId, NewAudit)>,
}

impl Recorded {
    /// Whether there is something to tell.
    #[must_use]
    pub const fn has_events(&self) -> bool {
        !self.events.is_empty()
    }
}

/// A state as it is stored, with what was last told.
pub(crate) struct Kept {
    pub state: State,
    pub told: Told,
    pub sealed: Option<Sealed>,
    /// The last total of cash that its terminal told.
    pub reported_cash: Option<Decimal>,
}

/// From where an account is followed again.
#[derive(Debug, Clone, Copy)]
pub enum Again<'a> {
    /// From a moment on: something of then came to be known, or was corrected.
    Since(DateTime<Utc>),
    /// From the phase's beginning: by other rules than these of before.
    All(&'a StoredPhase),
}

/// Takes in figures of an account and says where it stands now; `None` while it
/// has no phase. Cash flows that its owner noted are added to those the
/// observation tells. The same observation once more changes nothing; one that
/// comes late makes the account be followed again from then.
pub async fn record(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    observation: Observation,
) -> StoreResult<Option<Recorded>> {
    let Some(stored) = risk_phases::lock(tx, owner, account).await? else { return Ok(None) };
    let now = clock(tx).await?;
    record_at(tx, &stored, observation, now).await.map(Some)
}

/// As [`record`], in the locked phase of an account, at `now`.
pub async fn record_at(
    tx: &mut Tx,
    stored: &StoredPhase,
    mut seen: Observation,
    now: DateTime<Utc>,
) -> StoreResult<Recorded> {
    // As the columns keep it: what is read back must be what was judged.
    seen.at = seen.at.trunc_subsecs(6);
    let kept = find_state(tx, stored).await?;
    // Where a terminal has spoken in this phase, figures are as old as they are whoever tells them.
    seen.by_hand &= kept.as_ref().and_then(|kept| kept.state.last()).is_none_or(|last| last.by_hand);
    let is_behind = kept.as_ref().and_then(|kept| kept.state.last()).is_some_and(|last| seen.at <= last.at);
    // Figures of so long ago are not kept, and nothing could be followed again by them.
    if !is_kept(seen.at, now) || is_behind && is_known(tx, stored, &seen).await? {
        return step(tx, stored, kept, (None, now)).await;
    }
    seen.received_at = Some(now);
    step(tx, stored, kept, (Some(seen), now)).await
}

/// Goes over resets and whatever else only time changes, and says where the
/// account stands; `None` while it has no phase.
pub async fn pass(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<Recorded>> {
    let Some(stored) = risk_phases::lock(tx, owner, account).await? else { return Ok(None) };
    let now = clock(tx).await?;
    pass_at(tx, &stored, now).await.map(Some)
}

/// As [`pass`], unless somebody else is at the account: it is due as before then. It
/// fails where somebody keeps it waiting for long.
pub async fn pass_if_free(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<Recorded>> {
    let Some(stored) = risk_phases::try_lock(tx, owner, account).await? else { return Ok(None) };
    wait_briefly(tx).await?;
    let now = clock(tx).await?;
    pass_at(tx, &stored, now).await.map(Some)
}

/// As [`pass`], in the locked phase of an account, at `now`.
pub async fn pass_at(tx: &mut Tx, stored: &StoredPhase, now: DateTime<Utc>) -> StoreResult<Recorded> {
    let kept = find_state(tx, stored).await?;
    step(tx, stored, kept, (None, now)).await
}

/// One step of an account, with figures or with nothing but time. Its cost does
/// not depend on how long the phase has gone on.
async fn step(
    tx: &mut Tx,
    stored: &StoredPhase,
    kept: Option<Kept>,
    (seen, now): (Option<Observation>, DateTime<Utc>),
) -> StoreResult<Recorded> {
    let Some(Kept { mut state, told, sealed, .. }) = kept else {
        // Of a phase that has just begun nothing is kept; of one whose state cannot be read what it was a while ago is.
        let since = seen.as_ref().map_or(now, |seen| seen.at.min(now));
        return insert_and_rebuild(tx, stored, (seen, Again::Since(since)), now).await;
    };
    let mut changed = risk_ledgers::take_changed(tx, stored).await?;
    // A reset was gone over without a deal; a trade that was opened changes nothing but its day's count.
    let turned_at = state.turned_at(&stored.phase);
    if let Some(at) = changed.closed_at.filter(|at| turned_at.is_some_and(|turned| *at <= turned)) {
        let since = seen.as_ref().map_or(at, |seen| seen.at.min(at));
        if !risk_backlog::leave(tx, stored, (since, changed)).await? {
            return insert_and_rebuild(tx, stored, (seen, Again::Since(since)), now).await;
        }
        // Days that are over are counted again in that turn: until then each step would read all trades of the phase.
        changed = Changed::default();
    }
    let ledger = risk_ledgers::find(tx, stored, (sealed.as_ref(), changed), now).await?;
    let event = match &seen {
        Some(seen) => {
            Event::Observed(Box::new(Frame::from(Flows::list(tx, stored.id).await?.add_to(seen.clone()))))
        }
        None => Event::Passed,
    };
    let before = state.clone();
    match evaluate(&stored.phase, &ledger, &mut state, event, now) {
        Ok(risk) => {
            if let Some(seen) = &seen {
                insert(tx, stored, seen, Some(floors(&risk))).await?;
            }
            let sealed = if changed.is_any() { None } else { sealed };
            let sealed = risk_ledgers::seal(&ledger, sealed.as_ref(), state.settled_until(&stored.phase))?;
            let last = before.last().map(|last| last.at);
            if let Some(due) = Checkpoint::due(stored, last, &state) {
                risk_checkpoints::insert(tx, stored, &due).await?;
            }
            save(tx, stored, Step { state, told, risk, before: Some(before), sealed, now }).await
        }
        Err(RiskError::Late) => {
            let since = seen.as_ref().map_or(now, |seen| Frame::from(seen.clone()).at);
            insert_and_rebuild(tx, stored, (seen, Again::Since(since)), now).await
        }
        Err(RiskError::OtherRules) => insert_and_rebuild(tx, stored, (seen, Again::All(stored)), now).await,
        Err(RiskError::Day(_)) => Err(StoreError::Corrupt("risk_phases.day_tz")),
    }
}

async fn insert_and_rebuild(
    tx: &mut Tx,
    stored: &StoredPhase,
    (seen, again): (Option<Observation>, Again<'_>),
    now: DateTime<Utc>,
) -> StoreResult<Recorded> {
    if let Some(seen) = &seen {
        insert(tx, stored, seen, None).await?;
    }
    rebuild_at(tx, stored, again, now).await
}

/// Accounts of which time alone has changed something, the longest due first.
pub async fn list_due(tx: &mut Tx, limit: i64) -> StoreResult<Vec<(OwnerId, AccountId)>> {
    let rows: Vec<DueRow> = sql_query(
        "select s.owner_id, s.account_id
         from risk_states s
         join risk_phases p on p.id = s.phase_id and p.ended_at is null
         where s.due_at <= clock_timestamp()
         order by s.due_at
         limit $1",
    )
    .bind::<BigInt, _>(limit)
    .load(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.owner_id.into(), row.account_id.into())).collect())
}

/// Leaves alone for a minute an account that could not be gone over: others that are due are behind it.
pub async fn put_off(tx: &mut Tx, account: AccountId) -> StoreResult<()> {
    sql_query(
        "update risk_states set due_at = clock_timestamp() + interval '1 minute'
         where account_id = (
            select account_id from risk_states where account_id = $1 and due_at <= clock_timestamp()
            for update skip locked)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

/// Follows an account again from what is stored: after an edit, or when
/// something came late. Violations recorded before stay.
pub async fn rebuild(tx: &mut Tx, stored: &StoredPhase, again: Again<'_>) -> StoreResult<Recorded> {
    let now = clock(tx).await?;
    rebuild_at(tx, stored, again, now).await
}

/// As [`rebuild`], at `now`. Where observations are no longer kept, what is
/// known of their days stands for them; peaks of rules that were the same
/// before stay whenever it is followed from such a day.
pub async fn rebuild_at(
    tx: &mut Tx,
    stored: &StoredPhase,
    again: Again<'_>,
    now: DateTime<Utc>,
) -> StoreResult<Recorded> {
    let changed = risk_ledgers::take_changed(tx, stored).await?;
    let phase = &stored.phase;
    let ledger = risk_ledgers::find(tx, stored, (None, Changed::default()), now).await?;
    let since = match again {
        Again::Since(at) => Some(at),
        Again::All(_) => None,
    };
    let base = risk_checkpoints::rewind(tx, stored, since).await?;
    let known = base.as_ref().and_then(|state| state.covers(phase));
    // A trade of before what is followed here stays for whoever goes back that far.
    if let Some(at) = changed.closed_at.filter(|at| known.is_some_and(|known| *at <= known)) {
        risk_ledgers::put_back(tx, stored, Changed { opened_at: None, closed_at: Some(at) }).await?;
    }
    let begins_at = base.as_ref().and_then(State::last).map_or(phase.started_at, |last| last.at);
    let mut state = follow(tx, stored, (base, &ledger), now).await?;
    let kept = find_state(tx, stored).await?;
    if let Some(old) = kept.as_ref().filter(|_| !is_kept(begins_at, now)) {
        let before = if let Again::All(before) = again { before } else { stored };
        let rule =
            |phase: &StoredPhase, id: &RuleId| phase.phase.rules.iter().find(|rule| rule.id == *id).cloned();
        state.inherit(&old.state, |id| rule(before, id) == rule(stored, id));
    }
    state.keep(phase, &ledger, now);
    let risk = AccountRisk::of(phase, &ledger, &state, now);
    let sealed = risk_ledgers::seal(&ledger, None, state.settled_until(phase))?;
    let (told, before) = match kept {
        Some(kept) => (kept.told, Some(kept.state)),
        None => (Told::default(), None),
    };
    save(tx, stored, Step { state, told, risk, before, sealed, now }).await
}

/// Writes the running day of a phase that ends at `ended_at`, with the last figures of before: no other step will.
pub(crate) async fn end_day(tx: &mut Tx, stored: &StoredPhase, ended_at: DateTime<Utc>) -> StoreResult<()> {
    let Some(Kept { state, told, .. }) = find_state(tx, stored).await? else { return Ok(()) };
    let Some((day, last)) = told.day.filter(|day| day.start < ended_at).zip(state.last()) else {
        return Ok(());
    };
    let last = if last.at <= ended_at {
        Some(last.clone())
    } else {
        risk_observations::last_until(tx, stored, ended_at).await?
    };
    match last {
        Some(last) => save_day(tx, stored, &day, &day.ended_with(&last)).await,
        None => Ok(()),
    }
}

/// Follows an account to `now` from `base`, or else from its phase's beginning.
async fn follow(
    tx: &mut Tx,
    stored: &StoredPhase,
    (base, ledger): (Option<State>, &Ledger),
    now: DateTime<Utc>,
) -> StoreResult<State> {
    let phase = &stored.phase;
    let mut state = match base {
        Some(state) => state,
        None => begun(tx, stored).await?,
    };
    state.expect(risk_violations::list_of_phase(tx, stored.id).await?);
    // What is of the phase's first instant is in it.
    let beginning = phase.started_at - chrono::TimeDelta::microseconds(1);
    let after = state.last().map_or(beginning, |last| last.at);
    let mut pages = Pages::new(tx, stored, after, now).await?;
    loop {
        let frames = pages.next(tx, stored).await?;
        if frames.is_empty() {
            break;
        }
        for frame in frames {
            let last = state.last().map(|last| last.at);
            state.observe(phase, ledger, frame).map_err(corrupt)?;
            if let Some(due) = Checkpoint::due(stored, last, &state) {
                risk_checkpoints::insert(tx, stored, &due).await?;
            }
        }
    }
    state.pass(phase, ledger, now).map_err(corrupt)?;
    Ok(state)
}

/// The state in which a phase begins. What its first figures say of the time before them may be of before the phase,
/// whether or not anybody kept figures then; what is known of a day instead is not.
async fn begun(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<State> {
    let is_day = risk_observations::begins_with_day(tx, stored).await?;
    State::new(&stored.phase, !is_day).map_err(corrupt)
}

pub(crate) fn corrupt(_: RiskError) -> StoreError {
    StoreError::Corrupt("risk_states.state")
}

/// The database's time.
pub async fn clock(tx: &mut Tx) -> StoreResult<DateTime<Utc>> {
    let row: ClockRow = sql_query("select clock_timestamp() as now").get_result(tx).await?;
    Ok(row.now)
}

async fn find_state(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Option<Kept>> {
    Ok(find_states(tx, &[stored]).await?.remove(&stored.account_id))
}

/// States of accounts in these phases, by account. One that cannot be read is left out: it is no matter of the others,
/// and can be followed again.
pub(crate) async fn find_states(
    tx: &mut Tx,
    phases: &[&StoredPhase],
) -> StoreResult<HashMap<AccountId, Kept>> {
    let (accounts, ids): (Vec<Uuid>, Vec<Uuid>) =
        phases.iter().map(|stored| (stored.account_id.uuid(), stored.id)).unzip();
    let rows: Vec<StateRow> = sql_query(
        "select account_id, state, told, ledger, reported_cash from risk_states
         where account_id = any($1) and phase_id = any($2)",
    )
    .bind::<Array<SqlUuid>, _>(accounts)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx)
    .await?;
    let mut states = HashMap::new();
    for row in rows {
        let account = AccountId::from_uuid(row.account_id);
        match Kept::try_from(row) {
            Ok(kept) => {
                states.insert(account, kept);
            }
            Err(error) => tracing::error!(%error, account.id = %account, "a state cannot be read"),
        }
    }
    Ok(states)
}

impl TryFrom<StateRow> for Kept {
    type Error = StoreError;

    fn try_from(row: StateRow) -> StoreResult<Self> {
        let sealed = row.ledger.map(|sealed| parsed(sealed, "risk_states.ledger")).transpose()?;
        let state = parsed(row.state, "risk_states.state")?;
        let told = parsed(row.told, "risk_states.told")?;
        Ok(Self { state, told, sealed, reported_cash: row.reported_cash })
    }
}

/// Floors as they are, by rule.
pub(crate) fn floors(risk: &AccountRisk) -> Value {
    let each = risk.rules.iter().filter_map(|rule| Some((rule.rule.0.clone(), json!(rule.floor?))));
    Value::Object(each.collect())
}

/// Forgets observations of long ago. True: there were some. For the worker, once a day.
pub async fn forget_old(tx: &mut Tx) -> StoreResult<bool> {
    let now = clock(tx).await?;
    risk_observations::forget_old(tx, now).await
}
