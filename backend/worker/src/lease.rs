//! The lease by which a worker acts for accounts at exchanges and on paper.
//!
//! Several workers may share a database. Each account is served by one of them, whoever came first, and nobody takes it
//! while that one renews its lease (`workers.leased_until`). Two things fence a worker that was held up:
//!
//! * Every claim names the epoch of its account's session, which the next worker raises: a late claim finds nothing.
//! * What was claimed before leaves only while the lease has [`MARGIN`] left by this process's own monotonic clock,
//!   counted from before it was renewed: by the end of the lease the exchange refuses the last signature as too old.
//!
//! A worker that takes the folder of the inbound journal knows that whoever had it is gone, and does not wait for the
//! end of that lease.

use std::sync::Arc;
use std::time::Duration;

use flotilla_store::{StoreResult, workers};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;
use crate::supervise;

/// How long before its end a lease is not used any more: a request lives for five seconds at the exchange.
pub const MARGIN: Duration = Duration::from_secs(6);

/// Renews until the worker has ended.
pub(crate) async fn run(gateway: Arc<Gateway>, finished: CancellationToken) {
    let mut ticks = tokio::time::interval(gateway.config.timing.lease / 4);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = finished.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match renew(&gateway).await {
            Ok(true) => {}
            Ok(false) => lost(&gateway),
            Err(error) => {
                tracing::warn!(%error, "the lease of this worker cannot be renewed; it is tried again");
                continue;
            }
        }
        if !gateway.draining.is_cancelled()
            && let Err(error) = supervise::end_dead(&gateway).await
        {
            tracing::warn!(%error, "workers that are gone cannot be looked for; it is tried again");
        }
    }
}

/// Renews the lease; whether it had not ended.
pub(crate) async fn renew(gateway: &Gateway) -> StoreResult<bool> {
    let lease = gateway.config.timing.lease;
    // Before it is asked for: the database counts from later.
    let until = Instant::now() + lease;
    let node = gateway.node;
    let is_kept =
        gateway.db.open(async |tx| workers::renew_lease(tx, node, lease.as_secs_f64()).await).await?;
    if let Some(venues) = &gateway.venues {
        venues.bingx.sign_until(until.checked_sub(MARGIN).unwrap_or(until));
    }
    Ok(is_kept)
}

/// Others may have taken accounts meanwhile: each is begun anew, if it is free.
fn lost(gateway: &Gateway) {
    tracing::warn!("the lease of this worker had ended; accounts at exchanges are begun anew");
    if let Some(venues) = &gateway.venues {
        venues.desk.every().iter().for_each(|served| venues.desk.remove(served));
        venues.desk.wake_streams.notify_one();
    }
}
