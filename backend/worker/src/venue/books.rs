//! Compares our books with the positions there really are, and reads what orders cost.
//!
//! A position that is larger than our books holds something of the owner's own: it is left alone. One that is smaller
//! was reduced by something else (by hand, by its stop or target, by a liquidation); the newest copies lost it.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use flotilla_domain::copy::venue_order::{Leg, VenueOrder};
use flotilla_domain::id::{AccountId, CopyId};
use flotilla_engine::venue::{taken, taken_of};
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::model::{Fill, Position};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::ReadError;
use flotilla_store::changes::{Change, ChangeKind};
use flotilla_store::venue_orders::books::{self, Booked, Holding};
use flotilla_store::{StoreError, StoreResult, Tx, alerts, journal_projection};
use rust_decimal::Decimal;
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use uuid::Uuid;

use super::Venues;
use super::desk::{Served, direction};
use super::guarding::{self, Looked};
use super::hearing::{Written, write_changes};
use super::lost;
use super::rounds::Rounds;
use super::takers::{self, Takings};
use super::unsent;
use crate::alarms;
use crate::gateway::Gateway;
use crate::settle::change;

/// How long a position must have been too small: lists lag behind fills.
const SHORT_FOR: Duration = Duration::from_secs(2);
/// How long it is waited for where it cannot be said whether a stop or target was pulled: booked to another copy, it
/// would be booked twice. And for fills that cannot be read.
const UNSURE_FOR: Duration = Duration::from_mins(10);
/// Between looks at what nothing explains, at the most.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// How long a read of fees waits for its turn: what does not get one is due again.
const FEES_WITHIN: Duration = Duration::from_secs(10);

/// Between looks for accounts whose turn it is, at the most and at the least.
const TICK: Duration = Duration::from_secs(1);
const TICK_OFTEN: Duration = Duration::from_millis(10);

/// Why books and positions could not be compared.
#[derive(Debug, thiserror::Error)]
pub(super) enum CompareError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Accounts of which something was to be found out, and could not.
type Failed = Arc<Mutex<HashSet<AccountId>>>;

/// Compares until the worker drains: each account from time to time, and at once where something happened.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    let least = venues.config.timing.positions;
    let (mut rounds, failed) = (Rounds::default(), Failed::default());
    let mut ticks = ticking((least / 4).clamp(TICK_OFTEN, TICK));
    let mut again = ticking(least.max(TICK_OFTEN));
    loop {
        let (mut urgent, due) = tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = venues.desk.nudged() => (HashSet::new(), Vec::new()),
            _ = again.tick() => (std::mem::take(&mut *lock(&failed)), Vec::new()),
            _ = ticks.tick() => {
                let every = venues.desk.every();
                let served: Vec<_> = every.iter().map(|one| (one.account_id, one.api.egress())).collect();
                (HashSet::new(), rounds.take_due(&served, least, Instant::now()))
            }
        };
        urgent.extend(venues.desk.take_nudged());
        for account in &urgent {
            rounds.note(*account, Instant::now());
            begin(&gateway, venues, *account, Some(Arc::clone(&failed)));
        }
        for account in due.into_iter().filter(|account| !urgent.contains(account)) {
            begin(&gateway, venues, account, None);
        }
    }
}

fn ticking(every: Duration) -> Interval {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Compares in a task of its own, unless the account is not served any more. Whom nothing happened to is compared after
/// all else; where something did, that is not left to the next round.
fn begin(gateway: &Arc<Gateway>, venues: &Venues, account: AccountId, urgent: Option<Failed>) {
    let Some(served) = venues.desk.find(account) else { return };
    let task = Arc::clone(gateway);
    let priority = if urgent.is_some() { Priority::Account } else { Priority::History };
    venues.desk.tasks.spawn(async move {
        if let Err(error) = compare(&task, &served, priority).await {
            complain(&task, &served, &error);
            if let Some(failed) = urgent {
                lock(&failed).insert(account);
            }
        }
    });
}

fn lock(failed: &Failed) -> MutexGuard<'_, HashSet<AccountId>> {
    failed.lock().unwrap_or_else(PoisonError::into_inner)
}

