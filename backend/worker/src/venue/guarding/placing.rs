//! Places stops and targets that are not there.

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::venue_order::ExitKind;
use flotilla_domain::trade::Direction;
use flotilla_engine::deadline::WRITE_WITHIN;
use flotilla_engine::exits::{self as judging, Purpose, may_be};
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::error::{ErrorClass, VenueError};
use flotilla_exchange::bingx::id::{ClientOrderId, OrderId};
use flotilla_exchange::bingx::model::Order;
use flotilla_exchange::bingx::order::{Exit, NewOrder, OrderKind, WorkingType};
use flotilla_exchange::outcome::{NotSent, OrderFault, Outcome, ReadError};
use flotilla_store::changes::Change;
use flotilla_store::venue_orders::exits::VenueExit;
use flotilla_store::venue_orders::{books, exits};
use flotilla_store::{StoreResult, Tx, alerts, copy_orders, resolutions};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::{Look, LookError, MISSES, SOON_S, Went, purpose_of};
use crate::alarms;
use crate::failpoint::{self, Point};
use crate::venue::desk::direction;
use crate::venue::open::market_for;

/// After so many refusals in a row a copy that cannot have its stop is closed, unless its owner has a stop there.
const REFUSALS: i32 = 3;

impl Look<'_> {
    /// An exit as it is judged.
    pub(super) fn exit_of(&self, one: &VenueExit) -> judging::Exit {
        let purpose = if one.is_moving {
            Purpose::Leaves
        } else if one.held <= Decimal::ZERO {
            Purpose::Over
        } else if one.is_wanted {
            Purpose::Guards
        } else {
            Purpose::Fades
        };
        judging::Exit {
            purpose,
            kind: one.kind,
            trigger: one.trigger.map(|trigger| trigger.normalize()),
            came_at: one.came_at.map(|trigger| trigger.normalize()),
            fits: self.contract.as_ref().and_then(|contract| fitted(one, self.place.2, contract)),
            held: one.held.normalize(),
            opened: one.opened.normalize(),
            ordered: one.ordered.normalize(),
            known: one.order_id.clone(),
            ours: ClientOrderId::prefix_of(one.copy_id, purpose_of(one.kind)),
        }
    }

    /// One does not stand, and nothing is known of it.
    pub(super) async fn missing(
        &self,
        all: &[VenueExit],
        mut exit: VenueExit,
        purpose: Purpose,
    ) -> Result<Went, LookError> {
        if let Some(left) = exit.appears_within_s {
            // One was sent, or may have been: until it must have appeared, nobody knows.
            self.note(&exit, Some(left + 0.5)).await?;
            return Ok(Went::Nowhere);
        }
        let has_ended = self.ended.contains(&(exit.copy_id, exit.kind.as_str()));
        exit.missed = exit.missed.saturating_add(1);
        let is_sure = has_ended || exit.missed >= MISSES;
        // What fades is not placed, so it is looked for once.
        let is_looked_for = if purpose == Purpose::Guards { is_sure } else { exit.missed == MISSES };
        if (self.is_urgent || is_looked_for)
            && !has_ended
            && let Some(id) = self.found(all, &exit).await?
        {
            exit.order_id = Some(id.as_str().to_owned());
            self.note(&exit, Some(SOON_S)).await?;
            return Ok(Went::On);
        }
        if purpose != Purpose::Guards || !is_sure {
            self.note(&exit, Some(SOON_S)).await?;
            return Ok(Went::Nowhere);
        }
        self.place(exit).await
    }

    /// Looks for it among orders that are over: it may have been pulled before it was ever seen.
    async fn found(&self, all: &[VenueExit], exit: &VenueExit) -> Result<Option<OrderId>, LookError> {
        let Some(venues) = &self.gateway.venues else { return Ok(None) };
        let clock = venues.bingx.clock(self.served.api.environment());
        let now_ms = clock.now_ms().ok_or(ReadError::NotSent(NotSent::NoTime))?;
        let from_ms = now_ms - exit.age_ms - 5_000;
        let past =
            self.served.api.orders_between(&self.symbol, from_ms, now_ms + 60_000, self.protecting()).await?;
        let account = self.served.account_id;
        let booked = self.gateway.db.open(async |tx| books::list_order_ids(tx, account).await).await?;
        let is_new = |order: &Order| {
            let id = order.id.as_str();
            let is_known = all.iter().any(|one| one.order_id.as_deref() == Some(id));
            !is_known && !booked.contains(id) && order.id.made_at_ms().is_none_or(|made| made >= from_ms)
        };
        // What ended without a fill says nothing.
        let matters = |order: &Order| order.filled > Decimal::ZERO || order.status.is_over() == Some(false);
        let wanted = self.exit_of(exit);
        let is_it = |order: &Order| self.standing(order).is_some_and(|one| may_be(&wanted, &one));
        let found = past.into_iter().find(|order| is_it(order) && matters(order) && is_new(order));
        Ok(found.map(|order| order.id))
    }

    /// Places one, if the position has what it would close.
    async fn place(&self, mut exit: VenueExit) -> Result<Went, LookError> {
        if let Some(left) = self.served.exits_rest(&self.symbol) {
            self.note(&exit, Some(left.as_secs_f64())).await?;
            return Ok(Went::Nowhere);
        }
        let Some(market) = market_for(self.gateway, self.served, &self.symbol).await else {
            self.note(&exit, Some(SOON_S)).await?;
            return Ok(Went::Nowhere);
        };
        if !self.is_covered().await? {
            // It was pulled, or something else closed: the books follow first.
            crate::venue::nudge(self.gateway, self.served.account_id);
            self.note(&exit, Some(SOON_S)).await?;
            return Ok(Went::Nowhere);
        }
        let Some(order) = self.order(&exit, &market.contract) else { return Ok(Went::Nowhere) };
        let turn = self.served.api.order_turn(self.protecting()).await.map_err(ReadError::NotSent)?;
        let session = (self.gateway.node, self.served.epoch);
        // Not after the commit: the answer of the database may have been long on its way.
        let committed = Instant::now();
        let claim = async |tx: &mut Tx| {
            let is_claimed = exits::claim(tx, session, &exit).await?;
            failpoint::pass(Point::VenueExitClaiming);
            Ok::<_, flotilla_store::StoreError>(is_claimed)
        };
        if !self.gateway.db.open(claim).await? {
            return Ok(Went::Nowhere);
        }
        failpoint::pass(Point::VenueExitClaimed);
        tracing::warn!(copy.id = %exit.copy_id, kind = %exit.kind, "a stop or target of a copy is not there and is placed");
        let turn = turn.by(committed + WRITE_WITHIN);
        let outcome = self.served.api.place_in(&order, market.terms(), turn).await;
        crate::venue::heed_order(self.gateway, self.served, &outcome).await;
        failpoint::pass(Point::VenueExitPlaced);
        exit.missed = 0;
        exit.placed = exit.placed.saturating_add(1);
        self.placed(exit, outcome.map(|placed| placed.id)).await
    }

    /// Whether the position has all that copies hold of it.
    async fn is_covered(&self) -> Result<bool, LookError> {
        let held = direction(self.place.2);
        let positions = self.served.api.positions(Some(&self.symbol), self.protecting()).await?;
        let real: Decimal = positions
            .iter()
            .filter(|position| position.symbol == self.symbol && position.direction == held)
            .map(|position| position.quantity)
            .sum();
        let place = self.place;
        let counted = self.gateway.db.open(async |tx| exits::held_beside_exits(tx, place).await).await?;
        Ok(counted.is_none_or(|counted| real >= counted))
    }

    fn order(&self, exit: &VenueExit, contract: &Contract) -> Option<NewOrder> {
        let number = u16::try_from(exit.placed.checked_add(1)?).ok()?;
        let (trigger, quantity) = fitted(exit, self.place.2, contract)?;
        let at = Exit { trigger, working: WorkingType::Mark };
        Some(NewOrder {
            client_id: ClientOrderId::of_copy(exit.copy_id, purpose_of(exit.kind), number),
            symbol: self.symbol.clone(),
            direction: direction(self.place.2),
            opens: false,
            quantity,
            kind: match exit.kind {
                ExitKind::Stop => OrderKind::Stop(at),
                ExitKind::Target => OrderKind::Target(at),
            },
            stop_loss: None,
            take_profit: None,
        })
    }

    async fn placed(&self, mut exit: VenueExit, outcome: Outcome<OrderId>) -> Result<Went, LookError> {
        match outcome {
            Outcome::Accepted(id) => {
                self.served.end_exits_rest(&self.symbol);
                exit.order_id = Some(id.as_str().to_owned());
                exit.refused = 0;
                exit.appears_within_s = None;
            }
            Outcome::Refused(error) => return self.refused(exit, &error).await,
            Outcome::NotSent(NotSent::Order(fault)) => {
                let mut error = VenueError::new(0, &fault.to_string());
                if fault == OrderFault::Closed {
                    // As when the exchange says so: that passes, and is no reason to close.
                    error.class = ErrorClass::Symbol;
                }
                return self.refused(exit, &error).await;
            }
            Outcome::NotSent(_) => exit.appears_within_s = None,
            // Once it must have appeared, a look shows whether it did.
            Outcome::Unknown(doubt) => {
                tracing::warn!(%doubt, copy.id = %exit.copy_id, "it is not known whether a stop or target was placed; it is looked for");
                return Ok(Went::Nowhere);
            }
        }
        self.note(&exit, Some(SOON_S)).await?;
        Ok(Went::Nowhere)
    }

    /// What was refused is not there. Where no stop can be had, the copy is closed, or its owner is told.
    async fn refused(&self, mut exit: VenueExit, error: &VenueError) -> Result<Went, LookError> {
        exit.appears_within_s = None;
        let passes = error.class.passes();
        exit.refused = exit.refused.saturating_add(i32::from(!passes));
        let again_in_s = if passes {
            self.served.rest_exits(&self.symbol).as_secs_f64()
        } else {
            SOON_S * f64::from(exit.refused.clamp(1, 20))
        };
        self.note(&exit, Some(again_in_s)).await?;
        // The price is past it: what it would have done is done. No other refusal says so.
        let is_past = error.means_past_trigger();
        let can_not = !passes && exit.kind == ExitKind::Stop && exit.refused >= REFUSALS;
        // The owner's own stop guards the position and leaves no room: that is no reason to close.
        let is_in_the_way = !is_past && self.has_foreign_stop && error.means_others_stand();
        let is_over = is_past || can_not && !is_in_the_way;
        tracing::error!(%error, copy.id = %exit.copy_id, kind = %exit.kind, is_over, "a stop or target of a copy is refused");
        if is_over || can_not && exit.refused == REFUSALS {
            let words = error.to_string();
            let raised = self.gateway.db.open(async |tx| tell(tx, &exit, &words, is_over).await).await?;
            alarms::tell(self.gateway, &raised);
            crate::venue::wake(self.gateway);
        }
        Ok(Went::Nowhere)
    }
}

/// Price and coins of an exit in the decimals that its contract takes now, which may be fewer than when its copy opened:
/// the price towards the entry, and no more coins than are held.
fn fitted(exit: &VenueExit, direction: Direction, contract: &Contract) -> Option<(Decimal, Decimal)> {
    let is_up = (direction == Direction::Long) == (exit.kind == ExitKind::Stop);
    let trigger = contract.price(exit.trigger?, is_up);
    Some((trigger.normalize(), contract.quantity(exit.held).normalize()))
}

/// Tells a copy's owner that the exchange does not let it be guarded, and has it closed where `is_over`.
async fn tell(tx: &mut Tx, exit: &VenueExit, words: &str, is_over: bool) -> StoreResult<Vec<Change>> {
    let copies = copy_orders::lock_ids(tx, &[exit.copy_id.uuid()]).await?;
    let Some(copy) = copies.first() else { return Ok(Vec::new()) };
    if copy.order.state != CopyState::Open || copy.order.desired_lots.is_zero() {
        return Ok(Vec::new());
    }
    if is_over {
        resolutions::want_flat(tx, copy.order.id).await?;
    }
    let alert = alarms::unguarded(&copy.order, (exit.kind, words));
    Ok(vec![alerts::raise(tx, &alert).await?])
}
