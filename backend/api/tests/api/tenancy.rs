use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, Rows, TestApp};

/// A name that appears in no answer to anybody else.
const CANARY: &str = "canary-4711";

async fn owner_with_rows<'a>(app: &'a TestApp, name: &str) -> (Person<'a>, String, String) {
    let owner = app.sign_up(name).await;
    let master = owner.open(&format!("{name}-{CANARY}"), "master").await;
    let follower = owner.open_id(&format!("{name}-{CANARY}-f"), "follower").await;
    owner.follow(&follower, &master).await;
    let master = master["id"].as_str().unwrap().to_owned();
    let rows = Rows::of(app, &owner).await;
    rows.copy(&master, &follower, "open").await;
    rows.signal(&master, 1001).await;
    rows.trade(&follower, "XAUUSD", 5, None).await;
    (owner, master, follower)
}

/// Every list of the API, for an owner's accounts.
fn lists(master: &str, follower: &str) -> Vec<String> {
    vec![
        "/api/v1/accounts".to_owned(),
        "/api/v1/trades".to_owned(),
        format!("/api/v1/accounts/{follower}/subscriptions"),
        format!("/api/v1/accounts/{master}/followers"),
        format!("/api/v1/accounts/{master}/signals"),
        format!("/api/v1/accounts/{follower}/copies"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn n24_lists_hold_ones_own_rows_only() {
    let app = TestApp::start().await;
    owner_with_rows(&app, "ada").await;
    let eve = app.sign_up("eve").await;
    let (master, follower) = (eve.open_id("m", "master").await, eve.open_id("f", "follower").await);

    for path in lists(&master, &follower) {
        let answer = eve.get(&path).await;
        assert_eq!(answer.status, 200, "{path} {}", answer.text);
        assert!(!answer.text.contains(CANARY), "{path}");
        assert!(answer.body["items"].as_array().unwrap().len() <= 2, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n26_a_private_master_is_followed_with_its_token_only() {
    let app = TestApp::start().await;
    let (_, master, _) = owner_with_rows(&app, "ada").await;
    let eve = app.sign_up("eve").await;
    let follower = eve.open_id("f", "follower").await;

    for token in [json!(master), json!("MST-%"), json!("' or 1=1 --"), Value::Null] {
        let body = json!({ "master_token": token });
        let answer = eve.post(&format!("/api/v1/accounts/{follower}/subscriptions"), body).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
    }
    let by_foreign_account = eve.get(&format!("/api/v1/accounts/{master}/subscriptions")).await;
    assert_eq!(by_foreign_account.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn n28_a_viewer_reads_what_was_granted_and_writes_nothing() {
    let app = TestApp::start().await;
    let (ada, master, follower) = owner_with_rows(&app, "ada").await;
    let vic = app.sign_up("vic").await;
    Rows::of(&app, &ada).await.grant(&vic).await;

    for path in lists(&master, &follower) {
        let answer = vic.get_of(&ada.id, &path).await;
        assert_eq!(answer.status, 200, "{path} {}", answer.text);
        assert!(!answer.text.contains("MST-"), "the token lets people follow: {path}");
    }
    for (method, path, body) in [
        (
            "POST",
            "/api/v1/accounts".to_owned(),
            json!({ "name": "x", "platform": "mt5", "copy_role": "none" }),
        ),
        ("PATCH", format!("/api/v1/accounts/{master}"), json!({ "name": "x" })),
        ("DELETE", format!("/api/v1/accounts/{master}"), json!({})),
        ("POST", format!("/api/v1/accounts/{master}/api-key/rotate"), json!({})),
        ("POST", format!("/api/v1/accounts/{master}/api-key/reveal"), json!({ "password": PASSWORD })),
        ("PATCH", "/api/v1/me".to_owned(), json!({ "name": "x" })),
    ] {
        let request = vic.request(method, &path).header("x-flotilla-owner", &ada.id).json(&body);
        let answer = app.send(request).await;
        assert_eq!(answer.refusal(), (403, "read_only"), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n28_a_viewer_of_the_platform_opens_no_accounts() {
    let app = TestApp::start().await;
    let vic = app.sign_up("vic").await;
    app.sql("update users set role = 'viewer'").await;

    let body = json!({ "name": "x", "platform": "mt5", "copy_role": "none" });
    let answer = vic.post("/api/v1/accounts", body).await;

    assert_eq!(answer.refusal(), (403, "forbidden"));
}

#[tokio::test(flavor = "multi_thread")]
async fn n29_a_withdrawn_or_expired_grant_opens_nothing() {
    let app = TestApp::start().await;
    let (ada, ..) = owner_with_rows(&app, "ada").await;
    let (vic, eve) = (app.sign_up("vic").await, app.sign_up("eve").await);
    Rows::of(&app, &ada).await.grant(&vic).await;
    assert_eq!(vic.get_of(&ada.id, "/api/v1/accounts").await.status, 200);

    let without = eve.get_of(&ada.id, "/api/v1/accounts").await;
    app.sql("update viewer_grants set expires_at = now()").await;
    let expired = vic.get_of(&ada.id, "/api/v1/accounts").await;
    app.sql("update viewer_grants set expires_at = null, revoked_at = now()").await;
    let withdrawn = vic.get_of(&ada.id, "/api/v1/accounts").await;

    assert_eq!([without.status, expired.status, withdrawn.status], [404, 404, 404]);
}

#[tokio::test(flavor = "multi_thread")]
async fn n31_an_admin_neither_trades_nor_opens_accounts() {
    let app = TestApp::start().await;
    let (ada, master, follower) = owner_with_rows(&app, "ada").await;
    let boss = app.sign_up("boss").await;
    let own = boss.open_id("f", "follower").await;
    app.sql(&format!("update users set role = 'admin' where id = '{}'", boss.id)).await;
    // The role of a moment ago is remembered for as long as a token's version is.
    let boss = app.sign_in("boss").await;

    let follow = json!({ "master_token": format!("MST-{}", "0".repeat(32)) });
    for (method, path, body) in [
        (
            "POST",
            "/api/v1/accounts".to_owned(),
            json!({ "name": "x", "platform": "mt5", "copy_role": "none" }),
        ),
        ("POST", format!("/api/v1/accounts/{own}/subscriptions"), follow),
        ("POST", format!("/api/v1/accounts/{own}/api-key/rotate"), json!({})),
    ] {
        let answer = app.send(boss.request(method, &path).json(&body)).await;
        assert_eq!(answer.refusal(), (403, "forbidden"), "{method} {path}");
    }
    for path in lists(&master, &follower) {
        assert_eq!(boss.get_of(&ada.id, &path).await.status, 404, "an admin needs a grant as well: {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n32_an_admin_under_a_grant_sees_no_secret() {
    let app = TestApp::start().await;
    let (ada, master, _) = owner_with_rows(&app, "ada").await;
    let boss = app.sign_up("boss").await;
    app.sql(&format!(
        "update users set role = 'admin' where id = '{0}';
         insert into viewer_grants (owner_id, viewer_id, kind, expires_at)
         values ('{1}', '{0}', 'admin', now() + interval '1 hour')",
        boss.id, ada.id
    ))
    .await;

    let account = boss.get_of(&ada.id, &format!("/api/v1/accounts/{master}")).await;
    let reveal = boss
        .request("POST", &format!("/api/v1/accounts/{master}/api-key/reveal"))
        .header("x-flotilla-owner", &ada.id)
        .json(&json!({ "password": PASSWORD }));

    assert_eq!((account.status, &account.body["master_token"]), (200, &Value::Null));
    assert_eq!(app.send(reveal).await.refusal(), (403, "read_only"));
}
