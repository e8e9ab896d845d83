//! Figures of accounts and where they stand: an observation, the state that it
//! changed and the violations it showed are written in one transaction.

use chrono::{DateTime, Datelike, SubsecRound, Utc};
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Numeric, SmallInt, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, RequestId};
use flotilla_domain::risk::change::Told;
use flotilla_domain::risk::ledger::Ledger;
use flotilla_domain::risk::observation::{Frame, Observation, Trade};
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::rule::RuleId;
use flotilla_domain::risk::state::{Event, RiskError, State, evaluate};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::changes::Change;
use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::risk_events::EventRef;
use crate::risk_phases::{self, StoredPhase, parsed};
use crate::risk_steps::{Step, save};
use crate::risk_violations;

/// Partitions of the observations; see their migration.
const SLOTS: u32 = 4;

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = Jsonb)]
    state: Value,
    #[diesel(sql_type = Jsonb)]
    told: Value,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

#[derive(QueryableByName)]
struct FiguresRow {
    #[diesel(sql_type = Jsonb)]
    figures: Value,
}

#[derive(QueryableByName)]
struct TradeRow {
    #[diesel(sql_type = Timestamptz)]
    entry_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    exit_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Numeric>)]
    pnl: Option<Decimal>,
}

#[derive(QueryableByName)]
struct ClockRow {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct FlowRow {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Numeric)]
    amount: Decimal,
}

#[derive(QueryableByName)]
struct KnownRow {
    #[diesel(sql_type = Bool)]
    is_known: bool,
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
}

impl Recorded {
    /// Whether there is something to tell.
    #[must_use]
    pub const fn has_events(&self) -> bool {
        !self.events.is_empty()
    }
}