fn complain(gateway: &Gateway, served: &Served, error: &CompareError) {
    let account = served.account_id;
    if let CompareError::Read(ReadError::NotSent(why)) = error
        && unsent::tell(gateway, (account, served.api.egress()), why, "books and positions")
    {
        return;
    }
    tracing::warn!(%error, account.id = %account, "books and positions of an account cannot be compared");
}

/// Compares the books of an account with its positions.
pub(super) async fn compare(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    priority: Priority,
) -> Result<(), CompareError> {
    let began = gateway.db.open(async |tx| books::now(tx).await).await?;
    let turn = Turn::within(priority, Duration::from_secs(20));
    let positions = match served.api.positions(None, turn).await {
        Ok(positions) => positions,
        Err(error) => {
            super::heed(gateway, served, &error).await;
            return Err(error.into());
        }
    };
    let account = served.account_id;
    let booked = gateway.db.open(async |tx| books::list_booked(tx, account, began).await).await?;
    lost::see(served, (&positions, &booked), began);
    let short: Vec<(&Booked, Decimal)> = booked
        .iter()
        .map(|one| (one, real(&positions, one)))
        .filter(|(one, real)| *real < one.quantity)
        .collect();
    let key = |one: &Booked| (one.symbol.clone(), one.direction);
    served.keep_shortages(&short.iter().map(|(one, _)| key(one)).collect::<HashSet<_>>());
    for (one, real) in short {
        account_for(gateway, served, (one, real), began).await?;
    }
    Ok(())
}

/// Finds out what has closed of a position that is too small, and books it.
async fn account_for(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    (one, real): (&Booked, Decimal),
    began: DateTime<Utc>,
) -> Result<(), CompareError> {
    let account = served.account_id;
    let place = (account, one.symbol.clone(), one.direction);
    let position = (one.symbol.clone(), one.direction);
    let short_for = served.short_for(position.clone());
    let looked = guarding::look(gateway, served, &place, Priority::Protect).await;
    let is_given_up = served.unsure_for(&position) >= UNSURE_FOR;
    match looked {
        Looked::Booked => {
            // It was a stop or target, or in part.
            super::nudge(gateway, account);
            return Ok(());
        }
        Looked::Unsure if !is_given_up => {
            look_again(gateway, served, short_for);
            return Ok(());
        }
        Looked::Unsure | Looked::NotByExits => {}
    }
    if short_for < SHORT_FOR {
        look_again(gateway, served, short_for);
        return Ok(());
    }
    let takings = takers::read(gateway, served, &place).await;
    if short_for < longest(gateway, takings.as_ref(), one.quantity - real) {
        look_again(gateway, served, short_for);
        return Ok(());
    }
    let (seen, takings) = ((one, real, began), takings.unwrap_or_default());
    match gateway.db.open(async |tx| take(tx, served, seen, takings.clone()).await).await? {
        Taken::Written(written, raised) => {
            tracing::warn!(account.id = %account, symbol = one.symbol, is_explained = raised.is_empty(), "something else closed of a position that copies hold");
            written.tell(gateway);
            alarms::tell(gateway, &raised);
            super::wake(gateway);
        }
        Taken::Nothing => {}
        Taken::Stale => look_again(gateway, served, short_for),
    }
    Ok(())
}

/// How long coins must be missing before that is booked, by what is known of who closed them. `None`: that cannot be read.
fn longest(gateway: &Gateway, takings: Option<&Takings>, missing: Decimal) -> Duration {
    let unexplained = gateway.venues.as_ref().map(|venues| venues.config.timing.unexplained);
    match takings {
        // What an exit has closed shows in the list of fills before that one says so.
        Some(takings) if takings.are_of_exits() => UNSURE_FOR,
        Some(takings) if takings.coins() >= missing => Duration::ZERO,
        Some(_) => unexplained.unwrap_or(UNSURE_FOR),
        None => UNSURE_FOR,
    }
}

