//! Closes what copies hold at an exchange: all of it, or the part that is not wanted any more.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::copy::coins::ContractRules;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState};
use flotilla_domain::trade::Direction;
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_engine::part::{Cut, cut};
use flotilla_engine::venue::{closable, taken};
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id::{ClientOrderId, OrderId, Purpose, Symbol};
use flotilla_exchange::bingx::model::Order;
use flotilla_exchange::bingx::order::OrderRef;
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{NotSent, ReadError};
use flotilla_store::copy_orders::LockedCopy;
use flotilla_store::copy_orders::wishes::give_up_rest;
use flotilla_store::venue_orders::books::{self, Holding};
use flotilla_store::venue_orders::close::{DueVenueClose, claim, claim_part, lock_due, put_off_part, rest};
use flotilla_store::venue_orders::exits;
use flotilla_store::{StoreError, StoreResult, Tx, venue_orders};
use rust_decimal::Decimal;
use tokio::time::{Instant, timeout};

use super::desk::{InHand, Served, direction, last_price};
use super::guarding::{self, Looked};
use super::open::{market_of, send};
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;

/// How long a close waits where it cannot be said whether its copy's own stop was pulled, though the position has all
/// that copies hold: the longer it waits, the more the price moves.
const DOUBTED_FOR: Duration = Duration::from_secs(6);
/// And where the position is too small: then what would be closed may be another's.
const MISSED_FOR: Duration = Duration::from_mins(1);
/// How long a close waits for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(30);
/// How old what was seen of a position may be when the turn of its close has come.
const SEEN_FOR: Duration = Duration::from_secs(1);
/// How long a close may look at what there is in its turn. Longer than where many close at once, and each has to look.
const LOOKED_FOR: Duration = Duration::from_secs(10);
/// How long a part waits for the last price: without one it is judged by its coins alone.
const PRICE_WITHIN: Duration = Duration::from_secs(2);

/// Closes what a copy holds beyond what is wanted.
///
/// Never more than there is: the position is read first. Where it is too small, something else took of it, and newer
/// copies lose before older ones.
pub(super) async fn close(gateway: Arc<Gateway>, served: Arc<Served>, due: DueVenueClose, in_hand: InHand) {
    if let Err(error) = close_one(&gateway, &served, due).await {
        tracing::error!(%error, copy.id = %due.copy_id, "a close could not be claimed; it is tried again");
    }
    drop(in_hand);
}

async fn close_one(gateway: &Arc<Gateway>, served: &Arc<Served>, due: DueVenueClose) -> StoreResult<()> {
    let orders = gateway.db.open(async |tx| venue_orders::list_of(tx, &[due.copy_id]).await).await?;
    let Some(opening) = orders.iter().find(|order| order.leg == Leg::Open) else {
        tracing::error!(copy.id = %due.copy_id, "an open copy at an exchange has no order");
        // Each try counts: its owner is told that it does not close.
        return put_off(gateway, served, due).await;
    };
    let Some(market) = market_of(gateway, served, opening).await else {
        return put_off(gateway, served, due).await;
    };
    // Without a stop or target of its own nothing is in doubt: then what there is is read in its turn alone. Where many
    // close at once, all of them share what one address may ask.
    let before = if may_be_pulled(gateway, due).await {
        let beside = real_beside_exits(gateway, served, opening).await;
        if matches!(beside, Beside::Unsure) {
            return put_off(gateway, served, due).await;
        }
        Some(beside)
    } else {
        None
    };
    let price = match &gateway.venues {
        Some(venues) if due.is_part => {
            let price = last_price(venues, served.api.environment(), &market.symbol);
            timeout(PRICE_WITHIN, price).await.ok().flatten()
        }
        _ => None,
    };
    let asked = Instant::now();
    let turn = Turn::within(Priority::Protect, TURN_WITHIN);
    let Ok(turn) = served.api.order_turn(turn).await else {
        return put_off(gateway, served, due).await;
    };
    let beside = match before {
        Some(beside) if asked.elapsed() <= SEEN_FOR => beside,
        // Its own stop may have been pulled while it waited: then what is there is another's.
        Some(_) => looked(gateway, served, opening).await.unwrap_or(Beside::Unsure),
        // Nothing of its own can have been pulled: the exchange judges.
        None => looked(gateway, served, opening).await.unwrap_or(Beside::Unread),
    };
    // Its turn has come, and it was looked for long enough: what is written down now leaves.
    let turn = turn.until(Instant::now() + TURN_WITHIN);
    let real = match beside {
        Beside::Coins(coins) => Some(coins),
        Beside::Unread => None,
        Beside::Unsure => return put_off(gateway, served, due).await,
    };
    let position = (opening.symbol.as_str(), opening.direction);
    let seen = Seen { real, rules: market.rules(), price };
    let claimed =
        gateway.db.open(async |tx| claim_in(tx, gateway, served, (due, position), &seen).await).await?;
    let Some((order, committed)) = claimed else { return Ok(()) };
    failpoint::pass(Point::VenueCloseClaimed);
    let (task, account) = (Arc::clone(gateway), Arc::clone(served));
    // In a task of its own: it is not left half-way because somebody ends.
    let sent = tokio::spawn(async move { send(&task, &account, &market, (order, committed), turn).await });
    let _ = sent.await;
    Ok(())
}

