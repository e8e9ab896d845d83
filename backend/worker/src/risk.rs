//! Where accounts stand by their rules: who is told of it, and time that passes
//! without figures.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_store::changes::ChangeKind;
use flotilla_store::risk_events::EventRef;
use flotilla_store::risk_records::Recorded;
use flotilla_store::{
    StoreError, StoreResult, Tx, risk_backlog, risk_checkpoints, risk_events, risk_records,
};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

use crate::failpoint::{Point, pass_if};
use crate::gateway::Gateway;
use crate::{alarms, stops};

/// Accounts that are gone over at one look.
const BATCH: i64 = 500;
/// Accounts that are gone over at the same time: one that somebody holds up does not hold up the others.
const SIDE_BY_SIDE: usize = 4;
/// Hints leave within this time.
const LEFT_AFTER: Duration = Duration::from_millis(500);
/// How often accounts are looked for of which trades of long ago changed.
const MEND_EVERY: Duration = Duration::from_secs(10);
/// How often old figures and events are forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(24);

/// Takes a step of time alone with an account, and tells what it changed. One
/// that somebody else is at stays due: the others do not wait for it.
async fn step(gateway: &Arc<Gateway>, owner: OwnerId, account: AccountId) -> StoreResult<()> {
    let recorded = gateway
        .db
        .open(async move |tx: &mut Tx| {
            let recorded = risk_records::pass_if_free(tx, owner, account).await?;
            pass_if(Point::Observing, recorded.as_ref().is_some_and(Recorded::has_events));
            Ok::<_, StoreError>(recorded)
        })
        .await?;
    let Some(recorded) = recorded else { return Ok(()) };
    pass_if(Point::Observed, recorded.has_events());
    tell(gateway, (owner, account), &recorded);
    Ok(())
}

/// Events that were hinted at. They are marked a little later, once the hints
/// have left: whoever listens may hear of an event twice, but never not at all.
#[derive(Default)]
pub(crate) struct Told(Mutex<Vec<(Instant, Uuid)>>);

impl Told {
    fn add(&self, events: &[EventRef]) {
        let now = Instant::now();
        self.lock().extend(events.iter().map(|event| (now, event.id)));
    }

    /// Those whose hints have left.
    fn take(&self) -> Vec<Uuid> {
        let mut all = self.lock();
        let (gone, waiting) = all.drain(..).partition(|(at, _)| at.elapsed() >= LEFT_AFTER);
        *all = waiting;
        gone.into_iter().map(|(_, id): (Instant, Uuid)| id).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, Uuid)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hints at where an account stands, and at what changed; call it after the commit.
pub(crate) fn tell(gateway: &Arc<Gateway>, (owner, account): (OwnerId, AccountId), recorded: &Recorded) {
    if !recorded.requests.is_empty() {
        // A guard acted: nothing waits for the next sweep, which finds it if this is lost.
        gateway.signals.spawn(perform(Arc::clone(gateway)));
    }
    gateway.hint(ChangeKind::Risk, owner, account, account.uuid());
    for event in &recorded.events {
        gateway.hint(ChangeKind::RiskEvent, owner, account, event.id);
    }
    gateway.risk_told.add(&recorded.events);
    alarms::tell(gateway, &recorded.alerts);
}

async fn perform(gateway: Arc<Gateway>) {
    if let Err(error) = stops::perform(gateway).await {
        tracing::error!(%error, "what a guard asked for could not be performed; it is tried again");
    }
}

/// Goes over resets and ages until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.risk);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut forgotten_at: Option<Instant> = None;
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = look(&gateway).await {
            tracing::warn!(%error, "where accounts stand could not be looked at; it is tried again");
        }
        if forgotten_at.is_none_or(|at| at.elapsed() >= FORGET_EVERY) {
            forgotten_at = Some(Instant::now());
            if let Err(error) = forget(&gateway).await {
                tracing::warn!(%error, "old figures of accounts could not be forgotten");
            }
        }
    }
}

