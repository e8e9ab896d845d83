//! What time makes due: deadlines, repeated closes, requests.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use flotilla_domain::copy::coins::Unfit;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, CopyId, OwnerId, RequestId};
use flotilla_engine::deadline::{ANSWER_WITHIN_S, CLOSE_REPEATS_S, CLOSES_IN_VAIN, overdue};
use flotilla_store::changes::ChangeKind;
use flotilla_store::copy_orders::claim::{Closes, Opens, claim_closes, claim_opens};
use flotilla_store::copy_orders::flatten::{Flatten, Flattened, flatten};
use flotilla_store::copy_orders::halts;
use flotilla_store::copy_orders::held::{alarm_long_in_doubt, alarm_overdue_closes};
use flotilla_store::copy_orders::settle::CopyChange;
use flotilla_store::follower_decisions::Decided;
use flotilla_store::requests::OpenRequest;
use flotilla_store::{
    StoreError, StoreResult, Tx, alerts, copy_orders, erasures, follower_decisions, partners, requests,
    sessions,
};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, MissedTickBehavior, timeout_at};
use uuid::Uuid;

use crate::alarms;
use crate::dispatch;
use crate::failpoint::{Point, pass_if};
use crate::flight::Clearance;
use crate::gateway::Gateway;
use crate::ingest::tell_flattened;
use crate::pairs;
use crate::planning;
use crate::resolve;
use crate::settle::change;
use crate::stops;

/// Copies that are judged in one commit.
const BATCH: i64 = 500;
/// Rows of a user that are deleted in one commit.
const ERASED_AT_ONCE: i64 = 2_000;
/// Longer than any open waits for its answer.
const FORGET_AFTER: Duration = Duration::from_mins(2);
/// Longer than a sweep takes that has nothing to wait for.
const WAITED_FOR: Duration = Duration::from_millis(500);
/// Enough for a database that refuses, or answers again.
const GLANCE: Duration = Duration::from_millis(20);
/// No answer comes after this.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(15);
/// How long a worker that ends waits for those that are under way.
const ENDED_WITHIN: Duration = Duration::from_secs(2);

/// Looks again and again, until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.sweep);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut reached_at = Instant::now();
    let mut under_way = UnderWay { left: HashMap::new(), until: reached_at };
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return under_way.end().await,
            _ = ticks.tick() => {}
        }
        gateway.flights.forget_older(Instant::now(), FORGET_AFTER);
        under_way.until = reached_at + gateway.config.timing.without_database;
        let swept = [
            // What is to be closed waits for nothing else.
            under_way.sweep("stops", stops::perform(Arc::clone(&gateway))).await,
            under_way.sweep("closes", closes(Arc::clone(&gateway))).await,
            under_way.sweep("requests", perform(Arc::clone(&gateway))).await,
            under_way.sweep("deadlines", deadlines(Arc::clone(&gateway))).await,
            under_way.sweep("opens", opens(Arc::clone(&gateway))).await,
            under_way.sweep("pairs", pairs::sweep(Arc::clone(&gateway))).await,
            under_way.sweep("followers", decisions(Arc::clone(&gateway))).await,
            under_way.sweep("planning", planning::sweep(Arc::clone(&gateway))).await,
            under_way.sweep("decisions", resolve::perform(Arc::clone(&gateway))).await,
            under_way.sweep("doubts", doubts(Arc::clone(&gateway))).await,
            under_way.sweep("overdue closes", overdue_closes(Arc::clone(&gateway))).await,
            under_way.sweep("erasures", erase(Arc::clone(&gateway))).await,
        ];
        let is_away = !swept.contains(&Some(true));
        if !is_away {
            reached_at = Instant::now();
        }
        // Without a journal nothing that is read is safe.
        let is_patient =
            reached_at.elapsed() < gateway.config.timing.without_database && !gateway.inbox.is_broken();
        cut_off(&gateway, is_away && !is_patient);
    }
}

/// Sweeps that take long. The others go on meanwhile, and none is begun again before it has ended.
struct UnderWay {
    left: HashMap<&'static str, Left>,
    /// The database counts as away then, if nothing has succeeded: nobody waits for it any more.
    until: Instant,
}

struct Left {
    begun_at: Instant,
    task: JoinHandle<StoreResult<()>>,
}

