//! Orders at the exchange under our names that no row knows: the database failed over and lost its last commits, it was
//! restored and is as it was at an earlier time, or another installation trades in the same account.
//!
//! They are looked for where there is more in a position than copies account for, once for as long as that stays as it is:
//! one account at a time and behind everything else that this worker asks the exchange, so nothing waits for it. What is
//! found is told to the owner once, and that is all: nothing is sent or closed for it, and no copy is changed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use flotilla_domain::id::CopyId;
use flotilla_domain::side::Side;
use flotilla_domain::ticket::Ticket;
use flotilla_domain::trade::Direction;
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id::{ClientOrderId, Purpose, Symbol};
use flotilla_exchange::bingx::model::{self, Order, Position, PositionSide, TradeSide};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{NotSent, ReadError};
use flotilla_store::orphans::{self, OrderedPosition};
use flotilla_store::venue_orders::books::Booked;
use flotilla_store::venue_orders::found;
use flotilla_store::{StoreError, StoreResult, Tx, alerts};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::books::CompareError;
use super::desk::{Served, direction};
use crate::alarms;
use crate::gateway::Gateway;

/// How far back orders are looked through: one answer of the exchange holds a week.
const BACK_MS: i64 = 6 * 86_400_000;
/// How long a position must have been too large, and in how many looks in a row: lists lag behind fills.
const STANDS: Duration = Duration::from_secs(2);
const LOOKS: u32 = 2;
/// Between looks for what is due.
const LOOK: Duration = Duration::from_secs(1);
/// Between reads of orders, over all accounts of this worker.
const REST: Duration = Duration::from_secs(10);
/// How long such a read waits for its turn: what does not get one is due again.
const TURN: Duration = Duration::from_secs(20);

/// A contract, and which way its position profits.
type Held = (String, Direction);

/// What positions of an account hold beyond what copies account for.
#[derive(Debug, Default)]
pub(crate) struct Known {
    has_seen: bool,
    /// As last seen.
    seen: HashMap<Held, Sight>,
    /// What was found when their orders were looked through.
    found: HashMap<Held, Found>,
    /// Positions without a copy, as they were written down last.
    written: Option<Vec<Ticket>>,
}

#[derive(Debug)]
struct Sight {
    /// Zero: copies account for all.
    coins: Decimal,
    /// How often in a row it was seen; zero: it has to be seen anew.
    looks: u32,
    /// When it was first, on the clock of the database and on ours.
    began: DateTime<Utc>,
    since: Instant,
}

#[derive(Debug)]
struct Found {
    coins: Decimal,
    orphans: Vec<Ticket>,
}

/// Coins whose orders are to be looked through.
#[derive(Debug)]
struct Due {
    held: Held,
    coins: Decimal,
    began: DateTime<Utc>,
    since: Instant,
}

impl Sight {
    fn stands(&self, now: Instant) -> bool {
        self.looks >= LOOKS && now.duration_since(self.since) >= STANDS
    }
}

impl Known {
    /// Notes what was just seen. What was found is forgotten once nothing is beyond the books for a while.
    fn see(&mut self, beyond: &BTreeMap<Held, Decimal>, (began, now): (DateTime<Utc>, Instant)) {
        self.has_seen = true;
        let held: HashSet<Held> =
            beyond.keys().chain(self.seen.keys()).chain(self.found.keys()).cloned().collect();
        for held in held {
            let coins = beyond.get(&held).copied().unwrap_or_default();
            let before = self.seen.remove(&held).filter(|before| before.coins == coins && before.looks > 0);
            let mut sight = before.unwrap_or(Sight { coins, looks: 0, began, since: now });
            sight.looks = sight.looks.saturating_add(1);
            if coins.is_zero() && sight.stands(now) {
                self.found.remove(&held);
            }
            if !coins.is_zero() || self.found.contains_key(&held) {
                self.seen.insert(held, sight);
            }
        }
    }

    /// What has stood for a while, and was not looked through as it is now.
    fn due(&self, now: Instant) -> Vec<Due> {
        let is_found =
            |held: &Held, coins: Decimal| self.found.get(held).is_some_and(|one| one.coins == coins);
        let due = self.seen.iter().filter(|(held, sight)| {
            !sight.coins.is_zero() && sight.stands(now) && !is_found(held, sight.coins)
        });
        due.map(|(held, sight)| Due {
            held: held.clone(),
            coins: sight.coins,
            began: sight.began,
            since: sight.since,
        })
        .collect()
    }

    /// Has it seen anew before it is due.
    fn put_off(&mut self, held: &Held) {
        if let Some(sight) = self.seen.get_mut(held) {
            sight.looks = 0;
        }
    }

