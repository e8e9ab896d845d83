use flotilla_store::export::KINDS;
use serde_json::json;

use crate::journal::{create, typed};
use crate::support::{PASSWORD, Rows, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_user_changes_what_is_his_to_change() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    let body = json!({ "name": " Ada L. ", "language": "th", "time_zone": "Asia/Bangkok" });
    let answer = ada.patch("/api/v1/me", body).await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    let fields = ["name", "language", "time_zone"].map(|field| answer.body[field].clone());
    assert_eq!(fields, [json!("Ada L."), json!("th"), json!("Asia/Bangkok")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_zone_is_one_that_is_known() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    for zone in ["Mars/Base", "Asia", "Asia/Bangkok/", ""] {
        let answer = ada.patch("/api/v1/me", json!({ "time_zone": zone })).await;
        assert_eq!(
            answer.invalid_fields(),
            [("time_zone".to_owned(), "invalid_time_zone".to_owned())],
            "{zone}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n27_nobody_promotes_himself() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    let body = json!({ "role": "admin", "id": "0", "email_verified": true, "is_active": false, "security_version": 9 });
    let answer = ada.patch("/api/v1/me", body).await;

    assert_eq!((answer.status, &answer.body["role"]), (200, &json!("trader")));
    let untouched = "select count(*) from users where role = 'trader' and security_version = 1
        and is_active and not email_verified";
    assert_eq!(app.count(untouched).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_whoever_knows_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let change =
        |current: &str| json!({ "current_password": current, "new_password": "another horse entirely" });

    let guessed = ada.post("/api/v1/me/password", change("wrong")).await;
    let changed = ada.post("/api/v1/me/password", change(PASSWORD)).await;

    assert_eq!(guessed.refusal(), (403, "wrong_password"));
    assert_eq!(changed.status, 204);
    assert_eq!(app.try_sign_in("ada", PASSWORD).await.status, 401);
    assert_eq!(app.try_sign_in("ada", "another horse entirely").await.status, 200);
    assert_eq!(app.count("select count(*) from audit where action = 'password_changed'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_a_user_is_exported_but_secrets() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let master = ada.open("gold", "master").await;
    eve.open("evergreen", "master").await;
    create(&ada, typed(master["id"].as_str().unwrap())).await;
    // More than a page of them, and exactly a page.
    for (symbol, count) in [("MANY", 1_499), ("FULL", 500)] {
        let sql = format!(
            "insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, external_id)
             select owner_id, id, 'ea', '{symbol}', 'LONG', 1, now(), '{symbol}' || n
             from accounts, generate_series(1, {count}) n where name = 'gold'"
        );
        app.sql(&sql).await;
        let file = ada.get("/api/v1/me/export").await;
        assert_eq!(file.status, 200, "{}", file.text);
        let trades = file.body["trades"].as_array().map(Vec::len);
        assert_eq!(trades, Some(if symbol == "MANY" { 1_500 } else { 2_000 }));
    }

    let file = ada.get("/api/v1/me/export").await;

    assert_eq!(file.header("content-disposition"), "attachment; filename=\"flotilla-export.json\"");
    for kind in KINDS {
        assert!(file.body[kind.name].is_array(), "{}", kind.name);
    }
    assert_eq!(file.body["users"][0]["email"], json!("ada@example.test"));
    assert_eq!(file.body["accounts"][0]["name"], json!("gold"));
    for secret in ["password_hash", "key_hash", "sealed", "argon2", "evergreen", "eve@"] {
        assert!(!file.text.contains(secret), "{secret}");
    }
    for secret in ["api_key", "master_token"] {
        assert!(!file.text.contains(master[secret].as_str().unwrap()), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n98_whoever_erases_himself_is_out_at_once_and_his_accounts_are_put_away() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open("gold", "master").await;
    let follower = ada.open_id("silver", "follower").await;
    let rows = Rows::of(&app, &ada).await;
    rows.copy(master["id"].as_str().unwrap(), &follower, "open").await;
    let erase = async |password: &str| {
        app.send(ada.request("DELETE", "/api/v1/me").json(&json!({ "password": password }))).await
    };

    assert_eq!(erase("a guess").await.refusal(), (403, "wrong_password"));
    assert_eq!(erase(PASSWORD).await.refusal(), (409, "open_copies"));
    assert_eq!(app.count("select count(*) from erasures").await, 0);
    assert_eq!(ada.get("/api/v1/accounts").await.column("name").len(), 2, "nothing was put away");

    app.sql("update copy_orders set state = 'closed'").await;
    let erased = erase(PASSWORD).await;

    assert_eq!(erased.status, 204, "{}", erased.text);
    assert!(erased.header("set-cookie").contains("Max-Age=0"), "{}", erased.header("set-cookie"));
    assert_eq!(ada.get("/api/v1/me").await.status, 401);
    assert_eq!(ada.refresh().await.status, 401);
    assert_eq!(app.try_sign_in("ada", PASSWORD).await.status, 401);
    assert_eq!(app.count("select count(*) from accounts where archived_at is null").await, 0);
    assert_eq!(app.count("select count(*) from erasures").await, 1);
    assert_eq!(app.count("select count(*) from audit where action = 'user_erasure_asked'").await, 1);
    app.sign_up("ada").await;
}
