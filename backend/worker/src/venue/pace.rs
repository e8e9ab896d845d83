//! Tells how fast orders leave and how many accounts share each source address, for those who are about to follow.

use std::collections::BTreeMap;
use std::sync::Arc;

use flotilla_domain::id::AccountId;
use flotilla_domain::venue::VenueEnvironment;
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_exchange::limits::Limit;
use flotilla_store::venue_paces::{self, Audience, OpenLimit};
use flotilla_store::{StoreResult, Tx};

use super::Venues;
use super::desk::Served;
use crate::gateway::Gateway;

/// What is told.
type Told = (Vec<OpenLimit>, Vec<Audience>);

/// Tells what has changed, until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    let limits = limits(venues);
    let mut told = None;
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = tokio::time::sleep(venues.config.timing.pace) => {}
        }
        if let Err(error) = tell(&gateway, venues, &limits, &mut told).await {
            tracing::warn!(%error, "how fast orders leave was not stored");
            told = None;
        }
    }
}

async fn tell(
    gateway: &Gateway,
    venues: &Venues,
    limits: &[OpenLimit],
    told: &mut Option<Told>,
) -> StoreResult<()> {
    let served: BTreeMap<AccountId, Arc<Served>> =
        venues.desk.every().into_iter().map(|one| (one.account_id, one)).collect();
    let ids: Vec<AccountId> = served.keys().copied().collect();
    let follows = gateway.db.open(async |tx| venue_paces::list_follows(tx, &ids).await).await?;
    let present = (limits.to_vec(), audiences(&served, &follows));
    if told.as_ref() == Some(&present) {
        return Ok(());
    }
    let node = gateway.node;
    let replace = async |tx: &mut Tx| venue_paces::replace(tx, node, &present.0, &present.1).await;
    let is_kept = gateway.db.open(replace).await?;
    *told = is_kept.then_some(present);
    Ok(())
}

fn audiences(served: &BTreeMap<AccountId, Arc<Served>>, follows: &[(AccountId, AccountId)]) -> Vec<Audience> {
    let mut counted: BTreeMap<(AccountId, &str, &str), Audience> = BTreeMap::new();
    for (master, follower) in follows {
        let Some(one) = served.get(follower) else { continue };
        let environment = word(one.api.environment());
        let key = (*master, environment.as_str(), one.api.egress());
        let audience = counted.entry(key).or_insert_with(|| Audience {
            master_id: *master,
            environment,
            egress: one.api.egress().to_owned(),
            followers: 0,
        });
        audience.followers = audience.followers.saturating_add(1);
    }
    counted.into_values().collect()
}

fn limits(venues: &Venues) -> Vec<OpenLimit> {
    let mut limits = Vec::new();
    for egress in &venues.config.egresses {
        for environment in [Environment::Live, Environment::Demo] {
            let of_opens = venues.bingx.open_limits(&egress.name, environment);
            limits.extend(of_opens.iter().map(|limit| open_limit(&egress.name, environment, limit)));
        }
    }
    limits
}

fn open_limit(egress: &str, environment: Environment, limit: &Limit) -> OpenLimit {
    let per_ms = i32::try_from(limit.rate.per.as_millis()).unwrap_or(i32::MAX);
    OpenLimit {
        environment: word(environment),
        egress: egress.to_owned(),
        name: limit.name.clone(),
        requests: i32::try_from(limit.rate.requests).unwrap_or(i32::MAX).max(1),
        per_ms: per_ms.max(1),
    }
}

/// As the rest of Flotilla calls it.
pub(super) const fn word(environment: Environment) -> VenueEnvironment {
    match environment {
        Environment::Live => VenueEnvironment::Live,
        Environment::Demo => VenueEnvironment::Demo,
    }
}
