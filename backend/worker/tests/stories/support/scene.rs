//! A master at a broker, whose follower trades at a simulated exchange.

use std::time::Duration;

use flotilla_bingx_sim::fault::Rule;
use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::HostName;
use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_testkit::ea_v7::MasterEa;
use flotilla_testkit::invariants::Invariants;
use flotilla_worker::Config;
use rust_decimal::Decimal;

use super::exchange::Exchange;
use super::{Account, World};

pub const BTC: &str = "BTC-USDT";
/// Path of orders.
pub const ORDER: &str = "trade/order";

/// A master at a broker, a follower at an exchange, Bitcoin at 100,000.
pub struct Scene {
    pub exchange: Exchange,
    pub world: World,
    pub master: Account,
    pub follower: Account,
    /// Number of the follower at the exchange.
    pub uid: u64,
    pub m: MasterEa,
}

impl Scene {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        let exchange = Exchange::start().await;
        exchange.move_price(BTC, "100000");
        let mut settings = exchange.config();
        settings.timing.positions = Duration::from_millis(200);
        settings.timing.fees = Duration::from_millis(100);
        let world = World::start_with(|config| {
            config.exchange = Some(settings);
            adjust(config);
        })
        .await;
        let master = world.master().await;
        let uid = exchange.open_account("the-api-key", "the-api-secret");
        let follower =
            world.exchange_follower(&exchange, (&master, uid), "the-api-key", "the-api-secret").await;
        let m = world.master_ea(&master).await;
        let scene = Self { exchange, world, master, follower, uid, m };
        scene.await_service().await;
        scene
    }

    /// Requests that the exchange had so far.
    pub fn requests(&self, method: &str, path: &str) -> usize {
        self.exchange.with(|venue| {
            venue.journal.iter().filter(|entry| entry.method == method && entry.path.ends_with(path)).count()
        })
    }

    /// Orders that were sent to the exchange, taken or not.
    pub fn sendings(&self) -> usize {
        self.requests("POST", ORDER)
    }

    /// Served, and its positions were looked at.
    pub async fn await_service(&self) {
        let online =
            "select coalesce(max(sockets::text || coalesce(opens_from::text, ' open')), '') from sessions
            where account_id = $1 and venue = 'bingx'";
        self.world.await_text(online, self.follower.id, "1 open").await;
    }

    pub fn position(&self, slot: Slot) -> Decimal {
        self.exchange.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            ledger.positions.get(&(BTC.to_owned(), slot)).map_or(Decimal::ZERO, |one| one.quantity)
        })
    }

    pub fn held(&self) -> Decimal {
        self.position(Slot::Long) + self.position(Slot::Both)
    }

    pub fn fault(&self, rule: Rule) {
        self.exchange.with(|venue| venue.faults.add(rule));
    }

    /// Orders that the exchange accepted under our names.
    pub fn accepted(&self) -> usize {
        self.exchange.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, self.uid).unwrap();
            ledger.orders.values().filter(|order| order.client_id.starts_with('f')).count()
        })
    }

    pub async fn enter(&mut self, lots: &str, ticket: u32) {
        self.m.open(&format!("BUY|BTCUSD|100000|{lots}|0|0|{ticket}")).await;
    }

    pub async fn leave(&mut self, ticket: u32) {
        self.m.wire.send(&format!("SIGNAL_CLOSE|BTCUSD|{ticket}|100000|0.00")).await.unwrap();
    }

    /// What must hold whatever happened: rows, the exchange's own sums, and both books alike.
    pub async fn check(&self) {
        assert_eq!(self.exchange.with(|venue| venue.faults_of_books()), Vec::<String>::new());
        let invariants = || {
            Invariants::of(&self.world.sql)
                .with_exchanges(vec![self.exchange.books(self.uid, self.follower.id)])
        };
        // Stops and targets follow what their copies hold.
        for _ in 0..300 {
            if invariants().broken().await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        invariants().assert_hold().await;
    }
}

impl World {
    /// A follower at the simulated exchange's demo host, with a proven key and trading switched on.
    pub async fn exchange_follower(
        &self,
        exchange: &Exchange,
        (master, uid): (&Account, u64),
        key: &str,
        secret: &str,
    ) -> Account {
        let follower = self.account("follower", master.owner).await;
        let secret = ExchangeSecret {
            environment: ExchangeEnvironment::Demo,
            api_key: key.into(),
            api_secret: secret.into(),
        };
        let sealed = secret.seal(&exchange.sealer(), follower.owner.into(), follower.id.into()).unwrap();
        self.sql
            .execute(
                "update accounts set platform = 'bingx', trading_enabled = true where id = $1",
                &[&follower.id],
            )
            .await
            .unwrap();
        self.sql
            .execute(
                "insert into exchange_keys (account_id, owner_id, environment, sealed, generation, status, permissions,
                    uid, account_type, position_mode, last_verified_at, check_due_at)
                 values ($1, $2, 'demo', $3, 1, 'verified', array['read', 'perpetual'], $4, 'perpetual', 'hedge', now(),
                    now() + interval '1 day')",
                &[&follower.id, &follower.owner, &sealed, &uid.to_string()],
            )
            .await
            .unwrap();
        self.sql
            .execute(
                // Fills of a master at an exchange are dated in seconds: whoever follows since a moment may be late.
                "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state,
                    max_age_s, valid_from)
                 values ($1, $2, $3, 'lead', 'web', 'active', 60, now() - interval '1 minute')",
                &[&follower.owner, &follower.id, &master.id],
            )
            .await
            .unwrap();
        follower
    }
}
