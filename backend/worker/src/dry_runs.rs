//! Answers what the API asks about orders that are never sent.
//!
//! In a task of its own: whoever asks about a master with many followers, again and again, must keep nothing waiting that
//! trades.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use flotilla_store::{StoreResult, dry_runs};
use tokio::time::{MissedTickBehavior, timeout};
use uuid::Uuid;

use crate::gateway::Gateway;

/// Nobody waits longer for an answer.
const WITHIN: Duration = Duration::from_secs(5);

/// Answers until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.sweep);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed = HashSet::new();
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = gateway.asked.notified() => {}
            _ = ticks.tick() => {}
        }
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = answer_each(&gateway, &mut failed) => {}
        }
    }
}

/// One question of each owner, the oldest first, each in a commit of its own. What could not be judged is not tried
/// again: it would keep the others waiting each time.
async fn answer_each(gateway: &Gateway, failed: &mut HashSet<Uuid>) {
    let waiting = gateway.db.open(async |tx| dry_runs::list_waiting(tx).await);
    let Some(waiting) = in_time(timeout(WITHIN, waiting).await) else { return };
    failed.retain(|question| waiting.contains(question));
    for question in waiting {
        if failed.contains(&question) {
            continue;
        }
        let answered = gateway.db.open(async |tx| dry_runs::answer(tx, question).await);
        if in_time(timeout(WITHIN, answered).await).is_none() {
            failed.insert(question);
        }
    }
}

fn in_time<T, E>(done: Result<StoreResult<T>, E>) -> Option<T> {
    match done {
        Ok(Ok(value)) => return Some(value),
        Ok(Err(error)) => tracing::warn!(%error, "a dry run could not be answered"),
        Err(_) => tracing::warn!("a dry run got no answer in time"),
    }
    None
}
