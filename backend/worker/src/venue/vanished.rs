//! Orders that the exchange took and then shows nowhere, and what owners say of copies that no evidence settles.
//!
//! That one is not shown is no evidence while lists may lag behind. After that, all there is has to agree: the order by
//! either name, the open and the past ones, the fills, and its position. One that opens must have brought nothing that
//! copies do not account for; where it may have, a person says whether that is the copy's. One that closes is given up
//! only where its position has all that copies hold: otherwise it is what took of it, and a further close would be of
//! other copies.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::coins::lots_of;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState, held};
use flotilla_engine::Transition;
use flotilla_engine::venue::{Answer, Filling, shown_within};
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::model::{Fill, TradeSide};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{Doubt, NotSent, ReadError};
use flotilla_store::copy_orders::LockedCopy;
use flotilla_store::venue_orders::{self, books};
use flotilla_store::{StoreError, StoreResult, Tx};
use rust_decimal::Decimal;

use super::Venues;
use super::books::average;
use super::close::{Beside, real_beside_exits};
use super::desk::{Served, direction};
use super::hearing::{Written, write_changes};
use crate::gateway::Gateway;
use crate::settle::change;

/// How long a look waits for each turn.
const TURN: Duration = Duration::from_secs(30);
/// How much longer is waited where what there is does not say enough.
const LONGER: TimeDelta = TimeDelta::minutes(10);

/// Whether an order that was taken should have been shown by now.
pub(super) fn is_overdue(venues: &Venues, served: &Served, order: &VenueOrder) -> bool {
    let now_ms = venues.bingx.clock(served.api.environment()).now_ms();
    let age_ms = now_ms.map(|now| now.saturating_sub(order.sent_at.timestamp_millis()));
    order.state == VenueOrderState::Accepted
        && age_ms.is_some_and(|age| age >= shown_within(order.leg).num_milliseconds())
}

/// What all the rest says of an order that no list of orders has.
pub(super) async fn judge(
    gateway: &Arc<Gateway>,
    venues: &Venues,
    served: &Arc<Served>,
    order: &VenueOrder,
) -> Result<Answer, ReadError> {
    let is_late = now(gateway).await? >= order.sent_at + shown_within(order.leg) + LONGER;
    if let Some(filling) = filling(gateway, venues, served, order).await? {
        // The list may have a part of them only: what it lacks would never be counted.
        let is_all = is_late || filling.filled >= order.quantity;
        return Ok(if is_all { Answer::Over(filling) } else { Answer::Working(filling) });
    }
    let began = now(gateway).await?;
    // What stops and targets have closed of it is booked before: it is not this order's.
    let Beside::Coins(there) = real_beside_exits(gateway, served, order).await else {
        return Ok(Answer::Absent);
    };
    let held = gateway.db.open(async |tx| books::held_beside(tx, order, began).await).await;
    let Some(held) = held.map_err(|error| away(&error))? else {
        // What there is may be of another order that is on its way. It is looked at again.
        return Ok(Answer::Absent);
    };
    let beyond = there - held;
    Ok(if is_late || says_enough(order.leg, beyond) { Answer::Nowhere { beyond } } else { Answer::Absent })
}

/// Whether a position says what an order has done. Coins that are missing hide what one brought, and show that the list
/// is not believed yet; coins of the owner's own beside those of copies hide what one took.
fn says_enough(leg: Leg, beyond: Decimal) -> bool {
    match leg {
        Leg::Open => beyond >= Decimal::ZERO,
        Leg::Close | Leg::External => beyond <= Decimal::ZERO,
    }
}

/// How far fills say that an order was filled; `None`: there are none of it.
async fn filling(
    gateway: &Gateway,
    venues: &Venues,
    served: &Served,
    order: &VenueOrder,
) -> Result<Option<Filling>, ReadError> {
    let Some(order_id) = order.order_id.as_deref() else { return Ok(None) };
    let symbol = Symbol::listed(&order.symbol).map_err(|_| Doubt::Unreadable)?;
    // Since it was first written down, by the server's clock: ours may be off by anything.
    let age = gateway.db.open(async |tx| venue_orders::age_ms(tx, &order.client_id).await).await;
    let age_ms = age.map_err(|error| away(&error))?;
    let now_ms = venues.bingx.clock(served.api.environment()).now_ms().ok_or(NotSent::NoTime)?;
    let turn = Turn::within(Priority::Protect, TURN);
    let fills = served.api.fills(Some(&symbol), now_ms - age_ms - 600_000, now_ms + 60_000, turn).await?;
    let side = TradeSide::of(direction(order.direction), order.leg == Leg::Open);
    let is_its =
        |fill: &&Fill| fill.id.order.as_str() == order_id && fill.side.is_none_or(|found| found == side);
    let own: Vec<&Fill> = fills.iter().filter(is_its).collect();
    let filled: Decimal = own.iter().map(|fill| fill.quantity).sum();
    let average_price = average(own.iter().copied());
    let order_id = order_id.to_owned();
    // More than was ordered is of another one: the echo that told its name was wrong.
    let are_its = filled > Decimal::ZERO && filled <= order.quantity;
    Ok(are_its.then_some(Filling { order_id, filled, average_price }))
}

/// Time by the database's clock.
async fn now(gateway: &Gateway) -> Result<DateTime<Utc>, ReadError> {
    gateway.db.open(async |tx| books::now(tx).await).await.map_err(|error| away(&error))
}

fn away(error: &StoreError) -> ReadError {
    ReadError::NoAnswer(Doubt::NoAnswer(error.to_string()))
}

/// What the owner of a copy says of it, written down.
pub(crate) struct Stated(Written);

/// The owner of a copy says that its position is there, and its orders do not bear that out. What a copy holds at an
/// exchange follows from its orders: so the one that opened it was filled, all of it, or what counted as taken by nobody
/// knows what is there again. Should the position have less, that shows in the next comparison, which takes it of this
/// copy before others, and no close asks for more than there is.
///
/// `None`: it has no orders, for it is at a terminal, or they hold nothing all the same.
pub(crate) async fn state(tx: &mut Tx, copy: &LockedCopy, edge: &Transition) -> StoreResult<Option<Stated>> {
    let id = copy.order.id;
    let orders = venue_orders::list_of(tx, &[id]).await?;
    let Some(opening) = orders.iter().find(|order| order.leg == Leg::Open) else { return Ok(None) };
    if opening.filled.is_zero() {
        let told = VenueOrder { state: VenueOrderState::Filled, filled: opening.quantity, ..opening.clone() };
        venue_orders::save(tx, &told, None).await?;
    } else if held(&orders) <= Decimal::ZERO {
        books::give_back(tx, id).await?;
    }
    let holds = held(&venue_orders::list_of(tx, &[id]).await?);
    if holds <= Decimal::ZERO {
        return Ok(None);
    }
    let edge = Transition { open_lots: Some(lots_of(holds, opening.units)), ..edge.clone() };
    let written = write_changes(tx, vec![change(&copy.order, edge)]).await?;
    books::write_results(tx, &[id]).await?;
    Ok(Some(Stated(written)))
}

impl Stated {
    /// Tells whoever listens, after the commit.
    pub fn tell(&self, gateway: &Gateway) {
        self.0.tell(gateway);
        super::wake(gateway);
    }
}
