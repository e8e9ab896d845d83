//! A simulated exchange on free ports, and a worker's settings for it.

use std::time::Duration;

use flotilla_bingx_sim::ledger::{Position, Slot};
use flotilla_bingx_sim::request::{HostName, Params};
use flotilla_bingx_sim::server::{Server, Start};
use flotilla_bingx_sim::venue::Venue;
use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::Sealer;
use flotilla_testkit::invariants::{ExchangeBooks, StandingExit};
use flotilla_worker::exchange::{ExchangeConfig, Hosts};
use rust_decimal::Decimal;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::support::{Account, World};

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
        config.timing.prices = Duration::from_millis(250);
        config.timing.check = Duration::from_secs(2);
        config.timing.pace = Duration::from_millis(250);
        config.timing.excursions = Duration::from_millis(400);
        config.timing.unexplained = Duration::from_secs(6);
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

    /// Its own books of an account at the demo host.
    pub fn books(&self, uid: u64, account: Uuid) -> ExchangeBooks {
        self.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, uid).unwrap();
            let position = |((symbol, _), one): (&(String, Slot), &Position)| {
                let direction = if one.is_long { "LONG" } else { "SHORT" };
                (symbol.clone(), direction.to_owned(), one.quantity)
            };
            let standing = |(name, is_target, quantity)| StandingExit { name, is_target, quantity };
            let orders = ledger.orders.values().map(|order| (order.client_id.clone(), order.filled));
            ExchangeBooks {
                account,
                positions: ledger.positions.iter().map(position).collect(),
                orders: orders.collect(),
                exits: ledger.standing_exits().into_iter().map(standing).collect(),
            }
        })
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

    /// Connects an account to the demo host, with a key that is proven. Returns its number at the exchange.
    pub async fn connect(&self, world: &World, account: &Account) -> u64 {
        self.connect_after(world, account, |_| ()).await
    }

    /// Connects an account likewise, of which this happened before anybody looked.
    pub async fn connect_after(&self, world: &World, account: &Account, before: impl FnOnce(u64)) -> u64 {
        let (key, secret) = (format!("key{}", account.id.simple()), format!("secret{}", account.id.simple()));
        let uid = self.open_account(&key, &secret);
        before(uid);
        let environment = ExchangeEnvironment::Demo;
        let secret = ExchangeSecret { environment, api_key: key.into(), api_secret: secret.into() };
        let (owner, id) = (OwnerId::from_uuid(account.owner), AccountId::from_uuid(account.id));
        let sealed = secret.seal(&self.sealer(), owner, id).unwrap();
        let platform = "update accounts set platform = 'bingx', trading_enabled = true where id = $1";
        world.sql.execute(platform, &[&account.id]).await.unwrap();
        let insert = "insert into exchange_keys (account_id, owner_id, environment, sealed, generation, offer, status,
                permissions, uid, account_type, position_mode, last_verified_at)
            values ($1, $2, 'demo', $3, 1, 1, 'verified', '{read,perpetual}', $4, 'perpetual', 'one_way', now())";
        world.sql.execute(insert, &[&account.id, &account.owner, &sealed, &uid.to_string()]).await.unwrap();
        uid
    }

    /// The owner places an order in the exchange's own app: a market order of one-way mode.
    pub fn by_hand(&self, uid: u64, side: &str, symbol: &str, quantity: &str) {
        let pairs = [
            ("symbol", symbol),
            ("side", side),
            ("positionSide", "BOTH"),
            ("type", "MARKET"),
            ("quantity", quantity),
        ];
        let values = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let params = Params::of_values(values);
        self.with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.place(&params).unwrap())).unwrap();
    }

    /// Money comes in, or goes out.
    pub fn transfer(&self, uid: u64, amount: &str) {
        let amount: Decimal = amount.parse().unwrap();
        self.with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.book("", "TRANSFER", amount)));
    }

    /// Pays or takes the funding of all positions of an account.
    pub fn fund(&self, uid: u64) {
        self.with(|venue| {
            venue.at_desk(HostName::Demo, uid, |desk| {
                desk.fund();
            })
        });
    }

    /// What happened with a contract so far happened so many days earlier.
    pub fn age(&self, uid: u64, symbol: &str, days: i64) {
        let earlier = days * 86_400_000;
        self.with(|venue| {
            venue.at_desk(HostName::Demo, uid, |desk| {
                let fills = desk.ledger.fills.iter_mut().filter(|fill| fill.symbol == symbol);
                fills.for_each(|fill| fill.time -= earlier);
                let income = desk.ledger.income.iter_mut().filter(|row| row.symbol == symbol);
                income.for_each(|row| row.time -= earlier);
            })
        });
    }

    /// Switches an account to one position for each contract.
    pub fn one_way(&self, uid: u64) {
        self.with(|venue| venue.at_desk(HostName::Demo, uid, |desk| desk.ledger.is_hedge = false));
    }
}
