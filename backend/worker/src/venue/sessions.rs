//! Begins and ceases to serve accounts.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::account::Platform;
use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::AccountId;
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::model::PositionMode;
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::ReadError;
use flotilla_store::changes::ChangeKind;
use flotilla_store::venue_sessions::{self, Servable};
use flotilla_store::{StoreError, StoreResult, Tx, alerts, sessions, venue_orders};

use super::desk::Served;
use super::{Venues, books, keys, vigil};
use crate::alarms;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;

/// Between tries to look at an account that cannot be read.
const AGAIN: Duration = Duration::from_secs(2);

/// Serves accounts until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    loop {
        if let Err(error) = look(&gateway, venues).await {
            tracing::warn!(%error, "accounts at exchanges cannot be looked up; they are tried again");
        }
        if let Err(error) = vigil::look(&gateway, venues).await {
            tracing::warn!(%error, "what is wrong at exchanges is not told; it is tried again");
        }
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = tokio::time::sleep(venues.config.timing.look) => {}
        }
    }
}

async fn look(gateway: &Arc<Gateway>, venues: &Venues) -> StoreResult<()> {
    let list = async |tx: &mut Tx| {
        let elsewhere = venue_sessions::list_elsewhere(tx, gateway.node).await?;
        let mut servable = venue_sessions::list_servable(tx).await?;
        servable.retain(|one| !elsewhere.contains(&one.account_id));
        Ok::<_, StoreError>(servable)
    };
    let servable: HashMap<AccountId, Servable> =
        gateway.db.open(list).await?.into_iter().map(|one| (one.account_id, one)).collect();
    let served = venues.desk.every();
    let ids: Vec<AccountId> = served.iter().map(|one| one.account_id).collect();
    let epochs: HashMap<AccountId, i64> = gateway
        .db
        .open(async |tx| {
            sessions::touch(tx, gateway.node, &ids).await?;
            venue_sessions::list_epochs(tx, gateway.node, &ids).await
        })
        .await?
        .into_iter()
        .collect();
    for one in &served {
        if epochs.get(&one.account_id) != Some(&one.epoch) {
            // Another worker serves it by now.
            venues.desk.remove(one);
            venues.desk.wake_streams.notify_one();
        } else if !servable.contains_key(&one.account_id) {
            cease(gateway, venues, one).await?;
        }
    }
    for one in servable.values() {
        let present = venues.desk.find(one.account_id);
        let is_same = present.is_some_and(|present| {
            present.set_leverage(one.leverage);
            present.generation == one.generation && present.is_suspended == one.is_suspended
        });
        if !is_same {
            begin(gateway, venues, *one).await?;
        }
    }
    Ok(())
}

async fn cease(gateway: &Gateway, venues: &Venues, served: &Arc<Served>) -> StoreResult<()> {
    venues.desk.remove(served);
    venues.desk.wake_streams.notify_one();
    let (account, epoch) = (served.account_id, served.epoch);
    let was_in_vain = served.told_in_vain() == Some(true);
    let told = gateway
        .db
        .open(async |tx| {
            sessions::leave(tx, account, gateway.node, Some(epoch)).await?;
            // Nobody else would say that it is over; whoever serves the account next finds out anew.
            let ends = was_in_vain.then_some(AlertKind::ProtectionFailing);
            match ends {
                Some(kind) => alerts::resolve(tx, kind, account).await,
                None => Ok(Vec::new()),
            }
        })
        .await?;
    alarms::tell(gateway, &told);
    tracing::info!(account.id = %account, "an account at an exchange is no longer served");
    gateway.hint(ChangeKind::Account, served.owner_id, account, account.uuid());
    Ok(())
}

async fn begin(gateway: &Arc<Gateway>, venues: &Venues, one: Servable) -> StoreResult<()> {
    let account = one.account_id;
    let api = match keys::open(gateway, account).await {
        Ok((key, api)) if key.generation == one.generation => api,
        Ok(_) => return Ok(()),
        Err(error) => {
            tracing::error!(%error, account.id = %account, "the key of an exchange account cannot be used");
            return Ok(());
        }
    };
    let epoch = gateway
        .db
        .open(async |tx| {
            let whose = (account, one.owner_id);
            let epoch =
                venue_sessions::begin(tx, whose, (gateway.node, Platform::Bingx), one.is_suspended).await?;
            if epoch.is_some() {
                venue_orders::make_due(tx, account).await?;
            }
            Ok::<_, StoreError>(epoch)
        })
        .await?;
    // Another worker was first, or this one has no lease just now.
    let Some(epoch) = epoch else { return Ok(()) };
    failpoint::pass(Point::VenueServing);
    let served =
        Arc::new(Served::new((account, one.owner_id), (epoch, one.generation), api, one.is_suspended));
    served.set_leverage(one.leverage);
    venues.desk.add(Arc::clone(&served));
    venues.desk.wake_streams.notify_one();
    tracing::info!(account.id = %account, epoch, is_suspended = one.is_suspended, "an account at an exchange is served");
    gateway.hint(ChangeKind::Account, one.owner_id, account, account.uuid());
    if !one.is_suspended {
        let gateway = Arc::clone(gateway);
        venues.desk.tasks.spawn(async move { prepare(gateway, served).await });
    }
    Ok(())
}

/// Opens are let through once mode and positions were read and compared: a read that fails is never "no positions".
async fn prepare(gateway: Arc<Gateway>, served: Arc<Served>) {
    let Some(venues) = &gateway.venues else { return };
    loop {
        match prepared(&gateway, &served).await {
            Ok(()) => {
                venues.desk.wake();
                return;
            }
            Err(words) => {
                tracing::warn!(account.id = %served.account_id, words, "an exchange account cannot be looked at yet");
            }
        }
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
        let is_present = venues.desk.find(served.account_id).is_some_and(|one| Arc::ptr_eq(&one, &served));
        if !is_present {
            return;
        }
    }
}

async fn prepared(gateway: &Arc<Gateway>, served: &Arc<Served>) -> Result<(), String> {
    mode(gateway, served).await.map_err(|error| error.to_string())?;
    books::compare(gateway, served, Priority::Account).await.map_err(|error| error.to_string())?;
    let (account, epoch) = (served.account_id, served.epoch);
    gateway
        .db
        .open(async |tx| venue_sessions::release(tx, account, epoch).await)
        .await
        .map_err(|error| error.to_string())
}

/// The account's position mode, read when it is not known.
pub(super) async fn mode(gateway: &Gateway, served: &Served) -> Result<PositionMode, ReadError> {
    if let Some(mode) = served.mode() {
        return Ok(mode);
    }
    let turn = Turn::within(Priority::Protect, Duration::from_secs(20));
    let mode = served.api.position_mode(turn).await;
    if let Err(error) = &mode {
        super::heed(gateway, served, error).await;
    }
    let mode = mode?;
    served.set_mode(Some(mode));
    Ok(mode)
}
