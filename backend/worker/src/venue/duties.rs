//! Looks for copies that wait for their order, closes that are due, and orders that nobody follows.

use std::sync::Arc;

use flotilla_domain::account::Platform;
use flotilla_domain::id::AccountId;
use flotilla_store::StoreResult;
use flotilla_store::venue_orders::{close as due_closes, open as waiting};
use tokio::time::Instant;

use super::{Venues, close, doubts, open};
use crate::gateway::Gateway;

/// Copies that are taken up at one look.
const AT_ONCE: i64 = 2_000;

/// Looks when it is woken and from time to time, until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    let sweep = gateway.config.timing.sweep;
    let mut opens_at = Instant::now();
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => break,
            () = venues.desk.woken() => {}
            () = tokio::time::sleep(sweep) => {}
        }
        if venues.desk.every().is_empty() {
            continue;
        }
        let mut looked =
            vec![("closes", closes(&gateway, venues).await), ("orders", doubts::sweep(&gateway).await)];
        // Every copy that waits for its turn is read by this: not for each order that another one has settled.
        if venues.desk.take_opens_wanted() || opens_at.elapsed() >= sweep {
            opens_at = Instant::now();
            looked.push(("opens", opens(&gateway, venues).await));
        }
        for (what, done) in looked {
            if let Err(error) = done {
                tracing::error!(%error, what, "sweep of exchange accounts failed; it is tried again");
            }
        }
    }
    // What is on its way is heard out; what waits for its turn gives up.
    venues.desk.tasks.close();
    let _ = tokio::time::timeout(gateway.config.timing.drain, venues.desk.tasks.wait()).await;
}

async fn opens(gateway: &Arc<Gateway>, venues: &Venues) -> StoreResult<()> {
    let place = (gateway.node, Platform::Bingx);
    let found = gateway.db.open(async |tx| waiting::list_waiting(tx, place, None, AT_ONCE).await).await?;
    for copy in found {
        let Some(served) = venues.desk.find(copy.follower_id).filter(|served| served.may_open()) else {
            continue;
        };
        let Some(in_hand) = venues.desk.take(copy.copy_id) else { continue };
        venues.desk.tasks.spawn(open::place(Arc::clone(gateway), served, copy, in_hand));
    }
    Ok(())
}

async fn closes(gateway: &Arc<Gateway>, venues: &Venues) -> StoreResult<()> {
    let place = (gateway.node, Platform::Bingx);
    let found = gateway.db.open(async |tx| due_closes::list_due(tx, place, AT_ONCE).await).await?;
    for due in found {
        let Some(served) = venues.desk.find(due.follower_id) else { continue };
        let Some(in_hand) = venues.desk.take(due.copy_id) else { continue };
        venues.desk.tasks.spawn(close::close(Arc::clone(gateway), served, due, in_hand));
    }
    Ok(())
}

/// Whether copies of this account are placed at an exchange, or filled on paper, by this worker.
pub(crate) fn serves(gateway: &Gateway, account: AccountId) -> bool {
    gateway.paper.serves(account) || gateway.venues.as_ref().is_some_and(|venues| venues.desk.serves(account))
}
