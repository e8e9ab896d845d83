//! What is written down, and told, of what was found about a key.

use flotilla_domain::alert::AlertKind;
use flotilla_domain::exchange_key::{KeyFault, KeyStatus, Margin};
use flotilla_domain::id::{AccountId, OwnerId, UserId};
use flotilla_store::alerts::{self, NewAlert};
use flotilla_store::audit::{self, NewAudit};
use flotilla_store::changes::{Change, ChangeKind};
use flotilla_store::exchange_key_work::{self as work, Proof, StoredKey};
use flotilla_store::key_requests::{self, TakenTask};
use flotilla_store::{StoreResult, Tx, venue_leads};
use serde_json::{Value, json};

use super::proof::Trouble;
use crate::gateway::Gateway;

/// Name of the constraint that keeps an account at the exchange from being connected twice.
const UID: &str = "exchange_keys_uid";

/// The offered key is good: it takes its place, unless something else forbids it.
pub(super) async fn proven(
    gateway: &Gateway,
    key: &StoredKey,
    proof: &Proof,
    task: &TakenTask,
) -> StoreResult<()> {
    let adopted = gateway.db.open(async |tx| adopt(tx, key, proof, task).await).await;
    let adopted = match adopted {
        Err(error) if error.is_constraint(UID) => {
            return refused(gateway, key, &Trouble::of(KeyFault::UidTaken), task).await;
        }
        adopted => adopted?,
    };
    match adopted {
        Adopted::Done(resolved) => {
            tracing::info!(account.id = %key.account_id, "an exchange key is verified");
            tell(gateway, key, Some(task), &resolved);
            Ok(())
        }
        Adopted::Refused(fault) => refused(gateway, key, &Trouble::of(fault), task).await,
    }
}

enum Adopted {
    Done(Vec<Change>),
    Refused(KeyFault),
}

async fn adopt(tx: &mut Tx, seen: &StoredKey, proof: &Proof, task: &TakenTask) -> StoreResult<Adopted> {
    let account = seen.account_id;
    let stored = work::lock(tx, account).await?;
    let Some(stored) = stored.filter(|key| key.candidate.is_some() && key.offer == seen.offer) else {
        return Ok(Adopted::Refused(KeyFault::Superseded));
    };
    let is_another = stored.uid.as_ref().is_some_and(|uid| *uid != proof.uid);
    if is_another && work::has_open_copies(tx, account).await? {
        return Ok(Adopted::Refused(KeyFault::OtherAccount));
    }
    // Also where the earlier one was disconnected first: nobody would hear any more of what its followers hold.
    let led = venue_leads::leading_uid(tx, account).await?;
    let is_led_by_another = led.is_some_and(|uid| uid != proof.uid);
    if is_led_by_another && work::has_open_followers(tx, stored.owner_id, account).await? {
        return Ok(Adopted::Refused(KeyFault::OtherAccount));
    }
    work::adopt(tx, account, proof).await?;
    let is_switched_off = is_another && work::switch_trading_off(tx, account).await?;
    key_requests::finish(tx, task.id, None, &json!({})).await?;
    let resolved = alerts::resolve(tx, AlertKind::ExchangeKeyFailed, account).await?;
    let detail = json!({
        "environment": stored.environment,
        "permissions": proof.permissions,
        "ip_restricted": proof.ip_restricted,
        "account_type": proof.account_type,
        "position_mode": proof.position_mode,
        "is_another_account": is_another,
        "trading_switched_off": is_switched_off,
        "request_id": task.id,
    });
    record(tx, (stored.owner_id, account), task.actor_id, ("exchange_key_verified", detail)).await?;
    Ok(Adopted::Done(resolved))
}

/// The offered key is not taken, and forgotten; one that is in place stays.
pub(super) async fn refused(
    gateway: &Gateway,
    key: &StoredKey,
    trouble: &Trouble,
    task: &TakenTask,
) -> StoreResult<()> {
    let (account, fault) = (key.account_id, trouble.fault);
    gateway
        .db
        .open(async |tx| {
            if fault != KeyFault::Superseded {
                work::reject(tx, account, key.offer).await?;
            }
            let failure = (fault.as_str(), trouble.words.as_deref());
            key_requests::finish(tx, task.id, Some(failure), &json!({})).await?;
            let detail = json!({ "fault": fault, "words": trouble.words, "request_id": task.id });
            record(tx, (key.owner_id, account), task.actor_id, ("exchange_key_refused", detail)).await
        })
        .await?;
    tracing::info!(account.id = %account, fault = fault.as_str(), "an exchange key is not taken");
    tell(gateway, key, Some(task), &[]);
    Ok(())
}

/// Nothing is left that the request was about.
pub(super) async fn superseded(gateway: &Gateway, task: &TakenTask) -> StoreResult<()> {
    let failure = (KeyFault::Superseded.as_str(), None);
    gateway.db.open(async |tx| key_requests::finish(tx, task.id, Some(failure), &json!({})).await).await?;
    gateway.hint(ChangeKind::Request, task.owner_id, task.account_id, task.id.uuid());
    Ok(())
}

