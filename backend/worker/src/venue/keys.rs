//! Keys of accounts at the exchange: proven, watched, opened for use.
//!
//! The API hands a key in sealed and leaves a request; here alone it is opened. Whatever the exchange says of it is
//! written down without it. A key that fails suspends its own account and no other: nothing is opened there any more,
//! closes are tried on, its owner is told, and it is asked again every minute until it works.

pub(in crate::venue) mod leverage;
pub(in crate::venue) mod outcome;
mod proof;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::exchange_key::{ExchangeAccountType, ExchangeEnvironment, KeyFault, KeyStatus, Margin};
use flotilla_domain::id::AccountId;
use flotilla_exchange::bingx::client::Account;
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_exchange::bingx::id::Credentials;
use flotilla_security::SealError;
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_store::exchange_key_work::{self as work, StoredKey};
use flotilla_store::key_requests::{self, KeyTask, TakenTask};
use flotilla_store::{StoreError, StoreResult};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use self::proof::{Trouble, prove};
use super::Venues;
use crate::gateway::Gateway;

/// Keys that are worked on at the same time.
const AT_ONCE: usize = 8;
/// Longest time between looks for what is due.
const LOOK: Duration = Duration::from_secs(2);
/// Shortest.
const LOOK_OFTEN: Duration = Duration::from_millis(20);

