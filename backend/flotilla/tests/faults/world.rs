//! A database, accounts, brokers, a proxy before the gateway, and a worker process that may die.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use flotilla_security::api_key::{ApiKey, generate_master_token};
use flotilla_security::keyring::Keyring;
use flotilla_testkit::broker::Broker;
use flotilla_testkit::db::TestDb;
use flotilla_testkit::ea_v7::{AutoFollower, FollowerEa, Manners, MasterEa, Terminal, Wire};
use flotilla_testkit::invariants::Invariants;
use flotilla_testkit::ledger;
use flotilla_testkit::market::Market;
use flotilla_testkit::pause::Pause;
use flotilla_testkit::proxy::Proxy;
use flotilla_testkit::wire_log::{Anchor, WireLog};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

/// Longer than anything awaited takes; never a measure of speed.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Nobody listens there. Without it each worker would go to the real one, and read the system's certificates before.
const NO_EXCHANGE: [(&str, &str); 4] = [
    ("FLOTILLA_BINGX_LIVE_URL", "http://127.0.0.1:1"),
    ("FLOTILLA_BINGX_DEMO_URL", "http://127.0.0.1:1"),
    ("FLOTILLA_BINGX_LIVE_STREAM_URL", "ws://127.0.0.1:1/swap-market"),
    ("FLOTILLA_BINGX_DEMO_STREAM_URL", "ws://127.0.0.1:1/swap-market"),
];

/// An account that an EA can log in to.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: Uuid,
    pub key: String,
    /// Of the account itself, or of the master a follower follows.
    pub token: String,
}

/// A second worker. Dies with this value.
pub struct Beside {
    process: Child,
    /// Where EAs connect.
    pub address: SocketAddr,
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Everything but the worker.
pub struct World {
    pub db: TestDb,
    /// Bypasses row-level security.
    pub sql: Client,
    /// EAs connect here; it leads to whichever worker lives.
    pub gateway: Proxy,
    /// The worker reaches its database through this.
    pub database: Proxy,
    pub log: WireLog,
    pub masters: Vec<Account>,
    pub followers: Vec<Account>,
    pub brokers: Vec<Broker>,
    anchor: Anchor,
    /// What else the worker is told.
    pub environment: Vec<(String, String)>,
    /// Keys, the inbound journal and the worker's log.
    folder: PathBuf,
    worker: Mutex<Option<Child>>,
}

impl World {
    /// `masters`, each with so many followers.
    pub async fn new(masters: usize, followers_each: usize) -> Self {
        let db = TestDb::new().await;
        let sql = db.admin().await;
        ledger::open(&sql).await;
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(Uuid::new_v4().simple().to_string());
        std::fs::create_dir_all(&folder).unwrap();
        generate_keys(&folder);
        let log = WireLog::default();
        let nowhere = ([127, 0, 0, 1], 1).into();
        let (_, server) = db.without_address(&db.worker_url);
        let mut world = Self {
            gateway: Proxy::start(nowhere, Some(log.clone())).await,
            database: Proxy::start(server, None).await,
            anchor: Anchor::drop_at(&sql).await,
            masters: Vec::new(),
            followers: Vec::new(),
            brokers: Vec::new(),
            worker: Mutex::default(),
            environment: Vec::new(),
            db,
            sql,
            log,
            folder,
        };
        world.add_accounts(masters, followers_each).await;
        world
    }

    async fn add_accounts(&mut self, masters: usize, followers_each: usize) {
        let owner = "insert into users (email, name, password_hash) values ('ada@example.com', 'Ada', '') returning id";
        let owner: Uuid = self.sql.query_one(owner, &[]).await.unwrap().get(0);
        for _ in 0..masters {
            let token = generate_master_token();
            let master = add_account(&self.sql, owner, "master", &token).await;
            let insert =
                "insert into masters (account_id, owner_id, name, token) values ($1, $2, 'lead', $3)";
            self.sql.execute(insert, &[&master.id, &owner, &token]).await.unwrap();
            for _ in 0..followers_each {
                let number = i64::try_from(self.followers.len()).unwrap() + 1;
                self.followers.push(add_account(&self.sql, owner, "follower", &token).await);
                // No two brokers give the same tickets, so that a mistaken one is seen.
                self.brokers.push(Broker::at(Market::default(), number * 100_000));
            }
            self.masters.push(master);
        }
    }

    /// Starts the worker, which dies at `failpoints` if some are given, and leads EAs to it.
    ///
    /// Returns false when it died before it listened.
    pub fn start(&self, failpoints: &str) -> bool {
        let (url, _) = self.db.without_address(&self.db.worker_url);
        let url = url.replace("{address}", &self.database.address.to_string());
        let Some((process, address)) = self.spawn(&url, "inbox", failpoints) else { return false };
        self.gateway.lead_to(address);
        *self.worker.lock().unwrap() = Some(process);
        true
    }

