//! A simulated exchange on free ports, and a worker's settings for it.

use std::time::Duration;

use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::server::{Server, Start};
use flotilla_bingx_sim::venue::Venue;
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::Sealer;
use flotilla_worker::exchange::{ExchangeConfig, Hosts};
use rust_decimal::Decimal;
use secrecy::ExposeSecret as _;

/// A running simulator. Ends when dropped.
pub struct Exchange {
    pub server: Server,
    keyring: Keyring,
}

impl Exchange {
    /// At the time of this machine.
    pub async fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a simulated exchange has a clock of its own")]
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now_ms = i64::try_from(now.as_millis()).unwrap();
        let server = Server::start(Start { now_ms, ..Start::default() }).await.unwrap();
        let keys = Keyring::generate().unwrap();
        Self { server, keyring: Keyring::parse(keys.expose_secret()).unwrap() }
    }

    /// Where it is.
    pub fn hosts(&self) -> Hosts {
        Hosts {
            live: format!("http://{}", self.server.live),
            demo: format!("http://{}", self.server.demo),
            live_stream: format!("ws://{}/swap-market", self.server.live),
            demo_stream: format!("ws://{}/swap-market", self.server.demo),
        }
    }

    /// A worker's settings: this exchange, looked at often.
    pub fn config(&self) -> ExchangeConfig {
        let mut config = ExchangeConfig { hosts: self.hosts(), ..ExchangeConfig::new(self.sealer()) };
        config.orders_per_second = Decimal::from(100);
        config.timing.look = Duration::from_millis(100);
        config.timing.prices = Duration::from_millis(100);
        config.timing.check = Duration::from_millis(200);
        config.stream.longest_pause = Duration::from_millis(500);
        config
    }

    /// Seals keys as the API does.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(&self.keyring)
    }

    /// Opens an account with 10,000 on each host.
    pub fn open_account(&self, key: &str, secret: &str) -> u64 {
        self.with(|venue| venue.open_account(key, secret, Decimal::from(10_000)))
    }

    /// Does something at the exchange.
    pub fn with<T>(&self, act: impl FnOnce(&mut Venue) -> T) -> T {
        self.server.shared.with(act)
    }

    /// Moves the price of a contract, live and demo.
    pub fn move_price(&self, symbol: &str, price: &str) {
        let price: Decimal = price.parse().unwrap();
        self.with(|venue| {
            for host in [HostName::Live, HostName::Demo] {
                venue.move_price(host, symbol, price);
            }
        });
    }
}
