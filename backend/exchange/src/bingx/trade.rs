//! What changes an account: orders, cancels, leverage. And what became of them.

use std::time::Duration;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::client::{Account, OrderTurn, Turn};
use super::endpoint;
use super::id::{ClientOrderId, Symbol};
use super::model::{Cancelled, Order, OrderReply, Placed};
use super::number;
use super::order::{NewOrder, OrderRef, Terms};
use super::sign::Params;
use crate::limits::Priority;
use crate::outcome::{NotSent, OrderFault, Outcome, ReadError};

/// What was found about an order whose fate was unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It was accepted: here it is.
    Order(Box<Order>),
    /// Nothing knows it, after all waits. It may be sent again, but only under the same name: should it turn up after
    /// all, the exchange refuses the second.
    Absent,
}

/// Of which positions leverage is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeverageSide {
    /// One-way mode.
    Both,
    /// Hedge mode, long ones.
    Long,
    /// Hedge mode, short ones.
    Short,
}

/// Waits between the questions for an order that is not found.
const PATIENCE: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

impl Account {
    /// Places an order, once. It is never sent a second time from here.
    ///
    /// The caller has written `order.client_id` down before. [`Outcome::Unknown`] is answered with
    /// [`Account::find_out`], and with nothing else.
    ///
    /// Dropping the future after its turn has come leaves the order in doubt, too.
    pub async fn place(&self, order: &NewOrder, terms: Terms<'_>, turn: Turn) -> Outcome<Placed> {
        let params = match self.params_of(order, terms) {
            Ok(params) => params,
            Err(fault) => return Outcome::NotSent(NotSent::Order(fault)),
        };
        match self.signed(endpoint::PLACE, &params, turn).await {
            Ok(reply) => {
                reply.order_outcome(|json| serde_json::from_str(json).ok().map(|OrderReply(placed)| placed))
            }
            Err(failure) => failure.into(),
        }
    }

    /// Places an order whose turn has come; otherwise as [`Account::place`].
    ///
    /// Between the turn and this the caller writes the order down. What is not fit to be sent stays unsent, and its
    /// turn is lost.
    pub async fn place_in(&self, order: &NewOrder, terms: Terms<'_>, turn: OrderTurn) -> Outcome<Placed> {
        let params = match self.params_of(order, terms) {
            Ok(params) => params,
            Err(fault) => return Outcome::NotSent(NotSent::Order(fault)),
        };
        self.write_order(&params, turn, order.kind.is_exit(), |json| {
            serde_json::from_str(json).ok().map(|OrderReply(placed)| placed)
        })
        .await
    }

    /// A contract that takes no such orders may take them again, and nothing that is not sent is told so: it is read again.
    fn params_of(&self, order: &NewOrder, terms: Terms<'_>) -> Result<Params, OrderFault> {
        let params = order.params(terms);
        if params == Err(OrderFault::Closed) {
            self.bingx.doubt_contracts(self.environment);
        }
        params
    }

    /// Cancels an order.
    ///
    /// Refused as already filled or not existing is an answer: read the order.
    /// The same order can be cancelled once a second at most.
    pub async fn cancel(&self, symbol: &Symbol, order: &OrderRef, turn: Turn) -> Outcome<Order> {
        self.write(endpoint::CANCEL, order.params(symbol), turn, |json| {
            serde_json::from_str(json).ok().map(|OrderReply(order)| order)
        })
        .await
    }

    /// Cancels all orders of a contract. Attached exits may stay: read the open orders again until none is left.
    pub async fn cancel_all(&self, symbol: &Symbol, turn: Turn) -> Outcome<Cancelled> {
        let params = Params::new().with("symbol", symbol);
        self.write(endpoint::CANCEL_ALL, params, turn, |json| serde_json::from_str(json).ok()).await
    }

    /// Sets the leverage of a contract. Only for the account's owner, by their own hand.
    ///
    /// * `leverage`: 1 to the contract's highest.
    ///
    /// Returns the leverage that the exchange has set.
    pub async fn set_leverage(
        &self,
        symbol: &Symbol,
        side: LeverageSide,
        leverage: u32,
        turn: Turn,
    ) -> Outcome<Decimal> {
        let side = match side {
            LeverageSide::Both => "BOTH",
            LeverageSide::Long => "LONG",
            LeverageSide::Short => "SHORT",
        };
        let params = Params::new().with("symbol", symbol).with("side", side).with("leverage", leverage);
        self.write(endpoint::SET_LEVERAGE, params, turn, |json| {
            serde_json::from_str::<LeverageSet>(json).ok().map(|set| set.leverage)
        })
        .await
    }

    /// Finds out what became of an order.
    ///
    /// Asks by its name; where it is not found, waits (15 s in all) and asks again, and at last looks through the open
    /// orders and those of the time. The exchange may show an order only seconds after it has accepted it.
    ///
    /// * `sent_at_ms`: server time of the sending, at or before.
    ///
    /// # Errors
    ///
    /// [`ReadError`]: the order is still in doubt; ask again later.
    pub async fn find_out(
        &self,
        symbol: &Symbol,
        client_id: &ClientOrderId,
        sent_at_ms: i64,
        turn: Turn,
    ) -> Result<Found, ReadError> {
        let turn = Turn { priority: Priority::Protect, ..turn };
        let by_name = OrderRef::Ours(client_id.clone());
        if let Some(order) = self.order(symbol, &by_name, turn).await? {
            return Ok(Found::Order(Box::new(order)));
        }
        for wait in PATIENCE {
            tokio::time::sleep(wait).await;
            if let Some(order) = self.order(symbol, &by_name, turn).await? {
                return Ok(Found::Order(Box::new(order)));
            }
        }
        let is_ours = |order: &Order| order.client_id.as_deref().is_some_and(|id| client_id.is(id));
        let open = self.open_orders(Some(symbol), turn).await?;
        if let Some(order) = open.into_iter().find(is_ours) {
            return Ok(Found::Order(Box::new(order)));
        }
        let until = self.bingx.clock(self.environment).now_ms().unwrap_or(sent_at_ms) + 60_000;
        let past = self.orders_between(symbol, sent_at_ms - 60_000, until, turn).await?;
        Ok(past.into_iter().find(is_ours).map_or(Found::Absent, |order| Found::Order(Box::new(order))))
    }
}

#[derive(Deserialize)]
struct LeverageSet {
    #[serde(deserialize_with = "number::decimal")]
    leverage: Decimal,
}
