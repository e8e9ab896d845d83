//! Asks for orders until they are over.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState};
use flotilla_domain::id::AccountId;
use flotilla_engine::deadline::WRITE_WITHIN;
use flotilla_engine::venue::{Answer, Next, ask_in, sent_again};
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::event::OrderEvent;
use flotilla_exchange::bingx::id::{ClientOrderId, OrderId, Symbol};
use flotilla_exchange::bingx::model::{Order, TradeSide};
use flotilla_exchange::bingx::order::OrderRef;
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::ReadError;
use flotilla_store::{StoreError, StoreResult, copy_orders, venue_orders};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::Venues;
use super::desk::{Served, direction};
use super::hearing::{Took, answer, hear, read};
use super::open::{market_of, request};
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;

/// How long one task goes on; then whoever looks at what is due does.
const GOES_ON_FOR: Duration = Duration::from_mins(2);

/// Hears the first answer about an order, and asks until it is over.
pub(super) async fn follow(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    order: VenueOrder,
    first: Answer,
    took: Took,
) {
    let Some(venues) = &gateway.venues else { return };
    let began = Instant::now();
    let news = venues.desk.listen(&order.client_id);
    let mut order = order;
    let mut said = first;
    let mut questions = 0;
    let mut now = order.sent_at;
    loop {
        let heard = hear(gateway, &order, &said, took).await;
        let next = match heard {
            Ok(told) => {
                (order, now) = (told.order, told.now);
                told.next
            }
            Err(error) => {
                tracing::error!(%error, copy.id = %order.copy_id, "an answer about an order could not be settled; it is asked for again");
                Next::Ask
            }
        };
        match next {
            Next::Rest => return,
            Next::Send => {
                let Some((sent, answer)) = again(gateway, served, &order).await else {
                    // What is not wanted any more is dead by now.
                    let _ = hear(gateway, &order, &Answer::Absent, took).await;
                    return;
                };
                (order, said, questions) = (sent, answer, 0);
                continue;
            }
            Next::Ask => {}
        }
        if began.elapsed() > GOES_ON_FOR || gateway.draining.is_cancelled() {
            return;
        }
        let is_accepted = order.state == VenueOrderState::Accepted && questions == 0;
        let pause = ask_in(&order, now, questions);
        // A market order is filled by the time its echo is here.
        news.wait(if is_accepted { pause / 10 } else { pause }).await;
        questions += 1;
        said = ask(gateway, served, &order).await;
    }
}

/// The stream says something of an order: whoever asks for it asks at once, and what nobody asks for is looked at where
/// it says more than we know.
pub(super) fn hear_of(gateway: &Arc<Gateway>, account: AccountId, event: &OrderEvent) {
    let Some(venues) = &gateway.venues else { return };
    let Some(served) = venues.desk.find(account) else { return };
    let ours = event.client_id.as_deref().filter(|name| ClientOrderId::is_of_copy(name));
    match ours {
        Some(name) if venues.desk.say(name) => {}
        Some(name) if event.filled > Decimal::ZERO => {
            let (gateway, name, filled) = (Arc::clone(gateway), name.to_owned(), event.filled);
            venues.desk.tasks.spawn(async move { catch_up(&gateway, &served, &name, filled).await });
        }
        // Something else traded there: a stop, a liquidation, the owner himself.
        None if event.trade_id.is_some() => super::nudge(gateway, account),
        _ => {}
    }
}

/// An order that counted as over, or whose sender is gone, has filled.
async fn catch_up(gateway: &Arc<Gateway>, served: &Arc<Served>, name: &str, filled: Decimal) {
    let account = served.account_id;
    let found = gateway.db.open(async |tx| venue_orders::find(tx, account, name).await).await;
    let Ok(Some(order)) = found else { return };
    let Some(venues) = &gateway.venues else { return };
    if order.filled >= filled {
        return;
    }
    let Some(in_hand) = venues.desk.take(order.copy_id) else { return };
    let said = ask(gateway, served, &order).await;
    follow(gateway, served, order, said, Took::default()).await;
    drop(in_hand);
}

/// Asks the exchange for an order.
pub(super) async fn ask(gateway: &Gateway, served: &Served, order: &VenueOrder) -> Answer {
    let Some(venues) = &gateway.venues else { return Answer::Doubt { words: String::new() } };
    match found(venues, served, order).await {
        Ok(Some(found)) if !is_it(order, &found) => {
            tracing::error!(copy.id = %order.copy_id, "the exchange answered about another order than it was asked for");
            Answer::Doubt { words: "an answer about another order".to_owned() }
        }
        Ok(found) => read(found.as_ref()),
        Err(error) => {
            super::heed(gateway, served, &error).await;
            Answer::Doubt { words: error.to_string() }
        }
    }
}

/// Whether what was read can be this order: what contradicts it is no evidence.
fn is_it(order: &VenueOrder, found: &Order) -> bool {
    let side = TradeSide::of(direction(order.direction), order.leg == Leg::Open);
    found.symbol.as_str() == order.symbol
        && found.side.is_none_or(|found| found == side)
        && order.order_id.as_deref().is_none_or(|id| id == found.id.as_str())
        && found.client_id.as_deref().is_none_or(|id| id.is_empty() || id == order.client_id)
}

