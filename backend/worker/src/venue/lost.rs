//! Orders at the exchange under our names that no row knows: the database failed over and lost its last commits, or it was
//! restored and is as it was at an earlier time.
//!
//! They are looked for in every position when an account begins to be served, before anything is opened there, and then
//! whenever there is more in a position than copies account for, and that has changed. The name of an order says of which
//! copy it is. Where that copy is known, the order is evidence, whatever the copy was thought to be, and nothing is sent
//! for it. Where it is not, its owner is told of a position without a copy, once. Nothing is closed for either.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::coins::exits_in_steps;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState, held as holds};
use flotilla_domain::id::{AccountId, CopyId};
use flotilla_domain::side::Side;
use flotilla_domain::ticket::Ticket;
use flotilla_domain::trade::Direction;
use flotilla_engine::lost::{NamedOrder, left};
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id::{ClientOrderId, Purpose, Symbol};
use flotilla_exchange::bingx::model::{self, Order, Position, PositionSide, TradeSide};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{NotSent, ReadError};
use flotilla_store::orphans::{self, OrderedPosition};
use flotilla_store::venue_orders::books::Booked;
use flotilla_store::venue_orders::found::{self, Ordered};
use flotilla_store::venue_orders::open::lock_account;
use flotilla_store::{StoreError, StoreResult, Tx, alerts, venue_orders};
use rust_decimal::Decimal;

use super::books::CompareError;
use super::desk::{Served, direction};
use super::hearing::{Written, fill, read};
use super::open::market_for;
use crate::alarms;
use crate::gateway::Gateway;

/// How far back orders are looked through: one answer of the exchange holds a week.
const BACK_MS: i64 = 6 * 86_400_000;

/// A contract, and which way its position profits.
type Held = (String, Direction);

/// What was looked for in the positions of an account.
#[derive(Debug, Default)]
pub(crate) struct Known {
    has_begun: bool,
    beyond: HashMap<Held, Beyond>,
    /// Positions without a copy, as they were written down last.
    written: Option<Vec<Ticket>>,
    /// Contracts of which trades may have been made of what is a copy's, and are to be made anew.
    owed: BTreeSet<String>,
}

/// Coins of a position that copies do not account for.
#[derive(Debug)]
struct Beyond {
    coins: Decimal,
    /// What was found of them; `None`: it was not looked for yet.
    orphans: Option<Vec<Ticket>>,
}

impl Known {
    /// Where orders have to be looked for: at the first look everywhere, then where more than copies account for is seen
    /// alike in two looks in a row. Lists lag behind fills. Of contracts that are moving, what is known stays.
    fn due(&mut self, beyond: &BTreeMap<Held, Decimal>, moving: &HashSet<String>) -> Vec<(Held, Decimal)> {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        self.beyond.retain(|held, _| beyond.contains_key(held) || moving.contains(&held.0));
        let mut due = Vec::new();
        for (held, coins) in beyond {
            let known = self.beyond.get(held).filter(|known| known.coins == *coins);
            let is_due = known.map_or(is_first, |known| known.orphans.is_none());
            if known.is_none() {
                let is_over = !is_first && *coins <= Decimal::ZERO;
                let orphans = is_over.then(Vec::new);
                self.beyond.insert(held.clone(), Beyond { coins: *coins, orphans });
            }
            if is_due {
                due.push((held.clone(), *coins));
            }
        }
        due
    }

    fn note(&mut self, (held, coins): &(Held, Decimal), orphans: Vec<Ticket>) {
        if let Some(known) = self.beyond.get_mut(held).filter(|known| known.coins == *coins) {
            known.orphans = Some(orphans);
        }
    }

    /// All positions without a copy, once all is looked at and where they are others than before.
    fn changed(&self) -> Option<Vec<Ticket>> {
        let mut all: Vec<Ticket> = Vec::new();
        for beyond in self.beyond.values() {
            all.extend(beyond.orphans.as_ref()?);
        }
        all.sort_unstable();
        (self.written.as_ref() != Some(&all)).then_some(all)
    }
}

fn known(served: &Served) -> MutexGuard<'_, Known> {
    served.lost.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Contracts of which it was found lately that some fills are those of copies.
pub(super) fn take_owed(served: &Served) -> BTreeSet<String> {
    std::mem::take(&mut known(served).owed)
}

/// Looks for lost orders in positions that were just read. What cannot be looked at now is looked at the next time: under
/// its name no order is taken twice meanwhile.
pub(super) async fn look(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    seen: (&[Position], &[Booked]),
    began: DateTime<Utc>,
) {
    if let Err(error) = look_through(gateway, served, seen, began).await {
        tracing::warn!(%error, account.id = %served.account_id, "orders that no row knows are looked for later");
    }
}

