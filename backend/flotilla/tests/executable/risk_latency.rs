//! How long it takes from an `ACCOUNT` line on a socket to the message at a browser.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flotilla_domain::risk::status::DefaultThresholds;
use flotilla_security::api_key::ApiKey;
use flotilla_testkit::db::TestDb;
use flotilla_testkit::ea_v7::Wire;
use futures_util::{SinkExt as _, StreamExt as _, stream};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_postgres::Client as Sql;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::server::{EA, HTTP, Server};
use crate::support::{Folder, flotilla};

/// When a frame was sent, by account and equity.
type Sent = Arc<Mutex<HashMap<(Uuid, String), Instant>>>;
type Latencies = Arc<Mutex<Vec<Duration>>>;

/// Terminals that log in at once.
const LOG_INS: usize = 16;

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).ok().map_or(default, |text| text.parse().expect("a number"))
}

async fn add_account(sql: &Sql, owner: Uuid) -> (Uuid, String) {
    let account = "insert into accounts (owner_id, name, platform, copy_role)
        values ($1, 'f' || uuid_v7(), 'mt5', 'follower') returning id";
    let id: Uuid = sql.query_one(account, &[&owner]).await.unwrap().get(0);
    let key = ApiKey::generate();
    let api_key = "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, $3, $4, '')";
    sql.execute(api_key, &[&id, &owner, &key.prefix(), &key.hash().as_slice()]).await.unwrap();
    let phase = "insert into risk_phases (owner_id, account_id, currency, starting_balance, started_at, day_tz, day_reset,
            thresholds, rules, reason)
        values ($1, $2, 'USD', 10000, now() - interval '1 minute', 'UTC',
            to_char((now() + interval '12 hours') at time zone 'UTC', 'HH24:MI'), $3::text::jsonb,
            '[{\"id\": \"daily\", \"kind\": \"max_daily_loss\", \"limit\": {\"type\": \"amount\", \"value\": \"500\"}, \"reference\": \"max\"},
              {\"id\": \"total\", \"kind\": \"max_total_loss\", \"limit\": {\"type\": \"amount\", \"value\": \"1000\"}},
              {\"id\": \"trail\", \"kind\": \"trailing_drawdown\", \"limit\": {\"type\": \"amount\", \"value\": \"1000\"}, \"mode\": \"intraday_equity\"}]',
            'bought')";
    let thresholds = serde_json::to_string(&DefaultThresholds::default()).unwrap();
    sql.execute(phase, &[&owner, &id, &thresholds]).await.unwrap();
    (id, key.text().expose_secret().to_owned())
}

async fn log_in(gateway: SocketAddr, key: &str) -> Wire {
    let mut wire = Wire::connect(gateway).await.unwrap();
    wire.send_bytes(format!("AUTH:{key}\nREPORT_ONLY\n").as_bytes()).await.unwrap();
    wire.expect("AUTH_OK").await;
    wire
}

/// Reports once a second until the test ends, each time another equity.
async fn report(mut wire: Wire, account: Uuid, offset: Duration, sent: Sent) {
    let mut ticks = interval_at(Instant::now() + offset, Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for step in 0_u32.. {
        ticks.tick().await;
        let equity = format!("{}.{:02}", 9_900 + step / 100 % 90, step % 100);
        let as_told = equity.trim_end_matches('0').trim_end_matches('.').to_owned();
        sent.lock().unwrap().insert((account, as_told), Instant::now());
        let line = format!("ACCOUNT|10000.00|{equity}|120.00|9880.00|USD|100");
        if wire.send(&line).await.is_err() {
            return;
        }
    }
}

/// A browser that looks at some accounts, and notes how old each message is.
async fn view(http: SocketAddr, ticket: String, accounts: Vec<Uuid>, (sent, seen): (Sent, Latencies)) {
    let (mut socket, _) = connect_async(format!("ws://{http}/api/v1/ws")).await.unwrap();
    let topics: Vec<String> = accounts.iter().map(|account| format!("account:{account}")).collect();
    for said in [json!({"type": "auth", "ticket": ticket}), json!({"type": "subscribe", "topics": topics})] {
        socket.send(Message::text(said.to_string())).await.unwrap();
    }
    while let Some(Ok(message)) = socket.next().await {
        let now = Instant::now();
        let Message::Text(text) = message else { continue };
        let told: Value = serde_json::from_str(&text).unwrap();
        if told.pointer("/type").and_then(Value::as_str) != Some("risk.account") {
            continue;
        }
        let account: Option<Uuid> =
            told.pointer("/data/account_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let equity = told.pointer("/data/equity").and_then(Value::as_str).map(ToOwned::to_owned);
        // The same figures may be told of twice; the first time counts.
        let key = account.zip(equity);
        if let Some(at) = key.and_then(|key| sent.lock().unwrap().remove(&key)) {
            seen.lock().unwrap().push(now - at);
        }
    }
}

async fn sign_up(http: SocketAddr) -> (Uuid, String) {
    let body = json!({"email": "ada@example.com", "password": "a long way to go 2026", "name": "Ada"});
    let answer = reqwest::Client::new()
        .post(format!("http://{http}/api/v1/auth/register"))
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    let signed_in: Value = answer.json().await.unwrap();
    let token = signed_in.pointer("/access_token").and_then(Value::as_str).unwrap().to_owned();
    (signed_in.pointer("/user/id").and_then(Value::as_str).unwrap().parse().unwrap(), token)
}

async fn ticket(http: SocketAddr, token: &str) -> String {
    let asked =
        reqwest::Client::new().post(format!("http://{http}/api/v1/ws-tickets")).bearer_auth(token).send();
    let answer: Value = asked.await.unwrap().json().await.unwrap();
    answer.pointer("/ticket").and_then(Value::as_str).unwrap().to_owned()
}

/// Run by hand on an idle machine, for the numbers of a change: `scripts/bench-risk`.
/// `ACCOUNTS` (500) report once a second for `FOR_S` (60) before `VIEWERS` (50).
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints how long it takes, which says nothing on a busy machine"]
async fn from_an_account_line_to_a_browser() {
    let (accounts, viewers, seconds) = (number("ACCOUNTS", 500), number("VIEWERS", 50), number("FOR_S", 60));
    let (db, folder, other) = (TestDb::new().await, Folder::new("latency"), Folder::new("latency-work"));
    let command = |name: &str| {
        let mut command = flotilla(&[name]);
        command.env("FLOTILLA_LIMIT_FACTOR", "1000");
        command
    };
    let api = Server::start(command("serve"), &db, &folder);
    let worker = Server::start(command("work"), &db, &other);
    let (http, gateway, sql) = (api.address(HTTP), worker.address(EA), db.admin().await);
    let (owner, token) = sign_up(http).await;
    let mut reporters = Vec::with_capacity(accounts);
    while reporters.len() < accounts {
        reporters.push(add_account(&sql, owner).await);
    }
    let (sent, seen) = (Sent::default(), Latencies::default());
    let ids: Vec<Uuid> = reporters.iter().map(|(id, _)| *id).collect();
    for viewed in ids.chunks(accounts.div_ceil(viewers)) {
        let noted = (Arc::clone(&sent), Arc::clone(&seen));
        tokio::spawn(view(http, ticket(http, &token).await, viewed.to_vec(), noted));
    }
    let spread = Duration::from_secs(1) / u32::try_from(accounts).unwrap();
    // All before the first figures, and not all at once: how long that takes beside the others is another question.
    let let_in = stream::iter(reporters)
        .map(async |(account, key)| (account, log_in(gateway, &key).await))
        .buffer_unordered(LOG_INS)
        .collect::<Vec<_>>();
    for (place, (account, wire)) in (0_u32..).zip(let_in.await) {
        tokio::spawn(report(wire, account, spread * place, Arc::clone(&sent)));
    }

    // Whatever comes first is slower: every account is told of from its beginning.
    sleep(Duration::from_secs(5)).await;
    seen.lock().unwrap().clear();
    sleep(Duration::from_secs(u64::try_from(seconds).unwrap())).await;

    let mut all = std::mem::take(&mut *seen.lock().unwrap());
    all.sort_unstable();
    assert!(!all.is_empty(), "nothing was told");
    let of = |percent: usize| all.get((all.len() - 1) * percent / 100).unwrap();
    println!(
        "{accounts} accounts, {viewers} viewers, {seconds} s: {} messages, p50 {:?}, p99 {:?}, worst {:?}",
        all.len(),
        of(50),
        of(99),
        of(100)
    );
}