/// Follows accounts again of which trades of long ago changed, one after the other: each may take minutes, in which nobody
/// waits but itself.
pub(crate) async fn mend(gateway: Arc<Gateway>) {
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = tokio::time::sleep(MEND_EVERY) => {}
        }
        let mending = mend_all(&gateway);
        tokio::select! {
            // What was not committed is done again by the next worker.
            () = gateway.draining.cancelled() => return,
            done = mending => if let Err(error) = done {
                tracing::warn!(%error, "accounts whose trades changed cannot be looked up; they are tried again");
            }
        }
    }
}

async fn mend_all(gateway: &Arc<Gateway>) -> StoreResult<()> {
    for (owner, account) in gateway.db.open(async |tx| risk_backlog::list(tx, BATCH).await).await? {
        // In a task of its own, which ends with this one: a history that it cannot cope with keeps nobody else's waiting.
        let mut mending = JoinSet::new();
        mending.spawn(mend_one(Arc::clone(gateway), owner, account));
        match mending.join_next().await {
            Some(Ok(Ok(Some(recorded)))) => tell(gateway, (owner, account), &recorded),
            Some(Ok(Ok(None))) | None => {}
            Some(Ok(Err(error))) if error.is_away() => return Err(error),
            Some(Ok(Err(error))) => {
                tracing::error!(%error, account.id = %account, "an account could not be followed again");
            }
            Some(Err(error)) => {
                tracing::error!(%error, account.id = %account, "following an account again broke off");
            }
        }
    }
    Ok(())
}

async fn mend_one(
    gateway: Arc<Gateway>,
    owner: OwnerId,
    account: AccountId,
) -> StoreResult<Option<Recorded>> {
    gateway.db.open(async move |tx: &mut Tx| risk_backlog::mend(tx, owner, account).await).await
}

async fn look(gateway: &Arc<Gateway>) -> StoreResult<()> {
    let told = gateway.risk_told.take();
    let untold = gateway
        .db
        .open(async move |tx: &mut Tx| {
            if !told.is_empty() {
                risk_events::mark_told(tx, &told).await?;
            }
            risk_events::take_untold(tx, BATCH).await
        })
        .await?;
    for change in untold {
        gateway.hint(ChangeKind::Risk, change.owner, change.account, change.account.uuid());
        gateway.hint(change.kind, change.owner, change.account, change.id);
    }
    go_over(gateway).await
}

/// Takes a step of every account that is due.
async fn go_over(gateway: &Arc<Gateway>) -> StoreResult<()> {
    let due = gateway.db.open(async |tx| risk_records::list_due(tx, BATCH).await).await?;
    let mut running = JoinSet::new();
    let mut done = Ok(());
    for (owner, account) in due {
        if running.len() >= SIDE_BY_SIDE
            && let Some(Ok(one)) = running.join_next().await
        {
            done = done.and(one);
        }
        if done.is_err() {
            break;
        }
        running.spawn(go_over_one(Arc::clone(gateway), owner, account));
    }
    while let Some(one) = running.join_next().await {
        done = done.and(one.unwrap_or(Ok(())));
    }
    done
}

/// Fails where the database is away; what is wrong with one account is no matter of the others.
async fn go_over_one(gateway: Arc<Gateway>, owner: OwnerId, account: AccountId) -> StoreResult<()> {
    match step(&gateway, owner, account).await {
        Err(error) if !error.is_away() => {
            tracing::error!(%error, account.id = %account, "an account could not be gone over");
            // What the database did not decide is tried again at once.
            if error.is_undecided() {
                return Ok(());
            }
            gateway.db.open(async move |tx: &mut Tx| risk_records::put_off(tx, account).await).await
        }
        done => done,
    }
}

async fn forget(gateway: &Gateway) -> StoreResult<()> {
    gateway.db.open(async |tx| risk_events::prune(tx).await).await?;
    gateway.db.open(async |tx| risk_records::forget_old(tx).await).await?;
    gateway.db.open(async |tx| risk_checkpoints::prune(tx).await).await?;
    Ok(())
}
