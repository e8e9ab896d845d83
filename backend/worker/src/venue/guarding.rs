//! Sees to it that stops and targets of copies stand at the exchange as long as their copies hold something, at the
//! prices that are wanted, and no longer.
//!
//! They are orders of their own there, of the account's whole position: one that outlives its copy would close of
//! another copy, or of what is the owner's own. One that was pulled is booked to its own copy, as told by the order.
//! There is no name by which placing one twice would be refused: what stands is read first, one look at a time for each
//! account, and what was sent and may still appear is waited for.

mod doubting;
mod placing;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::copy::venue_order::ExitKind;
use flotilla_domain::id::{AccountId, CopyId};
use flotilla_engine::exits::{Exit, Purpose, Standing, Stray, Verdict, judged};
use flotilla_engine::venue::taken_of;
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::event::OrderEvent;
use flotilla_exchange::bingx::id::{self, OrderId, Symbol};
use flotilla_exchange::bingx::model::{Order, PositionSide, TradeSide};
use flotilla_exchange::bingx::order::OrderRef;
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{NotSent, Outcome, ReadError};
use flotilla_store::venue_orders::books;
use flotilla_store::venue_orders::exits::{self, Place, VenueExit};
use flotilla_store::{StoreError, StoreResult, Tx, copy_orders};
use rust_decimal::Decimal;
use uuid::Uuid;

use self::doubting::{hold, is_filled_elsewhere};
use super::desk::{ExitsInHand, Served, direction};
use super::hearing::{Written, write_changes};
use super::known;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::settle::change;

/// Positions that are taken up at one look.
const AT_ONCE: i64 = 200;
/// Looks in a row in which an exit must not be there before that is believed: lists lag behind fills.
const MISSES: i32 = 2;
/// How often what was done is looked at again at once.
const ROUNDS: usize = 4;
/// Until the next look: after something was done or was not there, while nothing can be said, and while all is well.
const SOON_S: f64 = 3.0;
const WHILE_S: f64 = 10.0;
const LATER_S: f64 = 120.0;
/// Between looks at the least: closes come in crowds.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks at what is due, until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            () = venues.desk.exits_woken() => tokio::time::sleep(PAUSE).await,
            () = tokio::time::sleep(venues.config.timing.exits) => {}
        }
        if venues.desk.every().is_empty() {
            continue;
        }
        let due = gateway.db.open(async |tx| exits::take_due(tx, gateway.node, AT_ONCE).await).await;
        let due = due.unwrap_or_else(|error| {
            tracing::warn!(%error, "stops and targets of copies cannot be looked up; they are tried again");
            BTreeSet::new()
        });
        for place in due {
            let Some(in_hand) = venues.desk.take_exits(&place) else { continue };
            let gateway = Arc::clone(&gateway);
            venues.desk.tasks.spawn(async move { look_due(&gateway, &place, in_hand).await });
        }
    }
}

/// Looks at the exits of a position until they are not due any more.
async fn look_due(gateway: &Arc<Gateway>, place: &Place, mut in_hand: ExitsInHand) {
    let Some(venues) = &gateway.venues else { return };
    loop {
        let Some(served) = venues.desk.find(place.0) else { return };
        // However many positions are due, at most one look stands before those that are urgent.
        let _line = served.exits_line.lock().await;
        in_hand.begin();
        look(gateway, &served, place, Priority::Account).await;
        if !in_hand.is_due_again() {
            return;
        }
    }
}

/// The stream tells of an order that is not one of ours by name, and more than that it is there.
pub(super) async fn hear_of(gateway: &Arc<Gateway>, account: AccountId, event: &OrderEvent) {
    let Some(venues) = &gateway.venues else { return };
    // It is named by itself, or by what pulled it, or came with.
    let ids: Vec<&str> =
        [Some(&event.id), event.triggered_by.as_ref()].into_iter().flatten().map(OrderId::as_str).collect();
    let order = (event.symbol.as_str(), ids.as_slice());
    let due = gateway.db.open(async |tx| exits::make_due(tx, account, order).await).await;
    if due.unwrap_or(true) {
        venues.desk.wake_exits();
    }
}

/// Why the exits of a position could not be looked at.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A look at the exits of one position.
struct Look<'a> {
    gateway: &'a Arc<Gateway>,
    served: &'a Arc<Served>,
    place: &'a Place,
    symbol: Symbol,
    /// As it is placed by: judged by another one, or by none, what stands would not be what is wanted.
    contract: Option<Arc<Contract>>,
    /// The position is smaller than it should be.
    is_urgent: bool,
    /// Exits of which this look has seen how they ended: they are placed without further ado.
    ended: HashSet<(CopyId, &'static str)>,
    /// A stop stands there that is nobody's of ours.
    has_foreign_stop: bool,
    /// Something was booked.
    has_taken: bool,
    /// Exits of which it cannot be said by this round whether they were pulled.
    unsure_of: HashSet<(CopyId, &'static str)>,
}

/// What a look shows of a position that is smaller than it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    /// An exit was pulled, and that is booked.
    Booked,
    /// No exit was pulled that is not booked.
    NotByExits,
    /// Nobody can say whether one was: it is looked at again before anything is concluded.
    Unsure,
}