/// What the tasks of keys share.
pub(crate) struct Keys {
    wake: Notify,
    busy: Mutex<HashSet<AccountId>>,
    turns: Arc<Semaphore>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { wake: Notify::new(), busy: Mutex::default(), turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Keys {
    /// Has requests and checks looked for now.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    fn busy(&self) -> MutexGuard<'_, HashSet<AccountId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A key that is worked on; no other task does until this is dropped.
struct Busy {
    gateway: Arc<Gateway>,
    account: AccountId,
    turn: Option<OwnedSemaphorePermit>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(venues) = &self.gateway.venues {
            venues.keys.busy().remove(&self.account);
            drop(self.turn.take());
            venues.keys.wake();
        }
    }
}

/// Why an account cannot be used at the exchange.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// No key of it was ever proven.
    #[error("the account has no proven key")]
    NoKey,
    /// What is stored does not open.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The key could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the proven key of an account, also one that failed: closes are tried with it. Compare
/// [`StoredKey::generation`] to know whether another key is in place by now.
///
/// # Errors
///
/// [`OpenError`].
pub(crate) async fn open(gateway: &Gateway, account: AccountId) -> Result<(StoredKey, Account), OpenError> {
    let venues = gateway.venues.as_ref().ok_or(OpenError::NoKey)?;
    let key = gateway.db.open(async |tx| work::find(tx, account).await).await?.ok_or(OpenError::NoKey)?;
    let secret = unseal(venues, &key, key.sealed.as_deref().ok_or(OpenError::NoKey)?)?;
    let opened = connect(venues, &key, secret);
    Ok((key, opened))
}

/// Has a key looked at now, because the exchange did not take it.
///
/// # Errors
///
/// When that cannot be noted; then it is looked at within a minute.
pub(crate) async fn suspect(gateway: &Gateway, account: AccountId) -> StoreResult<()> {
    gateway.db.open(async |tx| work::make_due(tx, account).await).await?;
    if let Some(venues) = &gateway.venues {
        venues.keys.wake();
    }
    Ok(())
}

fn unseal(venues: &Venues, key: &StoredKey, sealed: &[u8]) -> Result<ExchangeSecret, SealError> {
    ExchangeSecret::open(&venues.config.sealer, (key.owner_id, key.account_id), key.environment, sealed)
}

fn connect(venues: &Venues, key: &StoredKey, secret: ExchangeSecret) -> Account {
    let credentials = Credentials { api_key: secret.api_key, secret: secret.api_secret };
    // Until its number is known it counts by itself.
    let uid = key.uid.clone().unwrap_or_else(|| key.account_id.to_string());
    venues.bingx.account(environment(key.environment), &uid, credentials, venues.egress_of(key.account_id))
}

/// The exchange's word for it.
pub(crate) const fn environment(environment: ExchangeEnvironment) -> Environment {
    match environment {
        ExchangeEnvironment::Live => Environment::Live,
        ExchangeEnvironment::Demo => Environment::Demo,
    }
}

/// Works on keys until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    let tasks = TaskTracker::new();
    let every = (venues.config.timing.check / 4).clamp(LOOK_OFTEN, LOOK);
    loop {
        if let Err(error) = look(&gateway, venues, &tasks).await {
            tracing::warn!(%error, "keys of exchange accounts cannot be looked up; they are tried again");
        }
        tokio::select! {
            () = gateway.draining.cancelled() => break,
            () = venues.keys.wake.notified() => {}
            () = tokio::time::sleep(every) => {}
        }
    }
    tasks.close();
    tasks.wait().await;
}

async fn look(gateway: &Arc<Gateway>, venues: &Venues, tasks: &TaskTracker) -> StoreResult<()> {
    let pending = venues.config.timing.pending.as_secs_f64();
    for account in gateway.db.open(async |tx| work::list_expired(tx, pending).await).await? {
        outcome::expire(gateway, account, pending).await?;
    }
    while let Ok(turn) = Arc::clone(&venues.keys.turns).try_acquire_owned() {
        let busy: Vec<AccountId> = venues.keys.busy().iter().copied().collect();
        let taken = gateway.db.open(async |tx| key_requests::take_next(tx, &busy).await).await?;
        let Some(task) = taken else { break };
        tracing::info!(account.id = %task.account_id, request.id = %task.id, "request about an exchange key");
        let busy = begin(gateway, venues, task.account_id, turn);
        tasks.spawn(async move { perform(busy, task).await });
    }
    let again = venues.config.timing.check.as_secs_f64();
    while let Ok(turn) = Arc::clone(&venues.keys.turns).try_acquire_owned() {
        let due = gateway.db.open(async |tx| work::take_due(tx, 1, again).await).await?;
        let Some(account) = due.into_iter().next() else { break };
        if venues.keys.busy().contains(&account) {
            continue;
        }
        let busy = begin(gateway, venues, account, turn);
        tasks.spawn(async move { check(busy).await });
    }
    Ok(())
}

fn begin(gateway: &Arc<Gateway>, venues: &Venues, account: AccountId, turn: OwnedSemaphorePermit) -> Busy {
    venues.keys.busy().insert(account);
    Busy { gateway: Arc::clone(gateway), account, turn: Some(turn) }
}

async fn perform(busy: Busy, task: TakenTask) {
    let gateway = &busy.gateway;
    let Some(venues) = &gateway.venues else { return };
    let done = match task.task {
        KeyTask::Verify => verify(gateway, venues, &task).await,
        KeyTask::SetLeverage(wanted) => leverage::set(gateway, venues, &task, wanted).await,
    };
    if let Err(error) = done {
        tracing::warn!(%error, account.id = %busy.account, request.id = %task.id,
            "a request about an exchange key could not be performed; it is tried again");
    }
}

async fn verify(gateway: &Gateway, venues: &Venues, task: &TakenTask) -> StoreResult<()> {
    let account = task.account_id;
    let key = gateway.db.open(async |tx| work::find(tx, account).await).await?;
    let Some(key) = key.filter(|key| key.owner_id == task.owner_id) else {
        return outcome::superseded(gateway, task).await;
    };
    let Some(candidate) = &key.candidate else {
        let found = match &key.sealed {
            Some(sealed) => judge(venues, &key, sealed).await,
            None => return outcome::superseded(gateway, task).await,
        };
        return outcome::looked(gateway, &key, found, Some(task)).await;
    };
    match judge(venues, &key, candidate).await {
        Ok(proof) => outcome::proven(gateway, &key, &proof, task).await,
        Err(trouble) if trouble.fault.is_decided() => outcome::refused(gateway, &key, &trouble, task).await,
        Err(trouble) => {
            tracing::info!(account.id = %account, words = trouble.words.as_deref(), "a key cannot be verified yet");
            gateway.db.open(async |tx| key_requests::postpone(tx, task.id).await).await
        }
    }
}

async fn judge(venues: &Venues, key: &StoredKey, sealed: &[u8]) -> Result<work::Proof, Trouble> {
    let secret = opened(venues, key, sealed)?;
    let account = connect(venues, key, secret.clone());
    prove(venues, &account, key.environment).await.map_err(|trouble| trouble.without(&secret))
}

async fn glance(venues: &Venues, key: &StoredKey, sealed: &[u8]) -> Result<Option<Margin>, Trouble> {
    let secret = opened(venues, key, sealed)?;
    let account = connect(venues, key, secret.clone());
    proof::glance(&account).await.map_err(|trouble| trouble.without(&secret))
}

/// There is nothing to fall back to.
fn opened(venues: &Venues, key: &StoredKey, sealed: &[u8]) -> Result<ExchangeSecret, Trouble> {
    unseal(venues, key, sealed).map_err(|error| {
        tracing::error!(%error, account.id = %key.account_id, "the stored exchange key of an account does not open");
        Trouble::of(KeyFault::Unreadable)
    })
}

/// What it may do and what it holds every minute; all of it once a day, and while something is wrong.
async fn check(busy: Busy) {
    let gateway = &busy.gateway;
    let Some(venues) = &gateway.venues else { return };
    if let Err(error) = check_account(gateway, venues, busy.account).await {
        tracing::warn!(%error, account.id = %busy.account, "an exchange key could not be checked; it is tried again");
    }
}

async fn check_account(gateway: &Gateway, venues: &Venues, account: AccountId) -> StoreResult<()> {
    let key = gateway.db.open(async |tx| work::find(tx, account).await).await?;
    let Some((key, sealed)) = key.and_then(|key| key.sealed.clone().map(|sealed| (key, sealed))) else {
        return Ok(());
    };
    let daily = venues.config.timing.permissions.as_secs_f64();
    let is_recent = key.verified_age_s.is_some_and(|age| age < daily);
    let is_cheap = key.status == KeyStatus::Verified
        && is_recent
        && key.account_type == Some(ExchangeAccountType::Perpetual);
    if !is_cheap {
        let found = judge(venues, &key, &sealed).await;
        let found = match (found, key.account_type) {
            (Ok(proof), Some(ExchangeAccountType::Perpetual)) => {
                proof::still_trades(proof.account_type).map(|()| proof)
            }
            (found, _) => found,
        };
        return outcome::looked(gateway, &key, found, None).await;
    }
    let found = glance(venues, &key, &sealed).await;
    match found {
        Ok(margin) => outcome::glanced(gateway, &key, margin.as_ref()).await,
        Err(trouble) => outcome::looked(gateway, &key, Err(trouble), None).await,
    }
}
