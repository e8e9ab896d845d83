//! Accounts at exchanges and on paper: what is served, and by what.
//!
//! One client serves all of them, as the exchange counts requests by account and by source address over all tenants.

mod again;
mod books;
mod close;
pub mod config;
mod currency;
mod desk;
mod doubts;
pub(crate) mod duties;
mod excursions;
mod exits;
mod guarding;
mod hearing;
mod history;
pub(crate) mod keys;
mod known;
mod lead;
mod leverage;
mod lost;
pub(crate) mod market;
mod open;
mod pace;
pub(crate) mod paper;
mod picture;
pub(crate) mod places;
mod rounds;
mod seen;
mod sessions;
mod stream;
mod takers;
mod unsent;
pub(crate) mod vanished;
mod vigil;

use std::sync::Arc;

use flotilla_domain::id::AccountId;
use flotilla_exchange::bingx::client::BingX;
use flotilla_exchange::bingx::error::ErrorClass;
use flotilla_exchange::bingx::transport::{self, HttpTransport, TransportConfigError};
use flotilla_exchange::outcome::{Doubt, Outcome, ReadError};
use sha2::{Digest as _, Sha256};

use self::config::{Egress, ExchangeConfig};
use self::desk::{Desk, Served};
use self::keys::Keys;
use self::market::Prices;
use self::unsent::Unsent;
use crate::duties::Duties;
use crate::gateway::Gateway;

/// All exchanges, for all accounts of this worker.
pub(crate) struct Venues {
    pub config: ExchangeConfig,
    pub bingx: Arc<BingX>,
    /// What is done about keys.
    pub keys: Keys,
    /// Accounts that are served, and what is in hand for them.
    pub desk: Arc<Desk>,
    /// The same way to it that `bingx` uses; streams need it as well.
    pub transport: Arc<HttpTransport>,
    /// Last prices of contracts.
    pub prices: Prices,
    /// Prices by which the exchange judges positions.
    pub marks: Prices,
    /// When it was said of each address that nothing leaves it.
    unsent: Unsent,
}

/// Starts everything that lasts until the worker drains.
pub(crate) fn begin(gateway: &Arc<Gateway>, duties: &Duties) {
    duties.renew("paper", paper::run);
    if gateway.venues.is_some() {
        duties.renew("market", market::run);
        duties.renew("streams", stream::run);
        duties.renew("keys", keys::run);
        duties.renew("exchange accounts", sessions::run);
        duties.renew("exchange orders", duties::run);
        duties.renew("books", books::run);
        duties.renew("fees", books::read_fees);
        duties.renew("pace", pace::run);
        duties.renew("exits", guarding::run);
        duties.renew("excursions", excursions::run);
        duties.renew("lost orders", lost::run);
    }
}

impl Venues {
    /// # Errors
    ///
    /// [`TransportConfigError`] for hosts that are none, that would send keys in the clear, or a system without roots.
    pub fn new(config: ExchangeConfig) -> Result<Self, TransportConfigError> {
        let egresses: Vec<_> = config
            .egresses
            .iter()
            .map(|egress| transport::Egress { name: egress.name.clone(), address: egress.local })
            .collect();
        let transport = Arc::new(HttpTransport::new(&config.hosts, &egresses)?);
        let bingx = Arc::new(BingX::new(transport.clone(), config.client_settings()));
        let (keys, prices, marks) = (Keys::default(), Prices::default(), Prices::default());
        let (desk, unsent) = (Arc::default(), Unsent::default());
        Ok(Self { config, bingx, keys, desk, transport, prices, marks, unsent })
    }

    /// The name of the address that requests of this account leave from.
    ///
    /// The same for as long as that address is configured, whichever others come and go: what the exchange counts by
    /// address stays together, and accounts spread evenly.
    pub fn egress_of(&self, account: AccountId) -> &str {
        let weight = |egress: &&Egress| {
            let mut hash = Sha256::new();
            hash.update(egress.name.as_bytes());
            hash.update(account.uuid().as_bytes());
            hash.finalize()
        };
        self.config.egresses.iter().max_by_key(weight).map_or("", |egress| egress.name.as_str())
    }

    /// The name of the address that reads of the market leave from.
    pub fn market_egress(&self) -> &str {
        self.config.egresses.first().map_or("", |egress| egress.name.as_str())
    }
}

/// Has copies and closes looked for that wait.
pub(crate) fn wake(gateway: &Gateway) {
    gateway.paper.wake();
    if let Some(venues) = &gateway.venues {
        venues.desk.wake();
        venues.desk.wake_exits();
    }
}

/// Has closes at exchanges looked for that are due. Each order that is settled calls this: what else waits is not read
/// anew for it.
fn wake_closes(gateway: &Gateway) {
    if let Some(venues) = &gateway.venues {
        venues.desk.wake_closes();
    }
}

/// Has the positions of an account compared with our books.
pub(crate) fn nudge(gateway: &Gateway, account: AccountId) {
    if let Some(venues) = &gateway.venues {
        venues.desk.nudge(account);
    }
}

/// Draws the consequences of a read that failed.
async fn heed(gateway: &Gateway, served: &Served, error: &ReadError) {
    let (ReadError::Refused(error) | ReadError::NoAnswer(Doubt::Venue(error))) = error else { return };
    heed_class(gateway, served, error.class).await;
}

/// Draws the consequences of what became of an order.
async fn heed_order<T>(gateway: &Gateway, served: &Served, outcome: &Outcome<T>) {
    if let Outcome::Refused(error) | Outcome::Unknown(Doubt::Venue(error)) = outcome {
        heed_class(gateway, served, error.class).await;
    }
}

async fn heed_class(gateway: &Gateway, served: &Served, class: ErrorClass) {
    let Some(venues) = &gateway.venues else { return };
    match class {
        ErrorClass::Key | ErrorClass::Signature => {
            served.pause(venues.config.timing.pause);
            if let Err(error) = keys::suspect(gateway, served.account_id).await {
                tracing::warn!(%error, account.id = %served.account_id, "a key that was refused is looked at later");
            }
        }
        ErrorClass::Suspension => {
            tracing::warn!(account.id = %served.account_id, "the exchange has suspended trading of an account");
            served.pause(venues.config.timing.pause);
        }
        ErrorClass::PositionMode => served.set_mode(None),
        ErrorClass::Position => nudge(gateway, served.account_id),
        _ => {}
    }
}
