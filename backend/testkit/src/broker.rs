//! A broker that keeps positions on its own, so that its books can be held against ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flotilla_domain::side::Side;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::market::Market;

/// What an account starts with.
const DEPOSIT: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// One position in a broker's books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Instrument.
    pub symbol: String,
    /// `BUY` or `SELL`.
    pub side: Side,
    /// Size in lots.
    pub lots: Decimal,
    /// The master's ticket it copies, if it copies one.
    pub master_ticket: Option<i64>,
}

/// What a close brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Price of the exit.
    pub price: Decimal,
    /// Result, account currency.
    pub profit: Decimal,
}

/// A broker account. Clones share the same books.
#[derive(Debug, Clone, Default)]
pub struct Broker {
    market: Market,
    books: Arc<Mutex<Books>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Books {
    last_ticket: i64,
    /// Position and entry price.
    open: BTreeMap<i64, (Position, Decimal)>,
    realized: Decimal,
    #[serde(skip)]
    opened: Vec<(i64, Position)>,
    #[serde(skip)]
    closed: Vec<i64>,
    #[serde(skip)]
    file: Option<PathBuf>,
}

impl Books {
    /// Written aside and moved into place, so that no interruption leaves half a file.
    fn keep(&self) {
        let Some(file) = &self.file else { return };
        let aside = file.with_extension("new");
        let kept = serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .and_then(|text| std::fs::write(&aside, text))
            .and_then(|()| std::fs::rename(&aside, file));
        if let Err(error) = kept {
            eprintln!("the books of {} could not be written: {error}", file.display());
        }
    }
}

impl Broker {
    /// A broker at `market`, whose tickets follow on `last_ticket`.
    #[must_use]
    pub fn at(market: Market, last_ticket: i64) -> Self {
        Self { market, books: Arc::new(Mutex::new(Books { last_ticket, ..Books::default() })) }
    }

    /// The same, with its books in `file`: what was open there before is open again, as at a terminal that was
    /// started anew. Books that cannot be read are begun afresh.
    #[must_use]
    pub fn with_books_in(self, file: &Path) -> Self {
        let kept = std::fs::read(file).ok().and_then(|text| serde_json::from_slice::<Books>(&text).ok());
        {
            let mut books = self.books();
            if let Some(kept) = kept {
                *books = Books { last_ticket: kept.last_ticket.max(books.last_ticket), ..kept };
            }
            books.file = Some(file.to_owned());
        }
        self
    }

    /// Where it trades.
    #[must_use]
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// Opens a position and returns its ticket. A second order opens a second position, as in real life.
    pub fn open(&self, position: Position) -> i64 {
        let entry = self.market.entry(&position.symbol, position.side);
        let mut books = self.books();
        books.last_ticket += 1;
        let ticket = books.last_ticket;
        books.opened.push((ticket, position.clone()));
        books.open.insert(ticket, (position, entry));
        books.keep();
        ticket
    }

    /// Closes a position; `None` when there is no such ticket.
    pub fn close(&self, ticket: i64) -> Option<Closed> {
        let mut books = self.books();
        let (position, entry) = books.open.remove(&ticket)?;
        books.closed.push(ticket);
        let closed = self.result(&position, entry);
        books.realized += closed.profit;
        books.keep();
        Some(closed)
    }

    /// Open positions by ticket.
    #[must_use]
    pub fn positions(&self) -> BTreeMap<i64, Position> {
        self.books().open.iter().map(|(&ticket, (position, _))| (ticket, position.clone())).collect()
    }

    /// Money without open positions, and with them.
    #[must_use]
    pub fn balance_and_equity(&self) -> (Decimal, Decimal) {
        let books = self.books();
        let balance = DEPOSIT + books.realized;
        let floating: Decimal =
            books.open.values().map(|(position, entry)| self.result(position, *entry).profit).sum();
        (balance, balance + floating)
    }

    fn result(&self, position: &Position, entry: Decimal) -> Closed {
        let price = self.market.exit(&position.symbol, position.side);
        let gain = if position.side == Side::Buy { price - entry } else { entry - price };
        let profit = gain * position.lots * self.market.contract_size(&position.symbol);
        Closed { price, profit: profit.round_dp(2) }
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