    /// Notes what was found, unless there is something else by now.
    fn find(&mut self, due: &Due, orphans: Vec<Ticket>) {
        // It may have been noted that they are there, whatever is remembered here.
        self.written = None;
        if self.seen.get(&due.held).is_some_and(|sight| sight.coins == due.coins) {
            self.found.insert(due.held.clone(), Found { coins: due.coins, orphans });
        }
    }

    /// All positions without a copy, once every place was looked through and where they are others than before.
    fn changed(&self) -> Option<Vec<Ticket>> {
        let is_open =
            |(held, sight): (&Held, &Sight)| !sight.coins.is_zero() && !self.found.contains_key(held);
        if !self.has_seen || self.seen.iter().any(is_open) {
            return None;
        }
        let mut all: Vec<Ticket> = self.found.values().flat_map(|found| found.orphans.clone()).collect();
        all.sort_unstable();
        (self.written.as_ref() != Some(&all)).then_some(all)
    }
}

fn known(served: &Served) -> MutexGuard<'_, Known> {
    served.lost.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes what positions that were just read hold beyond what copies account for. The exchange is asked later.
pub(super) fn see(served: &Served, (positions, booked): (&[Position], &[Booked]), began: DateTime<Utc>) {
    known(served).see(&beyond(positions, booked), (began, Instant::now()));
}

/// Coins of positions that copies do not account for. Where an order is not over, nothing is booked: all of them.
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
    beyond.retain(|_, coins| *coins > Decimal::ZERO);
    beyond
}

/// Looks for lost orders until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    let mut next = Instant::now();
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let served = venues.desk.every();
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            passed = pass(&gateway, &served, next) => next = report(passed).unwrap_or(next),
        }
    }
}

fn report(passed: StoreResult<Instant>) -> Option<Instant> {
    if let Err(error) = &passed {
        tracing::warn!(%error, "orders that no row knows are looked for later");
    }
    passed.ok()
}

/// Notes what has gone, and looks through orders unless it is before `next`. When it may be done again.
async fn pass(gateway: &Gateway, served: &[Arc<Served>], next: Instant) -> StoreResult<Instant> {
    write_gone(gateway, served).await?;
    let has_looked = Instant::now() >= next && look(gateway, served).await?;
    Ok(if has_looked { Instant::now() + REST } else { next })
}

/// Notes which positions without a copy are there.
async fn write_gone(gateway: &Gateway, served: &[Arc<Served>]) -> StoreResult<()> {
    for one in served {
        let changed = known(one).changed();
        if let Some(standing) = changed {
            let account = one.account_id;
            gateway.db.open(async |tx| orphans::note_gone(tx, account, &standing).await).await?;
            known(one).written = Some(standing);
        }
    }
    Ok(())
}

/// Looks through the orders of the position that has waited longest. Whether there was one.
async fn look(gateway: &Gateway, served: &[Arc<Served>]) -> StoreResult<bool> {
    let now = Instant::now();
    let mut waiting: Vec<(Due, &Served)> = Vec::new();
    for one in served {
        let due = known(one).due(now);
        waiting.extend(due.into_iter().map(|due| (due, one.as_ref())));
    }
    waiting.sort_by_key(|(due, _)| due.since);
    for (due, served) in waiting {
        let (account, began) = (served.account_id, due.began);
        let moving = gateway.db.open(async |tx| found::list_moving(tx, account, began).await).await?;
        let Some(moving) = moving else {
            // It copies nobody.
            known(served).find(&due, Vec::new());
            continue;
        };
        if moving.contains(&due.held.0) {
            known(served).put_off(&due.held);
            continue;
        }
        look_at(gateway, served, &due).await;
        return Ok(true);
    }
    Ok(false)
}

async fn look_at(gateway: &Gateway, served: &Served, due: &Due) {
    match look_through(gateway, served, due).await {
        Ok(Some(orphans)) => known(served).find(due, orphans),
        Ok(None) => known(served).put_off(&due.held),
        Err(error) => {
            known(served).put_off(&due.held);
            tracing::warn!(%error, account.id = %served.account_id, "orders of an account cannot be looked through; it is tried again");
        }
    }
}

/// An order with a name of ours that works on the position in question.
#[derive(Debug)]
struct Named {
    name: String,
    ticket: Ticket,
    copy: CopyId,
    opens: bool,
    filled: Decimal,
    made_at_ms: i64,
}