/// As [`real_beside_exits`]; `None` where that takes too long.
async fn looked(gateway: &Arc<Gateway>, served: &Arc<Served>, opening: &VenueOrder) -> Option<Beside> {
    let (gateway, served, opening) = (Arc::clone(gateway), Arc::clone(served), opening.clone());
    // In a task of its own: what it books or places is not left half-way because nobody waits any more.
    let look = tokio::spawn(async move { real_beside_exits(&gateway, &served, &opening).await });
    timeout(LOOKED_FOR, look).await.ok()?.ok()
}

/// Whether a stop or target of the copy may stand, or have been pulled.
async fn may_be_pulled(gateway: &Gateway, due: DueVenueClose) -> bool {
    let own = gateway.db.open(async |tx| exits::list_own(tx, due.copy_id).await).await;
    !matches!(own, Ok(own) if own.is_empty())
}

/// Coins of a position, once what stops and targets have closed is booked.
pub(super) enum Beside {
    /// So many.
    Coins(Decimal),
    /// It cannot be read.
    Unread,
    /// The copy's own stop or target may have closed it, and nobody can say yet.
    Unsure,
}

impl Beside {
    fn of(found: Option<Decimal>) -> Self {
        found.map_or(Self::Unread, Self::Coins)
    }
}

/// What is seen of the stops and targets of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    /// There are none, or they stand and nothing has come of them.
    Stand,
    /// One is not known by name.
    Nameless,
    /// One that is known may have been pulled.
    Doubtful,
    /// So many ask that there was no turn to look.
    Crowded,
}

/// Coins of the position of `opening`.
///
/// It may be that this copy's own stop or target has closed it: then there is nothing to close, and what is there is
/// another's. Where the owner holds more beside it, the position does not tell.
pub(super) async fn real_beside_exits(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    opening: &VenueOrder,
) -> Beside {
    let (found, own) = tokio::join!(real(gateway, served, opening), own(gateway, served, opening));
    let place = (opening.follower_id, opening.symbol.clone(), opening.direction);
    let held = gateway.db.open(async |tx| exits::held_beside_exits(tx, &place).await).await;
    let held = held.ok().flatten();
    let is_short = held.zip(found).is_some_and(|(held, found)| held > found);
    if own == Own::Stand && !is_short {
        return Beside::of(found);
    }
    let position = (opening.symbol.clone(), opening.direction);
    let looked = if own == Own::Crowded {
        // A further look would wait as well, and make all others wait the longer.
        served.note_sure(position.clone(), false);
        Looked::Unsure
    } else {
        guarding::look(gateway, served, &place, Priority::Protect).await
    };
    match looked {
        Looked::Booked => Beside::of(real(gateway, served, opening).await),
        Looked::Unsure if served.unsure_for(&position) < longest(own, is_short) => Beside::Unsure,
        Looked::NotByExits | Looked::Unsure => Beside::of(found),
    }
}

