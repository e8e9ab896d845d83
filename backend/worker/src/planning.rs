//! Sends the copies of an entry, and plans those of very many followers page by page.

use std::sync::Arc;

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::id::{AccountId, SignalId};
use flotilla_domain::ticket::Ticket;
use flotilla_store::changes::ChangeKind;
use flotilla_store::copy_orders::claim::ClaimedOpen;
use flotilla_store::signals::{self, Accepted, FanOut, NewCopy, Planned};
use flotilla_store::{StoreError, StoreResult, Tx};
use rust_decimal::Decimal;
use tokio::time::Instant;
use uuid::Uuid;

use crate::dispatch;
use crate::failpoint::{self, Point};
use crate::flight::{Clearance, Way};
use crate::gateway::Gateway;
use crate::measure;
use crate::venue;

/// Seconds after which nobody is planning a signal any more.
const ABANDONED_AFTER_S: i32 = 3;

/// A page after the first.
pub(crate) fn further(gateway: &Gateway) -> FanOut {
    let limits = &gateway.config.limits;
    // While the worker drains, all is planned; the next one sends what is still fresh.
    let chunk = if gateway.draining.is_cancelled() { 0 } else { limits.claim_chunk };
    FanOut { node: gateway.node, chunk, page: limits.further_page, is_copied: true }
}

/// Sends what was born claimed, then claims and sends what was planned.
///
/// `entry`: the master's price and ticket.
pub(crate) async fn send(
    gateway: &Gateway,
    accepted: &Accepted,
    entry: (Decimal, Ticket),
    clearance: &Clearance,
) {
    let claimed: Vec<ClaimedOpen> = accepted.copies.iter().filter_map(|copy| claimed(entry, copy)).collect();
    dispatch::send_opens(gateway, &claimed, clearance).await;
    let (at_venues, planned): (Vec<&NewCopy>, Vec<&NewCopy>) = accepted
        .copies
        .iter()
        .filter(|copy| copy.state == CopyState::Planned)
        .partition(|copy| venue::duties::serves(gateway, copy.follower_id));
    if !at_venues.is_empty() {
        venue::wake(gateway);
    }
    let planned: Vec<Uuid> = planned.iter().map(|copy| copy.id.uuid()).collect();
    dispatch::send_rest(gateway, &planned, clearance.way.as_ref()).await;
}

/// The line of a copy that was born claimed.
fn claimed((price, master_ticket): (Decimal, Ticket), copy: &NewCopy) -> Option<ClaimedOpen> {
    (copy.state == CopyState::Claimed).then_some(())?;
    Some(ClaimedOpen {
        copy_id: copy.id,
        owner_id: copy.owner_id,
        follower_id: copy.follower_id,
        epoch: copy.epoch?,
        symbol: copy.symbol.clone(),
        side: copy.side,
        price,
        lots: copy.lots,
        stop_loss: copy.stop_loss,
        take_profit: copy.take_profit,
        master_ticket,
    })
}

/// Plans a signal to its end, a page a commit, and sends each page while the
/// next one is stored.
///
/// What fails is left to [`sweep`], here or at another node.
pub(crate) async fn finish(
    gateway: &Arc<Gateway>,
    (master, id): (AccountId, SignalId),
    way: Option<&Arc<Way>>,
) {
    let all = gateway.sending.begin();
    let mut sending = Vec::new();
    loop {
        match next(gateway, (master, id)).await {
            Ok(Some((planned, committed))) => {
                let is_last = planned.accepted.is_planned;
                let clearance = Clearance { committed, way: way.cloned() };
                // Whoever gives up planning does not give up a page that is stored.
                let page = send_page(Arc::clone(gateway), planned, clearance);
                sending.push(gateway.signals.spawn(page));
                if is_last {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                tracing::error!(%error, signal.id = %id, "a signal is not planned to its end; it is tried again");
                break;
            }
        }
    }
    for page in sending {
        let _ = page.await;
    }
    drop(all);
}

async fn next(
    gateway: &Arc<Gateway>,
    (master, id): (AccountId, SignalId),
) -> StoreResult<Option<(Planned, Instant)>> {
    // Behind what the master has said meanwhile: an exit is not kept waiting,
    // and no page holds a connection while it waits.
    let turn = gateway.turns.queue(master).await.turn().await;
    // In a task of its own: a page is never left half-way because its caller ended.
    let gateway = Arc::clone(gateway);
    let planning = tokio::spawn(async move {
        let fan_out = further(&gateway);
        let page = async |tx: &mut Tx| {
            let page = signals::plan_next(tx, (master, id), fan_out).await?;
            failpoint::pass(Point::Accepting);
            Ok::<_, StoreError>(page.map(|page| (page, Instant::now())))
        };
        gateway.db.open(page).await
    });
    let planned = planning.await.map_err(|_| StoreError::NotFound("outcome of a page")).flatten()?;
    drop(turn);
    failpoint::pass(Point::Accepted);
    Ok(planned)
}

async fn send_page(gateway: Arc<Gateway>, planned: Planned, clearance: Clearance) {
    let Ok(ticket) = Ticket::new(planned.ticket) else { return };
    send(&gateway, &planned.accepted, (planned.price, ticket), &clearance).await;
    measure_new(&planned.accepted);
    gateway.dirty.copy(planned.accepted.id, planned.master_id);
    for copy in &planned.accepted.copies {
        gateway.hint(ChangeKind::Copy, copy.owner_id, copy.follower_id, copy.id.uuid());
    }
}

/// Counts the copies of a page by the state they were made in.
pub(crate) fn measure_new(accepted: &Accepted) {
    for copy in &accepted.copies {
        measure::copies(None, copy.state, 1);
    }
}

/// Goes on with signals whose planner is gone.
pub(crate) async fn sweep(gateway: Arc<Gateway>) -> StoreResult<()> {
    let unplanned = gateway.db.open(async |tx| signals::list_unplanned(tx, ABANDONED_AFTER_S).await).await?;
    for (master, id) in unplanned {
        tracing::warn!(signal.id = %id, "a signal was not planned to its end; going on with it");
        finish(&gateway, (master, id), None).await;
    }
    Ok(())
}
