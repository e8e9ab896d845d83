//! A broker that keeps positions on its own, so that its books can be held against ours.
//!
//! It knows what made it act: a line of the server, the account's owner, or itself. What the server did is thereby
//! told apart from what happened anyway.

mod books;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flotilla_domain::side::Side;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::market::Market;
use books::{Books, Fill};

/// Magic number of the followers' orders unless a trader changes it; masters ignore it.
pub const DEFAULT_MAGIC: i64 = 123_456;

/// One position in a broker's books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Instrument.
    pub symbol: String,
    /// `BUY` or `SELL`.
    pub side: Side,
    /// Size in lots.
    pub lots: Decimal,
    /// Number of the EA that opened it; 0: a person did.
    #[serde(default)]
    pub magic: i64,
    /// Stop loss and take profit, where set.
    #[serde(default)]
    pub stops: (Option<Decimal>, Option<Decimal>),
    /// The master's ticket it copies, if it copies one.
    pub master_ticket: Option<i64>,
}

impl Position {
    /// A position that a person opens.
    #[must_use]
    pub fn by_hand(symbol: &str, side: Side, lots: Decimal) -> Self {
        Self { symbol: symbol.to_owned(), side, lots, magic: 0, stops: (None, None), master_ticket: None }
    }
}

/// How the books of a terminal work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Venue {
    /// MetaTrader 5, every order a position of its own. Tickets have 63 bits.
    #[default]
    Hedging,
    /// MetaTrader 5, one position a symbol, which later orders change. Tickets have 63 bits.
    Netting,
    /// MetaTrader 4: a partial close gives the rest a new ticket. Tickets have 31 bits.
    Mt4,
}

/// What made the broker act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The account's owner.
    Hand,
    /// A line that the server sent.
    Command(String),
    /// The broker itself: a stop, a target or a stop-out, with its comment.
    Venue(String),
}

/// Whether a deal entered or left a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Exposure grew.
    In,
    /// It shrank.
    Out,
    /// It changed sides: a netting position was reversed.
    Reversal,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// The position.
    pub ticket: i64,
    /// As the position stood, with the lots of this deal.
    pub position: Position,
    /// Direction.
    pub entry: Entry,
    /// Price.
    pub price: Decimal,
    /// Result, account currency; of what left.
    pub profit: Decimal,
    /// Why.
    pub by: By,
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
#[derive(Debug, Clone)]
pub struct Broker {
    market: Market,
    venue: Venue,
    books: Arc<Mutex<Books>>,
    /// Counts changes, so that EAs learn of them.
    changes: watch::Sender<u64>,
}

impl Default for Broker {
    fn default() -> Self {
        Self::at(Market::default(), 0)
    }
}

impl Broker {
    /// A hedging broker at `market`, whose tickets follow on `last_ticket`.
    #[must_use]
    pub fn at(market: Market, last_ticket: i64) -> Self {
        Self {
            market,
            venue: Venue::default(),
            books: Arc::new(Mutex::new(Books::after(last_ticket))),
            changes: watch::channel(0).0,
        }
    }

    /// The same with other books.
    #[must_use]
    pub fn of(self, venue: Venue) -> Self {
        Self { venue, ..self }
    }

    /// The same, with its books in `file`: what was open there before is open again, as at a terminal that was
    /// started anew. Books that cannot be read are begun afresh.
    #[must_use]
    pub fn with_books_in(self, file: &Path) -> Self {
        self.books().keep_in(file);
        self
    }

    /// Where it trades.
    #[must_use]
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// A receiver that sees every change of the books.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Opens a position by hand and returns the ticket of its order.
    pub fn open(&self, position: Position) -> i64 {
        self.open_by(position, By::Hand)
    }

    /// Executes an order and returns its ticket. A second order opens a second position, as in real life, except in
    /// netting books: there it changes the position of its symbol, whose ticket is the first order's.
    pub fn open_by(&self, position: Position, by: By) -> i64 {
        let price = self.market.entry(&position.symbol, position.side);
        let units = self.market.contract_size(&position.symbol);
        self.change(|books| {
            let order = books.next_ticket(self.venue);
            match books.netted(self.venue, &position.symbol) {
                Some(held) => books.net(held, &position, Fill { price, units, by }),
                None => books.enter(order, position, price, by),
            }
            order
        })
    }

    /// Closes a position by hand; `None` when there is no such ticket.
    pub fn close(&self, ticket: i64) -> Option<Closed> {
        self.close_by(ticket, By::Hand)
    }

    /// Closes a position; `None` when there is no such ticket. Whose it is does not matter.
    pub fn close_by(&self, ticket: i64, by: By) -> Option<Closed> {
        self.change(|books| {
            let lots = books.lots(ticket)?;
            books.leave(ticket, lots, &self.market, by)
        })
    }

