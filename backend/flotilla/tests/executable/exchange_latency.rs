//! How long one signal takes to reach all followers at an exchange that limits orders by source address, and what an
//! order costs.

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::server::{Server as Simulator, Start};
use flotilla_domain::copy::pace::{SharedWay, TurnLimit};
use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_security::api_key::{ApiKey, generate_master_token};
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::Sealer;
use flotilla_testkit::db::TestDb;
use flotilla_testkit::ea_v7::Wire;
use rust_decimal::Decimal;
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, sleep};
use tokio_postgres::Client as Sql;
use uuid::Uuid;

use crate::server::{EA, Server};
use crate::support::{Folder, flotilla};

const BTC: &str = "BTC-USDT";
/// The exchange's own limit of orders, by source address.
const EXCHANGE: TurnLimit = TurnLimit { requests: 300, per_ms: 10_000 };

fn variable(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

fn number(name: &str, default: u32) -> u32 {
    variable(name, &default.to_string()).parse().expect("a number")
}

/// A worker before a simulated exchange, and accounts there that follow one master.
struct Scene {
    _db: TestDb,
    sql: Sql,
    simulator: Simulator,
    worker: Server,
    wire: Wire,
    uids: Vec<u64>,
    _folder: Folder,
}

/// What an order costs, in seconds of processor time so far.
#[derive(Clone, Copy)]
struct Cost {
    worker: f64,
    database: f64,
    at: Instant,
}

impl Scene {
    async fn new(followers: u32) -> Self {
        let simulator = simulator(number("LATENCY_MS", 80)).await;
        let (db, folder) = (TestDb::new().await, Folder::new("exchange-latency"));
        let worker = Server::start(command(&simulator), &db, &folder);
        let gateway = worker.address(EA);
        let sql = db.admin().await;
        let keys = std::fs::read_to_string(folder.file("flotilla.keys")).unwrap();
        let sealer = Sealer::new(&Keyring::parse(&keys).unwrap());
        let (owner, master, key) = add_master(&sql).await;
        let mut uids = Vec::new();
        for at in 0..followers {
            uids.push(add_follower(&sql, &simulator, &sealer, (owner, master), at).await);
        }
        sql.batch_execute("analyze").await.unwrap();
        let mut wire = Wire::connect(gateway).await.unwrap();
        wire.send(&format!("AUTH:{key}")).await.unwrap();
        wire.expect("AUTH_OK").await;
        Self { _db: db, sql, simulator, worker, wire, uids, _folder: folder }
    }

    async fn count(&self, query: &str) -> i64 {
        self.sql.query_one(query, &[]).await.unwrap().get(0)
    }

    /// Waits until a query counts all followers. The master's EA says meanwhile that it is there.
    async fn await_all(&mut self, query: &str) {
        let began = Instant::now();
        while self.count(query).await < i64::try_from(self.uids.len()).unwrap() {
            assert!(began.elapsed() < Duration::from_mins(15), "{} of {query}", self.count(query).await);
            self.live().await;
        }
    }

    async fn live(&mut self) {
        self.wire.send("PING").await.unwrap();
        sleep(Duration::from_millis(500)).await;
    }

    async fn live_for(&mut self, time: Duration) {
        let began = Instant::now();
        while began.elapsed() < time {
            self.live().await;
        }
    }

    /// All accounts are served and listened to, and what that asks of the exchange is over.
    async fn await_service(&mut self) {
        self.await_all(
            "select count(*) from sessions where venue = 'bingx' and sockets > 0 and opens_from is null",
        )
        .await;
        self.await_all("select count(*) from venue_accounts where positions_at is not null").await;
        self.live_for(Duration::from_secs(15)).await;
    }

    async fn cost(&self) -> Cost {
        let backends =
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        let rows = self.sql.query(backends, &[]).await.unwrap();
        let database =
            rows.iter().map(|row| processor_time(u32::try_from(row.get::<_, i32>(0)).unwrap())).sum();
        Cost { worker: processor_time(self.worker.id()), database, at: Instant::now() }
    }

    /// When orders since `since_ms` were accepted, in milliseconds after that, sorted.
    fn accepted(&self, since_ms: i64) -> Vec<i64> {
        self.simulator.shared.with(|venue| {
            assert_eq!(venue.limits.refused, [0, 0, 0], "limits are kept");
            let mut at = Vec::new();
            for uid in &self.uids {
                let orders = venue.ledger(HostName::Demo, *uid).unwrap().orders.values();
                at.extend(orders.filter(|order| order.time >= since_ms).map(|order| order.time - since_ms));
            }
            at.sort_unstable();
            at
        })
    }

    /// Seconds until the last order can have its turn: by the exchange's limit, and by those that the worker keeps.
    async fn floors(&self, closes: bool) -> (f64, f64) {
        let query = "select l.egress, l.requests, l.per_ms, a.followers from venue_limits l
            join venue_audiences a on (a.node_id, a.environment, a.egress) = (l.node_id, l.environment, l.egress)
            where not ($1 and l.name like '%opens')";
        let (mut exchange, mut ours) = (0, 0);
        for row in self.sql.query(query, &[&closes]).await.unwrap() {
            let value = |column: usize| u32::try_from(row.get::<_, i32>(column)).unwrap();
            let after = |limit| SharedWay { limits: vec![limit], followers: value(3) }.last_after_ms();
            exchange = exchange.max(after(EXCHANGE));
            ours = ours.max(after(TurnLimit { requests: value(1), per_ms: value(2) }));
        }
        (seconds(exchange), seconds(ours))
    }

    /// Sends a line and waits until all copies are in a state. Prints what that took.
    async fn measure(&mut self, (what, line, state): (&str, &str, &str), idle: (f64, f64)) {
        let (before, since_ms) = (self.cost().await, self.simulator.shared.now_ms());
        self.wire.send(line).await.unwrap();
        self.await_all(&format!("select count(*) from copy_orders where state = '{state}'")).await;
        let after = self.cost().await;
        let orders = self.accepted(since_ms);
        assert_eq!(orders.len(), self.uids.len(), "one order for each account");
        let took = after.at.duration_since(before.at).as_secs_f64();
        let each = |spent: f64, idle: f64| {
            (spent - idle * took) * 1_000.0 / f64::from(u32::try_from(orders.len()).unwrap())
        };
        let (exchange, ours) = self.floors(what == "close").await;
        let at = |index: usize| seconds(u64::try_from(*orders.get(index).unwrap()).unwrap());
        println!(
            "{what}: {} orders, first {:.2} s, half {:.2} s, last {:.2} s; floor of the exchange {exchange:.1} s, of the \
             worker's limits {ours:.1} s; all settled {took:.1} s; CPU per order beyond the idle rate: worker {:.1} ms, \
             database {:.1} ms",
            orders.len(),
            at(0),
            at(orders.len() / 2),
            at(orders.len() - 1),
            each(after.worker - before.worker, idle.0),
            each(after.database - before.database, idle.1),
        );
    }

    /// Processor time a second, of worker and database, while nobody trades.
    async fn idle(&mut self) -> (f64, f64) {
        let before = self.cost().await;
        self.live_for(Duration::from_secs(30)).await;
        let after = self.cost().await;
        let took = after.at.duration_since(before.at).as_secs_f64();
        ((after.worker - before.worker) / took, (after.database - before.database) / took)
    }
}

fn seconds(ms: u64) -> f64 {
    Duration::from_millis(ms).as_secs_f64()
}

/// A demo host whose answers take so long, with the limits of 2025.
async fn simulator(latency_ms: u32) -> Simulator {
    #[expect(clippy::disallowed_methods, reason = "a simulated exchange has a clock of its own")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now_ms = i64::try_from(now.as_millis()).unwrap();
    let simulator = Simulator::start(Start { now_ms, ..Start::default() }).await.unwrap();
    simulator.shared.with(|venue| {
        venue.move_price(HostName::Demo, BTC, Decimal::from(100_000));
        if latency_ms > 0 {
            venue.faults.add(Rule::of(Mishap::Slow { ms: u64::from(latency_ms) }));
        }
    });
    simulator
}

fn command(simulator: &Simulator) -> std::process::Command {
    let mut command = flotilla(&["work"]);
    for (name, scheme, address, path) in [
        ("FLOTILLA_BINGX_LIVE_URL", "http", simulator.live, ""),
        ("FLOTILLA_BINGX_DEMO_URL", "http", simulator.demo, ""),
        ("FLOTILLA_BINGX_LIVE_STREAM_URL", "ws", simulator.live, "/swap-market"),
        ("FLOTILLA_BINGX_DEMO_STREAM_URL", "ws", simulator.demo, "/swap-market"),
    ] {
        command.env(name, format!("{scheme}://{address}{path}"));
    }
    let addresses = (1..=number("ADDRESSES", 1)).map(|at| format!("a{at}=127.0.0.{at}")).collect::<Vec<_>>();
    command.env("FLOTILLA_EGRESS", addresses.join(","));
    command.env("FLOTILLA_BINGX_ORDERS_PER_SECOND", variable("ORDERS_PER_SECOND", "28"));
    command.env("FLOTILLA_LOG", "warn,flotilla_worker::supervise=info,flotilla=info");
    command
}

async fn add_master(sql: &Sql) -> (Uuid, Uuid, String) {
    let user =
        "insert into users (email, name, password_hash) values ('ada@example.com', 'Ada', '') returning id";
    let owner: Uuid = sql.query_one(user, &[]).await.unwrap().get(0);
    let account = "insert into accounts (owner_id, name, platform, copy_role) values ($1, 'm', 'mt5', 'master') returning id";
    let id: Uuid = sql.query_one(account, &[&owner]).await.unwrap().get(0);
    let key = ApiKey::generate();
    let api_key = "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, $3, $4, '')";
    sql.execute(api_key, &[&id, &owner, &key.prefix(), &key.hash().as_slice()]).await.unwrap();
    let master = "insert into masters (account_id, owner_id, name, token) values ($1, $2, 'lead', $3)";
    sql.execute(master, &[&id, &owner, &generate_master_token()]).await.unwrap();
    (owner, id, key.text().expose_secret().to_owned())
}

/// An account whose key is proven and whose history is read: that is another question.
async fn add_follower(
    sql: &Sql,
    simulator: &Simulator,
    sealer: &Sealer,
    (owner, master): (Uuid, Uuid),
    at: u32,
) -> u64 {
    let (key, secret) = (format!("key-{at:05}"), format!("secret-{at:05}"));
    let uid = simulator.shared.with(|venue| venue.open_account(&key, &secret, Decimal::from(10_000)));
    let account = "insert into accounts (owner_id, name, platform, copy_role, trading_enabled)
        values ($1, 'f' || uuid_v7(), 'bingx', 'follower', true) returning id";
    let id: Uuid = sql.query_one(account, &[&owner]).await.unwrap().get(0);
    let environment = ExchangeEnvironment::Demo;
    let secret = ExchangeSecret { environment, api_key: key.into(), api_secret: secret.into() };
    let envelope = secret.seal(sealer, owner.into(), id.into()).unwrap();
    let exchange_key = "with history as (
            insert into venue_accounts (account_id, owner_id, uid, fills_until, income_until, imported_from)
            values ($1, $2, $4, now(), now(), now()))
        insert into exchange_keys (account_id, owner_id, environment, sealed, generation, status, permissions, uid,
            account_type, position_mode, last_verified_at, check_due_at)
        values ($1, $2, 'demo', $3, 1, 'verified', array['read', 'perpetual'], $4, 'perpetual', 'hedge', now(),
            now() + random() * interval '1 minute')";
    sql.execute(exchange_key, &[&id, &owner, &envelope, &uid.to_string()]).await.unwrap();
    let follow = "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state,
            max_age_s)
        values ($1, $2, $3, 'lead', 'web', 'active', 120)";
    sql.execute(follow, &[&owner, &id, &master]).await.unwrap();
    uid
}

