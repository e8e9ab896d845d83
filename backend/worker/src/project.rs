//! Brings what masters' owners see up to date, merged.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::{AccountId, NodeId, SignalId};
use flotilla_store::changes::ChangeKind;
use flotilla_store::{
    StoreResult, Tx, directory_projection, followers_projection, lags, partners, sessions, workers,
};
use tokio::time::{Instant, MissedTickBehavior};

use crate::gateway::Gateway;

/// How soon it is seen that all is sent.
const LOOK: Duration = Duration::from_millis(5);
/// Between updates of all public profiles.
const PUBLISH_EVERY: Duration = Duration::from_mins(1);

/// Rows to refresh.
#[derive(Debug, Default)]
struct Rows {
    /// With the microseconds from read to commit, once.
    signals: HashMap<SignalId, Option<i32>>,
    masters: HashSet<AccountId>,
    /// Accounts whose own row, or whose masters' rows, changed.
    accounts: HashSet<AccountId>,
    /// Everything.
    all: bool,
}

/// Collects what has to be refreshed. What is noted twice is refreshed once.
#[derive(Debug, Default)]
pub(crate) struct Dirty {
    rows: Mutex<Rows>,
}

impl Dirty {
    pub fn signal(&self, signal: SignalId, took_us: i32) {
        self.lock().signals.insert(signal, Some(took_us));
    }

    pub fn copy(&self, signal: SignalId, master: AccountId) {
        let mut rows = self.lock();
        rows.signals.entry(signal).or_default();
        rows.masters.insert(master);
    }

    pub fn masters(&self, masters: Vec<AccountId>) {
        self.lock().masters.extend(masters);
    }

    pub fn follower_or_master(&self, account: AccountId) {
        self.lock().accounts.insert(account);
    }

    pub fn everything(&self) {
        self.lock().all = true;
    }

    fn take(&self) -> Rows {
        std::mem::take(&mut *self.lock())
    }

    fn put_back(&self, taken: Rows) {
        let mut rows = self.lock();
        for (signal, took_us) in taken.signals {
            let entry = rows.signals.entry(signal).or_default();
            *entry = entry.or(took_us);
        }
        rows.masters.extend(taken.masters);
        rows.accounts.extend(taken.accounts);
        rows.all |= taken.all;
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn is_empty(&self) -> bool {
        self.signals.is_empty() && self.masters.is_empty() && self.accounts.is_empty() && !self.all
    }
}

/// Refreshes until the worker drains. It pauses ten times as long as it worked,
/// so that it never takes more than a tenth of the database's time.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    // One that failed has taken rows with it.
    gateway.dirty.everything();
    let mut pause = gateway.config.timing.project;
    let mut publish_at = Instant::now();
    let mut unmeasured = Unmeasured { masters: HashSet::new(), all: true, at: publish_at };
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        quiet(&gateway).await;
        let began = Instant::now();
        if began >= publish_at {
            publish(&gateway).await;
            publish_at = began + PUBLISH_EVERY;
        }
        let rows = gateway.dirty.take();
        if !rows.is_empty() {
            unmeasured.masters.extend(project(&gateway, rows).await);
        }
        unmeasured.measure(&gateway).await;
        pause = gateway.config.timing.project.max(began.elapsed() * 10);
    }
}

/// Waits until no signal is being sent, but not for long: lines come before screens.
async fn quiet(gateway: &Gateway) {
    let until = Instant::now() + gateway.config.timing.project;
    while gateway.sending.is_busy() && Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
}

/// Results of masters in the directory change without any follower.
async fn publish(gateway: &Gateway) {
    let published = gateway.db.open(async |tx| directory_projection::refresh(tx, None).await).await;
    if let Err(error) = published {
        tracing::warn!(%error, "public profiles are not up to date; they are tried again");
    }
}

/// Returns the masters whose followers' rows are up to date now.
async fn project(gateway: &Gateway, rows: Rows) -> HashSet<AccountId> {
    match refresh(gateway, &rows).await {
        Ok(()) => rows.masters,
        Err(error) => {
            tracing::warn!(%error, "a projection failed; it is tried again");
            gateway.dirty.put_back(rows);
            HashSet::new()
        }
    }
}

/// Masters of whose copies some were answered since their followers' lags were measured.
struct Unmeasured {
    masters: HashSet<AccountId>,
    /// Of all, as at the start.
    all: bool,
    /// When the next measurement is due.
    at: Instant,
}

impl Unmeasured {
    /// Measures when it is due. It reads far more rows than other projections,
    /// so it has a pace of its own.
    async fn measure(&mut self, gateway: &Gateway) {
        let began = Instant::now();
        if began < self.at || (self.masters.is_empty() && !self.all) {
            return;
        }
        let masters: Vec<_> = self.masters.iter().copied().collect();
        let masters = (!self.all).then_some(masters.as_slice());
        match gateway.db.open(async |tx| lags::refresh(tx, masters).await).await {
            Ok(measured) => {
                (self.all, self.masters) = (false, HashSet::new());
                for (owner, master) in measured {
                    gateway.hint(ChangeKind::Account, owner, master, master.uuid());
                }
            }
            Err(error) => tracing::warn!(%error, "lags were not measured; they are tried again"),
        }
        self.at = began + gateway.config.timing.lag.max(began.elapsed() * 20);
    }
}

async fn refresh(gateway: &Gateway, rows: &Rows) -> StoreResult<()> {
    let signals: Vec<_> = rows.signals.iter().map(|(id, took_us)| (*id, *took_us)).collect();
    let accounts: Vec<_> = rows.accounts.iter().copied().collect();
    let (followers, partners, counted) = gateway
        .db
        .open(async |tx| {
            let counted = if signals.is_empty() {
                Vec::new()
            } else {
                followers_projection::refresh_signals(tx, &signals).await?
            };
            let mut masters: Vec<AccountId> = rows.masters.iter().chain(&accounts).copied().collect();
            masters.extend(followers_projection::list_masters(tx, &accounts).await?);
            let masters = (!rows.all).then_some(masters.as_slice());
            let partners = partners::settle(tx, masters).await?;
            let followers = followers_projection::refresh(tx, masters).await?;
            directory_projection::refresh(tx, masters).await?;
            Ok::<_, flotilla_store::StoreError>((followers, partners, counted))
        })
        .await?;
    for row in followers {
        gateway.hint(ChangeKind::Account, row.owner_id, row.master_id, row.master_id.uuid());
    }
    for (owner, master) in partners {
        gateway.hint(ChangeKind::Account, owner, master, master.uuid());
    }
    for row in counted {
        gateway.hint(ChangeKind::Signal, row.owner_id, row.master_id, row.id);
    }
    Ok(())
}

/// Writes who was heard of, until the worker drains.
pub(crate) async fn touch(gateway: Arc<Gateway>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.touch);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let heard = gateway.sockets.take_heard();
        if let Err(error) = gateway.db.open(async |tx| beat(tx, gateway.node, &heard).await).await {
            tracing::warn!(%error, "who was heard of was not stored");
        }
    }
}

/// The worker itself is heard of too.
async fn beat(tx: &mut Tx, node: NodeId, heard: &[AccountId]) -> StoreResult<()> {
    workers::beat(tx, node).await?;
    if heard.is_empty() { Ok(()) } else { sessions::touch(tx, node, heard).await }
}
