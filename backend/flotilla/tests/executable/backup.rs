//! A backup comes back whole or not at all, and nothing is sent on its word.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_security::api_key::{self, ApiKey, generate_master_token};
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::{SealPurpose, Sealer};
use flotilla_testkit::db::TestDb;
use flotilla_testkit::ea_v7::{FollowerEa, MasterEa, Terminal};
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use tokio_postgres::Client as Sql;
use uuid::Uuid;

use crate::server::{EA, Server};
use crate::support::{Answer, Folder, answer, flotilla};

/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(30);
const COPIES: &str = "select coalesce(string_agg(master_ticket || ' ' || state, ', ' order by master_ticket), '') from copy_orders";

/// What administrators put into databases, and nobody else may. Not every installation of PostgreSQL has it.
const EXTENSION: &str = "do $$ begin
    if exists (select from pg_available_extensions where name = 'pg_stat_statements') then
        create extension pg_stat_statements;
    end if;
end $$";

/// An account and the key of its terminal.
struct Account {
    id: Uuid,
    key: String,
}

struct Installation {
    db: TestDb,
    sql: Sql,
    folder: Folder,
    keys: String,
    token: String,
    master: Account,
    follower: Account,
}

impl Installation {
    /// A master and its follower, with keys that are sealed under the installation's own.
    async fn new() -> Self {
        let (db, folder) = (TestDb::new().await, Folder::new("backup"));
        let sql = db.admin().await;
        sql.batch_execute(EXTENSION).await.unwrap();
        let keys = Keyring::generate().unwrap().expose_secret().to_owned();
        write_keys(&folder.file("keys"), &keys);
        let sealer = Sealer::new(&Keyring::parse(&keys).unwrap());
        let user = "insert into users (email, name, password_hash) values ('ada@example.com', 'Ada', '') returning id";
        let owner: Uuid = sql.query_one(user, &[]).await.unwrap().get(0);
        let token = generate_master_token();
        let master = add(&sql, &sealer, owner, "master").await;
        let follower = add(&sql, &sealer, owner, "follower").await;
        let masters = "insert into masters (account_id, owner_id, name, token) values ($1, $2, 'lead', $3)";
        sql.execute(masters, &[&master.id, &owner, &token]).await.unwrap();
        Self { db, sql, folder, keys, token, master, follower }
    }

    fn command(&self, arguments: &[&str], database: &str) -> Command {
        let mut command = flotilla(arguments);
        command.env("FLOTILLA_KEYS_FILE", self.folder.file("keys")).env("DATABASE_URL", database);
        for passed in ["PATH", "FLOTILLA_PG_BIN"] {
            command.envs(std::env::var_os(passed).map(|value| (passed, value)));
        }
        command
    }

    fn backup(&self, path: &Path) -> Answer {
        answer(self.command(&["backup"], &self.db.admin_url).arg(path))
    }

    fn restore(&self, path: &Path, database: &str, more: &[&str]) -> Answer {
        answer(self.command(&["restore"], database).arg(path).args(more))
    }

    /// A worker with a journal of its own.
    fn work(&self, database: &TestDb, name: &str) -> (Server, Folder) {
        let folder = Folder::new(name);
        let mut command = flotilla(&["work"]);
        command.env("FLOTILLA_KEYS_FILE", self.folder.file("keys"));
        (Server::start(command, database, &folder), folder)
    }

