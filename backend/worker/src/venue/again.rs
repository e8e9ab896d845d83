//! Sends orders again, under their names: those that the exchange does not know, and those that it turned away for a
//! reason that passes.
//!
//! A second sending is judged like the first: in its turn, by the market and the account as they are then.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::copy::coins::Unfit;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState};
use flotilla_engine::deadline::WRITE_WITHIN;
use flotilla_engine::venue::{Answer, sent_again};
use flotilla_exchange::bingx::client::{OrderTurn, Turn};
use flotilla_exchange::limits::Priority;
use flotilla_store::venue_orders::books;
use flotilla_store::venue_orders::close::lock_due;
use flotilla_store::venue_orders::open::{find_claimed, lock_account, lock_again};
use flotilla_store::{StoreError, StoreResult, Tx, venue_orders};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::close::{Beside, most, real_beside_exits, wanted};
use super::desk::Served;
use super::doubts::ask;
use super::hearing::answer;
use super::open::{Market, awaits_close, judged, look, market_of, request};
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;

/// What became of a second sending.
pub(super) enum Again {
    /// It was sent, or may have been: the order as it is now, and the answer.
    Sent(Box<VenueOrder>, Answer),
    /// Nothing can be said now.
    Later,
    /// It is not sent any more.
    Never(Unfit),
}

/// What a claim came to.
enum Claimed {
    Order(Box<VenueOrder>),
    Later,
    Never(Unfit),
}

/// Sends an order again.
pub(super) async fn again(gateway: &Arc<Gateway>, served: &Arc<Served>, order: &VenueOrder) -> Again {
    let Some(venues) = &gateway.venues else { return Again::Later };
    // Its account may be served anew, with another key.
    let served = venues.desk.find(order.follower_id).unwrap_or_else(|| Arc::clone(served));
    match order.leg {
        Leg::Open => open(gateway, &served, order).await,
        Leg::Close | Leg::External => close(gateway, &served, order).await,
    }
}

async fn open(gateway: &Arc<Gateway>, served: &Arc<Served>, order: &VenueOrder) -> Again {
    let Some(venues) = &gateway.venues else { return Again::Later };
    let found = gateway.db.open(async |tx| find_claimed(tx, order.copy_id).await).await;
    let Ok(Some(waiting)) = found else { return Again::Later };
    let deadline = Instant::now() + Duration::from_secs_f64(waiting.fresh_for_s.clamp(0.0, 600.0));
    let Ok(turn) = served.api.order_turn(Turn { priority: Priority::Open, deadline }).await else {
        return Again::Later;
    };
    if !served.may_open() || gateway.draining.is_cancelled() {
        return Again::Later;
    }
    let market = match look(gateway, venues, served, &waiting).await {
        Ok(market) => market,
        Err(unfit) if unfit.reason == ReasonCode::Reconciling => return Again::Later,
        Err(unfit) => return Again::Never(unfit),
    };
    // Not after the commit: the answer of the database may have been long on its way.
    let committed = Instant::now();
    let claimed = gateway.db.open(async |tx| claim_open(tx, gateway, served, (order, &market)).await).await;
    sent(gateway, served, (claimed, committed), &market, turn).await
}

async fn claim_open(
    tx: &mut Tx,
    gateway: &Gateway,
    served: &Served,
    (order, market): (&VenueOrder, &Market),
) -> StoreResult<Claimed> {
    lock_account(tx, order.follower_id).await?;
    let Some(wanted) = lock_again(tx, (gateway.node, served.epoch), order.copy_id).await? else {
        return Ok(Claimed::Later);
    };
    let present = venue_orders::lock(tx, &order.client_id).await?;
    if !is_as_it_was(&present, order) || market.lacks_equity(&wanted) || awaits_close(&wanted) {
        return Ok(Claimed::Later);
    }
    // Its size stays: it is the same order.
    match judged(&wanted, market, Some(present.units)) {
        Ok(_) => save(tx, &present, wanted.copy.now, served.epoch).await,
        Err(unfit) => Ok(Claimed::Never(unfit)),
    }
}

