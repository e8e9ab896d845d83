use chrono::{TimeDelta, Utc};
use flotilla_security::opaque::ShareToken;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::journal::{create, typed, with};
use crate::support::{Answer, Person, TestApp};

/// A link that shows all parts, without money and names, for a week.
pub fn link(changes: &Value) -> Value {
    let body = json!({
        "name": "For Ben", "sections": ["statistics", "curve", "trades", "positions"], "shows_money": false,
        "shows_names": false, "delay_minutes": 0, "expires_in_days": 7,
    });
    with(body, changes)
}

pub async fn make(person: &Person<'_>, changes: Value) -> Value {
    let made = person.post("/api/v1/shares", link(&changes)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

pub async fn look(app: &TestApp, link: &Value) -> Answer {
    app.get(&format!("/api/v1/shared/{}", link["token"].as_str().unwrap())).await
}

fn ago(minutes: i64) -> String {
    (Utc::now() - TimeDelta::minutes(minutes)).to_rfc3339()
}

/// An account with a trade of three days ago, one that ended 5 minutes ago, one
/// that was entered 5 minutes ago, and one that was added to then.
async fn traded(person: &Person<'_>) -> String {
    let body = json!({
        "name": "gold", "platform": "other", "copy_role": "none", "currency": "USD", "starting_balance": "1000",
    });
    let made = person.post("/api/v1/accounts", body).await;
    let account = made.body["id"].as_str().unwrap().to_owned();
    for (symbol, entry, exit) in [("OLD", 4_320, Some(4_260)), ("LATE", 60, Some(5)), ("NEW", 5, None)] {
        let mut trade = json!({ "symbol": symbol, "entry_at": ago(entry), "exit_at": exit.map(ago) });
        if exit.is_none() {
            trade["exit_price"] = Value::Null;
        }
        create(person, with(typed(&account), &trade)).await;
    }
    let entry = |price: &str, minutes: i64| json!({ "side": "BUY", "quantity": "5", "price": price, "at": ago(minutes) });
    let grown = json!({
        "account_id": account, "symbol": "GROWN", "direction": "LONG", "asset_type": "stock",
        "executions": [entry("150", 50), entry("170", 5)],
    });
    create(person, grown).await;
    account
}

fn symbols(items: &Value) -> Vec<&str> {
    items.as_array().unwrap().iter().map(|item| item["symbol"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn n95_unknown_expired_and_revoked_links_get_the_same_answer() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let [revoked, expired] = [make(&ada, json!({})).await, make(&ada, json!({})).await];
    let disabled = make(&eve, json!({})).await;
    for link in [&revoked, &expired, &disabled] {
        assert_eq!(look(&app, link).await.status, 200);
    }

    let path = format!("/api/v1/shares/{}", revoked["id"].as_str().unwrap());
    assert_eq!(eve.delete(&path).await.status, 404);
    let ended = [ada.delete(&path).await, ada.delete(&path).await];
    let end = format!(
        "update shares set expires_at = now() where id = '{}';
         update users set is_active = false where id = '{}'",
        expired["id"].as_str().unwrap(),
        eve.id
    );
    app.sql(&end).await;

    assert!(ended.iter().all(|ended| ended.status == 200 && ended.body["revoked_at"].is_string()));
    let nobody = json!({ "token": ShareToken::generate().text().expose_secret() });
    let unknown = look(&app, &nobody).await;
    assert_eq!(unknown.refusal(), (404, "not_found"));
    for link in [&revoked, &expired, &disabled, &json!({ "token": "x" }), &json!({ "token": ada.id })] {
        let answer = look(&app, link).await;
        assert_eq!((answer.status, answer.text), (404, unknown.text.clone()), "{link}");
    }
    let list = ada.get("/api/v1/shares").await;
    assert_eq!(list.column("name").len(), 2, "ended ones are listed");
    assert!(!list.text.contains(revoked["token"].as_str().unwrap()));
    assert_eq!(app.count("select count(*) from share_hashes").await, 2, "those that were not revoked");
    let audited = "select count(*) from audit where action in ('share_created', 'share_revoked')";
    assert_eq!(app.count(audited).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn n96_a_link_shows_what_was_chosen_as_it_was_then_and_nothing_else() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let account = traded(&ada).await;
    let plain = make(&ada, json!({ "account_ids": [account] })).await;
    let late = make(&ada, json!({ "delay_minutes": 15 })).await;
    let whole =
        make(&ada, json!({ "shows_money": true, "shows_names": true, "sections": ["statistics"] })).await;
    let period = make(&ada, json!({ "to": ago(1_440) })).await;

    let [plain, late, whole, period] = [
        look(&app, &plain).await,
        look(&app, &late).await,
        look(&app, &whole).await,
        look(&app, &period).await,
    ];

    let shown = |answer: &Answer, pointer: &str| answer.body.pointer(pointer).unwrap().clone();
    for hidden in [
        "/name",
        "/currency",
        "/statistics/total_pnl",
        "/curve/0/value",
        "/trades/0/pnl",
        "/trades/0/quantity",
    ] {
        assert_eq!(shown(&plain, hidden), Value::Null, "{hidden}");
    }
    assert_eq!(shown(&plain, "/accounts"), json!([]));
    assert_eq!(shown(&plain, "/statistics/total_pnl_percent"), json!("0.116"));
    assert_eq!(shown(&plain, "/curve/0/of_start"), json!("1.058"));
    assert_eq!(shown(&plain, "/trades/0/of_start"), json!("0.058"));
    for private in [ada.id.as_str(), &account, "gold", "For Ben", "ada@", "waited", "gap", "\"id\""] {
        assert!(!plain.text.contains(private), "{private}: {}", plain.text);
    }
    assert_eq!(symbols(&plain.body["trades"]), ["LATE", "OLD"]);
    assert_eq!(symbols(&plain.body["positions"]), ["NEW", "GROWN"]);
    assert_eq!(shown(&plain, "/positions/1/entry_price"), json!("160"));
    // A quarter of an hour ago the one was open and the other was not there.
    assert_eq!(symbols(&late.body["trades"]), ["OLD"]);
    assert_eq!(symbols(&late.body["positions"]), ["GROWN", "LATE"]);
    assert_eq!(shown(&late, "/positions/0/entry_price"), json!("150"), "before it was added to");
    assert_eq!(shown(&late, "/statistics/trades"), json!(1));
    assert_eq!((shown(&whole, "/name"), shown(&whole, "/accounts")), (json!("For Ben"), json!(["gold"])));
    assert_eq!(shown(&whole, "/statistics/total_pnl"), json!("116"));
    assert_eq!((shown(&whole, "/trades"), shown(&whole, "/positions")), (Value::Null, Value::Null));
    assert_eq!(symbols(&period.body["trades"]), ["OLD"]);
    assert_eq!(shown(&period, "/positions"), json!([]));

    for (changes, status) in [
        (json!({ "sections": [] }), 422),
        (json!({ "account_ids": [] }), 422),
        (json!({ "delay_minutes": 10_081 }), 422),
        (json!({ "expires_in_days": 0 }), 422),
        (json!({ "from": ago(1), "to": ago(2) }), 422),
        (json!({ "account_ids": [account] }), 404),
    ] {
        assert_eq!(eve.post("/api/v1/shares", link(&changes)).await.status, status, "{changes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_counts_once_and_pages_with_links_are_not_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let shared = make(&ada, json!({})).await;
    let path = format!("/api/v1/shared/{}", shared["token"].as_str().unwrap());
    let from = async |agent: &str| app.send(app.request("GET", &path).header("user-agent", agent)).await;

    let answers = [from("phone").await, from("phone").await, from("desk").await];

    assert!(answers.iter().all(|answer| answer.status == 200));
    for (name, value) in [
        ("x-robots-tag", "noindex, nofollow"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answers[0].header(name), value);
    }
    assert_eq!(app.get("/shared/x").await.header("x-robots-tag"), "noindex, nofollow");
    let list = ada.get("/api/v1/shares").await;
    assert_eq!(list.body["items"][0]["views"], json!(2));
    assert!(list.body["items"][0]["last_viewed_at"].is_string());
}