async fn look_through(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    (positions, booked): (&[Position], &[Booked]),
    began: DateTime<Utc>,
) -> StoreResult<()> {
    let account = served.account_id;
    let mut beyond = beyond(positions, booked);
    let mut moving = HashSet::new();
    if !beyond.is_empty() {
        match gateway.db.open(async |tx| found::list_moving(tx, account, began).await).await? {
            Some(listed) => moving = listed,
            None => beyond.clear(),
        }
    }
    // The first look is at everything: what is to be opened waits for it.
    if known(served).has_begun {
        beyond.retain(|(symbol, _), _| !moving.contains(symbol));
    }
    let due = known(served).due(&beyond, &moving);
    for one in due {
        match look_at(gateway, served, &one).await {
            Ok(Some(orphans)) => known(served).note(&one, orphans),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, account.id = %account, "orders of an account cannot be looked through; it is tried again");
            }
        }
    }
    let changed = known(served).changed();
    if let Some(standing) = changed {
        gateway.db.open(async |tx| orphans::note_gone(tx, account, &standing).await).await?;
        known(served).written = Some(standing);
    }
    Ok(())
}

/// Coins of each position that copies do not account for; zero or less where they account for all.
fn beyond(positions: &[Position], booked: &[Booked]) -> BTreeMap<Held, Decimal> {
    let mut beyond: BTreeMap<Held, Decimal> = BTreeMap::new();
    for position in positions {
        let held = match position.direction {
            model::Direction::Long => Direction::Long,
            model::Direction::Short => Direction::Short,
        };
        *beyond.entry((position.symbol.as_str().to_owned(), held)).or_default() += position.quantity;
    }
    for one in booked {
        if let Some(coins) = beyond.get_mut(&(one.symbol.clone(), one.direction)) {
            *coins -= one.quantity;
        }
    }
    beyond
}

/// An order with a name of ours that works on the position in question.
struct Named {
    order: Order,
    copy: CopyId,
    purpose: Purpose,
    attempt: u16,
    made_at_ms: i64,
}

impl Named {
    /// `None` for one that is not ours, or that nothing came of.
    fn of(order: Order, held: Direction) -> Option<Self> {
        let (copy, purpose, attempt) = ClientOrderId::parts(order.client_id.as_deref()?)?;
        let held = direction(held);
        let is_here = match order.position_side {
            Some(PositionSide::Both) | None => true,
            Some(side) => side == PositionSide::from(held),
        };
        let is_side = order.side == Some(TradeSide::of(held, purpose == Purpose::Open));
        let made_at_ms = order.created_at_ms.or_else(|| order.id.made_at_ms())?;
        (is_here && is_side && order.filled > Decimal::ZERO).then_some(Self {
            order,
            copy,
            purpose,
            attempt,
            made_at_ms,
        })
    }

    fn name(&self) -> ClientOrderId {
        ClientOrderId::of_copy(self.copy, self.purpose, self.attempt)
    }

    const fn leg(&self) -> Option<Leg> {
        match self.purpose {
            Purpose::Open => Some(Leg::Open),
            Purpose::Close => Some(Leg::Close),
            Purpose::Stop | Purpose::Target => None,
        }
    }
}

/// Copies of which no row knows some orders.
struct Lost {
    /// Not even those that opened them.
    opened: HashSet<CopyId>,
    /// They themselves are known.
    known: HashSet<CopyId>,
}

/// Looks through the orders of a position. Returns those that opened something of a copy that nobody knows; `None`: it has
/// to be looked at again.
async fn look_at(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    (held, coins): &(Held, Decimal),
) -> Result<Option<Vec<Ticket>>, CompareError> {
    let Some(venues) = &gateway.venues else { return Ok(None) };
    let Ok(symbol) = Symbol::listed(&held.0) else { return Ok(Some(Vec::new())) };
    let now_ms = venues.bingx.clock(served.api.environment()).now_ms();
    let now_ms = now_ms.ok_or(ReadError::NotSent(NotSent::NoTime))?;
    let turn = Turn::within(Priority::Account, Duration::from_secs(20));
    let orders = match served.api.orders_between(&symbol, now_ms - BACK_MS, now_ms + 60_000, turn).await {
        Ok(orders) => orders,
        Err(error) => {
            super::heed(gateway, served, &error).await;
            return Err(error.into());
        }
    };
    let mut named: Vec<Named> = orders.into_iter().filter_map(|order| Named::of(order, held.1)).collect();
    if named.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let lost = lost(gateway, served.account_id, &mut named).await?;
    let of = |copy: CopyId| -> Vec<&Named> { named.iter().filter(|one| one.copy == copy).collect() };
    let mut is_settled = true;
    // First what was closed: it shows what is left of others.
    for copy in lost.known.difference(&lost.opened) {
        let adopted = adopt(gateway, served, (held, now_ms), &of(*copy)).await?;
        is_settled &= adopted == Adopted::Nothing;
    }
    if !is_settled {
        return Ok(None);
    }
    let mut positions = Vec::new();
    for (copy, coins) in left(&counted(&named, &lost), *coins) {
        let own = of(copy);
        if lost.known.contains(&copy) {
            is_settled &= adopt(gateway, served, (held, now_ms), &own).await? != Adopted::Later;
        } else {
            positions.extend(own.iter().find_map(|one| ordered(one, coins, (held.1, now_ms))));
        }
    }
    if !positions.is_empty() {
        tell(gateway, served, held, &positions).await?;
    }
    Ok(is_settled.then(|| positions.iter().map(|one| one.ticket).collect()))
}

