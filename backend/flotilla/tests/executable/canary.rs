//! N51: secrets go in through every door, and come out of none.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flotilla_bingx_sim::ledger::Order;
use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::server::{Server as Simulator, Start};
use flotilla_testkit::db::TestDb;
use flotilla_testkit::ea_v7::{MasterEa, Wire};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio_postgres::Client as Sql;

use crate::metrics::{METRICS, scrape};
use crate::server::{EA, HTTP, Server};
use crate::support::{Folder, flotilla};

const PASSWORD: &str = "canary-password-one";
const WRONG_PASSWORD: &str = "canary-password-two";
const NEW_PASSWORD: &str = "canary-password-three";
const RESET_PASSWORD: &str = "canary-password-four";
const INVITE: &str = "canary-invite-code";
const STRAY: &str = "canary-stray-secret";
const DATABASE_PASSWORD: &str = "canary-database-password";
const EXCHANGE_KEY: &str = "canaryexchangekeyone";
const EXCHANGE_SECRET: &str = "canaryexchangesecretone";
const WRONG_EXCHANGE_KEY: &str = "canaryexchangekeytwo";
const WRONG_EXCHANGE_SECRET: &str = "canaryexchangesecrettwo";
const ECHOED_KEY: &str = "canaryexchangekeythree";
const WRONG_KEY: &str = "sk_live_ca0a4ca0a4ca0a4ca0a4ca0a4ca0a4ca";

/// The account at the exchange is listened to, and may open.
const SERVED: &str =
    "select coalesce(max(sockets::text || coalesce(opens_from::text, ' open')), '') from sessions
    where venue = 'bingx'";
const COPIES: &str = "select coalesce(string_agg(state, ' ' order by id), '') from copy_orders";
/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_mins(1);

/// What there is beside the browser.
struct Around<'a> {
    ea: SocketAddr,
    simulator: &'a Simulator,
    sql: &'a Sql,
    mails: &'a Path,
}