impl UnderWay {
    /// Whether a sweep succeeded; `None`: it goes on beside the others.
    ///
    /// In a task of its own, and not for ever: a database that does not answer is away, too. What was given up half-way
    /// is found again by the next.
    async fn sweep(
        &mut self,
        what: &'static str,
        sweep: impl Future<Output = StoreResult<()>> + Send + 'static,
    ) -> Option<bool> {
        let now = Instant::now();
        let is_new = !self.left.contains_key(what);
        let mut left =
            self.left.remove(what).unwrap_or_else(|| Left { begun_at: now, task: tokio::spawn(sweep) });
        let patience = self.until.min(now + WAITED_FOR).max(now + GLANCE);
        match timeout_at(patience, &mut left.task).await {
            Ok(done) => Some(has_succeeded(what, done)),
            Err(_) if left.begun_at.elapsed() < GIVEN_UP_AFTER => {
                if is_new {
                    tracing::warn!(what, "sweep takes long; the others go on");
                }
                self.left.insert(what, left);
                None
            }
            Err(_) => {
                tracing::error!(what, "sweep got no answer; it is tried again");
                left.task.abort();
                Some(false)
            }
        }
    }

    /// Lets them end, but not for long: what is given up half-way is found again by who comes next.
    async fn end(self) {
        let until = Instant::now() + ENDED_WITHIN;
        for mut left in self.left.into_values() {
            if timeout_at(until, &mut left.task).await.is_err() {
                left.task.abort();
            }
        }
    }
}

fn has_succeeded(what: &'static str, done: Result<StoreResult<()>, JoinError>) -> bool {
    match done {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => tracing::error!(%error, what, "sweep failed; it is tried again"),
        Err(error) => tracing::error!(%error, what, "sweep broke off; it is tried again"),
    }
    false
}

/// While the database is away nothing can be sent: connections are reset, so
/// that their EAs may find another worker. What was read is in the journal and
/// is stored as soon as the database is back.
fn cut_off(gateway: &Gateway, is_cut_off: bool) {
    let was_cut_off = gateway.is_cut_off.swap(is_cut_off, Ordering::SeqCst);
    if is_cut_off {
        gateway.every_socket().for_each(|socket| socket.close.cancel());
    }
    if is_cut_off && !was_cut_off {
        tracing::error!("the database is away; EA connections are reset until it is back");
    }
}

async fn deadlines(gateway: Arc<Gateway>) -> StoreResult<()> {
    let changes = gateway.db.open(deadlines_in).await?;
    for change in &changes {
        tracing::info!(copy.id = %change.copy.id, state = %change.to, cause = change.cause, "copy moved by time");
    }
    dispatch::tell_changes(&gateway, &changes, &[]);
    Ok(())
}

async fn deadlines_in(tx: &mut Tx) -> StoreResult<Vec<CopyChange>> {
    let due = copy_orders::lock_overdue(tx, ANSWER_WITHIN_S, BATCH).await?;
    let late = due.iter().map(|locked| &locked.order).filter(|copy| copy.state == CopyState::Planned);
    let (late, followers): (Vec<CopyId>, Vec<AccountId>) =
        late.map(|copy| (copy.id, copy.follower_id)).unzip();
    let (mut held, mut why) = (Vec::new(), HashMap::new());
    if !late.is_empty() {
        held = sessions::list_held(tx, &followers).await?;
        why = halts::list(tx, &late).await?;
    }
    let edge = |copy: &CopyOrder, now| {
        let edge = overdue(copy, now, held.contains(&copy.follower_id))?;
        Some(match why.get(&copy.id) {
            Some(Unfit { reason, words }) if words.is_empty() => edge.because(*reason),
            Some(Unfit { reason, words }) => edge.because(*reason).in_words(words),
            None => edge,
        })
    };
    let changes: Vec<CopyChange> = due
        .iter()
        .filter_map(|locked| Some(change(&locked.order, edge(&locked.order, locked.now)?)))
        .collect();
    if !changes.is_empty() {
        copy_orders::settle::settle(tx, &changes).await?;
    }
    Ok(changes)
}

/// Opens that nobody else sends: their follower connected while they were planned.
async fn opens(gateway: Arc<Gateway>) -> StoreResult<()> {
    let chunk = gateway.config.limits.claim_chunk;
    let claimed = gateway
        .db
        .open(async |tx| {
            let claimed = claim_opens(tx, gateway.node, Opens::Waiting, chunk).await?;
            pass_if(Point::Claiming, !claimed.is_empty());
            Ok::<_, StoreError>((claimed, Instant::now()))
        })
        .await?;
    let (claimed, committed) = claimed;
    pass_if(Point::Claimed, !claimed.is_empty());
    let sender = Arc::clone(&gateway);
    // Whoever gives up the sweep does not give up what it claimed: it is written, or told that it was not.
    let sent = gateway.signals.spawn(async move {
        dispatch::send_opens(&sender, &claimed, &Clearance::late(committed)).await;
        dispatch::tell_claims(&sender, &[], &claimed);
    });
    sent.await.map_err(|_| StoreError::NotFound("outcome of claimed opens"))
}

