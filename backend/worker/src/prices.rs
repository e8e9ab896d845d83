//! Writes what charts showed last, about once a second for all of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_store::StoreResult;
use flotilla_store::changes::ChangeKind;
use flotilla_store::copy_orders::census;
use flotilla_store::prices::{self, NewPrice};
use tokio::time::{Instant, MissedTickBehavior};

use crate::ea::socket::Socket;
use crate::gateway::Gateway;
use crate::measure;

/// Prices that are written in one statement.
const CHUNK: usize = 1_000;
/// Rounds between looks for charts that nobody shows any more.
const ROUNDS_TO_FORGET: u32 = 3_600;
/// Rounds between counts of copies by state.
const ROUNDS_TO_COUNT: u32 = 15;

async fn count(gateway: &Gateway) {
    match gateway.db.open(census::count).await {
        Ok(counted) => measure::census(&counted),
        Err(error) => tracing::warn!(%error, "copies could not be counted"),
    }
}

/// Writes until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.price);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round: u32 = 0;
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        measure::look(&gateway);
        if round.is_multiple_of(ROUNDS_TO_COUNT) {
            count(&gateway).await;
        }
        let is_due = round.is_multiple_of(ROUNDS_TO_FORGET);
        round = round.wrapping_add(1);
        if is_due && let Err(error) = gateway.db.open(prices::forget_old).await {
            tracing::warn!(%error, "old prices could not be forgotten");
        }
        let now = Instant::now();
        let due: Vec<NewPrice> =
            gateway.sockets.every().iter().filter_map(|socket| price(socket, now)).collect();
        for chunk in due.chunks(CHUNK) {
            // A price that is lost is replaced by the next.
            if let Err(error) = save(&gateway, chunk).await {
                tracing::warn!(%error, "prices were not stored");
            }
        }
    }
}

async fn save(gateway: &Gateway, due: &[NewPrice]) -> StoreResult<()> {
    let due = one_each(due);
    gateway.db.open(async |tx| prices::save(tx, &due).await).await?;
    let shown: BTreeSet<(OwnerId, AccountId)> =
        due.iter().map(|price| (price.owner_id, price.account_id)).collect();
    for (owner, account) in shown {
        gateway.hint(ChangeKind::Price, owner, account, account.uuid());
    }
    Ok(())
}

/// Several connections may show one chart: the newest counts.
fn one_each(due: &[NewPrice]) -> Vec<NewPrice> {
    let mut due = due.to_vec();
    due.sort_by(|a, b| {
        (a.account_id, &a.chart_symbol, a.age_ms).cmp(&(b.account_id, &b.chart_symbol, b.age_ms))
    });
    due.dedup_by(|later, first| {
        (later.account_id, &later.chart_symbol) == (first.account_id, &first.chart_symbol)
    });
    due
}

fn price(socket: &Socket, now: Instant) -> Option<NewPrice> {
    let due = socket.ticker().take_due(now)?;
    let age = now.saturating_duration_since(due.heard_at);
    Some(NewPrice {
        account_id: socket.login.account_id,
        owner_id: socket.login.owner_id,
        chart_symbol: due.symbol,
        signal_symbol: due.name,
        quote: due.quote,
        age_ms: i64::try_from(age.as_millis()).unwrap_or(i64::MAX),
    })
}