impl Named {
    /// `None` for one that is not ours, or that nothing came of.
    fn of(order: Order, held: Direction) -> Option<Self> {
        let made_at_ms = order.created_at_ms.or_else(|| order.id.made_at_ms())?;
        let name = order.client_id?;
        let (copy, purpose, _) = ClientOrderId::parts(&name)?;
        let (held, opens) = (direction(held), purpose == Purpose::Open);
        let is_here = match order.position_side {
            Some(PositionSide::Both) | None => true,
            Some(side) => side == PositionSide::from(held),
        };
        let is_side = order.side == Some(TradeSide::of(held, opens));
        let ticket = order.id.as_str().parse().ok()?;
        let filled = order.filled;
        (is_here && is_side && filled > Decimal::ZERO).then_some(Self {
            name,
            ticket,
            copy,
            opens,
            filled,
            made_at_ms,
        })
    }
}

/// What is left of orders that opened something and that no row knows, the oldest first; of all together no more than
/// `there`: something else closed of them, and the newest lost it, as everywhere.
///
/// Of an order that is written down it is what was filled beyond what it was to be: a copy that was lost and is planned
/// again may be smaller than it was.
fn left<'a>(
    named: &'a [Named],
    written: &HashMap<String, Decimal>,
    there: Decimal,
) -> Vec<(&'a Named, Decimal)> {
    let mut closed: HashMap<CopyId, Decimal> = HashMap::new();
    for one in named.iter().filter(|one| !one.opens) {
        *closed.entry(one.copy).or_default() += one.filled;
    }
    let mut opens: Vec<&Named> = named.iter().filter(|one| one.opens).collect();
    opens.sort_by_key(|one| (one.made_at_ms, one.ticket));
    let (mut there, mut left) = (there, Vec::new());
    for one in opens {
        let gone = if let Some(booked) = written.get(&one.name) {
            *booked
        } else {
            let closed = closed.entry(one.copy).or_default();
            let gone = (*closed).min(one.filled);
            *closed -= gone;
            gone
        };
        let coins = (one.filled - gone).min(there);
        if coins > Decimal::ZERO {
            there -= coins;
            left.push((one, coins));
        }
    }
    left
}

/// Looks through the orders of a position, and tells of those that no row knows. Returns them; `None`: it has to be looked
/// at again.
async fn look_through(
    gateway: &Gateway,
    served: &Served,
    due: &Due,
) -> Result<Option<Vec<Ticket>>, CompareError> {
    let Some(venues) = &gateway.venues else { return Ok(None) };
    let Ok(symbol) = Symbol::listed(&due.held.0) else { return Ok(Some(Vec::new())) };
    let now_ms = venues.bingx.clock(served.api.environment()).now_ms();
    let now_ms = now_ms.ok_or(ReadError::NotSent(NotSent::NoTime))?;
    let turn = Turn::within(Priority::History, TURN);
    let orders = match served.api.orders_between(&symbol, now_ms - BACK_MS, now_ms + 60_000, turn).await {
        Ok(orders) => orders,
        Err(error) => {
            super::heed(gateway, served, &error).await;
            return Err(error.into());
        }
    };
    let ours: Vec<Named> = orders.into_iter().filter_map(|order| Named::of(order, due.held.1)).collect();
    let names: Vec<&str> = ours.iter().map(|one| one.name.as_str()).collect();
    let ids: Vec<CopyId> = ours.iter().map(|one| one.copy).collect();
    let account = served.account_id;
    let read = async |tx: &mut Tx| {
        let written = found::list_written(tx, &names).await?;
        Ok::<_, StoreError>((written, found::list_copies(tx, account, &ids).await?))
    };
    let (written, copies) = gateway.db.open(read).await?;
    let left = left(&ours, &written, due.coins);
    if left.iter().any(|(one, _)| copies.get(&one.copy).is_some_and(|copy| copy.is_planned)) {
        // Its order is sent once more, refused as sent before, and asked for.
        return Ok(None);
    }
    let side = match due.held.1 {
        Direction::Long => Side::Buy,
        Direction::Short => Side::Sell,
    };
    let ordered = |(one, coins): &(&Named, Decimal)| OrderedPosition {
        ticket: one.ticket,
        side,
        coins: *coins,
        age_ms: now_ms.saturating_sub(one.made_at_ms).max(0),
        copy: copies.get(&one.copy).copied(),
    };
    let positions: Vec<OrderedPosition> = left.iter().map(ordered).collect();
    if !positions.is_empty() {
        tell(gateway, served, &due.held.0, &positions).await?;
    }
    Ok(Some(positions.iter().map(|one| one.ticket).collect()))
}