/// Copies that have been in doubt for long: their owners are told once.
async fn doubts(gateway: Arc<Gateway>) -> StoreResult<()> {
    let after_s = i32::try_from(gateway.config.timing.alarm_doubt.as_secs()).unwrap_or(i32::MAX);
    let raised = gateway
        .db
        .open(async |tx| {
            let copies = alarm_long_in_doubt(tx, after_s, BATCH).await?;
            let told: Vec<_> = copies.iter().map(alarms::long_in_doubt).collect();
            alerts::raise_all(tx, &told).await
        })
        .await?;
    alarms::tell(&gateway, &raised);
    Ok(())
}

/// Copies that do not close: their owners are told once, and when it is over.
async fn overdue_closes(gateway: Arc<Gateway>) -> StoreResult<()> {
    let raised = gateway
        .db
        .open(async |tx| {
            let copies = alarm_overdue_closes(tx, CLOSES_IN_VAIN, BATCH).await?;
            let told: Vec<_> = copies.iter().map(|copy| alarms::close_overdue(&copy.order)).collect();
            let mut raised = alerts::resolve_overdue_closes(tx).await?;
            raised.extend(alerts::raise_all(tx, &told).await?);
            Ok::<_, StoreError>(raised)
        })
        .await?;
    alarms::tell(&gateway, &raised);
    Ok(())
}

async fn closes(gateway: Arc<Gateway>) -> StoreResult<()> {
    let due = gateway
        .db
        .open(async |tx| {
            let due = claim_closes(tx, gateway.node, Closes::Due, &CLOSE_REPEATS_S).await?;
            pass_if(Point::ClosesClaiming, !due.is_empty());
            Ok::<_, StoreError>(due)
        })
        .await?;
    pass_if(Point::ClosesClaimed, !due.is_empty());
    dispatch::send_closes(&gateway, &due);
    dispatch::tell_claims(&gateway, &due, &[]);
    Ok(())
}

/// What masters' owners decided about their followers.
async fn decisions(gateway: Arc<Gateway>) -> StoreResult<()> {
    let (decided, partners) = gateway.db.open(decide_in).await?;
    for (owner, account) in partners {
        gateway.hint(ChangeKind::Account, owner, account, account.uuid());
    }
    for change in decided {
        tracing::info!(account.id = %change.follower_id, master.id = %change.master_id, "a master's owner decided about a follower");
        let (follower, master) = (change.follower_id, change.master_id);
        gateway.dirty.masters(vec![master]);
        gateway.hint(ChangeKind::Account, change.follower_owner, follower, follower.uuid());
        gateway.hint(ChangeKind::Account, change.master_owner, master, master.uuid());
    }
    Ok(())
}

/// Who is let in by a one-to-one master is its partner before he is told.
async fn decide_in(tx: &mut Tx) -> StoreResult<(Vec<Decided>, Vec<(OwnerId, AccountId)>)> {
    let decided = follower_decisions::carry_over(tx).await?;
    let masters: Vec<AccountId> = decided.iter().map(|one| one.master_id).collect();
    let partners = if masters.is_empty() { Vec::new() } else { partners::settle(tx, Some(&masters)).await? };
    Ok((decided, partners))
}

/// Erases users who asked for it, a piece at a time.
async fn erase(gateway: Arc<Gateway>) -> StoreResult<()> {
    let piece = gateway.db.open(async |tx| erasures::erase_next(tx, ERASED_AT_ONCE).await).await?;
    if piece.is_some_and(|piece| piece.is_done) {
        tracing::info!("a user who asked for it was erased");
    }
    Ok(())
}

/// Performs what the API asked for and writes how far it is, each in a commit
/// of its own.
pub(crate) async fn perform(gateway: Arc<Gateway>) -> StoreResult<()> {
    let mut last = RequestId::from(Uuid::nil());
    while let Some((request, copies)) =
        gateway.db.open(async |tx| perform_next(tx, &gateway, last).await).await?
    {
        last = request.id;
        let Some(copies) = copies else { continue };
        pass_if(Point::Performed, !copies.is_empty());
        tell_flattened(&gateway, &copies);
        let follower = request.pair.follower_id;
        gateway.hint(ChangeKind::Request, request.owner_id, follower, request.id.uuid());
    }
    Ok(())
}

/// The copies that are wanted no more; `None` where nothing is new.
///
/// A signal that was being stored when the request was made shows a little later,
/// so every look acts. Acting again changes nothing.
async fn perform_next(
    tx: &mut Tx,
    gateway: &Gateway,
    after: RequestId,
) -> StoreResult<Option<(OpenRequest, Option<Vec<Flattened>>)>> {
    let Some(request) = requests::lock_next(tx, after).await? else { return Ok(None) };
    let what = Flatten::Pair(request.pair);
    let copies = flatten(tx, gateway.node, &what, ReasonCode::Unfollowed, &CLOSE_REPEATS_S).await?;
    let is_done = requests::save_progress(tx, &request).await?;
    pass_if(Point::Performing, !copies.is_empty());
    let is_news = is_done || !request.is_running || !copies.is_empty();
    Ok(Some((request, is_news.then_some(copies))))
}
