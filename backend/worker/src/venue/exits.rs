//! Stop and target of a master's position, as they travel with its signals.

use std::time::Duration;

use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
use flotilla_domain::venue_trades::Slot;
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::model::Order;
use flotilla_exchange::limits::Priority;
use rust_decimal::Decimal;

use super::history::{side, slot};
use super::seen::Seen;
use super::stream::Listening;

/// Followers wait no longer for it: an entry without a stop is better than a late one.
const WITHIN: Duration = Duration::from_secs(2);

/// What ends a position by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Exits {
    pub stop_loss: Option<Price>,
    pub take_profit: Option<Price>,
}

impl Exits {
    /// As they are stored.
    pub fn levels(self) -> (Option<Decimal>, Option<Decimal>) {
        (self.stop_loss.map(Price::value), self.take_profit.map(Price::value))
    }
}

/// Whether an order of this kind is a stop or a target.
pub(super) fn is_exit(kind: &str) -> bool {
    kind.contains("STOP") || kind.contains("TAKE_PROFIT")
}

/// Reads the stop and target that stand for what an order has entered.
pub(super) async fn read(listening: &Listening, seen: &Seen) -> Exits {
    let Ok(symbol) = Symbol::listed(&seen.symbol) else { return Exits::default() };
    // Part of an entry: what closes goes first.
    let turn = Turn::within(Priority::Open, WITHIN);
    let orders = tokio::time::timeout(WITHIN, listening.account.open_orders(Some(&symbol), turn)).await;
    match orders {
        Ok(Ok(orders)) => of(&orders, (seen.slot, seen.side)),
        Ok(Err(error)) => {
            let account = listening.connected.login.account_id;
            tracing::warn!(%error, account.id = %account, "stop and target of a master's position cannot be read; its followers enter without");
            Exits::default()
        }
        Err(_) => Exits::default(),
    }
}

/// `entered`: the slot, and the side that entered. Of several the newest counts: it came with what was entered last.
pub(super) fn of(orders: &[Order], entered: (Slot, Side)) -> Exits {
    let newest = |is_target: bool| {
        orders
            .iter()
            .filter(|order| is_of(order, entered) && order.kind.contains("TAKE_PROFIT") == is_target)
            .filter_map(|order| Some((order, Price::new(order.stop_price?.normalize()).ok()?)))
            .max_by_key(|(order, _)| (order.id.as_str().len(), order.id.as_str().to_owned()))
            .map(|(_, price)| price)
    };
    Exits { stop_loss: newest(false), take_profit: newest(true) }
}

fn is_of(order: &Order, (held, entered): (Slot, Side)) -> bool {
    let closes = order.side.map(side).is_some_and(|side| side != entered);
    is_exit(&order.kind) && closes && slot(order.position_side) == held
}
