//! Accounts without a broker: copies are filled at the price of the master's feed, worse by what slips.
//!
//! Orders, states and books are those of accounts at exchanges. An order is claimed, filled and settled in one commit:
//! whenever this process dies, it happened once or not at all.

mod figures;
mod fills;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flotilla_domain::account::Platform;
use flotilla_domain::id::AccountId;
use flotilla_store::changes::ChangeKind;
use flotilla_store::paper::{self, PaperAccount};
use flotilla_store::venue_orders::{close as due_closes, open as waiting};
use flotilla_store::{StoreError, StoreResult, sessions, venue_sessions};
use rust_decimal::Decimal;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::gateway::Gateway;

/// Copies that are taken up at one look.
const AT_ONCE: i64 = 2_000;
/// Fills that are written side by side.
const SIDE_BY_SIDE: usize = 4;

/// An account that this worker fills.
pub(crate) struct Served {
    account: PaperAccount,
    /// Of its session.
    epoch: i64,
    /// As that of a connection.
    number: u64,
    /// What its copies brought so far; `None` once that may be another.
    realised: Mutex<Option<Decimal>>,
    written: Mutex<Option<(figures::Shape, Instant)>>,
}

/// All accounts that this worker fills.
#[derive(Default)]
pub(crate) struct Paper {
    served: Mutex<HashMap<AccountId, Arc<Served>>>,
    wake: Notify,
}

impl Paper {
    /// Whether copies of this account are filled here.
    pub fn serves(&self, account: AccountId) -> bool {
        lock(&self.served).contains_key(&account)
    }

    /// Has copies looked for that wait.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    fn find(&self, account: AccountId) -> Option<Arc<Served>> {
        lock(&self.served).get(&account).cloned()
    }

    fn every(&self) -> Vec<Arc<Served>> {
        lock(&self.served).values().cloned().collect()
    }
}

/// Fills until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let mut looked: Option<Instant> = None;
    loop {
        let is_due = looked.is_none_or(|at| at.elapsed() >= gateway.config.timing.figures);
        if is_due {
            looked = Some(Instant::now());
            report("accounts", look(&gateway).await);
        }
        if !gateway.paper.every().is_empty() {
            report("closes", closes(&gateway).await);
            report("opens", opens(&gateway).await);
            if is_due {
                report("figures", figures::tell(&gateway).await);
            }
        }
        tokio::select! {
            () = gateway.draining.cancelled() => break,
            () = gateway.paper.wake.notified() => {}
            () = tokio::time::sleep(gateway.config.timing.sweep) => {}
        }
    }
    for served in gateway.paper.every() {
        gateway.figures.leave(served.account.login.account_id, served.number);
    }
}

fn report(what: &str, done: StoreResult<()>) {
    if let Err(error) = done {
        tracing::error!(%error, what, "paper accounts could not be worked on; it is tried again");
    }
}

/// Begins and ceases to serve accounts.
async fn look(gateway: &Arc<Gateway>) -> StoreResult<()> {
    let node = gateway.node;
    let served: Vec<AccountId> =
        gateway.paper.every().iter().map(|one| one.account.login.account_id).collect();
    let (accounts, epochs) = gateway
        .db
        .open(async |tx| {
            sessions::touch(tx, node, &served).await?;
            let epochs = venue_sessions::list_epochs(tx, node, &served).await?;
            let elsewhere = venue_sessions::list_elsewhere(tx, node).await?;
            let mut accounts = paper::list_accounts(tx).await?;
            accounts.retain(|account| !elsewhere.contains(&account.login.account_id));
            Ok::<_, StoreError>((accounts, epochs))
        })
        .await?;
    let epochs: HashMap<AccountId, i64> = epochs.into_iter().collect();
    for one in gateway.paper.every() {
        let id = one.account.login.account_id;
        let is_ours = epochs.get(&id) == Some(&one.epoch);
        let is_wanted = accounts.iter().any(|account| account.login.account_id == id);
        if !is_ours || !is_wanted {
            cease(gateway, &one, is_ours).await?;
        }
    }
    for account in accounts {
        let present = gateway.paper.find(account.login.account_id);
        match present {
            Some(present) if present.account == account => {}
            Some(present) if present.account.is_suspended == account.is_suspended => {
                keep(gateway, &present, account);
            }
            _ => begin(gateway, account).await?,
        }
    }
    Ok(())
}

async fn begin(gateway: &Arc<Gateway>, account: PaperAccount) -> StoreResult<()> {
    let login = account.login;
    let (id, owner) = (login.account_id, login.owner_id);
    let epoch = gateway
        .db
        .open(async |tx| {
            let place = (gateway.node, Platform::Paper);
            let epoch = venue_sessions::begin(tx, (id, owner), place, account.is_suspended).await?;
            if let Some(epoch) = epoch {
                // Nothing can have happened that is not in our books.
                venue_sessions::release(tx, id, epoch).await?;
            }
            Ok::<_, StoreError>(epoch)
        })
        .await?;
    let Some(epoch) = epoch else { return Ok(()) };
    tracing::info!(account.id = %id, epoch, "a paper account is served");
    let number = gateway.number();
    let served = Served { account, epoch, number, realised: Mutex::default(), written: Mutex::default() };
    lock(&gateway.paper.served).insert(id, Arc::new(served));
    gateway.hint(ChangeKind::Account, owner, id, id.uuid());
    Ok(())
}

/// Its owner changed something of it.
fn keep(gateway: &Gateway, present: &Served, account: PaperAccount) {
    let id = account.login.account_id;
    let served = Served {
        account,
        epoch: present.epoch,
        number: present.number,
        realised: Mutex::default(),
        written: Mutex::default(),
    };
    lock(&gateway.paper.served).insert(id, Arc::new(served));
}

async fn cease(gateway: &Gateway, served: &Served, is_ours: bool) -> StoreResult<()> {
    let login = served.account.login;
    let id = login.account_id;
    lock(&gateway.paper.served).remove(&id);
    gateway.figures.leave(id, served.number);
    if is_ours {
        let leave = async |tx: &mut flotilla_store::Tx| {
            sessions::leave(tx, id, gateway.node, Some(served.epoch)).await
        };
        gateway.db.open(leave).await?;
    }
    gateway.hint(ChangeKind::Account, login.owner_id, id, id.uuid());
    Ok(())
}

async fn opens(gateway: &Arc<Gateway>) -> StoreResult<()> {
    let place = (gateway.node, Platform::Paper);
    let found = gateway.db.open(async |tx| waiting::list_waiting(tx, place, None, AT_ONCE).await).await?;
    let work = found.into_iter().filter_map(|copy| {
        let served = gateway.paper.find(copy.follower_id)?;
        Some(fills::open(Arc::clone(gateway), served, copy.copy_id))
    });
    side_by_side(work).await;
    Ok(())
}

async fn closes(gateway: &Arc<Gateway>) -> StoreResult<()> {
    let place = (gateway.node, Platform::Paper);
    let found = gateway.db.open(async |tx| due_closes::list_due(tx, place, AT_ONCE).await).await?;
    let work = found.into_iter().filter_map(|due| {
        let served = gateway.paper.find(due.follower_id)?;
        Some(fills::close(Arc::clone(gateway), served, due.copy_id))
    });
    side_by_side(work).await;
    Ok(())
}

async fn side_by_side<W>(work: impl Iterator<Item = W>)
where
    W: Future<Output = ()> + Send + 'static,
{
    let mut running = JoinSet::new();
    for one in work {
        if running.len() >= SIDE_BY_SIDE {
            running.join_next().await;
        }
        running.spawn(one);
    }
    while running.join_next().await.is_some() {}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
