//! What must hold whatever happened, held against the database, the wire and the brokers' own books.
//!
//! The numbers are those of the design: I1 one row for each event and follower · I2 one position, one row · I3 no open
//! on the wire without an earlier committed claim, and none twice · I4 none after expiry or after the master had left ·
//! I5 after healing, master gone means no copy open · I6 copies count no more than an exchange has · I7 only allowed edges, each with an event · I8 epochs never go
//! back, no claim under an old one · I9 rows belong to the owner of their account · I10 nothing stays in doubt without
//! an alarm · I11 every signal is planned to its end · I12 the audit chains are whole · I13 nothing closed that is not
//! ours · I14 the brokers and exchanges count what we count · I15 a one-to-one master's trade that its partner does not hold is owed a
//! close, and no other is closed · I16 of each copy at an exchange for which a stop or target is wanted one stands, and
//! none closes more than its copy holds.

mod audit;
mod books;
mod exchange;
mod rows;
mod wire;

use std::collections::HashMap;

use tokio_postgres::Client;
use uuid::Uuid;

use crate::broker::Broker;
use crate::ledger;
use crate::wire_log::{Anchor, WireLog};

pub use exchange::{ExchangeBooks, StandingExit};

/// What is looked at.
#[derive(Debug)]
pub struct Invariants<'a> {
    sql: &'a Client,
    wire: Option<(&'a WireLog, Anchor)>,
    /// Accounts by their API keys.
    accounts: HashMap<String, Uuid>,
    books: Vec<(Uuid, Broker)>,
    exchanges: Vec<ExchangeBooks>,
    is_healed: bool,
}

impl<'a> Invariants<'a> {
    /// The rows alone. `sql`: a superuser's session.
    #[must_use]
    pub fn of(sql: &'a Client) -> Self {
        Self {
            sql,
            wire: None,
            accounts: HashMap::new(),
            books: Vec::new(),
            exchanges: Vec::new(),
            is_healed: false,
        }
    }

    /// Also what went over the wire of these accounts, by their keys.
    #[must_use]
    pub fn on_wire(mut self, log: &'a WireLog, anchor: Anchor, accounts: HashMap<String, Uuid>) -> Self {
        self.wire = Some((log, anchor));
        self.accounts = accounts;
        self
    }

    /// Also the books of these accounts' brokers, in which nobody but the worker and the master's orders moved a copied
    /// position.
    #[must_use]
    pub fn with_books(mut self, books: Vec<(Uuid, Broker)>) -> Self {
        self.books = books;
        self
    }

    /// Also the books of exchanges, in which nothing is on its way any more.
    #[must_use]
    pub fn with_exchanges(mut self, books: Vec<ExchangeBooks>) -> Self {
        self.exchanges = books;
        self
    }

    /// Everybody is connected again and has said what he holds.
    #[must_use]
    pub const fn after_healing(mut self) -> Self {
        self.is_healed = true;
        self
    }

    /// Every invariant that does not hold, in words.
    ///
    /// # Panics
    ///
    /// When the database cannot be asked, or does not keep what an answer needs.
    pub async fn broken(&self) -> Vec<String> {
        let is_kept = ledger::is_kept(self.sql).await;
        let mut broken = rows::broken(self.sql, is_kept, self.is_healed).await;
        broken.extend(audit::broken(self.sql).await);
        if let Some((log, anchor)) = self.wire {
            assert!(is_kept, "the wire is held against the ledger: open it before the worker starts");
            let claims = wire::claims(self.sql).await;
            broken.extend(wire::broken(&log.lines(), anchor, &self.accounts, &claims));
            let owed = wire::owed(self.sql).await;
            broken.extend(wire::unowed_closes(&log.lines(), anchor, &self.accounts, &owed));
        }
        broken.extend(exchange::broken(self.sql, &self.exchanges).await);
        if !self.books.is_empty() {
            broken.extend(books::broken(self.sql, &self.books, self.is_healed).await);
        }
        broken
    }

    /// Fails the test unless everything holds.
    ///
    /// # Panics
    ///
    /// With every invariant that is broken.
    pub async fn assert_hold(&self) {
        let broken = self.broken().await;
        assert!(broken.is_empty(), "{} invariants are broken:\n  {}", broken.len(), broken.join("\n  "));
    }
}
