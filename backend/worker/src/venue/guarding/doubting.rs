//! What cannot be said of stops and targets: whether they were pulled.

use std::time::Duration;

use flotilla_engine::exits::Verdict;
use flotilla_exchange::bingx::id::OrderId;
use flotilla_exchange::bingx::model::{Order, OrderStatus};
use flotilla_exchange::bingx::order::OrderRef;
use flotilla_exchange::outcome::{NotSent, ReadError};
use flotilla_store::venue_orders::exits::VenueExit;
use rust_decimal::Decimal;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use super::{Look, LookError, MISSES, Went};

/// How long what is urgent waits for another look, which may have to wait for answers that do not come.
const OTHERS_WITHIN: Duration = Duration::from_secs(5);

/// Waits until no other look at the exits of an account is taken. `None`: that would hold up a close for too long.
pub(super) async fn hold(exits: &Mutex<()>, is_urgent: bool) -> Option<MutexGuard<'_, ()>> {
    if is_urgent { timeout(OTHERS_WITHIN, exits.lock()).await.ok() } else { Some(exits.lock().await) }
}

impl Look<'_> {
    /// Whether it cannot be said, as it is found, what an exit has closed. Of one that is gone it is said once it was
    /// asked for.
    pub(super) fn is_doubtful(&self, exit: &VenueExit, verdict: &Verdict, open: &[Order]) -> bool {
        match verdict {
            Verdict::Stands(id) => {
                open.iter().any(|order| order.id.as_str() == id && order.filled > Decimal::ZERO)
            }
            Verdict::Cancel(_) => true,
            Verdict::Gone(_) => false,
            Verdict::Missing => {
                let has_ended = self.ended.contains(&(exit.copy_id, exit.kind.as_str()));
                let is_sure = has_ended || exit.missed.saturating_add(1) >= MISSES;
                exit.appears_within_s.is_some() || !is_sure
            }
            Verdict::Nothing => exit.appears_within_s.is_some() || exit.order_id.is_some(),
        }
    }

    /// Asks for exits one by one, where what stands cannot be read: some may have been pulled.
    ///
    /// Where nothing is in doubt by that, it is as if nothing were to be done. Otherwise `error` stays.
    pub(super) async fn ask_for_each(
        &mut self,
        all: &[VenueExit],
        error: ReadError,
    ) -> Result<Went, LookError> {
        let mut is_sure = true;
        for exit in all {
            let name = exit.order_id.as_deref().map(OrderId::new);
            let Some(Ok(id)) = name else {
                is_sure &= exit.order_id.is_none() && exit.trigger.is_none();
                continue;
            };
            let order = self.served.api.order(&self.symbol, &OrderRef::Venue(id), self.protecting()).await?;
            match order {
                Some(order) if order.status.is_over() == Some(true) => {
                    // What else is to be done about it waits until what stands is known.
                    let order = self.that_filled(exit, order).await?;
                    is_sure &= !is_filled_elsewhere(&order) && self.take(exit, &order).await?;
                }
                Some(order) => {
                    is_sure &= order.status.is_over() == Some(false) && order.filled <= Decimal::ZERO;
                }
                None => is_sure = false,
            }
        }
        if is_sure { Ok(Went::Nowhere) } else { Err(error.into()) }
    }

    /// The order that closed for one that was pulled: itself, or one that it has triggered.
    pub(super) async fn that_filled(&self, exit: &VenueExit, order: Order) -> Result<Order, LookError> {
        let Some(venues) = self.gateway.venues.as_ref().filter(|_| is_filled_elsewhere(&order)) else {
            return Ok(order);
        };
        let clock = venues.bingx.clock(self.served.api.environment());
        let now_ms = clock.now_ms().ok_or(ReadError::NotSent(NotSent::NoTime))?;
        let from_ms = now_ms - exit.age_ms - 5_000;
        let past =
            self.served.api.orders_between(&self.symbol, from_ms, now_ms + 60_000, self.protecting()).await?;
        let is_it = |one: &Order| {
            one.triggered_by.as_ref() == Some(&order.id)
                && one.filled > Decimal::ZERO
                && one.status.is_over() == Some(true)
        };
        Ok(past.into_iter().find(is_it).unwrap_or(order))
    }
}

/// Whether it was pulled, or may have been, and another order closed for it: then it shows no coins itself.
pub(super) fn is_filled_elsewhere(order: &Order) -> bool {
    let may_have_filled = matches!(order.status, OrderStatus::Filled | OrderStatus::Other(_));
    may_have_filled && order.filled <= Decimal::ZERO
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_urgent_waits_for_another_look_only_so_long() {
        let exits = Mutex::new(());
        let other = hold(&exits, false).await;
        let began = Instant::now();

        assert!(hold(&exits, true).await.is_none());
        assert!(began.elapsed() < Duration::from_secs(6));
        drop(other);
        assert!(hold(&exits, true).await.is_some());
    }
}