/// Writes positions down that no row knows. Their owner is told of each once.
async fn tell(
    gateway: &Gateway,
    served: &Served,
    symbol: &str,
    positions: &[OrderedPosition],
) -> StoreResult<()> {
    let whose = (served.owner_id, served.account_id);
    let note = async |tx: &mut Tx| {
        let new = orphans::note_ordered(tx, whose, positions).await?;
        let told: Vec<&OrderedPosition> = positions.iter().filter(|one| new.contains(&one.ticket)).collect();
        if told.is_empty() {
            return Ok::<_, StoreError>(None);
        }
        Ok(Some(alerts::raise(tx, &alarms::orders_lost(whose, symbol, &told)).await?))
    };
    if let Some(raised) = gateway.db.open(note).await? {
        tracing::error!(account.id = %served.account_id, symbol, positions = positions.len(), "the exchange has positions that orders under our names opened, and no row knows them");
        alarms::tell(gateway, &[raised]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_beyond_the_books_is_looked_through_once_it_stands_and_again_only_when_it_is_something_else() {
        let held = ("BTC-USDT".to_owned(), Direction::Long);
        let of = |coins: i64| BTreeMap::from([(held.clone(), Decimal::from(coins))]);
        let none = BTreeMap::new();
        let began = Instant::now();
        let at = |seconds: u64| began + Duration::from_secs(seconds);
        let ticket = Ticket::new(7).unwrap();
        let mut known = Known::default();
        let see = |known: &mut Known, beyond: &BTreeMap<Held, Decimal>, seconds: u64| {
            known.see(beyond, (DateTime::UNIX_EPOCH, at(seconds)));
            known.due(at(seconds))
        };

        assert_eq!(known.changed(), None, "nothing was seen yet");
        assert!(see(&mut known, &of(1), 0).is_empty());
        assert!(known.due(at(60)).is_empty(), "one look is not enough");
        assert!(see(&mut known, &of(1), 1).is_empty(), "nor are two at once");
        let due = see(&mut known, &of(1), 2);
        assert_eq!((due.len(), known.changed()), (1, None));

        known.put_off(&held);
        assert_eq!(see(&mut known, &of(1), 60).len() + see(&mut known, &of(1), 61).len(), 0);
        let due = see(&mut known, &of(1), 62);
        known.find(&due[0], vec![ticket]);
        assert_eq!((known.due(at(63)).len(), known.changed()), (0, Some(vec![ticket])));
        known.written = Some(vec![ticket]);

        assert_eq!(see(&mut known, &of(2), 64).len() + see(&mut known, &of(1), 65).len(), 0);
        assert_eq!((see(&mut known, &of(1), 90).len(), known.changed()), (0, None), "it is known");
        see(&mut known, &of(3), 91);
        let due = see(&mut known, &of(3), 93);
        see(&mut known, &of(4), 94);
        known.find(&due[0], Vec::new());
        assert_eq!(see(&mut known, &of(4), 96).len(), 1, "what was found was of another moment");

        see(&mut known, &none, 97);
        assert_eq!(known.changed(), Some(vec![ticket]), "it may be there still");
        see(&mut known, &none, 99);
        assert_eq!(known.changed(), Some(Vec::new()));
        assert!(known.seen.is_empty() && known.found.is_empty());
    }

    #[test]
    fn what_was_closed_is_not_left_and_the_newest_lost_what_others_took() {
        let order = |copy: u128, opens: bool, filled: i64, made_at_ms: i64| Named {
            name: format!("{copy}{opens}"),
            ticket: Ticket::new(made_at_ms).unwrap(),
            copy: CopyId::from_uuid(Uuid::from_u128(copy)),
            opens,
            filled: Decimal::from(filled),
            made_at_ms,
        };
        let orders = [
            order(1, true, 3, 30),
            order(2, true, 5, 10),
            order(2, false, 4, 20),
            order(3, true, 2, 5),
            order(3, false, 2, 6),
            order(4, false, 9, 1),
            order(5, true, 7, 2),
            order(6, true, 8, 40),
            order(6, false, 6, 50),
        ];
        let written =
            HashMap::from([("5true".to_owned(), Decimal::from(7)), ("6true".to_owned(), Decimal::from(6))]);
        let left = |there: i64| -> Vec<(i64, i64)> {
            let left = left(&orders, &written, Decimal::from(there));
            left.into_iter().map(|(one, coins)| (one.made_at_ms, coins.try_into().unwrap())).collect()
        };

        assert_eq!(left(9), [(10, 1), (30, 3), (40, 2)], "the last one was planned smaller");
        assert_eq!(left(2), [(10, 1), (30, 1)]);
        assert_eq!(left(1), [(10, 1)]);
    }
}
