//! Figures of many accounts in one transaction. Hardly anything ever comes of figures but where the account stands:
//! then an account costs a fraction of what it costs alone. Whatever has more to it is left to a transaction of its own
//! ([`crate::risk_cash::record`]), because it may have to wait for somebody.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SubsecRound, Utc};
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::ledger::Ledger;
use flotilla_domain::risk::observation::{Frame, Observation};
use flotilla_domain::risk::state::{Event, evaluate};
use serde_json::Value;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::guard_steps::{self, Sight};
use crate::risk_cash::Report;
use crate::risk_checkpoints::{self, Checkpoint};
use crate::risk_ledgers::{self, Changed, Reading};
use crate::risk_observations::{self, Flows};
use crate::risk_phase_rows::{Lock, read_all};
use crate::risk_phases::StoredPhase;
use crate::risk_records::{Kept, Recorded, clock, find_states, floors, is_kept};
use crate::risk_steps::{Step, quiet, save_quiet};

/// Accounts whose phases the transaction holds until it ends.
pub struct Held {
    phases: HashMap<AccountId, StoredPhase>,
    without: HashSet<AccountId>,
    now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// An account whose figures are taken in.
struct Taking<'a> {
    stored: &'a StoredPhase,
    kept: Kept,
    seen: Observation,
}

/// What came of them.
struct Taken<'a> {
    stored: &'a StoredPhase,
    seen: Observation,
    floors: Value,
    checkpoint: Option<Checkpoint>,
    step: Step,
}

/// Holds those of `accounts` that nobody else is at: nobody is waited for.
pub async fn hold(tx: &mut Tx, accounts: &[(OwnerId, AccountId)]) -> StoreResult<Held> {
    let phases = read_all(tx, accounts, Lock::Skip).await?;
    let phases: HashMap<_, _> = phases.into_iter().map(|stored| (stored.account_id, stored)).collect();
    let missing = accounts.iter().map(|(_, account)| *account).filter(|id| !phases.contains_key(id));
    let without = without_phase(tx, missing.map(AccountId::uuid).collect()).await?;
    let now = clock(tx).await?;
    Ok(Held { phases, without, now })
}

async fn without_phase(tx: &mut Tx, accounts: Vec<Uuid>) -> StoreResult<HashSet<AccountId>> {
    if accounts.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<IdRow> = sql_query(
        "select id from accounts a where id = any($1)
            and not exists (select from risk_phases where account_id = a.id and ended_at is null)",
    )
    .bind::<Array<SqlUuid>, _>(accounts)
    .load(tx)
    .await?;
    Ok(rows.into_iter().map(|row| AccountId::from_uuid(row.id)).collect())
}

impl Held {
    /// The database's time.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The same, as if it were `now`.
    #[must_use]
    pub const fn at(mut self, now: DateTime<Utc>) -> Self {
        self.now = now;
        self
    }

    /// Currency of the phase of an account that is held.
    #[must_use]
    pub fn currency(&self, account: AccountId) -> Option<&str> {
        self.phases.get(&account).map(|stored| stored.phase.currency.as_str())
    }

    /// Whether an account has no phase.
    #[must_use]
    pub fn is_without_phase(&self, account: AccountId) -> bool {
        self.without.contains(&account)
    }

    /// Takes in figures of accounts, each named once, and says where they stand now. Of those that are left out nothing
    /// was written: each needs a transaction of its own.
    pub async fn record(
        &self,
        tx: &mut Tx,
        reports: Vec<(AccountId, Report)>,
    ) -> StoreResult<Vec<(AccountId, Recorded)>> {
        let taking = self.take(tx, reports).await?;
        let flows = Flows::of_phases(tx, taking.iter().map(|taking| taking.stored.id).collect()).await?;
        let readings: Vec<Reading<'_>> = taking
            .iter()
            .map(|taking| (taking.stored, taking.kept.sealed.as_ref(), Changed::default()))
            .collect();
        let ledgers = risk_ledgers::list(tx, &readings, self.now).await?;
        let mut taken = Vec::with_capacity(taking.len());
        for (taking, ledger) in taking.into_iter().zip(&ledgers) {
            let flows = flows.get(&taking.stored.id);
            taken.extend(taking.follow((flows, ledger), self.now)?);
        }
        self.save(tx, taken).await
    }

