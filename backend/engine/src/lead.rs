//! What fills of a master at an exchange mean to its followers.
//!
//! A position from flat to flat is one trade, under the number of the order that opened it. What makes it smaller is a
//! partial close: followers keep the same share of theirs as the master does of its own.

use flotilla_domain::side::Side;
use flotilla_domain::ticket::Ticket;
use flotilla_domain::venue_trades::Slot;
use rust_decimal::Decimal;

/// What a master holds in one contract and slot, as far as followers know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Below zero is short.
    pub quantity: Decimal,
    /// Under which followers have it; `None`: they were told to leave, or never entered.
    pub ticket: Option<Ticket>,
}

/// A fill, or several of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled {
    /// Which position it works on.
    pub slot: Slot,
    /// Buys or sells.
    pub side: Side,
    /// Above zero.
    pub quantity: Decimal,
    /// The number of the order: the ticket of what it opens.
    pub ticket: Ticket,
    /// It is known to open nothing: what it closes beyond what is held was never told.
    pub reduces_only: bool,
}

/// What followers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The trade left.
    Leave {
        /// Which.
        ticket: Ticket,
    },
    /// A part of the trade left.
    Reduce {
        /// Which.
        ticket: Ticket,
        /// Side of the position.
        side: Side,
        /// So much left.
        quantity: Decimal,
        /// So much is left.
        rest: Decimal,
    },
    /// An entry, of a new trade or a further one of a trade that is open.
    Enter {
        /// Which trade.
        ticket: Ticket,
        /// Side of the position.
        side: Side,
        /// How much.
        quantity: Decimal,
    },
}

/// What a fill means, in the order in which it is told, and what the master holds then.
#[must_use]
pub fn steps(held: Held, filled: Filled) -> (Vec<Step>, Held) {
    let signed = if filled.side == Side::Buy { filled.quantity } else { -filled.quantity };
    let is_against =
        !held.quantity.is_zero() && held.quantity.is_sign_negative() != signed.is_sign_negative();
    let mut steps = Vec::new();
    let mut rest = signed;
    let mut after = held;
    if is_against {
        let closed = filled.quantity.min(held.quantity.abs());
        let left = held.quantity.abs() - closed;
        let side = filled.side.opposite();
        steps.extend(held.ticket.map(|ticket| {
            if left.is_zero() {
                Step::Leave { ticket }
            } else {
                Step::Reduce { ticket, side, quantity: closed, rest: left }
            }
        }));
        let closed = if signed.is_sign_negative() { -closed } else { closed };
        rest -= closed;
        after.quantity = held.quantity + closed;
        after.ticket = held.ticket.filter(|_| !left.is_zero());
    }
    if rest.is_zero() || filled.reduces_only || !may_hold(filled.slot, rest) {
        return (steps, after);
    }
    let ticket = after.ticket.unwrap_or(filled.ticket);
    steps.push(Step::Enter { ticket, side: filled.side, quantity: rest.abs() });
    (steps, Held { quantity: after.quantity + rest, ticket: Some(ticket) })
}

/// In hedge mode the other side only closes.
const fn may_hold(slot: Slot, quantity: Decimal) -> bool {
    match slot {
        Slot::Both => true,
        Slot::Long => !quantity.is_sign_negative(),
        Slot::Short => quantity.is_sign_negative(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(number: i64) -> Ticket {
        Ticket::new(number).unwrap()
    }

    fn sold(quantity: Decimal) -> Filled {
        Filled { slot: Slot::Both, side: Side::Sell, quantity, ticket: ticket(1), reduces_only: false }
    }

    /// `side quantity`, each an order of its own; what is told, and what is held at last.
    fn told(slot: Slot, fills: &[&str]) -> (Vec<String>, String) {
        let mut held = Held::default();
        let mut all = Vec::new();
        for (number, text) in (1..).zip(fills) {
            let (side, quantity) = text.split_once(' ').unwrap();
            let filled = Filled {
                slot,
                side: side.parse().unwrap(),
                quantity: quantity.parse().unwrap(),
                ticket: ticket(number),
                reduces_only: false,
            };
            let (steps, after) = steps(held, filled);
            held = after;
            all.extend(steps.into_iter().map(|step| match step {
                Step::Leave { ticket } => format!("leave {ticket}"),
                Step::Reduce { ticket, side, quantity, rest } => {
                    format!("{side} {ticket} less {quantity} is {rest}")
                }
                Step::Enter { ticket, side, quantity } => format!("{side} {quantity} as {ticket}"),
            }));
        }
        (all, held.quantity.to_string())
    }

    #[test]
    fn parts_leave_one_trade_until_nothing_is_left() {
        let (all, held) = told(Slot::Long, &["BUY 1", "BUY 2", "SELL 1", "SELL 2", "BUY 1"]);
        let expected = "BUY 1 as 1, BUY 2 as 1, BUY 1 less 1 is 2, leave 1, BUY 1 as 5";
        assert_eq!((all.join(", "), held.as_str()), (expected.into(), "1"));
    }

    #[test]
    fn what_is_entered_after_a_part_left_adds_to_the_trade() {
        let (all, held) = told(Slot::Short, &["SELL 3", "BUY 1", "SELL 1", "BUY 3"]);
        let expected = "SELL 3 as 1, SELL 1 less 1 is 2, SELL 1 as 1, leave 1";
        assert_eq!((all.join(", "), held.as_str()), (expected.into(), "0"));
    }

    #[test]
    fn what_was_held_before_anybody_followed_leaves_unnoticed() {
        let held = Held { quantity: "3".parse().unwrap(), ticket: None };
        let filled = sold(Decimal::ONE);
        let (steps, after) = steps(held, filled);
        assert_eq!((steps.len(), after.quantity, after.ticket), (0, Decimal::TWO, None));
    }

    #[test]
    fn what_can_only_close_opens_nothing_in_one_way_mode_either() {
        let filled = Filled { reduces_only: true, ..sold(Decimal::TWO) };
        assert_eq!(steps(Held::default(), filled), (Vec::new(), Held::default()));

        let held = Held { quantity: Decimal::ONE, ticket: Some(ticket(7)) };
        assert_eq!(steps(held, filled), (vec![Step::Leave { ticket: ticket(7) }], Held::default()));
    }

    #[test]
    fn in_one_way_mode_an_order_may_turn_the_position_over() {
        let (all, held) = told(Slot::Both, &["BUY 1", "SELL 3", "BUY 2"]);
        let expected = "BUY 1 as 1, leave 1, SELL 2 as 2, leave 2";
        assert_eq!((all.join(", "), held.as_str()), (expected.into(), "0"));
    }

    #[test]
    fn in_hedge_mode_a_close_opens_nothing() {
        let (all, held) = told(Slot::Long, &["SELL 1", "BUY 1", "SELL 5"]);
        assert_eq!((all.join(", "), held.as_str()), ("BUY 1 as 2, leave 2".into(), "0"));
    }
}
