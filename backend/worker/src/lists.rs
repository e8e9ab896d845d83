//! Acts on lists of open tickets that terminals send.

mod follower;
mod master;

pub(crate) use follower::follower;
pub(crate) use master::{MasterList, keep, master, save_chart};

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use flotilla_store::{StoreResult, snapshots};

use crate::gateway::Gateway;

const TIDY_EVERY: Duration = Duration::from_mins(10);
/// Lists that are removed in one commit.
const BATCH: usize = 1_000;

/// Removes old lists again and again, until the worker drains.
pub(crate) async fn tidy(gateway: Arc<Gateway>) {
    let mut ticks = tokio::time::interval(TIDY_EVERY);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Ok(Err(error)) = tokio::spawn(remove_old(Arc::clone(&gateway))).await {
            tracing::warn!(%error, "old lists of tickets could not be removed; it is tried again");
        }
    }
}

async fn remove_old(gateway: Arc<Gateway>) -> StoreResult<()> {
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    while gateway.db.open(async |tx| snapshots::remove_old(tx, limit).await).await? == BATCH {}
    Ok(())
}

/// As the engine counts time.
fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
