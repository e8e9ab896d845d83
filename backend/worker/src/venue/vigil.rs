//! Tells a person what nobody would see: that closes do not get through, and that clocks differ.

use std::collections::BTreeSet;

use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::OwnerId;
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_store::changes::Change;
use flotilla_store::{StoreResult, Tx, alerts};

use super::Venues;
use super::desk::Served;
use crate::alarms;
use crate::gateway::Gateway;

/// Above this a person is told that clocks differ.
const OFF_MS: i64 = 1_000;
/// Below this it counts as over.
const RIGHT_MS: i64 = 500;

/// Looks at all accounts that are served, and at the clocks.
pub(super) async fn look(gateway: &Gateway, venues: &Venues) -> StoreResult<()> {
    for served in venues.desk.every() {
        protection(gateway, &served).await?;
    }
    for environment in [Environment::Live, Environment::Demo] {
        clock(gateway, venues, environment).await?;
    }
    Ok(())
}

async fn protection(gateway: &Gateway, served: &Served) -> StoreResult<()> {
    let in_vain = served.in_vain();
    if served.told_in_vain() == Some(in_vain.is_some()) {
        return Ok(());
    }
    let (owner, account) = (served.owner_id, served.account_id);
    let alert = in_vain.as_ref().map(|known| alarms::in_vain(owner, account, known.times, &known.words));
    let tell = async |tx: &mut Tx| match &alert {
        Some(alert) => Ok(vec![alerts::raise(tx, alert).await?]),
        None => alerts::resolve(tx, AlertKind::ProtectionFailing, account).await,
    };
    let told = gateway.db.open(tell).await?;
    if let Some(known) = &in_vain {
        let (times, words) = (known.times, known.words.as_str());
        tracing::error!(account.id = %account, times, words, "what protects an account does not get through; nothing is opened there");
    }
    served.tell_in_vain(in_vain.is_some());
    alarms::tell(gateway, &told);
    Ok(())
}

async fn clock(gateway: &Gateway, venues: &Venues, environment: Environment) -> StoreResult<()> {
    let Some(theirs) = venues.bingx.clock(environment).now_ms() else { return Ok(()) };
    let ahead_ms = theirs.saturating_sub(wall_ms());
    let before = venues.desk.is_clock_off(environment);
    let is_off = ahead_ms.abs() > if before == Some(true) { RIGHT_MS } else { OFF_MS };
    if before == Some(is_off) {
        return Ok(());
    }
    if before.is_none() && !is_off {
        // What another worker has found is not for this one to take back.
        venues.desk.set_clock_off(environment, is_off);
        return Ok(());
    }
    let of_it = venues.desk.every().into_iter().filter(|served| served.api.environment() == environment);
    let owners: BTreeSet<OwnerId> = of_it.map(|served| served.owner_id).collect();
    let owners: Vec<OwnerId> = owners.into_iter().collect();
    let told =
        gateway.db.open(async |tx| tell_of_clock(tx, (environment, ahead_ms), is_off, &owners).await).await?;
    if is_off {
        tracing::error!(
            ahead_ms,
            environment = environment.as_str(),
            "BingX's clock and that of this server differ"
        );
    }
    venues.desk.set_clock_off(environment, is_off);
    alarms::tell(gateway, &told);
    Ok(())
}

async fn tell_of_clock(
    tx: &mut Tx,
    (environment, ahead_ms): (Environment, i64),
    is_off: bool,
    owners: &[OwnerId],
) -> StoreResult<Vec<Change>> {
    let environment = environment.as_str();
    if !is_off {
        return alerts::resolve_keys(tx, AlertKind::ExchangeClockOff, &[alarms::clock_key(environment)])
            .await;
    }
    let persons = alerts::list_operators(tx, owners).await?;
    let new: Vec<_> =
        persons.into_iter().map(|person| alarms::clock_off(person, environment, ahead_ms)).collect();
    alerts::raise_all(tx, &new).await
}

#[expect(clippy::disallowed_methods, reason = "this is about the clock of this machine")]
fn wall_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