/// How long a close waits while it cannot be said what stops and targets have closed.
const fn longest(own: Own, is_short: bool) -> Duration {
    match (own, is_short) {
        (Own::Stand, _) | (Own::Nameless, false) => Duration::ZERO,
        (Own::Doubtful | Own::Crowded, false) => DOUBTED_FOR,
        (Own::Nameless | Own::Doubtful | Own::Crowded, true) => MISSED_FOR,
    }
}

async fn own(gateway: &Gateway, served: &Served, opening: &VenueOrder) -> Own {
    let copy = opening.copy_id;
    let Ok(own) = gateway.db.open(async |tx| exits::list_own(tx, copy).await).await else {
        return Own::Doubtful;
    };
    if own.is_empty() {
        return Own::Stand;
    }
    if own.iter().any(|exit| exit.is_due && exit.order_id.is_some()) {
        return Own::Doubtful;
    }
    let Ok(symbol) = Symbol::listed(&opening.symbol) else { return Own::Doubtful };
    let turn = Turn::within(Priority::Protect, Duration::from_secs(10));
    let open = served.api.open_orders(Some(&symbol), turn).await;
    if matches!(open, Err(ReadError::NotSent(NotSent::NoTurn))) {
        return Own::Crowded;
    }
    for id in own.iter().filter_map(|exit| exit.order_id.as_deref()) {
        let stands = match &open {
            Ok(open) => open.iter().any(|order| order.id.as_str() == id && order.filled <= Decimal::ZERO),
            Err(_) => stands(served, (&symbol, id)).await,
        };
        if !stands {
            return Own::Doubtful;
        }
    }
    if own.iter().any(|exit| exit.order_id.is_none()) { Own::Nameless } else { Own::Stand }
}

/// Whether an order stands and nothing has come of it; asked for by itself.
async fn stands(served: &Served, (symbol, id): (&Symbol, &str)) -> bool {
    let Ok(id) = OrderId::new(id) else { return false };
    let turn = Turn::within(Priority::Protect, Duration::from_secs(10));
    let order = served.api.order(symbol, &OrderRef::Venue(id), turn).await;
    let is_quiet = |order: Order| order.status.is_over() == Some(false) && order.filled <= Decimal::ZERO;
    order.ok().flatten().is_some_and(is_quiet)
}

/// Coins of the position; `None` where it cannot be read: then the exchange judges.
async fn real(gateway: &Gateway, served: &Served, opening: &VenueOrder) -> Option<Decimal> {
    let symbol = Symbol::listed(&opening.symbol).ok()?;
    let turn = Turn::within(Priority::Protect, Duration::from_secs(10));
    match served.api.positions(Some(&symbol), turn).await {
        Ok(positions) => {
            let is_it = |one: &flotilla_exchange::bingx::model::Position| {
                one.symbol == symbol && one.direction == direction(opening.direction)
            };
            Some(positions.iter().filter(|one| is_it(one)).map(|one| one.quantity).sum())
        }
        Err(error) => {
            super::heed(gateway, served, &error).await;
            None
        }
    }
}

async fn claim_in(
    tx: &mut Tx,
    gateway: &Gateway,
    served: &Served,
    (due, position): (DueVenueClose, (&str, Direction)),
    seen: &Seen,
) -> StoreResult<Option<(VenueOrder, Instant)>> {
    // All of the position, in their order: two closes of one position wait for each other.
    let holdings = books::lock_holdings(tx, due.follower_id, position).await?;
    // The time in which it leaves begins before it is stamped, and not before others let go of the position.
    let locked = Instant::now();
    let Some(copy) = lock_due(tx, (gateway.node, served.epoch), due.copy_id).await? else { return Ok(None) };
    let Some(holding) = holdings.iter().find(|one| one.copy.order.id == due.copy_id) else { return Ok(None) };
    if holding.is_moving() {
        return Ok(None);
    }
    let order = claim_due(tx, (&copy, served.epoch), (&holdings, holding), seen).await?;
    failpoint::pass(Point::VenueCloseClaiming);
    if order.is_none() {
        // Nothing is left to be closed: the books have to follow.
        super::nudge(gateway, due.follower_id);
    }
    Ok(order.map(|order| (order, locked)))
}

/// What a close is judged by.
pub(super) struct Seen {
    /// What the position has, where that is known.
    pub real: Option<Decimal>,
    /// What may be traded of it.
    pub rules: ContractRules,
    /// The last price, where that is known and asked for.
    pub price: Option<Decimal>,
}