/// What came of booking what others took.
enum Taken {
    /// With what owners are told, as nothing explains it.
    Written(Box<Written>, Vec<Change>),
    Nothing,
    /// Copies have moved since the position was read.
    Stale,
}

fn real(positions: &[Position], one: &Booked) -> Decimal {
    let is_it = |position: &&Position| {
        position.symbol.as_str() == one.symbol && position.direction == direction(one.direction)
    };
    positions.iter().filter(is_it).map(|position| position.quantity).sum()
}

/// The longer it lasts, the more rarely: what is asked for here is asked for before what opens.
fn look_again(gateway: &Arc<Gateway>, served: &Served, short_for: Duration) {
    let (gateway, account) = (Arc::clone(gateway), served.account_id);
    tokio::spawn(async move {
        let pause = (short_for / 4).clamp(SHORT_FOR, LOOK_AGAIN);
        tokio::time::sleep(pause + Duration::from_millis(100)).await;
        super::nudge(&gateway, account);
    });
}

async fn take(
    tx: &mut Tx,
    served: &Served,
    (one, real, began): (&Booked, Decimal, DateTime<Utc>),
    mut takings: Takings,
) -> StoreResult<Taken> {
    let holdings = books::lock_holdings(tx, served.account_id, (&one.symbol, one.direction)).await?;
    if holdings.iter().any(Holding::is_moving) {
        return Ok(Taken::Nothing);
    }
    // What has opened since the position was read is not in it, and nobody has taken it.
    if !books::list_booked(tx, served.account_id, began).await?.contains(one) {
        return Ok(Taken::Stale);
    }
    let held: Vec<Decimal> = holdings.iter().map(Holding::held).collect();
    let (mut changes, mut touched, mut unexplained) = (Vec::new(), Vec::new(), Vec::new());
    for (holding, lost) in holdings.iter().zip(taken(&held, real)) {
        if lost <= Decimal::ZERO {
            continue;
        }
        let is_explained = takings.coins() >= lost;
        let share = takings.take(lost);
        let price = share.as_ref().map(|share| share.price);
        let Some(external) = books::take(tx, holding, lost, price).await? else { continue };
        if let Some(share) = &share {
            books::save_fee(tx, &external.client_id, (share.fee, &share.asset), None).await?;
        }
        let copy = &holding.copy.order;
        if !is_explained {
            unexplained.push(alarms::unexplained(copy));
        }
        touched.push(copy.id);
        changes.extend(taken_of(copy, holding.held() - lost, external.units).map(|edge| change(copy, edge)));
    }
    if changes.is_empty() {
        return Ok(Taken::Nothing);
    }
    let written = write_changes(tx, changes).await?;
    books::write_results(tx, &touched).await?;
    Ok(Taken::Written(Box::new(written), alerts::raise_all(tx, &unexplained).await?))
}

pub(super) fn average<'a>(fills: impl Iterator<Item = &'a Fill>) -> Option<Decimal> {
    let (coins, money) = fills.fold((Decimal::ZERO, Decimal::ZERO), |(coins, money), fill| {
        (coins + fill.quantity, money + fill.quantity * fill.price)
    });
    money.checked_div(coins).map(|price| price.round_dp(10).normalize())
}

/// Reads the fees of orders that are over, until the worker drains.
pub(crate) async fn read_fees(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = tokio::time::sleep(venues.config.timing.fees) => {}
        }
        if venues.desk.every().is_empty() {
            continue;
        }
        if let Err(error) = fees(&gateway, venues).await {
            tracing::warn!(%error, "fees of orders cannot be read; they are read later");
        }
    }
}