/// Seconds that a process has computed so far; none of one that is gone.
fn processor_time(process: u32) -> f64 {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { return 0.0 };
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u32 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    f64::from(ticks) / 100.0
}

/// Run by hand on an idle machine, for the numbers of a change: `scripts/bench-exchange`.
/// `FOLLOWERS` (1000) over `ADDRESSES` (1) with `ORDERS_PER_SECOND` (28) each, `LATENCY_MS` (80) an answer.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints how long it takes, which says nothing on a busy machine"]
async fn one_signal_to_all_followers() {
    let followers = number("FOLLOWERS", 1_000);
    let began = Instant::now();
    let mut scene = Scene::new(followers).await;
    scene.await_service().await;
    let idle = scene.idle().await;
    println!(
        "{followers} followers over {} addresses, ready after {:.0} s; idle: worker {:.0} %, database {:.0} % of a core",
        number("ADDRESSES", 1),
        began.elapsed().as_secs_f64(),
        idle.0 * 100.0,
        idle.1 * 100.0
    );

    scene.measure(("open", "SIGNAL_OPEN|BUY|BTCUSD|100000|0.01|0.00|0.00|1", "open"), idle).await;
    scene.measure(("close", "SIGNAL_CLOSE|BTCUSD|1|100000|0.00", "closed"), idle).await;

    assert_eq!(scene.simulator.shared.with(|venue| venue.faults_of_books()), Vec::<String>::new());
}