async fn close(gateway: &Arc<Gateway>, served: &Arc<Served>, order: &VenueOrder) -> Again {
    let Some(market) = market_of(gateway, served, order).await else { return Again::Later };
    let turn = Turn::within(Priority::Protect, Duration::from_secs(20));
    let Ok(turn) = served.api.order_turn(turn).await else { return Again::Later };
    let Beside::Coins(real) = real_beside_exits(gateway, served, order).await else { return Again::Later };
    let committed = Instant::now();
    let claimed = gateway.db.open(async |tx| claim_close(tx, gateway, served, (order, real)).await).await;
    sent(gateway, served, (claimed, committed), &market, turn).await
}

async fn claim_close(
    tx: &mut Tx,
    gateway: &Gateway,
    served: &Served,
    (order, real): (&VenueOrder, Decimal),
) -> StoreResult<Claimed> {
    // All of the position, as for the first sending: what others have taken of it is not taken of older copies.
    let position = (order.symbol.as_str(), order.direction);
    let holdings = books::lock_holdings(tx, order.follower_id, position).await?;
    let Some(copy) = lock_due(tx, (gateway.node, served.epoch), order.copy_id).await? else {
        return Ok(Claimed::Later);
    };
    let present = venue_orders::lock(tx, &order.client_id).await?;
    if !is_as_it_was(&present, order) {
        return Ok(Claimed::Later);
    }
    let Some(own) = holdings.iter().find(|one| one.copy.order.id == order.copy_id) else {
        return Ok(Claimed::Later);
    };
    let most = most(&holdings, own, Some(real), Some(&present.client_id));
    // A part is sent again as it is, as long as no more of the copy is wanted than it leaves.
    let most = if copy.order.desired_lots.is_zero() { most } else { most - wanted(&copy, own) };
    if most < present.quantity {
        // The next close is made of what there is then.
        super::nudge(gateway, order.follower_id);
        let words = format!("{} < {}", most.normalize(), present.quantity.normalize());
        return Ok(Claimed::Never(Unfit { reason: ReasonCode::CloseRefused, words }));
    }
    save(tx, &present, copy.now, served.epoch).await
}

/// Nobody else sent it, or heard of it, meanwhile.
fn is_as_it_was(present: &VenueOrder, order: &VenueOrder) -> bool {
    matches!(present.state, VenueOrderState::Unknown | VenueOrderState::Intended)
        && present.sendings == order.sendings
}

async fn save(
    tx: &mut Tx,
    present: &VenueOrder,
    now: chrono::DateTime<chrono::Utc>,
    epoch: i64,
) -> StoreResult<Claimed> {
    let sent = sent_again(present, now, epoch);
    venue_orders::save(tx, &sent, Some(30.0)).await?;
    Ok(Claimed::Order(Box::new(sent)))
}

async fn sent(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    (claimed, committed): (Result<Claimed, StoreError>, Instant),
    market: &Market,
    turn: OrderTurn,
) -> Again {
    let order = match claimed {
        Ok(Claimed::Order(order)) => *order,
        Ok(Claimed::Later) => return Again::Later,
        Ok(Claimed::Never(unfit)) => return Again::Never(unfit),
        Err(error) => {
            tracing::error!(%error, account.id = %served.account_id, "an order could not be claimed again");
            return Again::Later;
        }
    };
    let late = Answer::NotNow { reason: ReasonCode::Stale, words: String::new() };
    let Some(request) = request(&order).filter(|_| committed.elapsed() <= WRITE_WITHIN) else {
        return Again::Sent(Box::new(order), late);
    };
    failpoint::pass(Point::VenueSending);
    tracing::info!(copy.id = %order.copy_id, sendings = order.sendings, "an order is sent again under its name");
    let outcome = served.api.place_in(&request, market.terms(), turn.by(committed + WRITE_WITHIN)).await;
    super::heed_order(gateway, served, &outcome).await;
    let said = match answer(outcome) {
        refused @ (Answer::Refused { .. } | Answer::NotSent { .. }) => {
            refused_again(gateway, served, &order, refused).await
        }
        said => said,
    };
    Again::Sent(Box::new(order), said)
}

/// An order that was sent again and refused: its first sending may be what left no room for it, so it is asked for once
/// more, in all lists, before the refusal counts.
async fn refused_again(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    order: &VenueOrder,
    refused: Answer,
) -> Answer {
    let thoroughly = VenueOrder { absences: 1, ..order.clone() };
    match ask(gateway, served, &thoroughly).await {
        Answer::Absent => refused,
        said => said,
    }
}
