//! A follower's terminal: it executes whatever it is told, without any memory of what it was told before.

use std::collections::BTreeMap;

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::id::CopyId;
use flotilla_domain::lots::Lots;
use flotilla_domain::money::Money;
use flotilla_domain::side::Side;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::matching::Named;
use rust_decimal::Decimal;

use crate::network::{Answer, Order, Report};

/// The books of a terminal.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    last_ticket: i64,
    /// Open positions and the copies they are.
    pub positions: BTreeMap<i64, CopyId>,
    /// Positions ever opened, per copy.
    pub opened: BTreeMap<CopyId, usize>,
    /// It may lose sight of its positions once, until a whole list of it was heard again: two lists that lack them are
    /// what the server believes.
    pub has_been_blind: bool,
}

impl Terminal {
    /// Executes one order and answers it, if it answers at all.
    pub fn obey(&mut self, order: Order) -> Option<Answer> {
        match order {
            Order::Open { copy, master_ticket, .. } => {
                self.last_ticket += 1;
                self.positions.insert(self.last_ticket, copy);
                *self.opened.entry(copy).or_default() += 1;
                let ticket = Ticket::new(self.last_ticket).ok()?;
                let lots = Lots::new(Decimal::new(10, 2)).ok();
                let evidence = Evidence::Opened { ticket, lots, side: Side::Buy };
                Some(Answer { named: Named::MasterTicket(master_ticket), evidence })
            }
            Order::Close { ticket, master_ticket } => {
                // A ticket it does not have: a line in its own journal, no answer.
                self.positions.remove(&ticket.value())?;
                let evidence = Evidence::Closed { price: None, profit: Money::from(Decimal::ONE) };
                Some(Answer { named: Named::MasterTicket(master_ticket), evidence })
            }
        }
    }

    /// Lists what it holds, or nothing.
    pub fn list(&mut self, is_blind: bool) -> Report {
        let is_blind = is_blind && !self.has_been_blind;
        self.has_been_blind |= is_blind;
        let seen = self.positions.keys().filter(|_| !is_blind);
        Report::List { tickets: seen.filter_map(|ticket| Ticket::new(*ticket).ok()).collect(), is_blind }
    }

    /// The owner closes a position by hand.
    pub fn close_by_hand(&mut self) -> Option<Answer> {
        let (ticket, _) = self.positions.pop_first()?;
        let evidence = Evidence::ClosedByOther { price: None, profit: Money::from(Decimal::ONE) };
        Some(Answer { named: Named::FollowerTicket(Ticket::new(ticket).ok()?), evidence })
    }
}
