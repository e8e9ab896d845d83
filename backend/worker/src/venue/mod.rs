//! Accounts at exchanges: what is served, and by what.
//!
//! One client serves all of them, as the exchange counts requests by account and by source address over all tenants.

pub mod config;
pub(crate) mod keys;
pub(crate) mod market;

use std::sync::Arc;

use flotilla_domain::id::AccountId;
use flotilla_exchange::bingx::client::BingX;
use flotilla_exchange::bingx::transport::{self, HttpTransport, TransportConfigError};
use sha2::{Digest as _, Sha256};
use tokio_util::task::TaskTracker;

use self::config::{Egress, ExchangeConfig};
use self::keys::Keys;
use self::market::Prices;
use crate::gateway::Gateway;

/// All exchanges, for all accounts of this worker.
pub(crate) struct Venues {
    pub config: ExchangeConfig,
    pub bingx: Arc<BingX>,
    /// What is done about keys.
    pub keys: Keys,
    /// The same way to it that `bingx` uses; streams need it as well.
    #[expect(dead_code, reason = "no stream is open yet")]
    pub transport: Arc<HttpTransport>,
    /// Last prices of contracts.
    pub prices: Prices,
}

/// Starts everything that lasts until the worker drains.
pub(crate) fn begin(gateway: &Arc<Gateway>, duties: &TaskTracker) {
    if gateway.venues.is_some() {
        duties.spawn(market::run(Arc::clone(gateway)));
        duties.spawn(keys::run(Arc::clone(gateway)));
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
        Ok(Self { config, bingx, keys: Keys::default(), transport, prices: Prices::default() })
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