/// Leaves only orders that no row knows.
async fn lost(gateway: &Gateway, account: AccountId, named: &mut Vec<Named>) -> StoreResult<Lost> {
    let ids: Vec<ClientOrderId> = named.iter().map(Named::name).collect();
    let ids: Vec<&str> = ids.iter().map(ClientOrderId::as_str).collect();
    let written = gateway.db.open(async |tx| found::list_written(tx, &ids).await).await?;
    named.retain(|one| one.leg().is_some() && !written.contains(one.name().as_str()));
    let opened = named.iter().filter(|one| one.purpose == Purpose::Open).map(|one| one.copy).collect();
    let copies: Vec<CopyId> = named.iter().map(|one| one.copy).collect();
    let known = gateway.db.open(async |tx| found::list_copies(tx, account, &copies).await).await?;
    Ok(Lost { opened, known })
}

/// The orders of copies that were opened by one that no row knows.
fn counted(named: &[Named], lost: &Lost) -> Vec<NamedOrder> {
    let order = |one: &Named| NamedOrder {
        copy: one.copy,
        opens: one.purpose == Purpose::Open,
        filled: one.order.filled,
        made_at_ms: one.made_at_ms,
    };
    named.iter().filter(|one| lost.opened.contains(&one.copy)).map(order).collect()
}

/// What is left of a copy that nobody knows, by the order that opened it.
fn ordered(one: &Named, coins: Decimal, (held, now_ms): (Direction, i64)) -> Option<OrderedPosition> {
    let ticket = one.order.id.as_str().parse().ok().filter(|_| one.purpose == Purpose::Open)?;
    let side = match held {
        Direction::Long => Side::Buy,
        Direction::Short => Side::Sell,
    };
    Some(OrderedPosition { ticket, side, coins, age_ms: now_ms.saturating_sub(one.made_at_ms).max(0) })
}

/// Writes down positions of copies that nobody knows. Their owner is told of each once.
async fn tell(
    gateway: &Gateway,
    served: &Served,
    held: &Held,
    positions: &[OrderedPosition],
) -> StoreResult<()> {
    let whose = (served.owner_id, served.account_id);
    let note = async |tx: &mut Tx| {
        let new = orphans::note_ordered(tx, whose, positions).await?;
        if new.is_empty() {
            return Ok::<_, StoreError>(Vec::new());
        }
        let told: Vec<&OrderedPosition> = positions.iter().filter(|one| new.contains(&one.ticket)).collect();
        let alert = alarms::orders_lost(whose, &held.0, &told);
        Ok(vec![alerts::raise(tx, &alert).await?])
    };
    let raised = gateway.db.open(note).await?;
    if !raised.is_empty() {
        tracing::error!(account.id = %served.account_id, symbol = held.0, positions = positions.len(), "the exchange has positions that our orders opened, and no copy knows of them");
    }
    alarms::tell(gateway, &raised);
    Ok(())
}

/// What came of orders of a known copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Adopted {
    /// They are written down, and the copy is what they say.
    Written,
    /// Something else is booked for them already.
    Nothing,
    /// Not now.
    Later,
}

