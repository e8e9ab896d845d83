//! Terminals that are gone while copies are open: their owners are told.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_store::absences::{self, Absence};
use flotilla_store::alerts::{self, NewAlert};
use flotilla_store::changes::Change;
use flotilla_store::{StoreResult, Tx, idempotency};
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior};

use crate::alarms;
use crate::gateway::Gateway;
use crate::refusals;

/// Between two times of forgetting old alerts, and old answers to repeated writes.
const PRUNE_EVERY: Duration = Duration::from_hours(1);
/// How far a worker that has just started looks back.
const CATCH_UP: TimeDelta = TimeDelta::hours(1);

/// Looks for terminals that are gone, until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.absences);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut looked_at = None;
    let mut pruned_at: Option<Instant> = None;
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return refusals::tell(&gateway).await,
            _ = ticks.tick() => {}
        }
        refusals::tell(&gateway).await;
        match look_in_a_task(&gateway, looked_at).await {
            Ok(at) => looked_at = Some(at),
            Err(error) => tracing::warn!(%error, "absent terminals were not looked for; it is tried again"),
        }
        if pruned_at.is_none_or(|at| at.elapsed() >= PRUNE_EVERY) {
            pruned_at = Some(Instant::now());
            prune(&gateway).await;
        }
    }
}

async fn prune(gateway: &Gateway) {
    if let Err(error) = gateway.db.open(alerts::prune).await {
        tracing::warn!(%error, "old alerts were not forgotten");
    }
    if let Err(error) = gateway.db.open(idempotency::forget_old).await {
        tracing::warn!(%error, "old answers to repeated writes were not forgotten");
    }
}

/// In a task of its own, so that a transaction is never left half-way.
async fn look_in_a_task(
    gateway: &Arc<Gateway>,
    looked_at: Option<DateTime<Utc>>,
) -> StoreResult<DateTime<Utc>> {
    let looking = Arc::clone(gateway);
    let looked = tokio::spawn(async move {
        looking.db.open(async |tx| look(tx, looking.config.timing.absent, looked_at).await).await
    });
    let (at, changes) = looked.await.unwrap_or(Err(flotilla_store::StoreError::NotFound("outcome")))?;
    alarms::tell(gateway, &changes);
    Ok(at)
}

async fn look(
    tx: &mut Tx,
    absent: Duration,
    looked_at: Option<DateTime<Utc>>,
) -> StoreResult<(DateTime<Utc>, Vec<Change>)> {
    let now = absences::now(tx).await?;
    let since = looked_at.unwrap_or(now - CATCH_UP);
    let mut changes = absences::resolve_ended(tx).await?;
    let absent = absences::list(tx, absent.as_secs_f64(), since).await?;
    let absent: Vec<NewAlert> = absent.iter().map(offline).collect();
    changes.extend(alerts::raise_all(tx, &absent).await?);
    Ok((now, changes))
}

fn offline(absence: &Absence) -> NewAlert {
    NewAlert {
        owner_id: absence.owner_id,
        kind: absence.kind,
        account_id: Some(absence.account_id),
        copy_id: None,
        detail: json!({
            "account": absence.name,
            "open_copies": absence.open_copies,
            "since": absence.since,
        }),
        dedupe_key: format!("{}:{}", absence.kind, absence.gone_id),
    }
}

/// Raises one alert in a transaction of its own.
pub(crate) async fn raise(gateway: &Arc<Gateway>, new: NewAlert) {
    let raising = Arc::clone(gateway);
    let kind = new.kind;
    let raised = tokio::spawn(async move { raising.db.open(async |tx| alerts::raise(tx, &new).await).await });
    match raised.await {
        Ok(Ok(change)) => alarms::tell(gateway, &[change]),
        Ok(Err(error)) => tracing::error!(%error, %kind, "an alert could not be raised"),
        Err(error) => tracing::error!(%error, %kind, "an alert could not be raised"),
    }
}
