use std::time::Duration;

use flotilla_api::Config;
use flotilla_domain::id::OwnerId;
use flotilla_store::changes::{Change, ChangeKind, Notifier};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use crate::support::{Person, Rows, TestApp};

/// Longer than anything here takes, so that a hang is a failure.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client's side of a socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(app: &TestApp) -> Self {
        Self(connect_async(format!("ws://{}/api/v1/ws", app.address)).await.unwrap().0)
    }

    /// A socket with a fresh ticket of `person`.
    async fn of(person: &Person<'_>) -> Self {
        let mut socket = Self::open(person.app).await;
        let ticket = ticket(person).await;
        socket.say(&json!({ "type": "auth", "ticket": ticket })).await;
        socket
    }

    pub async fn listening(person: &Person<'_>, topics: &[&str]) -> Self {
        let mut socket = Self::of(person).await;
        socket.say(&json!({ "type": "subscribe", "topics": topics })).await;
        socket
    }

    async fn say(&mut self, message: &Value) {
        // A server that has closed is noticed when listening.
        let _ = self.0.send(Message::text(message.to_string())).await;
    }

    /// The next message that is more than a sign of life; `None` once the socket is closed.
    pub async fn hear(&mut self) -> Option<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let message = self.hear_any(until).await?;
            if message["type"] != "alive" {
                return Some(message);
            }
        }
    }

    async fn hear_any(&mut self, until: Instant) -> Option<Value> {
        loop {
            match timeout_at(until, self.0.next()).await.expect("a message in time")? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next message of a type, whatever comes before.
    pub async fn hear_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.hear().await.expect("an open socket");
            if message["type"] == kind {
                return message;
            }
        }
    }

    async fn is_closed_within(&mut self, limit: Duration) -> bool {
        let limit = Instant::now() + limit;
        loop {
            match timeout_at(limit, self.0.next()).await {
                Err(_) => return false,
                Ok(None | Some(Ok(Message::Close(_)) | Err(_))) => return true,
                Ok(Some(Ok(_))) => {}
            }
        }
    }
}

async fn ticket(person: &Person<'_>) -> String {
    let answer = person.post("/api/v1/ws-tickets", json!({})).await;
    assert_eq!((answer.status, answer.body["expires_in"].as_i64()), (201, Some(30)));
    answer.body["ticket"].as_str().unwrap().to_owned()
}