/// An account followed to a moment, with all that it follows from.
pub struct Look {
    /// Its phase.
    pub stored: StoredPhase,
    /// Its trades.
    pub ledger: Ledger,
    /// What is remembered of it.
    pub state: State,
    /// What was last told of it.
    pub told: Told,
    /// Where it stands.
    pub risk: AccountRisk,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// A state as it is stored, with what was last told.
struct Kept {
    state: State,
    told: Told,
}

/// Takes in figures of an account and says where it stands now; `None` while it
/// has no phase. Cash flows that its owner noted are added to those the
/// observation tells. The same observation once more changes nothing; one that
/// comes late makes the phase be followed again.
pub async fn record(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    observation: Observation,
) -> StoreResult<Option<Recorded>> {
    let Some(stored) = risk_phases::lock(tx, owner, account).await? else { return Ok(None) };
    let now = clock(tx).await?;
    let mut seen = observation;
    // As the columns keep it: what is read back must be what was judged.
    seen.at = seen.at.trunc_subsecs(6);
    let kept = find_state(tx, &stored).await?;
    let is_behind = kept.as_ref().and_then(|kept| kept.state.last()).is_some_and(|last| seen.at <= last.at);
    if is_behind && is_known(tx, &stored, &seen).await? {
        return pass(tx, owner, account).await;
    }
    seen.received_at = Some(now);
    let Some(Kept { mut state, told }) = kept else {
        insert(tx, &stored, &seen, None).await?;
        return rebuild(tx, &stored, None).await.map(Some);
    };
    let ledger = ledger(tx, &stored, now).await?;
    let counted = Flows::list(tx, stored.id).await?.add_to(seen.clone());
    let before = state.last().cloned();
    let frame = Event::Observed(Box::new(Frame::from(counted)));
    match evaluate(&stored.phase, &ledger, &mut state, frame, now) {
        Ok(risk) => {
            insert(tx, &stored, &seen, Some(floors(&risk))).await?;
            let step = Step { state, told, risk, before, now };
            save(tx, &stored, step).await.map(Some)
        }
        Err(RiskError::Late | RiskError::OtherRules) => {
            insert(tx, &stored, &seen, None).await?;
            rebuild(tx, &stored, Some(&stored)).await.map(Some)
        }
        Err(RiskError::Day(_)) => Err(StoreError::Corrupt("risk_phases.day_tz")),
    }
}

/// Goes over resets and whatever else only time changes, and says where the
/// account stands; `None` while it has no phase.
pub async fn pass(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<Recorded>> {
    let Some(stored) = risk_phases::lock(tx, owner, account).await? else { return Ok(None) };
    let now = clock(tx).await?;
    let Some(Kept { mut state, told }) = find_state(tx, &stored).await? else {
        return rebuild(tx, &stored, None).await.map(Some);
    };
    let ledger = ledger(tx, &stored, now).await?;
    let before = state.last().cloned();
    match evaluate(&stored.phase, &ledger, &mut state, Event::Passed, now) {
        Ok(risk) => save(tx, &stored, Step { state, told, risk, before, now }).await.map(Some),
        Err(RiskError::Late | RiskError::OtherRules) => rebuild(tx, &stored, Some(&stored)).await.map(Some),
        Err(RiskError::Day(_)) => Err(StoreError::Corrupt("risk_phases.day_tz")),
    }
}

/// Where an account stands, without writing anything; `None` while it has no phase.
pub async fn find(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<AccountRisk>> {
    Ok(look(tx, owner, account).await?.map(|look| look.risk))
}

/// As [`find`], with all that it follows from.
pub async fn look(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<Look>> {
    let Some(stored) = risk_phases::find(tx, owner, account).await? else { return Ok(None) };
    let now = clock(tx).await?;
    let ledger = ledger(tx, &stored, now).await?;
    let Kept { mut state, told } = if let Some(kept) = find_state(tx, &stored).await? {
        kept
    } else {
        let state = State::new(&stored.phase, false).map_err(corrupt)?;
        Kept { state, told: Told::default() }
    };
    let risk = evaluate(&stored.phase, &ledger, &mut state, Event::Passed, now).map_err(corrupt)?;
    Ok(Some(Look { stored, ledger, state, told, risk, now }))
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

/// Follows the phase again from what is stored: after an edit, or when
/// something came late. Violations recorded before stay, and so do peaks of
/// rules that `before` the edit were what they are now, as far as the
/// observations that are kept do not reach back to the phase's beginning.
pub async fn rebuild(
    tx: &mut Tx,
    stored: &StoredPhase,
    before: Option<&StoredPhase>,
) -> StoreResult<Recorded> {
    let now = clock(tx).await?;
    let ledger = ledger(tx, stored, now).await?;
    let observations = observations(tx, stored).await?;
    let reaches_back = is_kept(stored.phase.started_at, now);
    let mut state = State::replay(&stored.phase, &ledger, observations, now).map_err(corrupt)?;
    let kept = find_state(tx, stored).await?;
    if let Some((before, old)) = before.zip(kept.as_ref()).filter(|_| !reaches_back) {
        let rule =
            |phase: &StoredPhase, id: &RuleId| phase.phase.rules.iter().find(|rule| rule.id == *id).cloned();
        state.inherit(&old.state, |id| rule(before, id) == rule(stored, id));
    }
    let standing = risk_violations::list_standing(tx, stored.id).await?;
    state.keep(&stored.phase, &ledger, standing.iter().map(|(id, found)| (id, found)), now);
    let risk = AccountRisk::of(&stored.phase, &ledger, &state, now);
    let (told, before) = match kept {
        Some(kept) => (kept.told, kept.state.last().cloned()),
        None => (Told::default(), None),
    };
    save(tx, stored, Step { state, told, risk, before, now }).await
}

/// Whether observations of `at` are kept for sure: those of this month and the two before.
fn is_kept(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let months = |at: DateTime<Utc>| at.year() * 12 + i32::try_from(at.month0()).unwrap_or_default();
    months(now) - months(at) <= 2
}

fn corrupt(_: RiskError) -> StoreError {
    StoreError::Corrupt("risk_states.state")
}

/// The database's time.
pub async fn clock(tx: &mut Tx) -> StoreResult<DateTime<Utc>> {
    let row: ClockRow = sql_query("select clock_timestamp() as now").get_result(tx).await?;
    Ok(row.now)
}

/// Cash flows that the owner noted. They are added when observations are read,
/// not when they are stored: one may be noted long after it happened.
struct Flows(Vec<FlowRow>);

impl Flows {
    async fn list(tx: &mut Tx, phase: Uuid) -> StoreResult<Self> {
        let rows = sql_query("select at, amount from risk_cash_flows where phase_id = $1")
            .bind::<SqlUuid, _>(phase)
            .load(tx)
            .await?;
        Ok(Self(rows))
    }

    fn add_to(&self, mut seen: Observation) -> Observation {
        let moved = self.0.iter().filter(|flow| flow.at <= seen.at).map(|flow| flow.amount);
        seen.cash_total += moved.sum::<Decimal>();
        seen
    }
}

async fn find_state(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Option<Kept>> {
    let row: Option<StateRow> =
        sql_query("select state, told from risk_states where account_id = $1 and phase_id = $2")
            .bind::<SqlUuid, _>(stored.account_id.uuid())
            .bind::<SqlUuid, _>(stored.id)
            .get_result(tx)
            .await
            .optional()?;
    let Some(row) = row else { return Ok(None) };
    let state = parsed(row.state, "risk_states.state")?;
    Ok(Some(Kept { state, told: parsed(row.told, "risk_states.told")? }))
}

/// Floors as they are, by rule.
fn floors(risk: &AccountRisk) -> Value {
    let each = risk.rules.iter().filter_map(|rule| Some((rule.rule.0.clone(), json!(rule.floor?))));
    Value::Object(each.collect())
}

async fn insert(
    tx: &mut Tx,
    stored: &StoredPhase,
    seen: &Observation,
    floors: Option<Value>,
) -> StoreResult<()> {
    let slot =
        i16::try_from(seen.at.month() % SLOTS).map_err(|_| StoreError::Corrupt("risk_observations.slot"))?;
    sql_query(
        "insert into risk_observations (account_id, owner_id, at, slot, received_at, figures, floors)
         values ($1, $2, $3, $4, coalesce($5, now()), $6, $7)",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<Timestamptz, _>(seen.at)
    .bind::<SmallInt, _>(slot)
    .bind::<Nullable<Timestamptz>, _>(seen.received_at)
    .bind::<Jsonb, _>(json!(seen))
    .bind::<Nullable<Jsonb>, _>(floors)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether the same observation is stored already, whenever it was received.
async fn is_known(tx: &mut Tx, stored: &StoredPhase, seen: &Observation) -> StoreResult<bool> {
    let row: KnownRow = sql_query(
        "select exists (select from risk_observations
            where account_id = $1 and at = $2 and figures - 'received_at' = $3 - 'received_at') as is_known",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(seen.at)
    .bind::<Jsonb, _>(json!(seen))
    .get_result(tx)
    .await?;
    Ok(row.is_known)
}

/// What is kept of the phase, and the last observation before it, if any.
async fn observations(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Vec<Observation>> {
    let rows: Vec<FiguresRow> = sql_query(
        "(select figures from risk_observations where account_id = $1 and at < $2 order by at desc limit 1)
         union all
         (select figures from risk_observations where account_id = $1 and at >= $2 order by at)",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(stored.phase.started_at)
    .load(tx)
    .await?;
    let flows = Flows::list(tx, stored.id).await?;
    let seen = rows.into_iter().map(|row| parsed(row.figures, "risk_observations.figures"));
    seen.map(|seen| seen.map(|seen| flows.add_to(seen))).collect()
}

async fn ledger(tx: &mut Tx, stored: &StoredPhase, now: DateTime<Utc>) -> StoreResult<Ledger> {
    let rows: Vec<TradeRow> = sql_query(
        "select entry_at, exit_at, pnl from trades
         where owner_id = $1 and account_id = $2 and (entry_at >= $3 or exit_at >= $3)",
    )
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(stored.phase.started_at)
    .load(tx)
    .await?;
    let trade = |row: TradeRow| Trade {
        opened_at: row.entry_at,
        closed_at: row.exit_at,
        pnl: row.pnl.unwrap_or_default(),
    };
    let trades: Vec<Trade> = rows.into_iter().map(trade).collect();
    Ledger::new(&stored.phase, &trades, now).map_err(|error| corrupt(error.into()))
}

/// Empties the partition of the month after `now`'s, which holds what is four
/// months older. True: it held something. For the worker, once a day.
pub async fn forget_old(tx: &mut Tx) -> StoreResult<bool> {
    let now = clock(tx).await?;
    let slot = (now.month() % 12 + 1) % SLOTS;
    let row: KnownRow =
        sql_query(format!("select exists (select from __risk_observations_{slot}) as is_known"))
            .get_result(tx)
            .await?;
    if row.is_known {
        sql_query(format!("truncate __risk_observations_{slot}")).execute(tx).await?;
    }
    Ok(row.is_known)
}