    /// Starts a worker beside the first, on the same database and with a journal of its own. EAs are led to the first.
    pub fn start_beside(&self) -> Beside {
        let (process, address) = self.spawn(&self.db.worker_url, "inbox-beside", "").unwrap();
        Beside { process, address }
    }

    /// Holds the first worker's process up, or lets it go on.
    pub fn hold(&self, is_held: bool) {
        let id = self.worker.lock().unwrap().as_ref().unwrap().id().to_string();
        let signal = if is_held { "-STOP" } else { "-CONT" };
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn spawn(&self, database: &str, journal: &str, failpoints: &str) -> Option<(Child, SocketAddr)> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_flotilla"))
            .env_clear()
            .current_dir(&self.folder)
            .env("FLOTILLA_KEYS_FILE", self.folder.join("keys"))
            .env("FLOTILLA_JOURNAL_DIR", self.folder.join(journal))
            .env("FLOTILLA_MAIL_DIR", self.folder.join("mail"))
            .env("FLOTILLA_APP_DATABASE_URL", &self.db.app_url)
            .env("FLOTILLA_WORKER_DATABASE_URL", database)
            .env("FLOTILLA_READONLY_DATABASE_URL", &self.db.readonly_url)
            .env("FLOTILLA_EA_ADDR", "127.0.0.1:0")
            .env("FLOTILLA_LOG_FORMAT", "json")
            .env("FAILPOINTS", failpoints)
            .envs(NO_EXCHANGE)
            // Most workers here live for seconds, and each connection is a process that knows nothing yet.
            .env("FLOTILLA_WORKER_CONNECTIONS", "6")
            .envs(self.environment.iter().cloned())
            .arg("work")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut kept = self.open_log();
        let address = loop {
            let mut line = String::new();
            if log.read_line(&mut line).unwrap() == 0 {
                process.wait().unwrap();
                return None;
            }
            kept.write_all(line.as_bytes()).unwrap();
            if let Some(address) = gateway_address(&line) {
                break address;
            }
        };
        // A full pipe must not hold the worker up.
        std::thread::spawn(move || std::io::copy(&mut log, &mut kept));
        Some((process, address))
    }

    fn open_log(&self) -> std::fs::File {
        std::fs::OpenOptions::new().create(true).append(true).open(self.log_path()).unwrap()
    }

    /// The keys by which secrets are sealed.
    pub fn keys_path(&self) -> PathBuf {
        self.folder.join("keys")
    }

    /// Where the worker's log is kept while the world stands.
    pub fn log_path(&self) -> PathBuf {
        self.folder.join("worker.log")
    }