/// Claims what is closed of a locked copy: all of it where nothing is wanted, else what is too much.
///
/// `None`: nothing is sent now.
pub(super) async fn claim_due(
    tx: &mut Tx,
    (copy, epoch): (&LockedCopy, i64),
    (holdings, own): (&[Holding], &Holding),
    seen: &Seen,
) -> StoreResult<Option<VenueOrder>> {
    let there = most(holdings, own, seen.real, None);
    let stamped = |order: VenueOrder| VenueOrder { sent_at: copy.now, ..order };
    if !copy.order.desired_lots.is_zero() {
        let wanted = wanted(copy, own);
        match cut(there, wanted, &seen.rules, seen.price) {
            Cut::Nothing => {
                rest(tx, copy.order.id).await?;
                return Ok(None);
            }
            Cut::Part(quantity) => {
                let order = order(own, epoch, quantity).map(stamped);
                if let Some(order) = &order {
                    claim_part(tx, copy, order, &CLOSE_REPEATS_S).await?;
                }
                return Ok(order);
            }
            Cut::All => give_up_rest(tx, copy.order.id, wanted).await?,
        }
    }
    let order = order(own, epoch, there).map(stamped);
    claim(tx, copy, order.as_ref(), &CLOSE_REPEATS_S).await?;
    Ok(order)
}

/// Coins that shall stay of a copy.
pub(super) fn wanted(copy: &LockedCopy, own: &Holding) -> Decimal {
    let units = own.opening().map_or(Decimal::ONE, |opening| opening.units);
    copy.order.desired_lots.checked_mul(units).unwrap_or(Decimal::MAX)
}

/// The order that closes so much of a copy.
fn order(own: &Holding, epoch: i64, quantity: Decimal) -> Option<VenueOrder> {
    let opening = own.opening()?;
    let version = own.next_version(Leg::Close);
    let name = ClientOrderId::of_copy(opening.copy_id, Purpose::Close, u16::try_from(version).ok()?);
    (quantity > Decimal::ZERO).then(|| VenueOrder {
        client_id: name.as_str().to_owned(),
        leg: Leg::Close,
        version,
        quantity,
        stop_loss: None,
        take_profit: None,
        state: VenueOrderState::Intended,
        order_id: None,
        filled: Decimal::ZERO,
        average_price: None,
        fee: None,
        epoch,
        sendings: 1,
        sent_at: own.copy.now,
        absences: 0,
        words: None,
        ..opening.clone()
    })
}

/// How much of a copy may be closed; `real`: what the position has, where that is known.
///
/// `again`: name of an order that has not arrived and is sent again.
pub(super) fn most(
    holdings: &[Holding],
    own: &Holding,
    real: Option<Decimal>,
    again: Option<&str>,
) -> Decimal {
    let held: Vec<Decimal> = holdings.iter().map(Holding::held).collect();
    let mut orders = holdings.iter().flat_map(|one| &one.orders);
    // While other orders of the position are on their way, nobody can say who lost what.
    let is_quiet = orders.all(|order| order.state.is_over() || again == Some(order.client_id.as_str()));
    let lost = real.filter(|_| is_quiet).map(|real| taken(&held, real)).unwrap_or_default();
    let at = holdings.iter().position(|one| one.copy.order.id == own.copy.order.id);
    let lost = at.and_then(|at| lost.get(at).copied()).unwrap_or_default();
    closable(own.held(), lost, real.unwrap_or(Decimal::MAX))
}

/// Nothing can be sent now: it is tried again, later each time, and counts as a try.
async fn put_off(gateway: &Gateway, served: &Served, due: DueVenueClose) -> StoreResult<()> {
    gateway
        .db
        .open(async |tx| {
            let copy = lock_due(tx, (gateway.node, served.epoch), due.copy_id).await?;
            match copy {
                Some(copy) if !copy.order.desired_lots.is_zero() => {
                    put_off_part(tx, copy.order.id, &CLOSE_REPEATS_S).await
                }
                Some(copy) => claim(tx, &copy, None, &CLOSE_REPEATS_S).await,
                None => Ok::<_, StoreError>(()),
            }
        })
        .await
}
