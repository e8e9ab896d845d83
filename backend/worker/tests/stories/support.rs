//! A worker on a free port with a database of its own, and accounts to connect.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

pub mod checker;
pub mod exchange;
pub mod scene;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use flotilla_security::api_key::{ApiKey, generate_master_token};
use flotilla_security::tls::TlsFiles;
use flotilla_store::Db;
use flotilla_testkit::db::TestDb;
use flotilla_testkit::ea_v7::{FollowerEa, MasterEa};
use flotilla_testkit::pause::Pause;
use flotilla_worker::{Config, Listeners, WorkerError};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(20);
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A running worker and its database.
pub struct World {
    /// Dropped with the world.
    _db: TestDb,
    _journal: TempDir,
    /// Bypasses row-level security.
    pub sql: Client,
    pub address: SocketAddr,
    /// The encrypted port, if there is one.
    pub tls_address: Option<SocketAddr>,
    /// Certificate and key of the encrypted port, for the next start.
    pub tls_files: Option<TlsFiles>,
    pub config: Config,
    worker: Option<Running>,
    owner: Uuid,
}

struct Running {
    stop: CancellationToken,
    task: JoinHandle<Result<(), WorkerError>>,
}

/// An account that an EA can log in to.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: Uuid,
    pub owner: Uuid,
    pub key: String,
    /// Of a master.
    pub token: String,
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub async fn start_with(adjust: impl FnOnce(&mut Config)) -> Self {
        let db = TestDb::new().await;
        let sql = db.admin().await;
        let journal = TempDir::new().unwrap();
        let mut config = Config::new(db.worker_url.clone(), journal.path().to_owned());
        flotilla_testkit::ledger::open(&sql).await;
        config.timing.hold_after_wrong_key = Duration::from_millis(100);
        config.timing.role_grace = Duration::from_millis(50);
        // A sweep is more than a dozen transactions: one after the other they would leave little to the tests beside.
        config.timing.sweep = Duration::from_millis(200);
        config.timing.project = Duration::from_millis(50);
        config.timing.lag = Duration::from_millis(100);
        config.timing.drain = Duration::from_secs(1);
        adjust(&mut config);
        let owner = add_owner(&sql).await;
        let mut world = Self {
            _db: db,
            _journal: journal,
            sql,
            address: NOWHERE,
            tls_address: None,
            tls_files: None,
            config,
            worker: None,
            owner,
        };
        world.run().await;
        world
    }

    /// Starts the worker on new ports.
    pub async fn run(&mut self) {
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.address = plain.local_addr().unwrap();
        let tls = match &self.tls_files {
            Some(files) => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                self.tls_address = Some(listener.local_addr().unwrap());
                Some((listener, files.clone()))
            }
            None => None,
        };
        let listeners = Listeners { plain, tls };
        let store = Db::connect_worker(&self.config.database_url, 4).unwrap();
        let stop = CancellationToken::new();
        let task = tokio::spawn(flotilla_worker::run(self.config.clone(), store, listeners, stop.clone()));
        self.worker = Some(Running { stop, task });
    }

    /// Ends the worker as on a planned shutdown.
    pub async fn stop(&mut self) {
        let Some(running) = self.worker.take() else { return };
        running.stop.cancel();
        running.task.await.unwrap().unwrap();
    }

    /// Another owner's id.
    pub async fn stranger(&self) -> Uuid {
        add_owner(&self.sql).await
    }

    pub async fn master(&self) -> Account {
        self.account("master", self.owner).await
    }

    pub async fn follower(&self) -> Account {
        self.account("follower", self.owner).await
    }

    pub async fn account(&self, role: &str, owner: Uuid) -> Account {
        let key = ApiKey::generate();
        let token = generate_master_token();
        let row = self
            .sql
            .query_one(
                "insert into accounts (owner_id, name, platform, copy_role) values ($1, $2, 'mt5', $2) returning id",
                &[&owner, &role],
            )
            .await
            .unwrap();
        let id: Uuid = row.get(0);
        self.sql
            .execute(
                "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, $3, $4, '')",
                &[&id, &owner, &key.prefix(), &key.hash().as_slice()],
            )
            .await
            .unwrap();
        if role == "master" {
            let insert =
                "insert into masters (account_id, owner_id, name, token) values ($1, $2, 'lead', $3)";
            self.sql.execute(insert, &[&id, &owner, &token]).await.unwrap();
        }
        Account { id, owner, key: key.text().expose_secret().to_owned(), token }
    }

    /// Changes settings of a follower as the API would.
    pub async fn set_copying(&self, follower: &Account, columns: &str) {
        let update = format!("update subscriptions set {columns} where follower_account_id = $1");
        self.sql.execute(&update, &[&follower.id]).await.unwrap();
    }

    /// A master that wants to be asked, and a follower of another owner.
    pub async fn asked(&self) -> (Account, Account) {
        let (master, follower) = (self.master().await, self.account("follower", self.stranger().await).await);
        let ask = "update masters set needs_approval = true where account_id = $1";
        self.sql.execute(ask, &[&master.id]).await.unwrap();
        (master, follower)
    }

    /// Decides about every follower of a master as its owner would by the API.
    pub async fn decide(&self, master: &Account, decision: &str) {
        let update = "update master_followers set decision = $2 where master_account_id = $1";
        self.sql.execute(update, &[&master.id, &decision]).await.unwrap();
    }

    /// How old an open may be for a follower, in seconds.
    pub async fn set_max_age(&self, follower: &Account, seconds: i32) {
        let update = "update subscriptions set max_age_s = $2 where follower_account_id = $1";
        assert_eq!(self.sql.execute(update, &[&follower.id, &seconds]).await.unwrap(), 1);
    }

    /// Names and contents of the inbound journal's segments.
    pub fn journal(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let paths = std::fs::read_dir(&self.config.journal_dir).unwrap().map(|entry| entry.unwrap().path());
        let segments = paths.filter(|path| path.extension().is_some_and(|extension| extension == "inbox"));
        segments.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
    }

    /// Puts segments back that are gone.
    pub fn restore_journal(&self, segments: &[(PathBuf, Vec<u8>)]) {
        for (path, bytes) in segments {
            let name = path.file_name().unwrap();
            std::fs::write(self.config.journal_dir.join(name), bytes).unwrap();
        }
    }

    pub async fn set_mode(&self, master: &Account, mode: &str) {
        let update = "update masters set copy_mode = $2 where account_id = $1";
        self.sql.execute(update, &[&master.id, &mode]).await.unwrap();
    }

    pub async fn master_ea(&self, account: &Account) -> MasterEa {
        MasterEa::connect(self.address, &account.key).await
    }

    pub async fn follower_ea(&self, account: &Account, master: &Account) -> FollowerEa {
        FollowerEa::connect(self.address, &account.key, &master.token).await
    }

    /// Waits until the copies of a follower look like this, oldest first:
    /// `state` or `state(reason)`, separated by blanks.
    pub async fn await_copies(&self, follower: &Account, expected: &str) {
        self.await_text(
            "select coalesce(string_agg(state || coalesce('(' || reason_code || ')', ''), ' ' order by id), '')
             from copy_orders where follower_account_id = $1",
            follower.id,
            expected,
        )
        .await;
    }

    /// Waits until a query about an account answers `expected`.
    pub async fn await_text(&self, query: &str, account: Uuid, expected: &str) {
        let mut last = String::new();
        let mut pause = Pause::new();
        let query = self.sql.prepare(query).await.unwrap();
        let waiting = async {
            loop {
                last = self.sql.query_one(&query, &[&account]).await.unwrap().get(0);
                if last == expected {
                    return;
                }
                pause.wait().await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(in_time, "{last:?} instead of {expected:?}");
    }

    /// Says what the API says after it changed something about an account.
    pub async fn hint_account(&self, account: &Account) {
        let hint = format!("a{}{}{}", account.owner.simple(), account.id.simple(), account.id.simple());
        self.sql.execute("select pg_notify('flotilla_changes', $1)", &[&hint]).await.unwrap();
    }

    /// Makes everything that lists are judged by `seconds` older.
    pub async fn pass_time(&self, seconds: i32) {
        self.sql
            .batch_execute(&format!(
                "update snapshots set received_at = received_at - interval '{seconds} s';
                 update signals set received_at = received_at - interval '{seconds} s';
                 update evidence set received_at = received_at - interval '{seconds} s';
                 update copy_events set at = at - interval '{seconds} s';
                 update orphans set first_seen_at = first_seen_at - interval '{seconds} s';
                 update copy_sightings set missing_since = missing_since - interval '{seconds} s';
                 update copy_orders set claimed_at = claimed_at - interval '{seconds} s'
                 where state not in ('claimed', 'received');"
            ))
            .await
            .unwrap();
    }

    /// Takes the database away from the worker, or gives it back.
    pub async fn sever(&self, is_away: bool) {
        // A superuser's session stays; others are refused and ended.
        let name: String = self.sql.query_one("select current_database()::text", &[]).await.unwrap().get(0);
        let limit = if is_away { 0 } else { -1 };
        self.sql.batch_execute(&format!("alter database {name} connection limit {limit}")).await.unwrap();
        let end = "select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and usename = 'flotilla_worker'";
        self.sql.execute(end, &[]).await.unwrap();
    }

    /// Waits until a stranger is let in again and logs in.
    pub async fn await_place(&self, account: &Account) {
        let waiting = async {
            loop {
                let mut wire = flotilla_testkit::ea_v7::Wire::connect(self.address).await.unwrap();
                let _ = wire.send(&format!("AUTH:{}", account.key)).await;
                if wire.read().await.is_some() {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    }

    pub async fn text(&self, query: &str, account: Uuid) -> String {
        self.sql.query_one(query, &[&account]).await.unwrap().get(0)
    }
}

async fn add_owner(sql: &Client) -> Uuid {
    let email = format!("{}@example.com", Uuid::new_v4().simple());
    let insert = "insert into users (email, name, password_hash) values ($1, 'Ada', '') returning id";
    sql.query_one(insert, &[&email]).await.unwrap().get(0)
}
