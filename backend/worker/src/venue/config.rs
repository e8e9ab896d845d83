//! What is told from outside about exchanges.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use flotilla_exchange::bingx::client;
use flotilla_exchange::bingx::stream::StreamSettings;
use flotilla_exchange::limits::Rate;
use flotilla_security::seal::Sealer;
use rust_decimal::Decimal;

pub use super::places::STREAMS_PER_ADDRESS;
pub use flotilla_exchange::bingx::transport::Hosts;

/// Orders a second of one source address, unless told otherwise. The published figures disagree: raise it by measurement.
pub const ORDERS_PER_SECOND: Decimal = Decimal::from_parts(25, 0, 0, false, 1);

/// Settings of all that trades at exchanges.
#[derive(Clone)]
pub struct ExchangeConfig {
    /// Where the exchange is, live and demo.
    pub hosts: Hosts,
    /// Source addresses, at least one. Keys may be bound to them.
    pub egresses: Vec<Egress>,
    /// How many orders leave one source address in a second. Half of it is kept for what closes.
    pub orders_per_second: Decimal,
    /// How many streams of accounts one source address has at once; accounts beyond are read now and then.
    pub streams_per_address: usize,
    /// Opens the keys of accounts.
    pub sealer: Sealer,
    /// How long a request may take, and what is read how often.
    pub client: client::Settings,
    /// Of the streams of accounts.
    pub stream: StreamSettings,
    /// How often things are looked at.
    pub timing: VenueTiming,
}

impl ExchangeConfig {
    /// The real exchange, from whatever address the system chooses.
    #[must_use]
    pub fn new(sealer: Sealer) -> Self {
        Self {
            hosts: Hosts::default(),
            egresses: vec![Egress::default()],
            orders_per_second: ORDERS_PER_SECOND,
            streams_per_address: STREAMS_PER_ADDRESS,
            sealer,
            client: client::Settings::default(),
            stream: StreamSettings::default(),
            timing: VenueTiming::default(),
        }
    }

    /// Settings of the client, with the rate of orders.
    pub(crate) fn client_settings(&self) -> client::Settings {
        let orders = Rate::of(self.orders_per_second).unwrap_or(self.client.orders);
        client::Settings { orders, ..self.client }
    }
}

impl fmt::Debug for ExchangeConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangeConfig")
            .field("hosts", &self.hosts)
            .field("egresses", &self.egresses)
            .field("orders_per_second", &self.orders_per_second)
            .field("streams_per_address", &self.streams_per_address)
            .field("sealer", &"[redacted]")
            .field("client", &self.client)
            .field("stream", &self.stream)
            .field("timing", &self.timing)
            .finish()
    }
}

/// A source address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Egress {
    /// Its name in logs and limits.
    pub name: String,
    /// The local address that connections are made from; `None` leaves it to the system.
    pub local: Option<IpAddr>,
}

impl Default for Egress {
    fn default() -> Self {
        Self { name: "default".to_owned(), local: None }
    }
}

/// How often things are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VenueTiming {
    /// Between looks for accounts that begin or cease to be served.
    pub look: Duration,
    /// Between reads of all contracts.
    pub contracts: Duration,
    /// Between reads of the prices of contracts.
    pub prices: Duration,
    /// Between checks whether a key still works.
    pub check: Duration,
    /// Between reads of what a key may do.
    pub permissions: Duration,
    /// Between comparisons of our books with the positions of an account.
    pub positions: Duration,
    /// How long a position must not be listed, or not all of it, before that is believed though no fill says what closed
    /// it: an answer may be wrong, and silence is no evidence.
    pub unexplained: Duration,
    /// Between looks for orders whose fees are not known.
    pub fees: Duration,
    /// Between looks for stops and targets that are due.
    pub exits: Duration,
    /// How long a key that was never verified stays.
    pub pending: Duration,
    /// For how long nothing is opened while the exchange has suspended an account, or its key is looked at.
    pub pause: Duration,
    /// Between writes of how fast orders leave and for how many.
    pub pace: Duration,
    /// Between looks for closed trades of which it is to be computed how far they ran.
    pub excursions: Duration,
}

impl Default for VenueTiming {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(5),
            contracts: Duration::from_hours(1),
            prices: Duration::from_secs(5),
            check: Duration::from_mins(1),
            permissions: Duration::from_hours(24),
            positions: Duration::from_secs(30),
            unexplained: Duration::from_mins(2),
            fees: Duration::from_secs(1),
            exits: Duration::from_secs(1),
            pending: Duration::from_mins(5),
            pause: Duration::from_mins(1),
            pace: Duration::from_secs(10),
            excursions: Duration::from_secs(10),
        }
    }
}