impl Around<'_> {
    /// Waits until a query answers this.
    async fn await_text(&self, query: &str, expected: &str) {
        let mut last = String::new();
        let waiting = async {
            while last != expected {
                tokio::time::sleep(Duration::from_millis(50)).await;
                last = self.sql.query_one(query, &[]).await.unwrap().get(0);
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(in_time, "{last:?} instead of {expected:?}");
    }
}

/// A browser that remembers every secret it was given, and every answer that should hold none.
struct Browser {
    http: Client,
    origin: String,
    secrets: Vec<String>,
    answers: Vec<String>,
}

impl Browser {
    fn new(origin: String) -> Self {
        let secrets = [
            PASSWORD,
            WRONG_PASSWORD,
            NEW_PASSWORD,
            RESET_PASSWORD,
            INVITE,
            STRAY,
            DATABASE_PASSWORD,
            WRONG_KEY,
            EXCHANGE_KEY,
            EXCHANGE_SECRET,
            WRONG_EXCHANGE_KEY,
            WRONG_EXCHANGE_SECRET,
            ECHOED_KEY,
        ];
        Self { http: Client::new(), origin, secrets: secrets.map(str::to_owned).into(), answers: Vec::new() }
    }

    async fn send(&mut self, method: Method, path: &str, token: &str, body: &Value) -> Response {
        let request = self.http.request(method, format!("{}{path}", self.origin)).json(body);
        let request = request.header("x-flotilla", "1").header("origin", &self.origin);
        request.bearer_auth(token).send().await.unwrap()
    }

    /// Sends what will be refused, and keeps the answer.
    async fn refused(&mut self, path: &str, token: &str, body: &Value) {
        let response = self.send(Method::POST, path, token, body).await;
        assert!(response.status().is_client_error(), "{path}: {}", response.status());
        self.answers.push(format!("{:?} {}", response.headers().clone(), response.text().await.unwrap()));
    }

    /// Sends what holds a secret and must be answered without it, and keeps the answer.
    async fn kept(&mut self, method: Method, path: &str, token: &str, body: &Value) -> u16 {
        let response = self.send(method, path, token, body).await;
        let status = response.status().as_u16();
        self.answers.push(format!("{:?} {}", response.headers().clone(), response.text().await.unwrap()));
        status
    }

    /// Sends what will be accepted; the text at `pointer` in the answer is a secret from now on.
    async fn accepted(&mut self, path: &str, token: &str, body: &Value, pointer: &str) -> (Value, String) {
        let response = self.send(Method::POST, path, token, body).await;
        assert!(response.status().is_success(), "{path}: {}", response.status());
        let cookies =
            response.headers().get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
        let values = cookies
            .filter_map(|cookie| cookie.split(';').next()?.split_once('='))
            .map(|(_, value)| value.to_owned());
        self.secrets.extend(values.filter(|value| value.len() > 20));
        let answer: Value = response.json().await.unwrap();
        let secret = answer.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
        self.secrets.push(secret.clone());
        (answer, secret)
    }
}

async fn use_every_door(browser: &mut Browser, around: &Around<'_>) {
    let token = sign_up(browser).await;
    connect_exchange(browser, &token, around).await;
    let keys = make_account(browser, &token).await;
    connect_terminals(around.ea, keys).await;
    change_password(browser, &token).await;
    reset_password(browser, around.mails).await;
}

/// Signs up, is refused in every way, and returns the access token.
async fn sign_up(browser: &mut Browser) -> String {
    let ada =
        json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada", "invite_code": INVITE });
    let (_, token) = browser.accepted("/api/v1/auth/register", "", &ada, "/access_token").await;
    let nested = json!({ "email": { "nested": STRAY }, "password": [STRAY] });
    let wrong = json!({ "email": "ada@example.com", "password": WRONG_PASSWORD });
    let in_query = format!("/api/v1/auth/login?password={STRAY}");
    let words = json!({ "name": "gold", "platform": STRAY, "copy_role": STRAY });
    for (path, bearer, body) in [
        ("/api/v1/auth/register", "", &ada),
        ("/api/v1/auth/login", "", &wrong),
        ("/api/v1/auth/login", "", &nested),
        (in_query.as_str(), STRAY, &json!(STRAY)),
        ("/api/v1/accounts", STRAY, &json!({ "name": STRAY })),
        ("/api/v1/accounts", token.as_str(), &words),
    ] {
        browser.refused(path, bearer, body).await;
    }
    token
}

/// Makes an account, reveals and rotates its key; returns the old key and the new one.
async fn make_account(browser: &mut Browser, token: &str) -> [String; 2] {
    let account = json!({ "name": "gold", "platform": "mt5", "copy_role": "follower" });
    let (made, old) = browser.accepted("/api/v1/accounts", token, &account, "/api_key").await;
    let path = format!("/api/v1/accounts/{}/api-key", made.pointer("/id").and_then(Value::as_str).unwrap());
    browser.refused(&format!("{path}/reveal"), token, &json!({ "password": WRONG_PASSWORD })).await;
    let password = json!({ "password": PASSWORD });
    browser.accepted(&format!("{path}/reveal"), token, &password, "/api_key").await;
    let (_, new) = browser.accepted(&format!("{path}/rotate"), token, &json!({}), "/api_key").await;
    browser.accepted("/api/v1/ws-tickets", token, &json!({}), "/ticket").await;
    [old, new]
}

/// Connects an account at the exchange: refused, taken, traded with, revoked, with answers that are kept.
async fn connect_exchange(browser: &mut Browser, token: &str, around: &Around<'_>) {
    let simulator = around.simulator;
    let uid = simulator.shared.with(|venue| venue.open_account(EXCHANGE_KEY, EXCHANGE_SECRET, 10_000.into()));
    let account = json!({ "name": "perp", "platform": "bingx", "copy_role": "follower" });
    let made = browser.send(Method::POST, "/api/v1/accounts", token, &account).await;
    let made: Value = made.json().await.unwrap();
    assert_eq!(made.pointer("/api_key"), Some(&Value::Null), "no terminal speaks for it");
    let account = format!("/api/v1/accounts/{}", made.pointer("/id").and_then(Value::as_str).unwrap());
    let path = format!("{account}/exchange-key");
    let key =
        |key: &str, secret: &str| json!({ "api_key": key, "api_secret": secret, "environment": "demo" });
    let echo = format!("{ECHOED_KEY} is not a key, nor is {WRONG_EXCHANGE_SECRET}");
    refuse_with_words(simulator, ("GET", "/apiPermissions"), (100_413, &echo));
    let refused = browser.kept(Method::PUT, &path, token, &key(ECHOED_KEY, WRONG_EXCHANGE_SECRET)).await;
    simulator.shared.with(|venue| venue.faults.clear());
    assert_eq!(refused, 422);
    for (body, status) in [
        (key(EXCHANGE_KEY, WRONG_EXCHANGE_SECRET), 422),
        (key(WRONG_EXCHANGE_KEY, EXCHANGE_SECRET), 422),
        (
            json!({ "api_key": [EXCHANGE_KEY], "api_secret": { "x": EXCHANGE_SECRET }, "environment": STRAY }),
            422,
        ),
        (key(&format!("{EXCHANGE_KEY} &x=1"), EXCHANGE_SECRET), 422),
        (key(EXCHANGE_KEY, EXCHANGE_SECRET), 200),
        (key(WRONG_EXCHANGE_KEY, WRONG_EXCHANGE_SECRET), 422),
    ] {
        assert_eq!(
            browser.kept(Method::PUT, &path, token, &body).await,
            status,
            "{:?}",
            browser.answers.last()
        );
    }
    browser.secrets.push(listen_key(simulator, uid).await);
    trade(browser, token, &account, around).await;
    let placed = simulator.shared.with(|venue| {
        let is_taken = |order: &&Order| order.client_id.starts_with('f');
        venue.ledger(HostName::Demo, uid).unwrap().orders.values().filter(is_taken).count()
    });
    assert_eq!(placed, 2, "an open and a close, signed with the key");
    simulator.shared.with(|venue| venue.account_mut(uid).unwrap().is_disabled = true);
    for (method, path) in [
        (Method::POST, format!("{path}/verify")),
        (Method::GET, path.clone()),
        (Method::GET, "/api/v1/exchange-keys".to_owned()),
        (Method::GET, "/api/v1/alerts".to_owned()),
    ] {
        assert_eq!(browser.kept(method, &path, token, &Value::Null).await, 200, "{path}");
    }
}

/// Lets the account copy a master. Of its orders one is refused, in words that repeat key and secret, one is filled, and
/// one closes that again.
async fn trade(browser: &mut Browser, token: &str, account: &str, around: &Around<'_>) {
    let lead = json!({ "name": "lead", "platform": "mt5", "copy_role": "master" });
    let (made, key) = browser.accepted("/api/v1/accounts", token, &lead, "/api_key").await;
    let trades = json!({ "trading_enabled": true });
    let follow = json!({ "master_token": made.pointer("/master_token") });
    let subscriptions = format!("{account}/subscriptions");
    assert_eq!(browser.kept(Method::PATCH, account, token, &trades).await, 200);
    assert_eq!(browser.kept(Method::POST, &subscriptions, token, &follow).await, 201);
    around.await_text(SERVED, "1 open").await;

    let mut master = MasterEa::connect(around.ea, &key).await;
    let echo = format!("no margin for {EXCHANGE_KEY} with {EXCHANGE_SECRET}");
    refuse_with_words(around.simulator, ("POST", "/trade/order"), (101_204, &echo));
    master.open("BUY|BTCUSD|109000|0.01|0.00|0.00|1").await;
    around.await_text(COPIES, "failed").await;
    around.simulator.shared.with(|venue| venue.faults.clear());
    master.open("BUY|BTCUSD|109000|0.01|0.00|0.00|2").await;
    around.await_text(COPIES, "failed open").await;
    let copies = "select string_agg(copy_id::text, ' ' order by id) from copy_orders";
    let copies: String = around.sql.query_one(copies, &[]).await.unwrap().get(0);
    let copies = copies.split(' ').map(|copy| format!("/api/v1/copies/{copy}"));
    for path in copies.chain([format!("{account}/copies"), format!("{account}/positions")]) {
        assert_eq!(browser.kept(Method::GET, &path, token, &Value::Null).await, 200, "{path}");
    }
    master.close("BTCUSD|2|109000|0.00").await;
    around.await_text(COPIES, "failed closed").await;
}

/// The key of the account's stream, once somebody listens with it.
async fn listen_key(simulator: &Simulator, uid: u64) -> String {
    for _ in 0..600 {
        let key = simulator.shared.with(|venue| {
            let ledger = venue.ledger(HostName::Demo, uid)?;
            let asked = venue.journal.iter().filter(|entry| entry.path.ends_with("trade/openOrders"));
            // They are read once the stream stands.
            ledger.listen_key.as_ref().filter(|_| asked.count() > 0).map(|key| key.key.clone())
        });
        if let Some(key) = key {
            return key;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody listens to the account");
}

/// The exchange repeats what it was given, which nobody asked it to.
fn refuse_with_words(simulator: &Simulator, (method, path): (&str, &str), (code, words): (i64, &str)) {
    let refusal = json!({ "do": "refuse", "code": code, "text": words });
    let rule = json!({ "mishap": refusal, "method": method, "path": path });
    simulator.shared.with(|venue| venue.faults.add(serde_json::from_value(rule).unwrap()));
}

async fn connect_terminals(ea: SocketAddr, [old_key, key]: [String; 2]) {
    for wrong in [WRONG_KEY, &old_key, STRAY] {
        let mut terminal = Wire::connect(ea).await.unwrap();
        terminal.send(&format!("AUTH:{wrong}")).await.unwrap();
        assert_ne!(terminal.line().await.as_deref(), Some("AUTH_OK"));
    }
    let mut terminal = Wire::connect(ea).await.unwrap();
    terminal.send(&format!("AUTH:{key}")).await.unwrap();
    terminal.expect("AUTH_OK").await;
    terminal.send(&format!("SUBSCRIBE:MST-{STRAY}")).await.unwrap();
    assert!(terminal.line().await.is_some());
}

async fn change_password(browser: &mut Browser, token: &str) {
    let change = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
    let changed = browser.send(Method::POST, "/api/v1/me/password", token, &change).await;
    assert!(changed.status().is_success(), "{}", changed.status());
}

/// Asks for a mail, and uses its link: refused, taken, refused again.
async fn reset_password(browser: &mut Browser, mails: &Path) {
    let forgot = json!({ "email": "ada@example.com" });
    assert_eq!(browser.kept(Method::POST, "/api/v1/auth/forgot", "", &forgot).await, 202);
    browser.secrets.push(mailed(mails, "verify_email").await);
    let token = mailed(mails, "reset_password").await;
    browser.secrets.push(token.clone());
    for (password, status) in [("short", 422), (RESET_PASSWORD, 204), (RESET_PASSWORD, 400)] {
        let body = json!({ "token": token, "new_password": password });
        assert_eq!(browser.kept(Method::POST, "/api/v1/auth/reset", "", &body).await, status);
    }
}

/// The token in the mail of this kind, once it is there.
async fn mailed(mails: &Path, kind: &str) -> String {
    for _ in 0..600 {
        let mut files = std::fs::read_dir(mails).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_it = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(kind) && name.ends_with(".eml")
        };
        if let Some(path) = files.find(is_it) {
            let mail = std::fs::read_to_string(path).unwrap();
            let link = mail.split_whitespace().find(|word| word.starts_with("http") && word.contains('#'));
            return link.and_then(|link| link.split_once('#')).unwrap().1.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no mail of {kind} came");
}

/// The whole database as a back-up has it; what is bytes is there in hexadecimal.
fn back_up(url: &str) -> String {
    let folder = std::env::var_os("FLOTILLA_PG_BIN").map(PathBuf::from);
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<_> = installed.map(|version| version.path().join("bin")).collect();
    installed.sort();
    let programs = folder.into_iter().chain(installed.into_iter().rev()).map(|folder| folder.join("pg_dump"));
    let program = programs.into_iter().find(|path| path.is_file()).unwrap_or_else(|| "pg_dump".into());
    let dumped = std::process::Command::new(program).arg(url).output().unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    String::from_utf8_lossy(&dumped.stdout).into_owned()
}

/// Every row of every table, as text; what is bytes is there in hexadecimal.
async fn dump(sql: &Sql) -> String {
    let tables = "select quote_ident(tablename) from pg_tables where schemaname = 'public'";
    let mut dump = String::new();
    for table in sql.query(tables, &[]).await.unwrap() {
        let table: String = table.get(0);
        for row in sql.query(&format!("select t::text from {table} t"), &[]).await.unwrap() {
            dump.push_str(row.get(0));
            dump.push('\n');
        }
    }
    dump
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// As a list of bytes is printed.
fn listed(text: &str) -> String {
    text.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ")
}

/// A simulated exchange at the time of this machine.
async fn simulator() -> Simulator {
    #[expect(clippy::disallowed_methods, reason = "a simulated exchange has a clock of its own")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now_ms = i64::try_from(now.as_millis()).unwrap();
    Simulator::start(Start { now_ms, ..Start::default() }).await.unwrap()
}

/// An address with a password; the test cluster asks for none.
fn with_password(url: &str) -> String {
    url.replacen('@', &format!(":{DATABASE_PASSWORD}@"), 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn n51_secrets_are_in_no_log_no_refusal_and_no_row() {
    let (db, folder) = (TestDb::new().await, Folder::new("canary"));
    let mut command = flotilla(&["all"]);
    command
        .env("FLOTILLA_LOG", "trace")
        .env(METRICS, "127.0.0.1:0")
        .env("FLOTILLA_REGISTRATION", "invite")
        .env("FLOTILLA_INVITE_CODE", INVITE)
        .env("FLOTILLA_APP_DATABASE_URL", with_password(&db.app_url))
        .env("FLOTILLA_WORKER_DATABASE_URL", with_password(&db.worker_url))
        .env("FLOTILLA_READONLY_DATABASE_URL", with_password(&db.readonly_url));
    let simulator = simulator().await;
    command.env("FLOTILLA_BINGX_DEMO_URL", format!("http://{}", simulator.demo));
    command.env("FLOTILLA_BINGX_LIVE_URL", format!("http://{}", simulator.live));
    command.env("FLOTILLA_BINGX_DEMO_STREAM_URL", format!("ws://{}/swap-market", simulator.demo));
    command.env("FLOTILLA_BINGX_LIVE_STREAM_URL", format!("ws://{}/swap-market", simulator.live));
    let server = Server::start(command, &db, &folder);
    let mut browser = Browser::new(format!("http://{}", server.address(HTTP)));

    let (sql, mails) = (db.admin().await, folder.file("mail"));
    let around = Around { ea: server.address(EA), simulator: &simulator, sql: &sql, mails: &mails };

    use_every_door(&mut browser, &around).await;
    let figures = scrape(server.address(METRICS)).await;
    let rows = dump(&sql).await;
    let back_up = back_up(&db.admin_url);
    let (status, log) = server.terminate();

    assert!(status.success());
    assert!(
        rows.contains("ada@example.com")
            && rows.contains("api_key_revealed")
            && rows.contains("exchange_key_verified")
            && rows.contains("password_reset")
            && rows.contains("no margin for [key] with [secret]")
            && back_up.contains("exchange_key_failed")
            && log.contains(r#""level":"TRACE""#),
        "{rows}"
    );
    let keys = std::fs::read_to_string(folder.file("flotilla.keys")).unwrap();
    browser.secrets.extend(
        keys.lines()
            .filter_map(|line| line.split(' ').nth(2))
            .filter(|word| word.len() > 40)
            .map(str::to_owned),
    );
    assert!(browser.secrets.len() > 15, "{}", browser.secrets.len());
    assert!(!log.contains("signature="), "a signed request is in the log");
    for secret in &browser.secrets {
        // An envelope in clear is two of them, with a word before.
        let forms = [secret.clone(), hex(secret), listed(secret)];
        let found = |text: &str| forms.iter().any(|form| text.contains(form.as_str()));
        assert!(!found(&rows), "{secret} is in a row");
        assert!(!found(&back_up), "{secret} is in a back-up");
        assert!(!found(&figures), "{secret} is in the figures");
        assert!(!browser.answers.iter().any(|answer| found(answer)), "{secret} is in a refusal");
        let lines: Vec<&str> = log.lines().filter(|line| found(line)).collect();
        assert!(lines.is_empty(), "{secret} is in the log: {lines:#?}");
    }
}