/// Takes the orders of a known copy for what they are.
async fn adopt(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    (held, now_ms): (&Held, i64),
    own: &[&Named],
) -> Result<Adopted, CompareError> {
    let (Some(venues), Some(first)) = (&gateway.venues, own.first()) else { return Ok(Adopted::Later) };
    let Some(in_hand) = venues.desk.take(first.copy) else { return Ok(Adopted::Later) };
    let Ok(symbol) = Symbol::listed(&held.0) else { return Ok(Adopted::Later) };
    let Some(market) = market_for(gateway, served, &symbol).await else { return Ok(Adopted::Later) };
    let decimals = market.rules().price_decimals;
    let session = (gateway.node, served.epoch);
    let whose = (served.account_id, first.copy);
    let take = async |tx: &mut Tx| {
        // As before a claim: each of an account sees what those before it have.
        lock_account(tx, whose.0).await?;
        let Some(copy) = found::lock_ordered(tx, session, whose).await? else { return Ok(None) };
        let orders = venue_orders::list_of(tx, &[whose.1]).await?;
        let mut units = orders.iter().find(|one| one.leg == Leg::Open).map(|one| one.units);
        let mut holds = holds(&orders);
        let mut written = Vec::new();
        for one in in_turn(own) {
            let Some(order) = order((&copy, units), one, (held, now_ms), (served.epoch, decimals)) else {
                continue;
            };
            if order.leg == Leg::Close && one.order.filled > holds {
                // Something else was made answerable for it before.
                continue;
            }
            holds += if order.leg == Leg::Open { one.order.filled } else { -one.order.filled };
            units = Some(order.units);
            found::write(tx, &copy.copy, &order).await?;
            written.push(fill(tx, &order, &read(Some(&one.order))).await?);
        }
        Ok::<_, StoreError>(Some(written))
    };
    let written: Option<Vec<Written>> = gateway.db.open(take).await?;
    drop(in_hand);
    let Some(written) = written else { return Ok(Adopted::Later) };
    if written.is_empty() {
        return Ok(Adopted::Nothing);
    }
    tracing::warn!(copy.id = %first.copy, account.id = %served.account_id, "orders of a copy were found at the exchange that no row knew");
    for one in written {
        one.tell(gateway);
    }
    super::wake(gateway);
    known(served).owed.insert(held.0.clone());
    Ok(Adopted::Written)
}

/// What opens comes before what closes.
fn in_turn<'a>(own: &[&'a Named]) -> Vec<&'a Named> {
    let mut own = own.to_vec();
    own.sort_by_key(|one| (one.purpose != Purpose::Open, one.attempt));
    own
}

/// The row of an order that was found, as it would have been written before it was sent; `None` for a stop or target: what
/// those have closed is booked by whoever looks at them.
fn order(
    (Ordered { copy, stop_loss, take_profit }, units): (&Ordered, Option<Decimal>),
    one: &Named,
    (held, now_ms): (&Held, i64),
    (epoch, price_decimals): (i64, u32),
) -> Option<VenueOrder> {
    let leg = one.leg()?;
    let quantity = one.order.quantity.unwrap_or_default().max(one.order.filled);
    // By which units an open was computed is not known: by these it is what is wanted of the copy.
    let units = units.or_else(|| quantity.checked_div(copy.order.desired_lots));
    let units = units.filter(|units| *units > Decimal::ZERO).unwrap_or(Decimal::ONE);
    let exits = match leg {
        Leg::Open => exits_in_steps(copy.order.side, (*stop_loss, *take_profit), price_decimals),
        Leg::Close | Leg::External => (None, None),
    };
    let age = TimeDelta::milliseconds(now_ms.saturating_sub(one.made_at_ms).max(0));
    Some(VenueOrder {
        client_id: one.name().as_str().to_owned(),
        owner_id: copy.order.owner_id,
        follower_id: copy.order.follower_id,
        copy_id: copy.order.id,
        leg,
        version: i32::from(one.attempt),
        symbol: held.0.clone(),
        direction: held.1,
        quantity,
        units,
        stop_loss: exits.0,
        take_profit: exits.1,
        state: VenueOrderState::Intended,
        order_id: None,
        filled: Decimal::ZERO,
        average_price: None,
        fee: None,
        epoch,
        sendings: 1,
        sent_at: copy.now - age,
        absences: 0,
        words: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_books_is_looked_at_first_of_all_and_then_once_it_stays_as_it_is() {
        let held = ("BTC-USDT".to_owned(), Direction::Long);
        let still = HashSet::new();
        let of = |coins: i64| BTreeMap::from([(held.clone(), Decimal::from(coins))]);
        let ticket = Ticket::new(7).unwrap();
        let mut known = Known::default();

        assert_eq!(known.due(&of(1), &still).len(), 1);
        assert_eq!(known.changed(), None, "nothing was found yet, nor was there nothing");
        known.note(&(held.clone(), Decimal::ONE), vec![ticket]);
        assert_eq!((known.due(&of(1), &still).len(), known.changed()), (0, Some(vec![ticket])));
        known.written = Some(vec![ticket]);
        let moving = HashSet::from([held.0.clone()]);
        assert_eq!((known.due(&BTreeMap::new(), &moving).len(), known.changed()), (0, None));

        assert_eq!((known.due(&of(2), &still).len(), known.due(&of(3), &still).len()), (0, 0), "it moves");
        assert_eq!(known.due(&of(3), &still).len(), 1);
        known.note(&(held.clone(), Decimal::ONE), Vec::new());
        assert_eq!(known.due(&of(3), &still).len(), 1, "what was found was of another moment");

        assert_eq!((known.due(&BTreeMap::new(), &still).len(), known.changed()), (0, Some(Vec::new())));
    }
}