/// What a part of a look has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Went {
    /// Nothing that would change what the next look sees.
    Nowhere,
    /// On: the next look is worth taking at once.
    On,
}

/// Brings the exits of a position to what is wanted, and books what those that were pulled have closed.
///
/// `priority`: [`Priority::Protect`] where the position is smaller than it should be. Otherwise that all is well is read
/// after what opens.
pub(super) async fn look(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    place: &Place,
    priority: Priority,
) -> Looked {
    let Ok(symbol) = Symbol::listed(&place.1) else { return Looked::NotByExits };
    let is_urgent = priority == Priority::Protect;
    let Some(_one) = hold(&served.exits, is_urgent).await else {
        served.note_sure((place.1.clone(), place.2), false);
        return Looked::Unsure;
    };
    let mut look = Look {
        gateway,
        served,
        place,
        contract: known::contract(gateway, served, &symbol).await,
        symbol,
        is_urgent,
        ended: HashSet::new(),
        has_foreign_stop: false,
        has_taken: false,
        unsure_of: HashSet::new(),
    };
    let mut is_sure = false;
    for _ in 0..ROUNDS {
        match look.round().await {
            Ok(Went::On) => {}
            Ok(Went::Nowhere) => {
                is_sure = look.unsure_of.is_empty();
                break;
            }
            // Where others go first it is due again.
            Err(LookError::Read(ReadError::NotSent(NotSent::NoTurn))) => break,
            Err(LookError::Read(error)) => {
                super::heed(gateway, served, &error).await;
                tracing::warn!(%error, account.id = %served.account_id, "stops and targets of copies cannot be read; they are tried again");
                break;
            }
            Err(LookError::Store(error)) => {
                tracing::error!(%error, account.id = %served.account_id, "stops and targets of copies could not be seen to; they are tried again");
                break;
            }
        }
    }
    if is_urgent {
        served.note_sure((place.1.clone(), place.2), is_sure);
    }
    match (is_sure, look.has_taken) {
        (false, _) => Looked::Unsure,
        (true, true) => Looked::Booked,
        (true, false) => Looked::NotByExits,
    }
}

