//! The worker's process is killed at its worst moments; after a restart nothing was sent twice
//! and nothing has vanished.
//!
//! Runs with the feature `failpoints`, which lets the process stand still at a named place.
#![cfg(feature = "failpoints")]
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flotilla_security::api_key::{ApiKey, generate_master_token};
use flotilla_testkit::broker::Broker;
use flotilla_testkit::db::TestDb;
use flotilla_testkit::ea_v7::{AutoFollower, Manners, MasterEa};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A database with one master and one follower, and a process that may die.
struct World {
    db: TestDb,
    sql: Client,
    keys: PathBuf,
    master: (String, String),
    follower: (Uuid, String),
}

impl World {
    async fn new() -> Self {
        let db = TestDb::new().await;
        let sql = db.admin().await;
        let keys = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.keys", Uuid::new_v4()));
        let made = Command::new(env!("CARGO_BIN_EXE_flotilla"))
            .args(["keys", "generate", "--file"])
            .arg(&keys)
            .output()
            .unwrap();
        assert!(made.status.success());
        let owner = "insert into users (email, name, password_hash) values ('ada@example.com', 'Ada', '') returning id";
        let owner: Uuid = sql.query_one(owner, &[]).await.unwrap().get(0);
        let (master, master_key) = add_account(&sql, owner, "master").await;
        let token = generate_master_token();
        let insert = "insert into masters (account_id, owner_id, name, token) values ($1, $2, 'lead', $3)";
        sql.execute(insert, &[&master, &owner, &token]).await.unwrap();
        let follower = add_account(&sql, owner, "follower").await;
        Self { db, sql, keys, master: (master_key, token), follower }
    }