async fn fees(gateway: &Arc<Gateway>, venues: &Venues) -> StoreResult<()> {
    let take = async |tx: &mut Tx| {
        Ok::<_, StoreError>((books::take_without_fee(tx, gateway.node, 100).await?, books::now(tx).await?))
    };
    let (due, at) = gateway.db.open(take).await?;
    let mut by_contract: BTreeMap<_, Vec<VenueOrder>> = BTreeMap::new();
    for order in due {
        by_contract.entry((order.follower_id, order.symbol.clone())).or_default().push(order);
    }
    // Side by side: an account whose list does not come holds up no other.
    let mut reads = JoinSet::new();
    for ((account, symbol), orders) in by_contract {
        let (Some(served), Ok(symbol)) = (venues.desk.find(account), Symbol::listed(&symbol)) else {
            continue;
        };
        let (Some(now), Some(oldest)) = (
            venues.bingx.clock(served.api.environment()).now_ms(),
            orders.iter().map(|order| order.sent_at).min(),
        ) else {
            continue;
        };
        let age = (at - oldest).num_milliseconds().clamp(0, 6 * 86_400_000);
        let (gateway, span) = (Arc::clone(gateway), (now - age - 600_000, now + 60_000));
        reads.spawn(async move {
            if let Err(error) = fees_of(&gateway, &served, (&symbol, span), &orders).await {
                tracing::warn!(%error, account.id = %served.account_id, "fees of orders cannot be written; they are read again");
            }
        });
    }
    while reads.join_next().await.is_some() {}
    Ok(())
}

/// Reads the fees of orders of one contract. What cannot be read now is due again in a while.
async fn fees_of(
    gateway: &Gateway,
    served: &Served,
    (symbol, (from_ms, to_ms)): (&Symbol, (i64, i64)),
    orders: &[VenueOrder],
) -> StoreResult<()> {
    let turn = Turn::within(Priority::History, FEES_WITHIN);
    match served.api.fills(Some(symbol), from_ms, to_ms, turn).await {
        Ok(fills) => note_fees(gateway, orders, &fills).await,
        Err(error) => {
            super::heed(gateway, served, &error).await;
            Ok(())
        }
    }
}

/// What was paid for an order. What a stop or target took may be booked in several parts: each bears its share.
fn fee_of(order: &VenueOrder, fills: &[&Fill]) -> Decimal {
    let fee: Decimal = fills.iter().map(|fill| -fill.commission).sum();
    let filled: Decimal = fills.iter().map(|fill| fill.quantity).sum();
    if order.leg != Leg::External {
        return fee;
    }
    let share = (fee * order.filled).checked_div(filled);
    share.map_or(fee, |share| share.round_dp(8).normalize())
}

async fn note_fees(gateway: &Gateway, orders: &[VenueOrder], fills: &[Fill]) -> StoreResult<()> {
    let known: Vec<(&VenueOrder, Vec<&Fill>)> = orders
        .iter()
        .map(|order| {
            let is_its = |fill: &&Fill| order.order_id.as_deref() == Some(fill.id.order.as_str());
            (order, fills.iter().filter(is_its).collect())
        })
        .filter(|(order, fills): &(&VenueOrder, Vec<&Fill>)| {
            fills.iter().map(|fill| fill.quantity).sum::<Decimal>() >= order.filled
        })
        .collect();
    if known.is_empty() {
        return Ok(());
    }
    let copies: Vec<CopyId> = known.iter().map(|(order, _)| order.copy_id).collect();
    let trades = gateway
        .db
        .open(async |tx| {
            for (order, fills) in &known {
                let fee = fee_of(order, fills);
                let asset = fills.first().map_or("", |fill| fill.commission_asset.as_str());
                let price = average(fills.iter().copied());
                books::save_fee(tx, &order.client_id, (fee, asset), price).await?;
            }
            books::write_results(tx, &copies).await?;
            let ids: Vec<Uuid> = copies.iter().map(|copy| copy.uuid()).collect();
            journal_projection::list_ids(tx, &ids).await
        })
        .await?;
    // No edge of the copy tells of it: whoever looks at it would see no fee until he comes again.
    for (order, _) in &known {
        let (owner, account, copy) = (order.owner_id, order.follower_id, order.copy_id.uuid());
        gateway.hint(ChangeKind::Copy, owner, account, copy);
        if let Some((_, trade)) = trades.iter().find(|(of, _)| *of == copy) {
            gateway.hint(ChangeKind::Trade, owner, account, trade.uuid());
        }
    }
    Ok(())
}
