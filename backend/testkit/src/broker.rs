//! A broker that keeps positions on its own, so that its books can be held against ours.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flotilla_domain::side::Side;

/// One position in a broker's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Instrument.
    pub symbol: String,
    /// `BUY` or `SELL`.
    pub side: Side,
    /// Size, as text, as it came.
    pub lots: String,
    /// The master's ticket it copies, if it copies one.
    pub master_ticket: Option<i64>,
}

/// A broker account. Clones share the same books.
#[derive(Debug, Clone, Default)]
pub struct Broker {
    books: Arc<Mutex<Books>>,
}

#[derive(Debug, Default)]
struct Books {
    last_ticket: i64,
    open: BTreeMap<i64, Position>,
    opened: Vec<(i64, Position)>,
    closed: Vec<i64>,
}

impl Broker {
    /// A broker whose tickets follow on `last_ticket`.
    #[must_use]
    pub fn with_tickets_after(last_ticket: i64) -> Self {
        Self { books: Arc::new(Mutex::new(Books { last_ticket, ..Books::default() })) }
    }

    /// Opens a position and returns its ticket. A second order opens a second position, as in real life.
    pub fn open(&self, position: Position) -> i64 {
        let mut books = self.books();
        books.last_ticket += 1;
        let ticket = books.last_ticket;
        books.opened.push((ticket, position.clone()));
        books.open.insert(ticket, position);
        ticket
    }

    /// Closes a position; `None` when there is no such ticket.
    pub fn close(&self, ticket: i64) -> Option<Position> {
        let mut books = self.books();
        let position = books.open.remove(&ticket)?;
        books.closed.push(ticket);
        Some(position)
    }

    /// Open positions by ticket.
    #[must_use]
    pub fn positions(&self) -> BTreeMap<i64, Position> {
        self.books().open.clone()
    }

    /// How many positions were ever opened for `master_ticket`. More than one is a duplicate.
    #[must_use]
    pub fn opened_for(&self, master_ticket: i64) -> usize {
        self.books()
            .opened
            .iter()
            .filter(|(_, position)| position.master_ticket == Some(master_ticket))
            .count()
    }

    /// How many positions were ever opened.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.books().opened.len()
    }

    /// Tickets closed so far, in order.
    #[must_use]
    pub fn closed(&self) -> Vec<i64> {
        self.books().closed.clone()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // A test that panicked elsewhere still wants to read the books.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
