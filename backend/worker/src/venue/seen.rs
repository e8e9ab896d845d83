//! An order of a master, as it was heard of or read.

use std::time::Duration;

use flotilla_domain::side::Side;
use flotilla_domain::ticket::Ticket;
use flotilla_domain::venue_trades::Slot;
use flotilla_exchange::bingx::event::OrderEvent;
use flotilla_exchange::bingx::id::OrderId;
use flotilla_exchange::bingx::model::{Fill, Order};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::history::{side, slot};

/// An order, as far as it was heard of.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub id: OrderId,
    pub symbol: String,
    pub slot: Slot,
    pub side: Side,
    pub filled: Decimal,
    pub average_price: Decimal,
    pub is_over: bool,
    /// It is known to open nothing.
    pub reduces_only: bool,
    pub heard_at: Instant,
    /// How long it had happened then. Nothing for what a stream tells as it happens.
    pub age: Duration,
}

impl Seen {
    pub fn of_event(event: &OrderEvent) -> Option<Self> {
        Some(Self {
            id: event.id.clone(),
            symbol: event.symbol.as_str().to_owned(),
            slot: slot(event.position_side),
            side: side(event.side?),
            filled: event.filled,
            average_price: event.average_price?,
            is_over: event.status.is_over()?,
            reduces_only: event.reduces_only,
            heard_at: Instant::now(),
            age: Duration::ZERO,
        })
        .filter(|seen| seen.filled > Decimal::ZERO)
    }

    pub fn of_order(order: &Order) -> Option<Self> {
        Some(Self {
            id: order.id.clone(),
            symbol: order.symbol.as_str().to_owned(),
            slot: slot(order.position_side),
            side: side(order.side?),
            filled: order.filled,
            average_price: order.average_price?,
            is_over: order.status.is_over().unwrap_or(false),
            reduces_only: false,
            heard_at: Instant::now(),
            age: Duration::ZERO,
        })
        .filter(|seen| seen.filled > Decimal::ZERO)
    }

    pub fn of_fills(fills: &[Fill], id: &OrderId) -> Option<Self> {
        let own: Vec<&Fill> = fills.iter().filter(|fill| fill.id.order == *id).collect();
        let first = own.first()?;
        let filled: Decimal = own.iter().map(|fill| fill.quantity).sum();
        let value: Decimal = own.iter().map(|fill| fill.quantity * fill.price).sum();
        Some(Self {
            id: id.clone(),
            symbol: first.symbol.as_str().to_owned(),
            slot: slot(first.position_side),
            side: side(first.side?),
            filled,
            average_price: value.checked_div(filled)?,
            is_over: false,
            reduces_only: false,
            heard_at: Instant::now(),
            age: Duration::ZERO,
        })
    }

    /// An order as it was read, unless its fills say more: one of the two lists may lag behind.
    pub fn more_of(read: Option<Self>, filled: Option<Self>) -> Option<Self> {
        match (read, filled) {
            (Some(read), Some(filled)) if read.filled < filled.filled => Some(filled),
            (read, filled) => read.or(filled),
        }
    }

    /// Read with these fills at `read_at_ms` of the exchange's clock: the newest says how long it had happened.
    pub fn aged(mut self, fills: &[Fill], read_at_ms: i64) -> Self {
        let newest = fills.iter().filter(|fill| fill.id.order == self.id).map(|fill| fill.filled_at_ms).max();
        let age_ms = newest.map_or(0, |newest| read_at_ms.saturating_sub(newest).max(0));
        self.age = Duration::from_millis(age_ms.unsigned_abs());
        self
    }

    pub fn ticket(&self) -> Option<Ticket> {
        self.id.as_str().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_counts_as_it_was_read_unless_its_fills_say_more() {
        let seen = |filled: i64, is_over| {
            Some(Seen {
                id: OrderId::new("1").unwrap(),
                symbol: "BTC-USDT".to_owned(),
                slot: Slot::Both,
                side: Side::Buy,
                filled: Decimal::from(filled),
                average_price: Decimal::ONE_HUNDRED,
                is_over,
                reduces_only: false,
                heard_at: Instant::now(),
                age: Duration::ZERO,
            })
        };
        for (read, expected) in [(seen(2, true), (2, true)), (seen(1, true), (2, false)), (None, (2, false))]
        {
            let more = Seen::more_of(read, seen(2, false)).unwrap();
            assert_eq!((more.filled, more.is_over), (Decimal::from(expected.0), expected.1));
        }
        assert!(Seen::more_of(seen(1, true), None).is_some_and(|seen| seen.is_over));
    }
}