    /// Those of which nothing is known that must be asked for elsewhere.
    async fn take(&self, tx: &mut Tx, reports: Vec<(AccountId, Report)>) -> StoreResult<Vec<Taking<'_>>> {
        let phases: Vec<&StoredPhase> = reports.iter().filter_map(|(id, _)| self.phases.get(id)).collect();
        let mut states = find_states(tx, &phases).await?;
        let changed = risk_ledgers::list_changed(tx, &phases).await?;
        let take = |(account, report): (AccountId, Report)| {
            let kept = states.remove(&account).filter(|_| !changed.contains_key(&account))?;
            Taking::new(self.phases.get(&account)?, kept, report, self.now)
        };
        Ok(reports.into_iter().filter_map(take).collect())
    }

    async fn save(&self, tx: &mut Tx, taken: Vec<Taken<'_>>) -> StoreResult<Vec<(AccountId, Recorded)>> {
        let watched: Vec<&StoredPhase> =
            taken.iter().filter(|taken| taken.sight().is_worth_a_look()).map(|taken| taken.stored).collect();
        let looks = guard_steps::list_all(tx, &watched).await?;
        let (mut observations, mut checkpoints, mut steps) = (Vec::new(), Vec::new(), Vec::new());
        for Taken { stored, seen, floors, checkpoint, step } in taken {
            let looks = looks.get(&stored.account_id).map_or(&[][..], Vec::as_slice);
            if let Some(quiet) = quiet(stored, step, looks) {
                observations.push((stored, seen, floors));
                checkpoints.extend(checkpoint.map(|checkpoint| (stored, checkpoint)));
                steps.push((stored, quiet));
            }
        }
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let observed =
            observations.iter().map(|(stored, seen, floors)| (*stored, seen, Some(floors.clone())));
        risk_observations::insert_all(tx, observed).await?;
        for (stored, checkpoint) in &checkpoints {
            risk_checkpoints::insert(tx, stored, checkpoint).await?;
        }
        save_quiet(tx, steps).await
    }
}

impl<'a> Taking<'a> {
    /// `None` for the first figures of a phase, for those that come late or once more, and when money was moved.
    fn new(stored: &'a StoredPhase, kept: Kept, report: Report, now: DateTime<Utc>) -> Option<Self> {
        let Report { mut seen, total, is_kept: is_told_again } = report;
        // As the columns keep it: what is read back must be what was judged.
        seen.at = seen.at.trunc_subsecs(6);
        seen.received_at = Some(now);
        let is_next = kept.state.last().is_some_and(|last| seen.at > last.at);
        let is_unmoved = total.is_none() || total == kept.reported_cash;
        let is_plain = is_next && is_unmoved && !is_told_again && !seen.by_hand && is_kept(seen.at, now);
        is_plain.then_some(Self { stored, kept, seen })
    }

    /// Takes the step; `None` when the account must be followed again.
    fn follow(
        self,
        (flows, ledger): (Option<&Flows>, &Ledger),
        now: DateTime<Utc>,
    ) -> StoreResult<Option<Taken<'a>>> {
        let Self { stored, kept: Kept { mut state, told, sealed, .. }, seen } = self;
        let moved = flows.map_or_else(|| seen.clone(), |flows| flows.add_to(seen.clone()));
        let before = state.clone();
        let event = Event::Observed(Box::new(Frame::from(moved)));
        let Ok(risk) = evaluate(&stored.phase, ledger, &mut state, event, now) else { return Ok(None) };
        let sealed = risk_ledgers::seal(ledger, sealed.as_ref(), state.settled_until(&stored.phase))?;
        let checkpoint = Checkpoint::due(stored, before.last().map(|last| last.at), &state);
        let floors = floors(&risk);
        let step = Step { state, told, risk, before: Some(before), sealed, now };
        Ok(Some(Taken { stored, seen, floors, checkpoint, step }))
    }
}

impl Taken<'_> {
    fn sight(&self) -> Sight<'_> {
        Sight { stored: self.stored, told: &self.step.told, risk: &self.step.risk, violated_anew: false }
    }
}