async fn found(venues: &Venues, served: &Served, order: &VenueOrder) -> Result<Option<Order>, ReadError> {
    let turn = Turn::within(Priority::Protect, Duration::from_secs(30));
    let (Ok(symbol), Ok(name)) = (Symbol::listed(&order.symbol), ClientOrderId::new(&order.client_id)) else {
        return Ok(None);
    };
    let by_id = order.order_id.as_deref().and_then(|id| OrderId::new(id).ok());
    let by = by_id.map_or_else(|| OrderRef::Ours(name.clone()), OrderRef::Venue);
    let found = served.api.order(&symbol, &by, turn).await?;
    if found.is_some() || order.absences == 0 {
        return Ok(found);
    }
    // Before it counts as absent for good, the lists are looked through as well.
    let is_ours = |one: &Order| one.client_id.as_deref().is_some_and(|id| name.is(id));
    let open = served.api.open_orders(Some(&symbol), turn).await?;
    if let Some(order) = open.into_iter().find(is_ours) {
        return Ok(Some(order));
    }
    let sent_ms = order.sent_at.timestamp_millis();
    let server_ms = venues.bingx.clock(served.api.environment()).now_ms().unwrap_or(sent_ms);
    // By the server's clock: ours may be off by anything.
    let past = served.api.orders_between(&symbol, server_ms - 600_000, server_ms + 60_000, turn).await?;
    Ok(past.into_iter().find(is_ours))
}

/// Sends an order again that the exchange does not know, under its name. `None`: it is not wanted any more.
async fn again(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    order: &VenueOrder,
) -> Option<(VenueOrder, Answer)> {
    let market = market_of(gateway, served, order).await?;
    let priority = if order.leg == Leg::Open { Priority::Open } else { Priority::Protect };
    let turn = served.api.order_turn(Turn::within(priority, Duration::from_secs(20))).await.ok()?;
    // Not after the commit: the answer of the database may have been long on its way.
    let committed = Instant::now();
    let claimed = claim_again(gateway, served, order).await;
    let order = match claimed {
        Ok(order) => order?,
        Err(error) => {
            tracing::error!(%error, copy.id = %order.copy_id, "an order could not be claimed again");
            return None;
        }
    };
    if committed.elapsed() > WRITE_WITHIN {
        // Nothing left: it is asked for once more, and judged anew.
        return Some((order, Answer::Doubt { words: String::new() }));
    }
    failpoint::pass(Point::VenueSending);
    tracing::info!(copy.id = %order.copy_id, sendings = order.sendings, "an order that never arrived is sent again under its name");
    let outcome = served.api.place_in(&request(&order)?, terms(&market), turn).await;
    super::heed_order(gateway, served, &outcome).await;
    let said = match answer(outcome) {
        refused @ (Answer::Refused { .. } | Answer::NotSent { .. }) => {
            refused_again(gateway, served, &order, refused).await
        }
        said => said,
    };
    Some((order, said))
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

fn terms(market: &super::open::Market) -> flotilla_exchange::bingx::order::Terms<'_> {
    flotilla_exchange::bingx::order::Terms {
        mode: market.mode,
        contract: &market.contract,
        last_price: market.last_price,
    }
}

async fn claim_again(
    gateway: &Gateway,
    served: &Served,
    order: &VenueOrder,
) -> StoreResult<Option<VenueOrder>> {
    gateway
        .db
        .open(async |tx| {
            let copies = copy_orders::lock_ids(tx, &[order.copy_id.uuid()]).await?;
            let Some(copy) = copies.into_iter().next() else { return Ok(None) };
            let present = venue_orders::lock(tx, &order.client_id).await?;
            let is_flat = copy.order.desired_lots.is_zero();
            let is_wanted = match present.leg {
                Leg::Open => !is_flat && copy.order.expires_at > copy.now && served.may_open(),
                Leg::Close | Leg::External => is_flat,
            };
            if present.state != VenueOrderState::Unknown || !is_wanted {
                return Ok(None);
            }
            let sent = sent_again(&present, copy.now, served.epoch);
            venue_orders::save(tx, &sent, Some(30.0)).await?;
            Ok::<_, StoreError>(Some(sent))
        })
        .await
}

/// Takes up orders that nobody follows: their sender died, or gave up.
pub(super) async fn sweep(gateway: &Arc<Gateway>) -> StoreResult<()> {
    let Some(venues) = &gateway.venues else { return Ok(()) };
    let due = gateway.db.open(async |tx| venue_orders::take_due(tx, gateway.node, 200).await).await?;
    for order in due {
        let Some(served) = venues.desk.find(order.follower_id) else { continue };
        let Some(in_hand) = venues.desk.take(order.copy_id) else { continue };
        let gateway = Arc::clone(gateway);
        venues.desk.tasks.spawn(async move {
            let said = ask(&gateway, &served, &order).await;
            follow(&gateway, &served, order, said, Took::default()).await;
            drop(in_hand);
        });
    }
    Ok(())
}
