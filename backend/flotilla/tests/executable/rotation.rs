//! N54: sealing anew is interrupted and goes on; `doctor` tells what is left.

use std::process::{Child, Stdio};
use std::time::Duration;

use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_security::api_key;
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_security::keyring::{Keyring, Purpose};
use flotilla_security::seal::{SealPurpose, Sealer};
use flotilla_testkit::db::TestDb;
use secrecy::ExposeSecret as _;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::{Answer, Folder, answer, flotilla};

/// Accounts, each with two sealed keys: more than fit in two commits.
const ACCOUNTS: usize = 120;
/// Of the exchange keys: sealed under the older key, and not yet rotated.
const LEFT: &str = "select count(*) from exchange_keys where position(convert_to($1, 'UTF8') in sealed) > 0";

struct Vault {
    db: TestDb,
    sql: Client,
    folder: Folder,
    owner: OwnerId,
    accounts: Vec<AccountId>,
    old: String,
}

impl Vault {
    /// Everything sealed under one key, and a keys file with a newer one above it.
    async fn new(name: &str) -> Self {
        let (db, folder) = (TestDb::new().await, Folder::new(name));
        let sql = db.admin().await;
        let [old, new] = [(), ()].map(|()| Keyring::generate().unwrap().expose_secret().to_owned());
        let sealer = Sealer::new(&Keyring::parse(&old).unwrap());
        let owner = OwnerId::from_uuid(Uuid::now_v7());
        let user =
            "insert into users (id, email, name, password_hash) values ($1, 'ada@example.test', 'ada', 'x')";
        sql.execute(user, &[&owner.uuid()]).await.unwrap();
        let mut accounts = Vec::new();
        for _ in 0..ACCOUNTS {
            accounts.push(add(&sql, &sealer, owner).await);
        }
        std::fs::write(folder.file("old"), &old).unwrap();
        std::fs::write(folder.file("both"), format!("{new}{old}")).unwrap();
        std::fs::write(folder.file("new"), &new).unwrap();
        Self { db, sql, folder, owner, accounts, old }
    }

    fn command(&self, keys: &str, arguments: &[&str]) -> std::process::Command {
        let mut command = flotilla(arguments);
        command
            .env("FLOTILLA_KEYS_FILE", self.folder.file(keys))
            .env("FLOTILLA_APP_DATABASE_URL", &self.db.app_url)
            .env("FLOTILLA_WORKER_DATABASE_URL", &self.db.worker_url)
            .env("FLOTILLA_READONLY_DATABASE_URL", &self.db.readonly_url);
        command
    }

    fn run(&self, keys: &str, arguments: &[&str]) -> Answer {
        answer(&mut self.command(keys, arguments))
    }

    fn old_kid(&self) -> String {
        Keyring::parse(&self.old).unwrap().kids(Purpose::Exchange).first().copied().unwrap().to_owned()
    }

    async fn left(&self) -> usize {
        let left: i64 = self.sql.query_one(LEFT, &[&self.old_kid()]).await.unwrap().get(0);
        usize::try_from(left).unwrap()
    }

    /// Every key opens with what is in a keys file.
    async fn assert_open(&self, keys: &str) {
        let text = std::fs::read_to_string(self.folder.file(keys)).unwrap();
        let sealer = Sealer::new(&Keyring::parse(&text).unwrap());
        let rows = "select k.account_id, k.sealed, a.sealed_key from exchange_keys k join api_keys a using (account_id)";
        let rows = self.sql.query(rows, &[]).await.unwrap();
        assert_eq!(rows.len(), self.accounts.len());
        for row in rows {
            let account = AccountId::from_uuid(row.get(0));
            let demo = ExchangeEnvironment::Demo;
            let opened = ExchangeSecret::open(&sealer, (self.owner, account), demo, row.get(1)).unwrap();
            assert_eq!(opened.api_secret.expose_secret(), format!("secret-{account}"));
            let place = api_key::place(self.owner, account);
            let key = sealer.open_text(SealPurpose::EaKey, &place, row.get(2)).unwrap();
            assert_eq!(key.expose_secret(), format!("ea-{account}"));
        }
    }
}

