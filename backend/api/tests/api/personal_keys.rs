use serde_json::{Value, json};

use crate::shares::{look, make as make_share};
use crate::support::{Answer, PASSWORD, Person, TestApp};

pub async fn make(person: &Person<'_>, scopes: Value) -> Value {
    let body = json!({ "name": "bridge", "scopes": scopes, "expires_in_days": 30, "password": PASSWORD });
    let made = person.post("/api/v1/me/api-keys", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

async fn with_key(app: &TestApp, key: &Value, method: &str, path: &str, body: Value) -> Answer {
    app.send(app.request(method, path).bearer_auth(key["key"].as_str().unwrap()).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_acts_as_its_user_within_its_scope_until_it_is_revoked() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let master = ada.open_id("lead", "master").await;
    let (reader, trader) = (make(&ada, json!(["read"])).await, make(&ada, json!(["trade"])).await);
    let trade = json!({
        "account_id": account, "symbol": "AAPL", "direction": "LONG", "asset_type": "stock", "quantity": "1",
        "entry_price": "1", "entry_at": "2026-11-02T14:30:00Z",
    });
    let ask = async |key: &Value, method: &str, path: &str| {
        with_key(&app, key, method, path, trade.clone()).await.status
    };

    assert_eq!(ask(&reader, "GET", "/api/v1/accounts").await, 200);
    assert_eq!(ask(&reader, "POST", "/api/v1/trades").await, 403);
    assert_eq!(ask(&trader, "POST", "/api/v1/trades").await, 201);
    assert_eq!(ask(&trader, "GET", "/api/v1/trades").await, 200);
    // Whoever has a master's token follows it: a program is not told.
    for path in ["/api/v1/accounts".to_owned(), format!("/api/v1/accounts/{master}")] {
        assert!(ada.get(&path).await.text.contains("MST-"), "{path}");
        for key in [&reader, &trader] {
            let told = with_key(&app, key, "GET", &path, Value::Null).await;
            assert!(told.status == 200 && told.text.contains("lead"), "{path} {}", told.text);
            assert!(!told.text.contains("MST-"), "{path} {}", told.text);
        }
    }
    // Neither the user himself, nor accounts, nor other keys.
    let opened = json!({ "name": "x", "platform": "mt5", "copy_role": "none" });
    for (method, path, body) in [
        ("PATCH", "/api/v1/me".to_owned(), json!({ "name": "x" })),
        ("POST", "/api/v1/ws-tickets".to_owned(), Value::Null),
        ("GET", "/api/v1/me/api-keys".to_owned(), Value::Null),
        ("POST", "/api/v1/accounts".to_owned(), opened),
        ("POST", format!("/api/v1/accounts/{account}/api-key/rotate"), json!({})),
    ] {
        let answer = with_key(&app, &trader, method, &path, body).await;
        assert_eq!(answer.refusal(), (403, "forbidden"), "{method} {path}");
    }

    let list = ada.get("/api/v1/me/api-keys").await;
    assert_eq!(list.body["items"][1]["scopes"], json!(["read"]));
    assert!(list.body["items"][0]["last_used_at"].is_string(), "{}", list.text);
    assert!(!list.text.contains(trader["key"].as_str().unwrap()));
    let path = format!("/api/v1/me/api-keys/{}", trader["id"].as_str().unwrap());
    assert_eq!((ada.delete(&path).await.status, ada.delete(&path).await.status), (204, 204));
    assert_eq!(ask(&trader, "GET", "/api/v1/trades").await, 401, "revoked");
    assert_eq!(ask(&reader, "GET", "/api/v1/trades").await, 200, "the other one lives on");
    let audited =
        "select count(*) from audit where action in ('personal_key_created', 'personal_key_revoked')";
    assert_eq!(app.count(audited).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stops_and_only_a_person_resumes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "follower").await;
    let trader = make(&ada, json!(["trade"])).await;
    let stops = async || app.count("select count(*) from stops").await;

    for mut body in [json!({ "scope": "all" }), json!({ "scope": "account", "account_id": account })] {
        body["action"] = json!("stop_new");
        assert_eq!(with_key(&app, &trader, "POST", "/api/v1/stop", body.clone()).await.status, 202);
        body["action"] = json!("resume");
        let refused = with_key(&app, &trader, "POST", "/api/v1/stop", body.clone()).await;
        assert_eq!((refused.refusal(), stops().await), ((403, "only_a_person"), 1), "{}", refused.text);
        assert_eq!(ada.post("/api/v1/stop", body).await.status, 202);
        assert_eq!(stops().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_with_its_time_and_with_its_user() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (adas, eves) = (make(&ada, json!(["read"])).await, make(&eve, json!(["read"])).await);
    let admin = app.db.admin().await;
    let end = format!(
        "update personal_keys set expires_at = now() where owner_id = '{}';
         update users set is_active = false where id = '{}'",
        ada.id, eve.id
    );
    admin.batch_execute(&end).await.unwrap();

    for key in [&adas, &eves, &json!({ "key": "flt_x" }), &json!({ "key": "flt_" })] {
        let answer = with_key(&app, key, "GET", "/api/v1/accounts", Value::Null).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated"), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_links_end_with_the_password() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (adas, eves) = (make(&ada, json!(["trade"])).await, make(&eve, json!(["read"])).await);
    let ask = async |key: &Value| with_key(&app, key, "GET", "/api/v1/accounts", Value::Null).await.status;
    let links = [make_share(&ada, json!({})).await, make_share(&eve, json!({})).await];
    let seen = async || [look(&app, &links[0]).await.status, look(&app, &links[1]).await.status];
    assert_eq!(((ask(&adas).await, ask(&eves).await), seen().await), ((200, 200), [200, 200]));

    let change = json!({ "current_password": PASSWORD, "new_password": "another horse entirely" });
    assert_eq!(ada.post("/api/v1/me/password", change).await.status, 204);

    assert_eq!(((ask(&adas).await, ask(&eves).await), seen().await), ((401, 200), [404, 200]));
    assert_eq!(app.count("select count(*) from personal_keys where revoked_at is not null").await, 1);
    assert_eq!(app.count("select count(*) from personal_key_hashes").await, 1);
    let told = "select count(*) from audit where action = 'password_changed'
        and jsonb_array_length(detail::jsonb -> 'revoked_keys') = 1 and (detail::jsonb ->> 'revoked_links') = '1'";
    assert_eq!(app.count(told).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_with_the_password_and_sound_limits() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let body = |changes: Value| {
        let mut body = json!({ "name": "x", "scopes": ["read"], "expires_in_days": 1, "password": PASSWORD });
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };

    for (changes, status) in [
        (json!({ "password": "a guess" }), 403),
        (json!({ "scopes": [] }), 422),
        (json!({ "scopes": ["admin"] }), 422),
        (json!({ "expires_in_days": 0 }), 422),
        (json!({ "expires_in_days": 367 }), 422),
        (json!({ "name": " " }), 422),
    ] {
        let answer = ada.post("/api/v1/me/api-keys", body(changes.clone())).await;
        assert_eq!(answer.status, status, "{changes}: {}", answer.text);
    }
    assert_eq!(app.count("select count(*) from personal_key_hashes").await, 0);
}
