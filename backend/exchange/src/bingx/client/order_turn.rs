//! The turn of an order, taken before it is written down.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Account, BingX, Failure, Turn};
use crate::bingx::endpoint::{self, Environment};
use crate::bingx::reply::RawReply;
use crate::bingx::sign::Params;
use crate::limits::{Limit, Passage, Priority, Rate};
use crate::outcome::{NotSent, Outcome};

/// How soon an order leaves again whose time was refused, at the latest: what is written down leaves at once.
const AT_ONCE: Duration = Duration::from_secs(2);

/// The turn of one order. It is counted already: an order that is not sent after all leaves its place empty. Where the
/// exchange counts, it is counted anew when the order leaves.
#[derive(Debug)]
pub struct OrderTurn {
    limits: Vec<Limit>,
    turn: Turn,
    passage: Passage,
}

impl OrderTurn {
    /// After this instant the order does not leave, neither for the first time nor again.
    #[must_use]
    pub fn by(mut self, instant: Instant) -> Self {
        self.turn.deadline = self.turn.deadline.min(instant);
        self
    }

    /// The order may leave until this instant, however long its turn was waited for: what had to be looked at in its turn
    /// does not use it up.
    #[must_use]
    pub const fn until(mut self, instant: Instant) -> Self {
        self.turn.deadline = instant;
        self
    }
}

/// Limits of the orders of one source address: opens get half of what there is.
pub(super) fn order_limits(
    egress: &str,
    environment: Environment,
    rate: Rate,
    priority: Priority,
) -> Vec<Limit> {
    let limit = |what: &str, rate| Limit::ours(format!("{egress} {} {what}", environment.as_str()), rate);
    let mut limits = Vec::with_capacity(2);
    if !priority.protects() {
        limits.push(limit("opens", rate.half()));
    }
    limits.push(limit("orders", rate));
    limits
}

impl BingX {
    /// What each order that opens counts against where it leaves, whoever it is for.
    #[must_use]
    pub fn open_limits(&self, egress: &str, environment: Environment) -> Vec<Limit> {
        let mut limits = order_limits(egress, environment, self.settings.orders, Priority::Open);
        limits.extend(endpoint::PLACE.egress_limits(egress, environment));
        limits
    }
}

impl Account {
    /// Waits for the turn of an order that is not made yet.
    ///
    /// Whoever writes an order down before it leaves takes its turn first, so that what is written down leaves at
    /// once: see [`Account::place_in`].
    ///
    /// # Errors
    ///
    /// [`NotSent`]: no turn by the deadline, or the server's time is not known.
    pub async fn order_turn(&self, turn: Turn) -> Result<OrderTurn, NotSent> {
        let taken = self.take_turn(turn).await;
        if let Err(why) = &taken
            && turn.priority.protects()
        {
            self.protections.note(&Outcome::<()>::NotSent(why.clone()));
        }
        taken
    }

    async fn take_turn(&self, turn: Turn) -> Result<OrderTurn, NotSent> {
        match self.keep_time(turn).await {
            Err(Failure::NotSent(why)) => return Err(why),
            Err(Failure::Lost(_)) => return Err(NotSent::NoTime),
            Ok(()) => {}
        }
        let limits = self.limits_of(endpoint::PLACE, turn.priority);
        let passage = self.bingx.limiter.turn(&self.egress, &limits, turn.priority, turn.deadline).await?;
        // What its owner reads in its turn goes before it.
        Ok(OrderTurn { limits, turn, passage: passage.without_trial() })
    }

    /// Sends an order whose turn has come. Otherwise as [`Account::write`].
    pub(crate) async fn write_order<T>(
        &self,
        params: &Params,
        turn: OrderTurn,
        is_exit: bool,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Outcome<T> {
        let protects = turn.turn.priority.protects();
        let outcome = self.write_in(params, turn, read).await;
        match (protects, is_exit) {
            (false, _) => {}
            (true, true) => self.protections.note_exit(&outcome),
            (true, false) => self.protections.note(&outcome),
        }
        outcome
    }

    async fn write_in<T>(
        &self,
        params: &Params,
        OrderTurn { limits, turn, mut passage }: OrderTurn,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Outcome<T> {
        // An interface that was closed meanwhile is not called.
        if Instant::now() > turn.deadline || !passage.leave() {
            return Outcome::NotSent(NotSent::NoTurn);
        }
        let sent = match self.send_now(endpoint::PLACE, params, (&limits, passage), Some(turn.deadline)).await
        {
            Ok((reply, signed_at)) if reply.is_about_time() => {
                // The gate refused it before anything could act on it.
                self.once_more(params, (&limits, turn), signed_at).await.unwrap_or(Ok(reply))
            }
            sent => sent.map(|(reply, _)| reply),
        };
        match sent {
            Ok(reply) => reply.order_outcome(read),
            Err(failure) => failure.into(),
        }
    }

    /// Reads the server's time and sends an order again. `None`: it would not leave soon enough.
    ///
    /// It was written down for now. Later somebody else may have decided about it, and its owner counts the time in
    /// which it can appear from the first sending.
    async fn once_more(
        &self,
        params: &Params,
        (limits, turn): (&[Limit], Turn),
        signed_at: Instant,
    ) -> Option<Result<RawReply, Failure>> {
        let turn = Turn { deadline: turn.deadline.min(signed_at + AT_ONCE), ..turn };
        let ready = async {
            self.measure(turn, signed_at).await.ok()?;
            self.bingx.limiter.turn(&self.egress, limits, turn.priority, turn.deadline).await.ok()
        };
        let passage = timeout_at(turn.deadline, ready).await.ok()??;
        let sent = self.send_now(endpoint::PLACE, params, (limits, passage), Some(turn.deadline)).await;
        Some(sent.map(|(reply, _)| reply))
    }
}