async fn add(sql: &Client, keys: &Sealer, owner: OwnerId) -> AccountId {
    let insert = "insert into accounts (owner_id, name, platform, copy_role) values ($1, 'a', 'bingx', 'follower') returning id";
    let account = AccountId::from_uuid(sql.query_one(insert, &[&owner.uuid()]).await.unwrap().get(0));
    let ea = format!("ea-{account}");
    let ea = keys.seal(SealPurpose::EaKey, &api_key::place(owner, account), ea.as_bytes()).unwrap();
    let secret = ExchangeSecret {
        environment: ExchangeEnvironment::Demo,
        api_key: "anapikeyofsomebody".into(),
        api_secret: format!("secret-{account}").into(),
    };
    let sealed = secret.seal(keys, owner, account).unwrap();
    let hash: Vec<u8> = account.uuid().as_bytes().repeat(2);
    sql.execute(
        "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, 'sk_live_1234', $3, $4)",
        &[&account.uuid(), &owner.uuid(), &hash, &ea],
    )
    .await
    .unwrap();
    sql.execute(
        "insert into exchange_keys (account_id, owner_id, environment, sealed, status, generation, offer)
         values ($1, $2, 'demo', $3, 'verified', 1, 1)",
        &[&account.uuid(), &owner.uuid(), &sealed],
    )
    .await
    .unwrap();
    account
}

/// Starts it, and kills it once it waits for a row that is locked far down.
async fn interrupt(vault: &Vault) {
    let mut holder = vault.db.admin().await;
    let held = holder.transaction().await.unwrap();
    let last = vault.accounts.iter().map(|account| account.uuid()).max().unwrap();
    held.execute("select from exchange_keys where account_id = $1 for update", &[&last]).await.unwrap();
    let mut rotating: Child = vault
        .command("both", &["keys", "rotate"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while vault.left().await == ACCOUNTS {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // SIGKILL.
    rotating.kill().unwrap();
    rotating.wait().unwrap();
}

/// `doctor` only looks, whoever's login it has.
async fn changes_nothing(vault: &Vault) {
    let newest = "select max(version) from __diesel_schema_migrations";
    let version: String = vault.sql.query_one(newest, &[]).await.unwrap().get(0);
    let forget = "delete from __diesel_schema_migrations where version = $1";
    vault.sql.execute(forget, &[&version]).await.unwrap();
    let told = answer(vault.command("old", &["doctor"]).env("DATABASE_URL", &vault.db.admin_url));
    assert!(!told.success && told.err.contains("pending: 1"), "{}{}", told.out, told.err);
    let restore = "insert into __diesel_schema_migrations (version) values ($1)";
    vault.sql.execute(restore, &[&version]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn n54_an_interrupted_rotation_leaves_everything_readable_and_goes_on() {
    let vault = Vault::new("rotation").await;
    assert!(vault.run("old", &["doctor"]).success);
    changes_nothing(&vault).await;
    let told = vault.run("both", &["doctor"]);
    assert!(!told.success && told.out.contains("120 under") && told.out.contains("outdated"), "{}", told.out);

    interrupt(&vault).await;

    let left = vault.left().await;
    assert!((1..ACCOUNTS).contains(&left), "{left} are left");
    vault.assert_open("both").await;
    assert!(!vault.run("new", &["doctor"]).success, "the old key is needed");

    let rotated = vault.run("both", &["keys", "rotate"]);
    assert!(rotated.success, "{}{}", rotated.out, rotated.err);
    assert!(
        rotated.out.contains(&format!("keys of exchange accounts: {left} sealed anew")),
        "{}",
        rotated.out
    );
    assert_eq!(vault.left().await, 0);
    vault.assert_open("new").await;
    let told = vault.run("new", &["doctor"]);
    assert!(told.out.contains("all is well") && told.out.contains("mails: into the folder"), "{}", told.out);
    let mut mute = vault.command("new", &["doctor"]);
    // Nobody listens there.
    mute.env("FLOTILLA_SMTP_HOST", "127.0.0.1")
        .env("FLOTILLA_SMTP_PORT", "1")
        .env("FLOTILLA_SMTP_TLS", "none");
    mute.env("FLOTILLA_MAIL_FROM", "fleet@example.test");
    let told = answer(&mut mute);
    assert!(!told.success && told.out.contains("the mail server did not answer"), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn n53_what_does_not_open_stays_closed_and_is_named() {
    let vault = Vault::new("rotation-closed").await;
    let moved = "update exchange_keys k set sealed = o.sealed from exchange_keys o
        where k.account_id = (select max(account_id::text)::uuid from exchange_keys)
            and o.account_id = (select min(account_id::text)::uuid from exchange_keys)";
    vault.sql.execute(moved, &[]).await.unwrap();

    let rotated = vault.run("both", &["keys", "rotate"]);
    let gone = vault.run("new", &["keys", "rotate"]);

    assert!(!rotated.success && rotated.err.contains("1 values do not open"), "{}", rotated.err);
    let last = vault.accounts.iter().map(|account| account.uuid()).max().unwrap();
    assert!(rotated.out.contains(&last.to_string()), "{}", rotated.out);
    assert!(!gone.success);
}
