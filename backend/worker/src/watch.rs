//! Hears of changes that others made, and looks on its own in case it did not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use flotilla_domain::id::AccountId;
use flotilla_protocol::v7::ServerLine;
use flotilla_store::changes::{Change, ChangeKind, Heard, listen};
use flotilla_store::ea_login::{self, Standing};
use tokio::time::MissedTickBehavior;

use crate::ea::socket::{Purpose, Socket, Told};
use crate::gateway::Gateway;
use crate::{resolve, stops, sweep};

/// Accounts that are looked up in one query.
const CHUNK: usize = 1_000;

/// Watches until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let mut heard = listen(gateway.config.database_url.clone());
    let mut ticks = tokio::time::interval(gateway.config.timing.recheck);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => recheck(&gateway, &accounts(&gateway)).await,
            changes = heard.recv() => match changes {
                Some(Heard::Changes(changes)) => follow(&gateway, &changes).await,
                Some(Heard::Reconnected) => {
                    gateway.dirty.everything();
                    recheck(&gateway, &accounts(&gateway)).await;
                }
                None => return,
            },
        }
    }
}

/// Accounts that are connected, be it by a reporter alone.
fn accounts(gateway: &Gateway) -> Vec<AccountId> {
    let all: HashSet<AccountId> =
        gateway.sockets.accounts().into_iter().chain(gateway.reporters.accounts()).collect();
    all.into_iter().collect()
}

async fn follow(gateway: &Arc<Gateway>, changes: &[Change]) {
    let accounts: HashSet<AccountId> = changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Account)
        .map(|change| change.account)
        .collect();
    for account in &accounts {
        gateway.dirty.follower_or_master(*account);
    }
    let is_connected = |account: &AccountId| {
        [&gateway.sockets, &gateway.reporters].iter().any(|sockets| sockets.newest(*account).is_some())
    };
    let connected: Vec<AccountId> = accounts.into_iter().filter(is_connected).collect();
    recheck(gateway, &connected).await;
    if changes.iter().any(|change| change.kind == ChangeKind::Request) {
        gateway.venues.iter().for_each(|venues| venues.keys.wake());
        gateway.asked.notify_one();
        let performed = [
            tokio::spawn(sweep::perform(Arc::clone(gateway))).await,
            tokio::spawn(resolve::perform(Arc::clone(gateway))).await,
            tokio::spawn(stops::perform(Arc::clone(gateway))).await,
        ];
        for error in performed.into_iter().flatten().filter_map(Result::err) {
            tracing::error!(%error, "requests could not be performed; they are tried again");
        }
    }
}

/// Ends connections whose account or key is no longer what it was, and tells
/// followers when copying was switched.
async fn recheck(gateway: &Gateway, accounts: &[AccountId]) {
    for accounts in accounts.chunks(CHUNK) {
        let sockets: Vec<(Arc<Socket>, Told)> = accounts
            .iter()
            .flat_map(|account| {
                gateway.sockets.of(*account).into_iter().chain(gateway.reporters.of(*account))
            })
            .map(|socket| (Arc::clone(&socket), socket.told()))
            .collect();
        match gateway.db.open(async |tx| ea_login::list_standings(tx, accounts).await).await {
            Ok(standings) => {
                let standings: HashMap<AccountId, Standing> =
                    standings.into_iter().map(|standing| (standing.account_id, standing)).collect();
                for (socket, told) in &sockets {
                    apply(socket, *told, standings.get(&socket.login.account_id));
                }
            }
            Err(error) => tracing::warn!(%error, "accounts could not be looked up; they are tried again"),
        }
    }
}

fn apply(socket: &Socket, told: Told, standing: Option<&Standing>) {
    let is_welcome =
        standing.is_some_and(|standing| standing.is_active && standing.key_hash == socket.key_hash);
    if !is_welcome {
        tracing::info!(account.id = %socket.login.account_id, "EA cut off: inactive account or another key");
        socket.close.cancel();
        return;
    }
    let is_copying = standing.is_some_and(|standing| standing.is_copying);
    let is_obeying = socket.is_follower() && socket.purpose() != Purpose::Reporting;
    if is_obeying && socket.correct_copying(told, is_copying) {
        socket.tell(if is_copying { &ServerLine::StatusActive } else { &ServerLine::StatusInactive });
    }
}