/// Nobody could prove the offered key in time.
pub(super) async fn expire(gateway: &Gateway, account: AccountId, after_s: f64) -> StoreResult<()> {
    let expired = gateway
        .db
        .open(async |tx| {
            let Some(key) = work::lock(tx, account).await? else { return Ok(None) };
            if !work::list_expired(tx, after_s).await?.contains(&account) {
                return Ok(None);
            }
            work::reject(tx, account, key.offer).await?;
            let requests = key_requests::abandon(tx, account, KeyFault::Expired.as_str()).await?;
            record(tx, (key.owner_id, account), None, ("exchange_key_expired", json!({}))).await?;
            Ok::<_, flotilla_store::StoreError>(Some((key, requests)))
        })
        .await?;
    let Some((key, requests)) = expired else { return Ok(()) };
    tracing::info!(account.id = %account, "an exchange key that could not be verified is forgotten");
    for request in requests {
        gateway.hint(ChangeKind::Request, key.owner_id, account, request.uuid());
    }
    tell(gateway, &key, None, &[]);
    Ok(())
}

/// The key in place was looked at from all sides, or did not get through.
pub(super) async fn looked(
    gateway: &Gateway,
    key: &StoredKey,
    found: Result<Proof, Trouble>,
    task: Option<&TakenTask>,
) -> StoreResult<()> {
    let noted = gateway.db.open(async |tx| note(tx, key, &found, task).await).await;
    let noted = match noted {
        // Somebody connected the same account at the exchange before its number was known here.
        Err(error) if error.is_constraint(UID) => {
            let taken = Err(Trouble::of(KeyFault::UidTaken));
            gateway.db.open(async |tx| note(tx, key, &taken, task).await).await?
        }
        noted => noted?,
    };
    match noted.turned {
        Some(true) => tracing::info!(account.id = %key.account_id, "an exchange key works again"),
        Some(false) => {
            tracing::warn!(account.id = %key.account_id, "an exchange key does not work any more");
        }
        None => {}
    }
    tell(gateway, key, task, &noted.alerts);
    Ok(())
}

/// What came of a look.
#[derive(Default)]
struct Noted {
    /// Whether it began to work, or ceased to.
    turned: Option<bool>,
    alerts: Vec<Change>,
}

async fn note(
    tx: &mut Tx,
    seen: &StoredKey,
    found: &Result<Proof, Trouble>,
    task: Option<&TakenTask>,
) -> StoreResult<Noted> {
    let account = seen.account_id;
    let stored = work::lock(tx, account).await?;
    let stored = stored.filter(|key| key.generation == seen.generation && key.sealed.is_some());
    let mut noted = Noted::default();
    let actor = task.and_then(|task| task.actor_id);
    if let Some(task) = task {
        let failure = found.as_ref().err().map(|trouble| (trouble.fault.as_str(), trouble.words.as_deref()));
        key_requests::finish(tx, task.id, failure, &json!({})).await?;
    }
    let Some(stored) = stored else { return Ok(noted) };
    match found {
        Ok(proof) => {
            work::confirm(tx, account, proof).await?;
            if stored.status == KeyStatus::Failed {
                noted.turned = Some(true);
                noted.alerts = alerts::resolve(tx, AlertKind::ExchangeKeyFailed, account).await?;
                record(tx, (stored.owner_id, account), actor, ("exchange_key_recovered", json!({}))).await?;
            }
        }
        Err(trouble) => {
            let words = trouble.words.as_deref();
            if work::note_fault(tx, account, (trouble.fault, words)).await? {
                noted.turned = Some(false);
                noted.alerts = vec![alerts::raise(tx, &failed(&stored, trouble)).await?];
                let detail = json!({ "fault": trouble.fault, "words": trouble.words });
                record(tx, (stored.owner_id, account), actor, ("exchange_key_failed", detail)).await?;
            }
        }
    }
    Ok(noted)
}

/// The exchange took the key.
pub(super) async fn glanced(gateway: &Gateway, key: &StoredKey, margin: Option<&Margin>) -> StoreResult<()> {
    let (account, generation) = (key.account_id, key.generation);
    gateway.db.open(async |tx| work::touch(tx, account, generation, margin).await).await?;
    if key.fault.is_some() {
        tell(gateway, key, None, &[]);
    }
    Ok(())
}

fn failed(key: &StoredKey, trouble: &Trouble) -> NewAlert {
    let words = trouble.words.clone().unwrap_or_else(|| trouble.fault.sentence().to_owned());
    NewAlert {
        owner_id: key.owner_id,
        kind: AlertKind::ExchangeKeyFailed,
        account_id: Some(key.account_id),
        copy_id: None,
        detail: json!({ "fault": trouble.fault, "text": words }),
        dedupe_key: format!("{}:{}", AlertKind::ExchangeKeyFailed, key.account_id),
    }
}

/// Appends to the owner's audit trail; the last thing a transaction does.
pub(in crate::venue) async fn record(
    tx: &mut Tx,
    (owner, account): (OwnerId, AccountId),
    actor: Option<UserId>,
    (action, detail): (&'static str, Value),
) -> StoreResult<()> {
    let target_id = Some(account.uuid());
    audit::append(tx, owner, NewAudit { actor, action, target_kind: "account", target_id, detail }).await
}

/// Hints at what was committed.
pub(super) fn tell(gateway: &Gateway, key: &StoredKey, task: Option<&TakenTask>, alerts: &[Change]) {
    let (owner, account) = (key.owner_id, key.account_id);
    if let Some(task) = task {
        gateway.hint(ChangeKind::Request, owner, account, task.id.uuid());
    }
    gateway.hint(ChangeKind::Account, owner, account, account.uuid());
    for alert in alerts {
        gateway.hint(alert.kind, alert.owner, alert.account, alert.id);
    }
}