    /// Starts the worker; it stands still at `failpoint`, if one is given.
    fn start(&self, failpoint: &str) -> Worker {
        let mut process = Command::new(env!("CARGO_BIN_EXE_flotilla"))
            .env_clear()
            .env("FLOTILLA_KEYS_FILE", &self.keys)
            .env("FLOTILLA_APP_DATABASE_URL", &self.db.app_url)
            .env("FLOTILLA_WORKER_DATABASE_URL", &self.db.worker_url)
            .env("FLOTILLA_READONLY_DATABASE_URL", &self.db.readonly_url)
            .env("FLOTILLA_EA_ADDR", "127.0.0.1:0")
            .env("FLOTILLA_JOURNAL_DIR", self.keys.with_extension("inbox"))
            .env("FLOTILLA_LOG_FORMAT", "json")
            .env("FAILPOINTS", failpoint)
            .arg("work")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "the worker ended at its start");
            if let Some(address) = gateway_address(&line) {
                break address;
            }
        };
        // A full pipe must not hold the worker up.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Worker { process, address }
    }

    fn follower_at(&self, worker: &Worker, broker: &Broker, manners: Manners) -> AutoFollower {
        AutoFollower::start(worker.address, &self.follower.1, &self.master.1, broker.clone(), manners)
    }

    async fn await_online(&self) {
        self.await_text("select coalesce(max(sockets), 0)::text from sessions where account_id = $1", "1")
            .await;
        let follows = "select count(*)::text from subscriptions where follower_account_id = $1";
        self.await_text(follows, "1").await;
    }

    async fn await_copies(&self, expected: &str) {
        let copies = "select coalesce(string_agg(state || coalesce('(' || reason_code || ')', ''), ' ' order by id), '')
            from copy_orders where follower_account_id = $1";
        self.await_text(copies, expected).await;
    }

    async fn await_text(&self, query: &str, expected: &str) {
        let mut last = String::new();
        let waiting = async {
            loop {
                last = self.sql.query_one(query, &[&self.follower.0]).await.unwrap().get(0);
                if last == expected {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(in_time, "{last:?} instead of {expected:?}");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.keys);
        let _ = std::fs::remove_dir_all(self.keys.with_extension("inbox"));
    }
}

struct Worker {
    process: Child,
    address: SocketAddr,
}

impl Worker {
    /// `SIGKILL`: no farewell, no flush.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn gateway_address(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields").unwrap_or(&line);
    let says_so = fields.get("message").and_then(Value::as_str) == Some("EA gateway listens");
    says_so.then(|| fields.get("address")?.as_str()?.parse().ok())?
}

async fn add_account(sql: &Client, owner: Uuid, role: &str) -> (Uuid, String) {
    let key = ApiKey::generate();
    let insert =
        "insert into accounts (owner_id, name, platform, copy_role) values ($1, $2, 'mt5', $2) returning id";
    let id: Uuid = sql.query_one(insert, &[&owner, &role]).await.unwrap().get(0);
    let insert = "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, $3, $4, '')";
    sql.execute(insert, &[&id, &owner, &key.prefix(), &key.hash().as_slice()]).await.unwrap();
    (id, key.text().expose_secret().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_the_commit_and_before_the_send_it_sends_nothing_later() {
    let world = World::new().await;
    let broker = Broker::default();
    let mut worker = world.start("accepted=sleep(600000)");
    let follower = world.follower_at(&worker, &broker, Manners::default());
    world.await_online().await;

    let mut master = MasterEa::connect(worker.address, &world.master.0).await;
    master.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies("claimed").await;
    worker.kill();
    drop(follower);
    let worker = world.start("");
    let _follower = world.follower_at(&worker, &broker, Manners::default());
    world.await_copies("unconfirmed(session_lost)").await;
    world.await_online().await;
    let mut master = MasterEa::connect(worker.address, &world.master.0).await;
    // A v7 master sends its signal again after a lost connection.
    master.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    master.open("BUY|XAUUSD|2031.50|0.10|0.00|0.00|2").await;

    world.await_copies("unconfirmed(session_lost) open").await;
    assert_eq!((broker.opened_for(1), broker.opened_for(2)), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_send_and_answer_it_keeps_the_copy_in_doubt_and_sends_it_once() {
    let world = World::new().await;
    let broker = Broker::default();
    let mut worker = world.start("");
    let mute = Manners { is_mute: true, ..Manners::default() };
    let follower = world.follower_at(&worker, &broker, mute);
    world.await_online().await;

    let mut master = MasterEa::connect(worker.address, &world.master.0).await;
    master.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    while broker.opened_for(1) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.kill();
    drop(follower);
    let worker = world.start("");
    let _follower = world.follower_at(&worker, &broker, Manners::default());
    world.await_copies("unconfirmed(session_lost)").await;
    world.await_online().await;
    let mut master = MasterEa::connect(worker.address, &world.master.0).await;
    master.open("BUY|XAUUSD|2031.50|0.10|0.00|0.00|2").await;

    world.await_copies("unconfirmed(session_lost) open").await;
    assert_eq!(broker.opened_for(1), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_an_answer_was_stored_it_takes_it_from_its_journal() {
    let world = World::new().await;
    let broker = Broker::default();
    let mut worker = world.start("settling=sleep(600000)");
    let follower = world.follower_at(&worker, &broker, Manners::default());
    world.await_online().await;

    let mut master = MasterEa::connect(worker.address, &world.master.0).await;
    master.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    while broker.opened_for(1) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.kill();
    drop(follower);
    let worker = world.start("");
    let _follower = world.follower_at(&worker, &broker, Manners::default());
    world.await_copies("open").await;
    world.await_online().await;
    let mut master = MasterEa::connect(worker.address, &world.master.0).await;
    master.close("XAUUSD|1|2035.00000|45.00").await;
    master.open("BUY|XAUUSD|2031.50|0.10|0.00|0.00|2").await;

    world.await_copies("closed open").await;
    assert_eq!((broker.opened_for(1), broker.opened_for(2)), (1, 1));
    let wanted = "select string_agg((desired_lots > 0)::text, ' ' order by id) from copy_orders where follower_account_id = $1";
    world.await_text(wanted, "false true").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_a_close_was_stored_it_closes_after_the_restart() {
    let world = World::new().await;
    let broker = Broker::default();
    let mut worker = world.start("");
    let follower = world.follower_at(&worker, &broker, Manners::default());
    world.await_online().await;
    let mut master = MasterEa::connect(worker.address, &world.master.0).await;
    master.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies("open").await;

    drop(follower);
    world.await_text("select sockets::text from sessions where account_id = $1", "0").await;
    master.close("XAUUSD|1|2035.00000|45.00").await;
    let wanted = "select string_agg(desired_lots::text, ' ') from copy_orders where follower_account_id = $1";
    world.await_text(wanted, "0").await;
    worker.kill();
    let worker = world.start("");
    let _follower = world.follower_at(&worker, &broker, Manners::default());

    world.await_copies("closed").await;
    assert!(broker.positions().is_empty());
}