    /// Closes a part of a position by hand. An MT4 terminal gives the rest a new ticket.
    pub fn reduce(&self, ticket: i64, lots: Decimal) -> Option<Closed> {
        self.change(|books| {
            let closed = books.leave(ticket, lots, &self.market, By::Hand)?;
            if self.venue == Venue::Mt4 {
                let rest = books.next_ticket(self.venue);
                books.rename(ticket, rest);
            }
            Some(closed)
        })
    }

    /// The margin level in percent that the terminal shows, or none.
    pub fn set_margin_level(&self, level: Option<Decimal>) {
        self.change(|books| books.margin_level = level);
    }

    /// The margin level in percent, where there is one.
    #[must_use]
    pub fn margin_level(&self) -> Option<Decimal> {
        self.books().margin_level
    }

    /// Lets the terminal's list be empty, as while it is not synchronised, or whole again.
    pub fn lose_sight(&self, is_blind: bool) {
        self.change(|books| books.is_blind = is_blind);
    }

    /// Open positions by ticket.
    #[must_use]
    pub fn positions(&self) -> BTreeMap<i64, Position> {
        self.books().positions()
    }

    /// Open positions as the terminal lists them, with their entry prices.
    #[must_use]
    pub fn listed(&self) -> BTreeMap<i64, (Position, Decimal)> {
        let books = self.books();
        if books.is_blind { BTreeMap::new() } else { books.open.clone() }
    }

    /// Money without open positions, and with them.
    #[must_use]
    pub fn balance_and_equity(&self) -> (Decimal, Decimal) {
        self.books().balance_and_equity(&self.market)
    }

    /// What the day that ends at `ends_at` began with: as these books say, which note `now` if they know of no such day.
    #[must_use]
    pub fn day_start(&self, ends_at: i64, now: Decimal) -> Decimal {
        let mut books = self.books();
        match books.day {
            Some((known, start)) if known == ends_at => start,
            _ => {
                books.day = Some((ends_at, now));
                books.keep();
                now
            }
        }
    }

    /// Everything that was done since these books were opened, in order.
    #[must_use]
    pub fn deals(&self) -> Vec<Deal> {
        self.books().deals.clone()
    }

    /// What was done after the first `seen` deals.
    #[must_use]
    pub fn deals_after(&self, seen: usize) -> Vec<Deal> {
        self.books().deals.iter().skip(seen).cloned().collect()
    }

    /// How many positions were ever opened for `master_ticket`. More than one is a duplicate.
    #[must_use]
    pub fn opened_for(&self, master_ticket: i64) -> usize {
        self.count(|deal| deal.entry == Entry::In && deal.position.master_ticket == Some(master_ticket))
    }

    /// Every position that was ever opened, by its ticket, in order.
    #[must_use]
    pub fn history(&self) -> Vec<(i64, Position)> {
        let deals = self.deals().into_iter().filter(|deal| deal.entry == Entry::In);
        deals.map(|deal| (deal.ticket, deal.position)).collect()
    }

    /// How many positions were ever opened.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.count(|deal| deal.entry == Entry::In)
    }

    /// Tickets closed so far, in order.
    #[must_use]
    pub fn closed(&self) -> Vec<i64> {
        self.books().deals.iter().filter(|deal| deal.entry == Entry::Out).map(|deal| deal.ticket).collect()
    }

    /// Commands that were executed more than once. Each is a duplicate.
    #[must_use]
    pub fn doubled(&self) -> BTreeSet<String> {
        let (mut seen, mut doubled) = (BTreeSet::new(), BTreeSet::new());
        for deal in self.deals() {
            if let (Entry::In, By::Command(line)) = (deal.entry, deal.by)
                && !seen.insert(line.clone())
            {
                doubled.insert(line);
            }
        }
        doubled
    }

    /// Tickets that the server had closed and that it had not had opened.
    #[must_use]
    pub fn wronged(&self) -> BTreeSet<i64> {
        let deals = self.deals();
        let by_server =
            |entry| deals.iter().filter(move |deal| deal.entry == entry && matches!(deal.by, By::Command(_)));
        let opened: BTreeSet<i64> = by_server(Entry::In).map(|deal| deal.ticket).collect();
        by_server(Entry::Out).map(|deal| deal.ticket).filter(|ticket| !opened.contains(ticket)).collect()
    }

    fn count(&self, is_it: impl Fn(&Deal) -> bool) -> usize {
        self.books().deals.iter().filter(|deal| is_it(deal)).count()
    }

    fn change<T>(&self, act: impl FnOnce(&mut Books) -> T) -> T {
        let done = {
            let mut books = self.books();
            let done = act(&mut books);
            books.keep();
            done
        };
        self.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
        done
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // A test that panicked elsewhere still wants to read the books.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