    /// The master trades: the first copy is open, of the second nobody knows, the third was never sent.
    async fn trade(&self) {
        let (server, _journal) = self.work(&self.db, "backed-up");
        let ea = server.address(EA);
        let mut m = MasterEa::connect(ea, &self.master.key).await;
        let mut f = FollowerEa::connect(ea, &self.follower.key, &self.token).await;
        m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
        let order = f.expect_open().await;
        f.ack_open(&order, 51).await;
        await_copies(&self.sql, "1 open").await;
        m.open("BUY|XAUUSD|2031.50|0.10|0.00|0.00|2").await;
        f.expect_open().await;
        let early = self.folder.file("early");
        let made = self.backup(&early);
        assert!(made.success, "while servers run: {}{}", made.out, made.err);
        // SIGKILL.
        drop(server);
        let fresh = "insert into copy_orders (signal_id, owner_id, master_account_id, follower_account_id, state, symbol,
                side, master_ticket, master_lots, master_price, desired_lots, expires_at)
            select uuid_v7(), owner_id, master_account_id, follower_account_id, 'planned', symbol,
                side, 3, master_lots, master_price, 0.1, now() + interval '1 hour'
            from copy_orders where master_ticket = 1";
        self.sql.execute(fresh, &[]).await.unwrap();
        let login = "insert into refresh_tokens (token_hash, login_id, user_id, expires_at, login_ends_at)
            select sha256('a'), uuid_v7(), id, now() + interval '1 day', now() + interval '1 day' from users";
        self.sql.execute(login, &[]).await.unwrap();
    }
}

