use std::time::Duration;

use flotilla_domain::exchange_key::ExchangeEnvironment;
use serde_json::{Value, json};

use crate::support::{Answer, Person, Rows, TestApp};

const KEY: &str = "canaryapikeyofada";
const SECRET: &str = "canaryapisecretofada";

/// An API that waits for the worker only as long as tests answer in its place.
async fn impatient() -> TestApp {
    TestApp::with(|config| flotilla_api::Config {
        key_answer: Duration::from_millis(200),
        egress_addresses: vec!["203.0.113.7".parse().unwrap()],
        simulated: vec![ExchangeEnvironment::Demo],
        ..config
    })
    .await
}

async fn bingx(person: &Person<'_>) -> String {
    let body = json!({ "name": "perp", "platform": "bingx", "copy_role": "follower" });
    let answer = person.post("/api/v1/accounts", body).await;
    answer.body["id"].as_str().unwrap().to_owned()
}

fn path(account: &str) -> String {
    format!("/api/v1/accounts/{account}/exchange-key")
}

fn key(environment: &str) -> Value {
    json!({ "api_key": KEY, "api_secret": SECRET, "environment": environment })
}

/// Answers the only open request as the worker would.
async fn answer(app: &TestApp, statement: &str, state: &str, failure: Option<&str>) {
    let client = app.db.admin().await;
    let open = "select id::text, owner_id::text from requests where state = 'pending'";
    let (id, owner) = loop {
        if let Some(row) = client.query_opt(open, &[]).await.unwrap() {
            break (row.get::<_, String>(0), row.get::<_, String>(1));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    client.batch_execute(statement).await.unwrap();
    let update = "update requests set state = $2, failure = $3, detail = '{\"text\": \"their words\"}' where id = $1::text::uuid";
    client.execute(update, &[&id, &state, &failure]).await.unwrap();
    let plain = |id: &str| id.replace('-', "");
    let hint = format!("r{}{}{}", plain(&owner), "0".repeat(32), plain(&id));
    client.execute("select pg_notify('flotilla_changes', $1)", &[&hint]).await.unwrap();
}

const ADOPT: &str = "update exchange_keys set sealed = candidate, candidate = null, offered_at = null, generation = offer,
    status = 'verified', uid = '10004821', account_type = 'perpetual', position_mode = 'hedge', ip_restricted = false,
    permissions = '{read,perpetual}', last_verified_at = now(), last_checked_at = now()";

/// Connects an account, the worker's part played by the superuser.
async fn connected(app: &TestApp, person: &Person<'_>) -> (String, Answer) {
    let account = bingx(person).await;
    let (path, body) = (path(&account), key("demo"));
    let (answered, ()) = tokio::join!(person.put(&path, body), answer(app, ADOPT, "done", None));
    (account, answered)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_waits_for_the_worker_and_is_nowhere_in_clear_text() {
    let app = impatient().await;
    let ada = app.sign_up("ada").await;
    let account = bingx(&ada).await;

    let put = ada.put(&path(&account), key("demo")).await;
    let got = ada.get(&path(&account)).await;

    assert_eq!((put.status, got.status), (202, 200), "{}", put.text);
    assert_eq!(
        (put.body["status"].as_str(), put.body["environment"].as_str()),
        (Some("pending"), Some("demo"))
    );
    assert_eq!(got.body["egress_addresses"], json!(["203.0.113.7"]));
    assert_eq!((&got.body["simulated"], &got.body["leverage"]), (&json!(true), &json!(5)));
    for text in [&put.text, &got.text] {
        assert!(!text.contains("canary"), "{text}");
    }
    let sql = app.db.admin().await;
    let row: String = sql.query_one("select k::text from exchange_keys k", &[]).await.unwrap().get(0);
    let hex = KEY.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    assert!(!row.contains(KEY) && !row.contains(&hex));
    assert_eq!(app.count("select count(*) from audit where action = 'exchange_key_entered'").await, 1);
    assert_eq!(ada.get("/api/v1/exchange-keys").await.column("account_id"), [account]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_worker_finds_is_the_answer() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    let (account, verified) = connected(&app, &ada).await;
    assert_eq!(
        (verified.status, verified.body["status"].as_str()),
        (200, Some("verified")),
        "{}",
        verified.text
    );
    assert_eq!(verified.body["uid_hint"], "…4821");

    let (route, body) = (path(&account), key("demo"));
    let forget = "update exchange_keys set candidate = null, offered_at = null";
    let (refused, ()) =
        tokio::join!(ada.put(&route, body), answer(&app, forget, "failed", Some("withdraw_permission")));
    assert_eq!(refused.refusal(), (422, "key_refused"));
    assert_eq!(refused.invalid_fields(), [("api_key".to_owned(), "withdraw_permission".to_owned())]);
    assert!(refused.text.contains("their words"), "{}", refused.text);
    assert_eq!(ada.get(&route).await.body["status"], "verified", "the one before stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_keeps_its_environment_until_it_ends() {
    let app = impatient().await;
    let ada = app.sign_up("ada").await;
    let (account, _) = connected(&app, &ada).await;
    let other = ada.open_id("mt5", "follower").await;

    assert_eq!(ada.put(&path(&account), key("live")).await.refusal(), (409, "environment_fixed"));
    assert_eq!(ada.put(&path(&other), key("live")).await.refusal(), (409, "no_exchange"));
    assert_eq!(ada.get(&path(&other)).await.status, 404);
    assert_eq!(ada.delete(&path(&account)).await.status, 204);
    assert_eq!(ada.get(&path(&account)).await.status, 404);
    assert_eq!(ada.delete(&path(&account)).await.status, 404);
    assert_eq!(ada.put(&path(&account), key("live")).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_open_copies_is_forgotten_only_on_purpose() {
    let app = impatient().await;
    let ada = app.sign_up("ada").await;
    let (account, _) = connected(&app, &ada).await;
    let master = ada.open_id("lead", "master").await;
    Rows::of(&app, &ada).await.copy(&master, &account, "open").await;

    assert_eq!(ada.delete(&path(&account)).await.refusal(), (409, "open_copies"));
    assert_eq!(ada.delete(&format!("{}?open_copies=keep", path(&account))).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_switched_on_by_hand_and_need_a_verified_key() {
    let app = impatient().await;
    let ada = app.sign_up("ada").await;
    let account = bingx(&ada).await;
    let at = |account: &str| format!("/api/v1/accounts/{account}");
    let on = json!({ "trading_enabled": true });
    let mt5 = ada.open_id("mt5", "follower").await;

    assert_eq!(ada.patch(&at(&account), on.clone()).await.refusal(), (409, "key_not_verified"));
    assert_eq!(ada.patch(&at(&mt5), on.clone()).await.refusal(), (409, "no_exchange"));
    let (account, _) = connected(&app, &ada).await;
    let switched = ada.patch(&at(&account), on).await;
    assert_eq!((switched.status, &switched.body["trading_enabled"]), (200, &json!(true)));
    assert_eq!(app.count("select count(*) from audit where action = 'trading_enabled'").await, 1);
    let paper = json!({ "name": "rehearsal", "platform": "paper", "copy_role": "follower" });
    let paper = ada.post("/api/v1/accounts", paper).await;
    let paper = ada.patch(&at(paper.body["id"].as_str().unwrap()), json!({ "trading_enabled": true })).await;
    assert_eq!(paper.status, 200);

    ada.delete(&path(&account)).await;
    assert_eq!(ada.get(&at(&account)).await.body["trading_enabled"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn leverage_is_asked_of_the_worker() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = bingx(&ada).await;
    let route = path(&account);
    assert_eq!(ada.patch(&route, json!({ "leverage": 10 })).await.status, 404);
    let (account, _) = connected(&app, &ada).await;
    let route = path(&account);

    let (set, ()) = tokio::join!(
        ada.patch(&route, json!({ "leverage": 10 })),
        answer(&app, "update exchange_keys set leverage = 10, leverage_set_at = now()", "done", None)
    );
    let (refused, ()) = tokio::join!(
        ada.patch(&route, json!({ "leverage": 150 })),
        answer(&app, "select 1", "failed", Some("refused"))
    );

    assert_eq!((set.status, &set.body["leverage"]), (200, &json!(10)), "{}", set.text);
    assert_eq!(refused.refusal(), (422, "leverage_refused"));
    assert_eq!(ada.patch(&route, json!({ "leverage": 151 })).await.refusal(), (422, "invalid"));
    assert_eq!(app.count("select count(*) from audit where action = 'leverage_asked'").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn n90_a_key_that_could_be_more_than_a_key_is_refused() {
    let app = impatient().await;
    let ada = app.sign_up("ada").await;
    let account = bingx(&ada).await;

    for (field, value) in
        [("api_key", "a key with blanks"), ("api_secret", "secret&signature=1"), ("api_key", "")]
    {
        let mut body = key("demo");
        body[field] = json!(value);
        let refused = ada.put(&path(&account), body).await;
        assert_eq!(refused.refusal(), (422, "invalid"), "{value}");
        assert!(!refused.text.contains("canary"), "{}", refused.text);
    }
    assert_eq!(app.count("select count(*) from exchange_keys").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn n31_n32_admins_and_viewers_neither_connect_nor_see_a_key() {
    let app = impatient().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (account, _) = connected(&app, &ada).await;
    Rows::of(&app, &ada).await.grant(&eve).await;
    for role in ["admin", "viewer"] {
        app.sql(&format!("update users set role = '{role}' where id = '{}'", eve.id)).await;
        let eve = app.sign_in("eve").await;
        for (method, route, body) in [
            ("PUT", path(&account), key("demo")),
            ("DELETE", path(&account), Value::Null),
            ("POST", format!("{}/verify", path(&account)), Value::Null),
            ("PATCH", path(&account), json!({ "leverage": 20 })),
            ("PATCH", format!("/api/v1/accounts/{account}"), json!({ "trading_enabled": true })),
        ] {
            let request = eve.request(method, &route).header("x-flotilla-owner", &ada.id).json(&body);
            let refused = app.send(request).await;
            assert_eq!(refused.status, 403, "{role} {method} {route}: {}", refused.text);
        }
        let seen = eve.get_of(&ada.id, &path(&account)).await;
        assert_eq!((seen.status, seen.body["status"].as_str()), (200, Some("verified")), "{}", seen.text);
        assert!(!seen.text.contains("canary") && !seen.text.contains("10004821"));
    }
}