    /// `SIGKILL`: no farewell, no flush.
    pub fn kill(&self) {
        if let Some(mut process) = self.worker.lock().unwrap().take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// `SIGTERM`, as at the end of a release: waits until the worker has ended.
    pub fn terminate(&self) -> ExitStatus {
        let mut process = self.worker.lock().unwrap().take().unwrap();
        let id = process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        process.wait().unwrap()
    }

    /// Waits until the worker has ended at its fail point.
    pub async fn await_death(&self) {
        let waiting = async {
            loop {
                let has_ended = self
                    .worker
                    .lock()
                    .unwrap()
                    .as_mut()
                    .is_none_or(|process| process.try_wait().unwrap().is_some());
                if has_ended {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the worker passes its fail point");
        *self.worker.lock().unwrap() = None;
    }

    pub fn is_alive(&self) -> bool {
        self.worker.lock().unwrap().as_mut().is_some_and(|process| process.try_wait().unwrap().is_none())
    }

    /// Starts one follower's EA.
    pub fn follower(&self, number: usize, manners: Manners) -> AutoFollower {
        let (account, broker) = (self.followers.get(number).unwrap(), self.brokers.get(number).unwrap());
        AutoFollower::start(self.gateway.address, &account.key, &account.token, broker.clone(), manners)
    }

    /// A follower that says only what a test makes it say.
    pub async fn wire_follower(&self, number: usize) -> FollowerEa {
        let account = self.followers.get(number).unwrap();
        FollowerEa::connect(self.gateway.address, &account.key, &account.token).await
    }

    pub async fn master(&self) -> MasterEa {
        MasterEa::connect(self.gateway.address, &self.masters.first().unwrap().key).await
    }

    /// A master's EA that comes back with the list of its chart and the first price.
    pub async fn listing_master(&self, number: usize, tickets: &[i64]) -> MasterEa {
        let mut master = self.patient_master(number).await;
        master.snapshot(Terminal::Mt5, tickets).await;
        master.price("XAUUSD", "2030.50", "2030.70").await;
        master
    }

    /// A master that comes again when it is not let in, as the real ones do.
    async fn patient_master(&self, number: usize) -> MasterEa {
        let key = &self.masters.get(number).unwrap().key;
        let coming = async {
            loop {
                let mut wire = Wire::connect(self.gateway.address).await.unwrap();
                wire.send(&format!("AUTH:{key}")).await.unwrap();
                if wire.line().await.as_deref() == Some("AUTH_OK") {
                    return MasterEa { wire };
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, coming).await.expect("the master is let in")
    }

    /// Makes everything that lists are judged by half a minute older.
    pub async fn pass_half_a_minute(&self) {
        let older = "update snapshots set received_at = received_at - interval '31 s';
            update signals set received_at = received_at - interval '31 s';
            update copy_sightings set missing_since = missing_since - interval '31 s'";
        self.sql.batch_execute(older).await.unwrap();
    }

    /// Lets the time pass for which opens of followers with copies in doubt are held.
    pub async fn end_holds(&self) {
        let over = "update sessions set opens_from = now() where opens_from > now()";
        self.sql.batch_execute(over).await.unwrap();
    }

    /// A master's EA that sends again what it could not send, without waiting for an answer, as the real ones do.
    pub async fn master_resending(&self, line: &str) -> Wire {
        let mut wire = Wire::connect(self.gateway.address).await.unwrap();
        let key = &self.masters.first().unwrap().key;
        wire.send_bytes(format!("AUTH:{key}\nCMD_INIT_SYMBOL|XAUUSD|100.00|2\n{line}\n").as_bytes())
            .await
            .unwrap();
        wire
    }

    /// Waits until all followers are connected and have named their master.
    pub async fn await_online(&self) {
        let all = self.followers.len().to_string();
        let online = "select count(*)::text from sessions s join accounts a on a.id = s.account_id
            where a.copy_role = 'follower' and s.sockets > 0
                and exists (select from subscriptions f where f.follower_account_id = a.id)";
        self.await_text(online, &all).await;
    }

    /// Waits until the copies look like this, oldest first: `state` or `state(reason)`, separated by blanks.
    pub async fn await_copies(&self, expected: &str) {
        let copies = "select coalesce(string_agg(state || coalesce('(' || reason_code || ')', ''), ' ' order by id), '')
            from copy_orders";
        self.await_text(copies, expected).await;
    }

    pub async fn await_text(&self, query: &str, expected: &str) {
        let mut last = String::new();
        let mut pause = Pause::new();
        let query = self.sql.prepare(query).await.unwrap();
        let waiting = async {
            loop {
                last = self.sql.query_one(&query, &[]).await.unwrap().get(0);
                if last == expected {
                    return;
                }
                pause.wait().await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(in_time, "{last:?} instead of {expected:?}; the worker said\n{}", self.last_words());
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n")
    }

    /// The invariants, over everything that is known from outside.
    pub fn invariants(&self) -> Invariants<'_> {
        let accounts: HashMap<String, Uuid> = self
            .masters
            .iter()
            .chain(&self.followers)
            .map(|account| (account.key.clone(), account.id))
            .collect();
        let books =
            self.followers.iter().map(|account| account.id).zip(self.brokers.iter().cloned()).collect();
        Invariants::of(&self.sql).on_wire(&self.log, self.anchor, accounts).with_books(books)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.kill();
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// As `flotilla keys generate` makes them, without a process of its own.
fn generate_keys(folder: &std::path::Path) {
    let path = folder.join("keys");
    let mut file = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).unwrap();
    file.write_all(Keyring::generate().unwrap().expose_secret().as_bytes()).unwrap();
}

fn gateway_address(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = line.get("fields").unwrap_or(&line);
    let says_so = fields.get("message").and_then(Value::as_str) == Some("EA gateway listens");
    says_so.then(|| fields.get("address")?.as_str()?.parse().ok())?
}

async fn add_account(sql: &Client, owner: Uuid, role: &str, token: &str) -> Account {
    let key = ApiKey::generate();
    let insert =
        "insert into accounts (owner_id, name, platform, copy_role) values ($1, $2, 'mt5', $2) returning id";
    let id: Uuid = sql.query_one(insert, &[&owner, &role]).await.unwrap().get(0);
    let insert = "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, $3, $4, '')";
    sql.execute(insert, &[&id, &owner, &key.prefix(), &key.hash().as_slice()]).await.unwrap();
    Account { id, key: key.text().expose_secret().to_owned(), token: token.to_owned() }
}