/// Hints as a worker would, after it wrote rows.
pub fn hint(app: &TestApp, owner: &Person<'_>, kind: ChangeKind, (account, id): (&str, Uuid)) {
    let owner: OwnerId = owner.id.parse().unwrap();
    let notifier = Notifier::start(app.db.worker_url.clone());
    notifier.hint(Change { kind, owner, account: account.parse().unwrap(), id });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_comes_first_and_changes_follow() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.open_id("gold", "follower").await;
    let mut socket = Socket::listening(&ada, &["accounts"]).await;

    let snapshot = socket.hear().await.unwrap();
    ada.patch(&format!("/api/v1/accounts/{id}"), json!({ "name": "renamed" })).await;
    let change = loop {
        let message = socket.hear_of("account.updated").await;
        if message["data"]["name"] == "renamed" {
            break message;
        }
    };

    assert_eq!((&snapshot["type"], &snapshot["topic"]), (&json!("account.updated"), &json!("accounts")));
    assert_eq!((&snapshot["seq"], &snapshot["data"]["name"]), (&json!(1), &json!("gold")));
    assert!(change["seq"].as_u64() > Some(1) && change["at"].is_string());
    let shown = ada.get(&format!("/api/v1/accounts/{id}")).await;
    assert_eq!(change["data"], shown.body, "the same shape as over REST");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_writes_arrives_under_each_topic() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (master, follower) = (ada.open_id("m", "master").await, ada.open_id("f", "follower").await);
    let mut socket = Socket::listening(&ada, &["copies", "trades", &format!("account:{master}")]).await;
    socket.hear_of("account.updated").await;
    let rows = Rows::of(&app, &ada).await;

    let signal = rows.signal(&master, 1001).await;
    hint(&app, &ada, ChangeKind::Signal, (&master, signal));
    let heard_signal = socket.hear_of("signal.received").await;
    let copy = rows.copy(&master, &follower, "open").await;
    hint(&app, &ada, ChangeKind::Copy, (&follower, copy));
    let heard_copies = [socket.hear_of("copy.updated").await, socket.hear_of("copy.updated").await];
    let trade = rows.trade(&follower, "XAUUSD", 1, None).await;
    hint(&app, &ada, ChangeKind::Trade, (&follower, trade));
    let heard_trade = socket.hear_of("trade.updated").await;

    assert_eq!(heard_signal["data"]["ticket"], "1001");
    assert_eq!(
        heard_copies.map(|message| message["topic"].clone()),
        [json!("copies"), json!(format!("account:{master}"))]
    );
    assert_eq!((&heard_trade["topic"], &heard_trade["data"]["symbol"]), (&json!("trades"), &json!("XAUUSD")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_hears_its_masters_prices_with_what_its_copies_would_bring() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (master, follower) = (bob.open_id("lead", "master").await, ada.open_id("gold", "follower").await);
    let (rows, masters) = (Rows::of(&app, &ada).await, Rows::of(&app, &bob).await);
    let copy = rows.copied(&master, &follower).await;
    rows.follows(&follower, &master).await;
    rows.contract_size(&follower, "XAUUSD", "100").await;
    masters.price(&master, "XAUUSD", ("2031.00", "2031.40"), 1).await;
    let topic = format!("prices:{follower}");
    let mut socket = Socket::listening(&ada, &[&topic, &format!("prices:{master}")]).await;

    let refused = socket.hear_of("refused").await;
    let snapshot = socket.hear_of("price").await;
    masters.price(&master, "XAUUSD", ("2032.00", "2032.40"), 1).await;
    hint(&app, &bob, ChangeKind::Price, (&master, master.parse().unwrap()));
    let heard = socket.hear_of("price").await;

    assert_eq!(refused["topic"], format!("prices:{master}"));
    assert_eq!(snapshot["data"]["bid"], "2031");
    assert_eq!((&heard["topic"], &heard["data"]["symbol"]), (&json!(topic), &json!("XAUUSD")));
    assert_eq!((&heard["data"]["ask"], &heard["data"]["is_stale"]), (&json!("2032.4"), &json!(false)));
    let position = &heard["data"]["positions"][0];
    assert_eq!((&position["copy_id"], &position["floating_pnl"]), (&json!(copy), &json!("15")));
}

#[tokio::test(flavor = "multi_thread")]
async fn coming_and_going_is_told_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.open_id("gold", "follower").await;
    let mut socket = Socket::listening(&ada, &["accounts"]).await;
    socket.hear().await.unwrap();
    app.sql(&format!(
        "with node as (insert into workers (node_id) values (uuid_v7()) returning node_id)
         insert into sessions (account_id, owner_id, epoch, node_id) select '{id}', '{}', 1, node_id from node",
        ada.id
    ))
    .await;

    hint(&app, &ada, ChangeKind::Account, (&id, id.parse().unwrap()));
    let came = loop {
        let presence = socket.hear_of("account.presence").await;
        if presence["data"]["online"] == true {
            break presence;
        }
    };
    hint(&app, &ada, ChangeKind::Account, (&id, id.parse().unwrap()));
    let [again, next] = [socket.hear().await.unwrap(), {
        app.sql("update sessions set sockets = 0, disconnected_at = now()").await;
        hint(&app, &ada, ChangeKind::Account, (&id, id.parse().unwrap()));
        socket.hear().await.unwrap()
    }];
    let left = socket.hear_of("account.presence").await;

    assert_eq!(came["data"]["account_id"], id.as_str());
    let kinds = [&again["type"], &next["type"]];
    assert_eq!(kinds, ["account.updated", "account.updated"], "nobody came or went in between");
    assert_eq!(left["data"]["online"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn n25_foreign_and_unknown_topics_are_refused() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let id = ada.open_id("gold", "follower").await;
    let foreign = format!("account:{id}");
    let mut socket = Socket::listening(&eve, &[&foreign, "account:x", "everything", "accounts"]).await;

    let mut refused = Vec::new();
    for _ in 0..3 {
        let message = socket.hear_of("refused").await;
        refused.push(message["topic"].as_str().unwrap().to_owned());
    }
    ada.patch(&format!("/api/v1/accounts/{id}"), json!({ "name": "secret" })).await;
    eve.open("own", "none").await;
    let next = socket.hear().await.unwrap();

    assert_eq!(refused, [foreign.as_str(), "account:x", "everything"]);
    assert_eq!(next["data"]["name"], "own", "hers, and nothing before it");
}

#[tokio::test(flavor = "multi_thread")]
async fn n87_a_ticket_is_good_once_and_for_half_a_minute() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let auth = |ticket: &str| json!({ "type": "auth", "ticket": ticket });
    let used = ticket(&ada).await;
    let mut first = Socket::open(&app).await;
    first.say(&auth(&used)).await;
    first.say(&json!({ "type": "subscribe", "topics": ["nothing"] })).await;
    assert_eq!(first.hear_of("refused").await["topic"], "nothing", "it was good");
    let old = ticket(&ada).await;
    app.sql("update ws_tickets set expires_at = now()").await;
    let elsewhere = app.sign_in("ada").await;
    let of_ended = ticket(&elsewhere).await;
    elsewhere.sign_out().await;

    for ticket in [&used, &old, &of_ended, "made up"] {
        let mut socket = Socket::open(&app).await;
        socket.say(&auth(ticket)).await;
        assert!(socket.is_closed_within(PATIENCE).await, "{ticket}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n87_foreign_pages_cannot_open_a_socket() {
    let app = TestApp::start().await;

    for (origin, expected) in
        [("https://evil.example", Some(403)), ("null", Some(403)), ("http://localhost:8080", None)]
    {
        let mut request = format!("ws://{}/api/v1/ws", app.address).into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let refused = match connect_async(request).await {
            Err(Error::Http(response)) => Some(response.status().as_u16()),
            Err(other) => panic!("{other}"),
            Ok(_) => None,
        };
        assert_eq!(refused, expected, "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n87_whoever_breaks_the_protocol_is_out() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    let mut subscribes_first = Socket::open(&app).await;
    subscribes_first.say(&json!({ "type": "subscribe", "topics": [] })).await;
    let mut sends_much = Socket::of(&ada).await;
    sends_much.say(&json!({ "type": "subscribe", "topics": ["x".repeat(1_000_000)] })).await;
    let mut sends_often = Socket::of(&ada).await;
    for _ in 0..1_000 {
        sends_often.say(&json!({ "type": "subscribe", "topics": [] })).await;
    }
    let mut sends_bytes = Socket::of(&ada).await;
    sends_bytes.0.send(Message::binary(vec![0_u8; 8])).await.unwrap();

    for (number, socket) in [subscribes_first, sends_much, sends_often, sends_bytes].iter_mut().enumerate() {
        assert!(socket.is_closed_within(PATIENCE).await, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n87_a_user_has_so_many_sockets_and_names_so_many_topics() {
    let app = TestApp::with(|config| Config { limit_factor: 1, sockets_per_user: 2, ..config }).await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let mut first = Socket::listening(&ada, &["nothing"; 64]).await;
    let mut second = Socket::listening(&ada, &["nothing"]).await;
    first.hear_of("refused").await;
    second.hear_of("refused").await;

    let mut third = Socket::of(&ada).await;
    let told = third.hear().await.unwrap();
    let mut others = Socket::listening(&eve, &["else"]).await;
    first.say(&json!({ "type": "subscribe", "topics": ["again"] })).await;

    assert_eq!((&told["topic"], &told["data"]["code"]), (&json!("*"), &json!("too_many_sockets")));
    assert!(third.is_closed_within(PATIENCE).await);
    assert_eq!(others.hear().await.unwrap()["topic"], "else", "others have their own");
    assert_eq!(
        first.hear().await.unwrap()["topic"],
        "again",
        "it goes on, and what it named often was read once"
    );

    // A thousand at once, and a hundred more for each second: the one alone may, both together may not.
    let topics: Vec<String> = (0..64).map(|number| format!("unknown {number}")).collect();
    let many = json!({ "type": "subscribe", "topics": topics });
    for _ in 0..15 {
        first.say(&many).await;
    }
    for _ in 0..15 * topics.len() {
        assert_ne!(first.hear().await.unwrap()["topic"], "*");
    }
    let refused = 'asking: loop {
        second.say(&many).await;
        for _ in &topics {
            let message = second.hear_of("refused").await;
            if message["topic"] == "*" {
                break 'asking message;
            }
        }
    };
    assert_eq!(refused["data"]["code"], "rate_limited");
    assert!(second.is_closed_within(PATIENCE).await);
    let next = Socket::listening(&ada, &["nothing"]).await.hear_of("refused").await;
    assert_ne!(next["data"]["code"], "too_many_sockets", "its place is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn n29_a_socket_ends_within_five_seconds_of_its_login() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let mut socket = Socket::listening(&ada, &["nothing"]).await;
    socket.hear_of("refused").await;
    let mut quiet = Socket::listening(&eve, &["nothing"]).await;
    quiet.hear_of("refused").await;

    ada.sign_out().await;
    let soon = Duration::from_secs(6);
    let (is_closed, alive) =
        tokio::join!(socket.is_closed_within(soon), quiet.hear_any(Instant::now() + soon));

    assert!(is_closed);
    let alive = alive.unwrap();
    assert_eq!((&alive["type"], &alive["topic"]), (&json!("alive"), &json!("*")));
    assert_eq!((&alive["seq"], &alive["data"]), (&json!(2), &json!({})));
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_hints_mean_resync() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut socket = Socket::listening(&ada, &["nothing"]).await;
    socket.hear_of("refused").await;

    app.sql("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %' and datname = current_database()").await;

    let resync = socket.hear_of("resync").await;
    assert_eq!((&resync["topic"], &resync["data"]), (&json!("*"), &json!({})));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_who_is_in_them_are_told_until_they_are_gone() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    let group = ada.group("Funded").await;
    let topic = format!("group:{}", group.replace("/api/v1/groups/", ""));
    let mut spy = Socket::listening(&eve, &[&topic]).await;
    let mut socket = Socket::listening(&ada, &["groups", &topic]).await;

    let mut until = async |kind: &str, is_it: &dyn Fn(&Value) -> bool| loop {
        let message = socket.hear_of(kind).await;
        if is_it(&message) {
            break message;
        }
    };
    for listened in ["groups", topic.as_str()] {
        until("group.updated", &|message| message["topic"] == *listened).await;
    }
    ada.add(&group, &gold).await;
    for listened in ["groups", topic.as_str()] {
        let added = |message: &Value| message["data"]["account_ids"] == json!([gold]);
        until("group.updated", &|message| message["topic"] == *listened && added(message)).await;
    }
    ada.patch(&format!("/api/v1/accounts/{gold}"), json!({ "name": "renamed" })).await;
    until("group.updated", &|message| message["data"]["accounts"][0]["name"] == "renamed").await;
    ada.delete(&group).await;
    let deleted = until("group.deleted", &|_| true).await;

    assert_eq!(format!("group:{}", deleted["data"]["id"].as_str().unwrap()), topic);
    assert_eq!(spy.hear().await.unwrap()["type"], "refused");
}
