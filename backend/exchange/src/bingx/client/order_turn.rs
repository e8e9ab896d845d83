//! The turn of an order, taken before it is written down.

use super::{Account, Failure, Turn};
use crate::bingx::endpoint::{self, Environment};
use crate::bingx::sign::Params;
use crate::limits::{Limit, Priority, Rate};
use crate::outcome::{Doubt, NotSent, Outcome};

/// The turn of one order. It is counted already: an order that is not sent after all leaves its place empty.
#[derive(Debug)]
pub struct OrderTurn {
    limits: Vec<Limit>,
    turn: Turn,
}

/// Limits of the orders of one source address: opens get half of what there is.
pub(super) fn order_limits(
    egress: &str,
    environment: Environment,
    rate: Rate,
    priority: Priority,
) -> Vec<Limit> {
    let limit = |what: &str, rate| Limit { name: format!("{egress} {} {what}", environment.as_str()), rate };
    let mut limits = Vec::with_capacity(2);
    if priority > Priority::Protect {
        limits.push(limit("opens", rate.half()));
    }
    limits.push(limit("orders", rate));
    limits
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
        if self.bingx.clock(self.environment).is_older_than(self.bingx.settings.clock_age) {
            match self.measure(turn).await {
                Err(Failure::NotSent(why)) => return Err(why),
                Err(Failure::Lost(_)) => return Err(NotSent::NoTime),
                Ok(()) => {}
            }
        }
        let limits = self.limits_of(endpoint::PLACE, turn.priority);
        self.bingx.limiter.turn(&self.egress, &limits, turn.priority, turn.deadline).await?;
        Ok(OrderTurn { limits, turn })
    }

    /// Sends an order whose turn has come. Otherwise as [`Account::write`].
    pub(crate) async fn write_order<T>(
        &self,
        params: &Params,
        OrderTurn { limits, turn }: OrderTurn,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Outcome<T> {
        let sent = match self.send_now(endpoint::PLACE, params, &limits).await {
            Ok(reply) if reply.is_about_time() => match self.measure(turn).await {
                // The gate refused it before anything could act on it.
                Ok(()) => self.send(endpoint::PLACE, params, turn).await,
                Err(_) => Ok(reply),
            },
            sent => sent,
        };
        match sent {
            Ok(reply) => reply.outcome(read),
            Err(Failure::NotSent(why)) => Outcome::NotSent(why),
            Err(Failure::Lost(why)) => Outcome::Unknown(Doubt::NoAnswer(why)),
        }
    }
}
