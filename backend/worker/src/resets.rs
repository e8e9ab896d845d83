//! Tells reporters when their account's day ends, so that they send figures of exactly that instant.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::id::AccountId;
use flotilla_protocol::v7::ServerLine;
use flotilla_store::risk_resets::{self, NextReset};
use tokio::time::{Instant, MissedTickBehavior};

use crate::figures::frame::Reset;
use crate::gateway::Gateway;

/// Accounts that are looked up in one query.
const CHUNK: usize = 1_000;

/// Looks after each reset, and in case rules were edited, until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.recheck);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        for accounts in gateway.reporters.accounts().chunks(CHUNK) {
            tell(Arc::clone(&gateway), accounts.to_vec()).await;
        }
    }
}

/// Tells the reporters of `accounts` what they have not been told. Without a phase there is nothing to tell.
pub(crate) async fn tell(gateway: Arc<Gateway>, accounts: Vec<AccountId>) {
    match gateway.converse(async |tx| risk_resets::list(tx, &accounts).await).await {
        Ok(resets) => resets.iter().for_each(|reset| tell_one(&gateway, reset)),
        Err(error) => tracing::warn!(%error, "resets could not be looked up; it is tried again"),
    }
}

fn tell_one(gateway: &Gateway, reset: &NextReset) {
    let at_ms = reset.at.timestamp_millis();
    let left = (reset.at - reset.now).to_std().unwrap_or(Duration::ZERO);
    for socket in gateway.reporters.of(reset.account_id) {
        gateway.figures.set_reset(&socket.login, Reset { at_ms, due: Instant::now() + left });
        if socket.note_reset(at_ms) {
            socket.tell(&ServerLine::ResetAt { at_ms });
        }
    }
}