impl Look<'_> {
    /// For what closes to go first, unless this is part of a close, or of finding out what is held.
    fn protecting(&self) -> Turn {
        let priority = if self.is_urgent { Priority::Protect } else { Priority::Guard };
        Turn::within(priority, Duration::from_secs(10))
    }

    fn turn(&self, all: &[VenueExit]) -> Turn {
        let is_well = |exit: &VenueExit| {
            exit.held > Decimal::ZERO && exit.missed == 0 && exit.appears_within_s.is_none()
        };
        let is_urgent = self.is_urgent || !all.iter().all(is_well);
        if is_urgent { self.protecting() } else { Turn::within(Priority::Account, Duration::from_secs(5)) }
    }

    async fn round(&mut self) -> Result<Went, LookError> {
        let place = self.place;
        self.unsure_of.clear();
        // What is written after this is due again.
        let all = self.gateway.db.open(async |tx| exits::list(tx, place).await).await?;
        if all.is_empty() {
            return Ok(Went::Nowhere);
        }
        let read = self.served.api.open_orders(Some(&self.symbol), self.turn(&all)).await;
        let open = match read {
            Ok(open) => open,
            Err(error) if self.is_urgent => return self.ask_for_each(&all, error).await,
            Err(error) => return Err(error.into()),
        };
        let standing: Vec<Standing> = open.iter().filter_map(|order| self.standing(order)).collect();
        let exits: Vec<Exit> = all.iter().map(|exit| self.exit_of(exit)).collect();
        let judgement = judged(&exits, &standing);
        self.has_foreign_stop = judgement.has_foreign_stop;
        let mut went = Went::Nowhere;
        for stray in self.known(judgement.strays).await? {
            self.cancel(&stray.id).await;
        }
        for ((exit, one), verdict) in all.iter().zip(&exits).zip(judgement.verdicts) {
            if self.is_doubtful(exit, &verdict, &open) {
                self.unsure_of.insert((exit.copy_id, exit.kind.as_str()));
            }
            if self.see_to(&all, exit.clone(), one.purpose, verdict).await? == Went::On {
                went = Went::On;
            }
        }
        Ok(went)
    }

    /// Those whose copies are known here. Others are left alone: the account may be shared with another installation, or
    /// the database may be older than they are.
    async fn known(&mut self, strays: Vec<Stray>) -> StoreResult<Vec<Stray>> {
        if strays.is_empty() {
            return Ok(strays);
        }
        let copies: Vec<Uuid> = strays.iter().map(|stray| stray.copy.uuid()).collect();
        let known = self.gateway.db.open(async |tx| copy_orders::list_known(tx, &copies).await).await?;
        let (ours, foreign): (Vec<Stray>, Vec<Stray>) =
            strays.into_iter().partition(|stray| known.contains(&stray.copy.uuid()));
        for stray in foreign {
            self.has_foreign_stop |= stray.kind == ExitKind::Stop;
            tracing::warn!(account.id = %self.served.account_id, copy.id = %stray.copy, order = stray.id, "a stop or target of a copy that nobody knows is left alone");
        }
        Ok(ours)
    }

    /// An order that ends this position at a trigger.
    fn standing(&self, order: &Order) -> Option<Standing> {
        let held = direction(self.place.2);
        let kind = kind_of(order)?;
        let is_here = match order.position_side {
            Some(PositionSide::Both) | None => true,
            Some(side) => side == PositionSide::from(held),
        };
        let closes = order.side == Some(TradeSide::of(held, false));
        (is_here && closes).then_some(Standing {
            id: order.id.as_str().to_owned(),
            name: order.client_id.clone().filter(|name| !name.is_empty()),
            kind,
            trigger: order.stop_price?.normalize(),
            quantity: order.quantity.filter(|quantity| *quantity > Decimal::ZERO).map(|one| one.normalize()),
        })
    }

    async fn see_to(
        &mut self,
        all: &[VenueExit],
        mut exit: VenueExit,
        purpose: Purpose,
        verdict: Verdict,
    ) -> Result<Went, LookError> {
        match verdict {
            Verdict::Stands(id) => {
                exit.order_id = Some(id);
                (exit.missed, exit.refused, exit.appears_within_s) = (0, 0, None);
                self.note(&exit, Some(LATER_S)).await?;
                Ok(Went::Nowhere)
            }
            Verdict::Cancel(id) => {
                // It goes before its successor stands, so that for the few requests of one look nothing guards the copy.
                // The other way round is not to be had: the exchange takes no stop beyond the size of the position, so
                // that beside one that is too large there is no room, and where others hold enough of it, two that are
                // pulled at once would sell theirs. An exit is known by one name, too, and while that stands no other
                // is claimed. That there is no successor is not left at that: the next round places it at once.
                // Its name is kept: what became of it is asked for once it does not stand any more.
                exit.order_id = Some(id.clone());
                exit.appears_within_s = None;
                self.note(&exit, Some(SOON_S)).await?;
                Ok(self.cancel(&id).await)
            }
            Verdict::Gone(id) => self.gone(exit, &id).await,
            Verdict::Missing => self.missing(all, exit, purpose).await,
            Verdict::Nothing => {
                exit.missed = exit.missed.saturating_add(1);
                let due_in_s = match (purpose, exit.appears_within_s) {
                    (_, Some(left)) => Some(left + 0.5),
                    // None is wanted. One that came with the copy may show late.
                    (Purpose::Over | Purpose::Guards, None) => (exit.missed < MISSES).then_some(SOON_S),
                    (Purpose::Fades | Purpose::Leaves, None) => Some(WHILE_S),
                };
                self.note(&exit, due_in_s).await?;
                Ok(Went::Nowhere)
            }
        }
    }

    async fn note(&self, exit: &VenueExit, due_in_s: Option<f64>) -> StoreResult<()> {
        self.gateway.db.open(async |tx| exits::note(tx, exit, due_in_s).await).await?;
        failpoint::pass(Point::VenueExitNoted);
        Ok(())
    }

    /// Whatever the answer, the next look shows what became of it.
    async fn cancel(&self, id: &str) -> Went {
        let Ok(id) = OrderId::new(id) else { return Went::Nowhere };
        failpoint::pass(Point::VenueExitCancelling);
        let outcome = self.served.api.cancel(&self.symbol, &OrderRef::Venue(id), self.protecting()).await;
        super::heed_order(self.gateway, self.served, &outcome).await;
        failpoint::pass(Point::VenueExitCancelled);
        let account = self.served.account_id;
        match outcome {
            Outcome::Accepted(_) => {
                tracing::info!(account.id = %account, symbol = %self.symbol, "a stop or target of a copy is cancelled");
                Went::On
            }
            // It was pulled, or is gone: what became of it is asked for.
            Outcome::Refused(error) if error.means_already_filled() || error.means_no_such_order() => {
                Went::On
            }
            Outcome::Refused(error) => {
                tracing::warn!(%error, account.id = %account, "a stop or target of a copy is not cancelled; it is tried again");
                Went::Nowhere
            }
            Outcome::NotSent(_) | Outcome::Unknown(_) => Went::Nowhere,
        }
    }

    /// One that stood does not stand any more.
    async fn gone(&mut self, mut exit: VenueExit, id: &str) -> Result<Went, LookError> {
        let name = OrderId::new(id).map(OrderRef::Venue);
        let found = match name {
            Ok(name) => self.served.api.order(&self.symbol, &name, self.protecting()).await?,
            Err(_) => None,
        };
        let found = match found {
            Some(order) => Some(self.that_filled(&exit, order).await?),
            None => None,
        };
        exit.missed = exit.missed.saturating_add(1);
        let is_settled = match &found {
            Some(order) if order.status.is_over() == Some(true) && !is_filled_elsewhere(order) => {
                if !self.take(&exit, order).await? {
                    self.unsure_of.insert((exit.copy_id, exit.kind.as_str()));
                    self.note(&exit, Some(SOON_S)).await?;
                    return Ok(Went::Nowhere);
                }
                self.ended.insert((exit.copy_id, exit.kind.as_str()));
                true
            }
            // The list lags behind, or what it closed shows later.
            Some(_) => false,
            None => exit.missed >= MISSES,
        };
        if is_settled {
            exit.order_id = None;
            exit.missed = 0;
        } else {
            self.unsure_of.insert((exit.copy_id, exit.kind.as_str()));
        }
        self.note(&exit, Some(SOON_S)).await?;
        Ok(if is_settled { Went::On } else { Went::Nowhere })
    }

    /// Books what an exit has closed of its copy. `false`: that cannot be said yet.
    async fn take(&mut self, exit: &VenueExit, order: &Order) -> StoreResult<bool> {
        if order.filled <= Decimal::ZERO {
            return Ok(true);
        }
        let place = self.place;
        let taken = self.gateway.db.open(async |tx| take_in(tx, place, exit, order).await).await?;
        match taken {
            Taken::Later => return Ok(false),
            // Of what its copy did not hold any more: others lost it.
            Taken::Nothing => super::nudge(self.gateway, self.served.account_id),
            Taken::Booked(written) => {
                tracing::info!(copy.id = %exit.copy_id, kind = %exit.kind, "a stop or target has closed of its copy");
                self.has_taken = true;
                written.tell(self.gateway);
                super::wake(self.gateway);
            }
        }
        Ok(true)
    }
}