fn write_keys(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

async fn add(sql: &Sql, sealer: &Sealer, owner: Uuid, role: &str) -> Account {
    let key = ApiKey::generate();
    let account =
        "insert into accounts (owner_id, name, platform, copy_role) values ($1, $2, 'mt5', $2) returning id";
    let id: Uuid = sql.query_one(account, &[&owner, &role]).await.unwrap().get(0);
    let place = api_key::place(OwnerId::from_uuid(owner), AccountId::from_uuid(id));
    let text = key.text();
    let kept = sealer.seal(SealPurpose::EaKey, &place, text.expose_secret().as_bytes()).unwrap();
    let insert = "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, $3, $4, $5)";
    sql.execute(insert, &[&id, &owner, &key.prefix(), &key.hash().as_slice(), &kept]).await.unwrap();
    Account { id, key: text.expose_secret().to_owned() }
}

async fn copies(sql: &Sql) -> String {
    sql.query_one(COPIES, &[]).await.unwrap().get(0)
}

/// It listens before it has asked for anything.
async fn await_worker(sql: &Sql) {
    let began = Instant::now();
    let count = "select count(*) from workers";
    while sql.query_one(count, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(began.elapsed() < PATIENCE, "no worker");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn await_copies(sql: &Sql, expected: &str) {
    let began = Instant::now();
    while copies(sql).await != expected {
        assert!(began.elapsed() < PATIENCE, "{}", copies(sql).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A database with nothing in it, whose owner is no superuser.
struct Empty {
    db: TestDb,
    sql: Sql,
    login: String,
    url: String,
}

impl Empty {
    async fn new() -> Self {
        let db = TestDb::new().await;
        let sql = db.admin().await;
        let login = format!("flotilla_test_{}", Uuid::new_v4().simple());
        let prepare = format!(
            "drop owned by flotilla_owner cascade; create role {login} login; grant flotilla_owner to {login};
            do $$ begin execute format('alter database %I owner to {login}', current_database()); end $$"
        );
        sql.batch_execute(&prepare).await.unwrap();
        sql.batch_execute(EXTENSION).await.unwrap();
        let url = db.app_url.replace("flotilla_app", &login);
        Self { db, sql, login, url }
    }

    async fn tables(&self) -> i64 {
        let count =
            "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'";
        self.sql.query_one(count, &[]).await.unwrap().get(0)
    }

    async fn end(self) {
        let forget =
            format!("reassign owned by {0} to current_user; drop owned by {0}; drop role {0}", self.login);
        self.sql.batch_execute(&forget).await.unwrap();
    }
}

fn add_sum(text: &mut Vec<u8>) {
    let sum = Sha256::digest(text.as_slice());
    text.extend_from_slice(b"\nsha256 ");
    sum.iter().for_each(|byte| write!(text, "{byte:02x}").unwrap());
    text.push(b'\n');
}

/// The backup with its last bytes before the sum gone, and a sum that fits.
fn cut(path: &Path, to: PathBuf) -> PathBuf {
    let whole = std::fs::read(path).unwrap();
    let mut text = whole.get(..whole.len() * 9 / 10).unwrap().to_vec();
    add_sum(&mut text);
    std::fs::write(&to, text).unwrap();
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_sends_nothing_again_until_its_owner_resumes() {
    let installation = Installation::new().await;
    installation.trade().await;
    let path = installation.folder.file("flotilla.backup");

    let made = installation.backup(&path);
    assert!(made.success && made.out.contains("not in it"), "{}{}", made.out, made.err);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = installation.backup(&path);
    assert!(!again.success && again.err.contains("is not overwritten"), "{}", again.err);

    let empty = Empty::new().await;
    refuse_what_does_not_fit(&installation, &path, &empty).await;
    restore(&installation, &path, &empty).await;
    trade_on(&installation, &empty).await;
    empty.end().await;
}

async fn refuse_what_does_not_fit(installation: &Installation, path: &Path, empty: &Empty) {
    let (folder, refused) = (&installation.folder, |path: &Path| installation.restore(path, &empty.url, &[]));
    let damaged = folder.file("damaged");
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    *bytes.get_mut(middle).unwrap() ^= 1;
    std::fs::write(&damaged, bytes).unwrap();
    let foreign = folder.file("foreign");
    std::fs::write(&foreign, "PGDMP").unwrap();
    let newer = folder.file("newer");
    std::fs::write(&newer, reheaded(path)).unwrap();

    for (path, words) in [
        (&damaged, "is damaged"),
        (&foreign, "is not a backup of Flotilla"),
        (&cut(path, folder.file("cut")), "nothing was restored"),
        (&newer, "this version does not know"),
    ] {
        let told = refused(path);
        assert!(!told.success && told.err.contains(words), "{words}: {}{}", told.out, told.err);
    }
    let other = Keyring::generate().unwrap().expose_secret().to_owned();
    write_keys(&folder.file("keys"), &other);
    let told = refused(path);
    assert!(!told.success && told.err.contains("is not among the keys here"), "{}", told.err);
    write_keys(&folder.file("keys"), &renamed(&other, &installation.keys));
    let told = refused(path);
    assert!(!told.success && told.err.contains("is another one here"), "{}", told.err);
    write_keys(&folder.file("keys"), &installation.keys);
    assert_eq!(empty.tables().await, 0);
}

/// The backup as a later version would write it.
fn reheaded(path: &Path) -> Vec<u8> {
    let whole = std::fs::read(path).unwrap();
    let end = whole.windows(2).position(|pair| pair == b"\n\n").unwrap();
    let heading = String::from_utf8(whole.get(..end).unwrap().to_vec()).unwrap();
    let later: Vec<_> = heading
        .lines()
        .map(|line| if line.starts_with("migration ") { "migration 299912312359590000" } else { line })
        .collect();
    let mut text = later.join("\n").into_bytes();
    text.extend_from_slice(whole.get(end..whole.len() - 73).unwrap());
    add_sum(&mut text);
    text
}

/// Keys of `values` under the names of `names`.
fn renamed(values: &str, names: &str) -> String {
    let line = |(value, name): (&str, &str)| {
        let words: Vec<_> = name.split(' ').take(2).chain(value.split(' ').nth(2)).collect();
        if name.starts_with('#') { String::new() } else { words.join(" ") }
    };
    values.lines().zip(names.lines()).map(line).collect::<Vec<_>>().join("\n")
}

/// A mail that waits, and a link that works.
const MAILS: &str = "
    insert into outbox (kind, address, ends_at) values ('reset_password', 'ada@example.test', now() + interval '1 hour');
    insert into mail_tokens (token_hash, user_id, kind, address, expires_at)
    select sha256('link'::bytea), id, 'reset_password', email, now() + interval '1 hour' from users";

async fn restore(installation: &Installation, path: &Path, empty: &Empty) {
    let done = installation.restore(path, &empty.url, &[]);
    assert!(
        done.success
            && done.out.contains("copying is stopped for every owner (1)")
            && done.out.contains("every owner who has such keys (1)"),
        "{}{}",
        done.out,
        done.err
    );
    assert_eq!(copies(&empty.sql).await, "1 open, 2 attention, 3 attention");
    let doctor = answer(&mut installation.command(&["doctor"], &empty.url));
    assert!(doctor.out.contains("all is well"), "{}{}", doctor.out, doctor.err);
    assert!(doctor.out.contains("backups: none with"), "{}", doctor.out);

    let full = installation.restore(path, &empty.url, &[]);
    assert!(!full.success && full.err.contains("is not empty"), "{}", full.err);
    let (server, journal) = installation.work(&empty.db, "restored-busy");
    server.address(EA);
    await_worker(&empty.sql).await;
    let busy = installation.restore(path, &empty.url, &["--replace"]);
    assert!(!busy.success && busy.err.contains("servers are connected"), "{}", busy.err);
    assert!(server.terminate().0.success());
    drop(journal);
    empty.sql.execute("update users set name = 'somebody else'", &[]).await.unwrap();
    let replaced = installation.restore(path, &empty.url, &["--replace"]);
    assert!(replaced.success, "{}{}", replaced.out, replaced.err);
    empty.sql.batch_execute(MAILS).await.unwrap();
    let in_order = answer(&mut installation.command(&["restored"], &empty.url));
    assert!(in_order.success, "a second time changes nothing: {}", in_order.err);

    let left = "select (select count(*) from refresh_tokens), (select count(*) from stops where account_id is null),
        (select count(*) from users where name = 'Ada'), (select count(*) from audit where action = 'database_restored'),
        (select count(*) from pg_class where relname in ('users', 'copy_orders', 'stops', 'outbox') and relforcerowsecurity),
        (select count(*) from outbox where sent_at is null and failed_at is null) + (select count(*) from mail_tokens),
        (select count(*) from alerts where kind = 'keys_restored' and severity = 'critical' and times_seen = 2)";
    let row = empty.sql.query_one(left, &[]).await.unwrap();
    assert_eq!([0, 1, 2, 3, 4, 5, 6].map(|place| row.get::<_, i64>(place)), [0, 1, 1, 2, 4, 0, 1]);
    assert_eq!(copies(&empty.sql).await, "1 open, 2 attention, 3 attention");
    let audit = answer(&mut installation.command(&["audit", "verify"], &empty.url));
    assert!(audit.success, "{}", audit.out);
}

/// Terminals connect to the restored server. The first order that comes is the one after the owner resumed.
async fn trade_on(installation: &Installation, empty: &Empty) {
    let (server, _journal) = installation.work(&empty.db, "restored");
    let ea = server.address(EA);
    let mut m = MasterEa::connect(ea, &installation.master.key).await;
    let mut f = FollowerEa::connect(ea, &installation.follower.key, &installation.token).await;
    f.snapshot(Terminal::Mt5, &[51, 52]).await;
    f.wire.expect("SNAPSHOT_OK").await;
    m.open("BUY|XAUUSD|2032.50|0.10|0.00|0.00|4").await;
    await_copies(&empty.sql, "1 open, 2 attention, 3 attention, 4 skipped").await;
    let why = "select reason_code from copy_orders where master_ticket = 4";
    assert_eq!(empty.sql.query_one(why, &[]).await.unwrap().get::<_, &str>(0), "stopped");

    empty.sql.execute("delete from stops", &[]).await.unwrap();
    m.open("BUY|XAUUSD|2033.50|0.10|0.00|0.00|5").await;

    assert_eq!(f.expect_open().await.master_ticket, 5);
    m.close("XAUUSD|1|2035.00000|45.00").await;
    f.wire.expect_prefix("CMD_CLOSE|XAUUSD|51").await;
    drop(server);
}
