//! Figures about the process, as Prometheus reads them, and what it logs about strangers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use flotilla_security::api_key::{ApiKey, generate_master_token};
use flotilla_testkit::db::TestDb;
use flotilla_testkit::ea_v7::{FollowerEa, MasterEa};
use secrecy::ExposeSecret as _;
use tokio::time::Instant;
use tokio_postgres::Client as Sql;
use uuid::Uuid;

use crate::server::{EA, HTTP, Server};
use crate::support::{Folder, flotilla};

/// Says where figures are served.
pub const METRICS: &str = "FLOTILLA_METRICS_ADDR";
/// Beginnings of lines after one copied trade, one wrong key and two lines that were refused.
const AFTER_A_COPY: [&str; 28] = [
    "flotilla_ea_log_ins_total{outcome=\"accepted\"} 2",
    "flotilla_ea_log_ins_total{outcome=\"wrong_key\"} 1",
    "flotilla_ea_sessions{role=\"master\"} 1",
    "flotilla_ea_sessions{role=\"follower\"} 1",
    "flotilla_ea_unauthenticated 0",
    "flotilla_ea_lines_total{verb=\"ACK\",outcome=\"read\"} 1",
    "flotilla_ea_lines_total{verb=\"SIGNAL_OPEN\",outcome=\"read\"} 2",
    "flotilla_ea_lines_total{verb=\"SIGNAL_OPEN\",outcome=\"unreadable\"} 1",
    "flotilla_ea_lines_total{verb=\"SIGNAL\",outcome=\"of_another_role\"} 1",
    "flotilla_copy_transitions_total{from=\"none\",to=\"claimed\"} 1",
    "flotilla_copy_transitions_total{from=\"claimed\",to=\"open\"} 1",
    "flotilla_signal_commit_seconds_count 1",
    "flotilla_command_write_seconds_count 1",
    "flotilla_signal_first_command_seconds_count 1",
    "flotilla_signal_last_command_seconds_count 1",
    "flotilla_copies{state=\"open\"} 1",
    "flotilla_copies{state=\"claimed\"} 0",
    "flotilla_command_answer_seconds_count 1",
    "flotilla_answer_persist_seconds_count 1",
    "flotilla_signal_commit_seconds_bucket{le=\"+Inf\"} 1",
    "flotilla_unanswered_opens 0",
    "flotilla_settler_queue_items 0",
    "flotilla_socket_queue_commands 0",
    "flotilla_db_connections ",
    "flotilla_db_pool_wait_seconds_count ",
    "flotilla_db_transaction_seconds_count ",
    "flotilla_http_requests_total{",
    "flotilla_http_request_seconds_bucket{",
];
/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(20);

pub async fn scrape(address: SocketAddr) -> String {
    let answer = reqwest::get(format!("http://{address}/metrics")).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// Says something to the EA port and waits until the gateway ends the connection.
fn say(address: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
}

/// An account that a terminal can log in to.
struct Account {
    id: Uuid,
    key: String,
}

/// Adds an account of `role`; a master is followed with `token`.
async fn add_account(sql: &Sql, owner: Uuid, role: &str, token: &str) -> Account {
    let key = ApiKey::generate();
    let account =
        "insert into accounts (owner_id, name, platform, copy_role) values ($1, $2, 'mt5', $2) returning id";
    let id: Uuid = sql.query_one(account, &[&owner, &role]).await.unwrap().get(0);
    let api_key = "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, $3, $4, '')";
    sql.execute(api_key, &[&id, &owner, &key.prefix(), &key.hash().as_slice()]).await.unwrap();
    if role == "master" {
        let master = "insert into masters (account_id, owner_id, name, token) values ($1, $2, 'lead', $3)";
        sql.execute(master, &[&id, &owner, &token]).await.unwrap();
    }
    Account { id, key: key.text().expose_secret().to_owned() }
}

/// Scrapes until every line of `expected` is the beginning of one.
async fn await_figures(address: SocketAddr, expected: &[&str]) -> String {
    let began = Instant::now();
    loop {
        let text = scrape(address).await;
        let missing: Vec<_> =
            expected.iter().filter(|wanted| !text.lines().any(|line| line.starts_with(*wanted))).collect();
        if missing.is_empty() {
            return text;
        }
        assert!(began.elapsed() < PATIENCE, "{missing:#?} are missing in {text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The API listens before it knows of the worker.
async fn await_ready(http: SocketAddr) {
    let began = Instant::now();
    while reqwest::get(format!("http://{http}/ready")).await.unwrap().status() != 200 {
        assert!(began.elapsed() < PATIENCE, "never ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_trade_shows_in_the_figures_and_no_secret_does() {
    let (db, folder) = (TestDb::new().await, Folder::new("metrics"));
    let mut command = flotilla(&["all"]);
    command.env(METRICS, "127.0.0.1:0");
    let server = Server::start(command, &db, &folder);
    let (figures, http, ea) = (server.address(METRICS), server.address(HTTP), server.address(EA));
    let sql = db.admin().await;
    let user =
        "insert into users (email, name, password_hash) values ('ada@example.com', 'Ada', '') returning id";
    let owner: Uuid = sql.query_one(user, &[]).await.unwrap().get(0);
    let token = generate_master_token();
    let master = add_account(&sql, owner, "master", &token).await;
    let follower = add_account(&sql, owner, "follower", &token).await;
    let wrong = ApiKey::generate().text().expose_secret().to_owned();

    await_ready(http).await;
    say(ea, format!("AUTH:{wrong}\n").as_bytes());
    let mut m = MasterEa::connect(ea, &master.key).await;
    let mut f = FollowerEa::connect(ea, &follower.key, &token).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    m.wire.send("SIGNAL_OPEN|BUY|XAUUSD|two").await.unwrap();
    f.wire.send("SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await.unwrap();

    let text = await_figures(figures, &AFTER_A_COPY).await;

    for secret in [&wrong, &master.key, &follower.key, &token] {
        assert!(!text.contains(secret.as_str()), "{text}");
    }
    for id in [owner, master.id, follower.id] {
        assert!(!text.contains(&id.to_string()), "{text}");
    }
    assert_eq!(reqwest::get(format!("http://{figures}/")).await.unwrap().status(), 404);
    drop((m, f));
    await_figures(figures, &["flotilla_ea_sessions{role=\"master\"} 0"]).await;
    assert!(server.terminate().0.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn n61_what_no_ea_says_is_logged_in_one_line() {
    let (db, folder) = (TestDb::new().await, Folder::new("strangers"));
    let server = Server::start(flotilla(&["work"]), &db, &folder);
    let ea = server.address(EA);

    say(ea, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
    say(ea, b"GET / HTTP/1.1\r\nHost: flotilla\r\n\r\n");
    say(ea, b"AUTH:\xff\xfe\n");

    let (status, log) = server.terminate();
    assert!(status.success());
    assert_eq!(log.matches("nothing an EA says").count(), 3, "{log}");
    assert!(!log.contains("GET /"), "{log}");
}