/// What became of a fill of an exit.
enum Taken {
    /// It is booked.
    Booked(Box<Written>),
    /// Its copy holds nothing of it, or it was booked before.
    Nothing,
    /// An order of its copy is on its way.
    Later,
}

async fn take_in(
    tx: &mut Tx,
    (account, symbol, direction): &Place,
    exit: &VenueExit,
    order: &Order,
) -> StoreResult<Taken> {
    let holdings = books::lock_holdings(tx, *account, (symbol, *direction)).await?;
    let Some(holding) = holdings.iter().find(|one| one.copy.order.id == exit.copy_id) else {
        return Ok(Taken::Nothing);
    };
    if holding.is_moving() {
        return Ok(Taken::Later);
    }
    let id = order.id.as_str();
    let quantity = (order.filled - holding.taken_by(id)).min(holding.held());
    if quantity <= Decimal::ZERO {
        return Ok(Taken::Nothing);
    }
    let booked = books::take_by_exit(tx, holding, (quantity, order.average_price), id).await?;
    let Some(booked) = booked else { return Ok(Taken::Nothing) };
    let copy = &holding.copy.order;
    let edge = taken_of(copy, holding.held() - quantity, booked.units);
    let written = write_changes(tx, edge.map(|edge| change(copy, edge)).into_iter().collect()).await?;
    books::write_results(tx, &[copy.id]).await?;
    failpoint::pass(Point::VenueExitTaking);
    Ok(Taken::Booked(Box::new(written)))
}

fn kind_of(order: &Order) -> Option<ExitKind> {
    if order.kind.contains("TAKE_PROFIT") {
        Some(ExitKind::Target)
    } else {
        order.kind.contains("STOP").then_some(ExitKind::Stop)
    }
}

const fn purpose_of(kind: ExitKind) -> id::Purpose {
    match kind {
        ExitKind::Stop => id::Purpose::Stop,
        ExitKind::Target => id::Purpose::Target,
    }
}
