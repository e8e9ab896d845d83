use serde_json::{Value, json};

use crate::support::{Rows, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_follows_by_token() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    let master = ada.open("gold", "master").await;
    let follower = ben.open_id("f", "follower").await;
    let path = format!("/api/v1/accounts/{follower}/subscriptions");

    let answer = ben.post(&path, json!({ "master_token": master["master_token"] })).await;

    assert_eq!(answer.status, 201, "{}", answer.text);
    let fields =
        ["master_account_id", "master_name", "source", "state"].map(|field| answer.body[field].clone());
    assert_eq!(fields, [master["id"].clone(), json!("gold"), json!("web"), json!("active")]);
    let expected = json!({
        "sizing": { "mode": "same", "value": "1" },
        "min_lots": null, "max_lots": null, "lot_step": null, "sides": "both", "reverse": false, "copy_sl_tp": true,
        "on_partial": "close",
        "symbol_map": {}, "strip_suffix": null, "add_suffix": null, "allow_symbols": null, "deny_symbols": null,
        "max_open_copies": null, "max_age_s": 5, "max_deviation": null, "units_per_lot": {}
    });
    assert_eq!(answer.body["settings"], expected);
    assert_eq!(ben.get(&path).await.column("id").len(), 1);
    let leader = async || ben.get(&format!("/api/v1/accounts/{follower}")).await.body["following_id"].clone();
    assert_eq!(leader().await, master["id"]);

    let other = ada.open("silver", "master").await;
    let subscription = ben.follow(&follower, &other).await;
    assert_eq!(leader().await, master["id"], "the oldest");
    app.sql(&format!("update subscriptions set source = 'wire' where id = '{subscription}'")).await;
    assert_eq!(leader().await, other["id"], "the terminal's own");
    assert_eq!(ben.get("/api/v1/accounts").await.column("following_id"), [other["id"].as_str().unwrap()]);
    app.sql(&format!(
        "update subscriptions set state = 'ended', ended_at = now(), ended_by = 'wire' where id = '{subscription}'"
    ))
    .await;
    assert_eq!(leader().await, master["id"], "the other has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_follows_say_why() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    let master = ada.open("gold", "master").await;
    let (follower, journal) = (ben.open_id("f", "follower").await, ben.open_id("j", "none").await);
    let follow = async |account: &str, token: &Value| {
        ben.post(&format!("/api/v1/accounts/{account}/subscriptions"), json!({ "master_token": token })).await
    };

    let unknown = follow(&follower, &json!(format!("MST-{}", "0".repeat(32)))).await;
    let malformed = follow(&follower, &json!("MST-1")).await;
    let by_journal = follow(&journal, &master["master_token"]).await;
    let own = ada
        .post(
            &format!("/api/v1/accounts/{}/subscriptions", master["id"].as_str().unwrap()),
            json!({ "master_token": master["master_token"] }),
        )
        .await;
    let first = follow(&follower, &master["master_token"]).await;
    let second = follow(&follower, &master["master_token"]).await;

    assert_eq!(unknown.refusal(), (404, "master_not_found"));
    assert_eq!(malformed.refusal(), (422, "invalid"));
    assert_eq!(by_journal.refusal(), (409, "not_a_follower"));
    assert_eq!(own.refusal(), (409, "own_master"));
    assert_eq!((first.status, second.refusal()), (201, (409, "already_following")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_to_one_master_takes_one_follower() {
    let app = TestApp::start().await;
    let (ada, ben, cem) = (app.sign_up("ada").await, app.sign_up("ben").await, app.sign_up("cem").await);
    let master = ada.open("gold", "master").await;
    let id = master["id"].as_str().unwrap();
    ada.patch(&format!("/api/v1/accounts/{id}"), json!({ "copy_mode": "1TO1" })).await;
    let (first, second) = (ada.open_id("f", "follower").await, cem.open_id("f", "follower").await);
    let waiting = ben.open_id("f", "follower").await;
    let stranger = ben.follow(&waiting, &master).await;
    ada.follow(&first, &master).await;

    let refused = cem
        .post(
            &format!("/api/v1/accounts/{second}/subscriptions"),
            json!({ "master_token": master["master_token"] }),
        )
        .await;

    assert_eq!(refused.refusal(), (409, "master_has_partner"));
    let account = ada.get(&format!("/api/v1/accounts/{id}")).await;
    assert_eq!(account.body["partner_id"], first.as_str());
    let path = format!("/api/v1/accounts/{waiting}/subscriptions/{stranger}");
    assert_eq!(ben.get(&path).await.body["state"], "pending", "a stranger must be approved first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_is_off_cannot_be_found() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    let master = ada.open("gold", "master").await;
    let follower = ben.open_id("f", "follower").await;
    ada.patch(&format!("/api/v1/accounts/{}", master["id"].as_str().unwrap()), json!({ "is_active": false }))
        .await;

    let answer = ben
        .post(
            &format!("/api/v1/accounts/{follower}/subscriptions"),
            json!({ "master_token": master["master_token"] }),
        )
        .await;

    assert_eq!(answer.refusal(), (404, "master_not_found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_state_are_edited() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open("gold", "master").await;
    let follower = ada.open_id("f", "follower").await;
    let id = ada.follow(&follower, &master).await;
    let path = format!("/api/v1/accounts/{follower}/subscriptions/{id}");
    let settings =
        json!({ "sizing": { "mode": "multiplier", "value": "0.5" }, "max_lots": "2", "max_age_s": 15 });

    let changed = ada.patch(&path, json!({ "state": "paused", "settings": settings })).await;
    let wrong = ada.patch(&path, json!({ "settings": { "min_lots": "3", "max_age_s": 15 } })).await;
    let ended = ada.patch(&path, json!({ "state": "ended" })).await;

    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.body["state"], "paused");
    assert_eq!(changed.body["settings"]["sizing"], json!({ "mode": "multiplier", "value": "0.5" }));
    assert_eq!(wrong.invalid_fields(), [("settings.max_lots".to_owned(), "below_min_lots".to_owned())]);
    assert_eq!(ended.invalid_fields(), [("state".to_owned(), "not_settable".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_unfollows_may_ask_to_close() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open("gold", "master").await, ada.open("silver", "master").await);
    let follower = ada.open_id("f", "follower").await;
    let (kept, closed) = (ada.follow(&follower, &gold).await, ada.follow(&follower, &silver).await);
    let path = |id: &str| format!("/api/v1/accounts/{follower}/subscriptions/{id}");

    let keeping = ada.delete(&path(&kept)).await;
    let closing = ada.delete(&format!("{}?open_copies=close", path(&closed))).await;
    let again = ada.delete(&path(&kept)).await;
    let odd = ada.delete(&format!("{}?open_copies=maybe", path(&closed))).await;

    assert_eq!((keeping.status, closing.status), (204, 204));
    assert_eq!((again.status, odd.status), (404, 422));
    let asked =
        format!("select count(*) from requests where kind = 'close_subscription' and target_id = '{closed}'");
    assert_eq!((app.count(&asked).await, app.count("select count(*) from requests").await), (1, 1));
    assert_eq!(ada.get(&path(&kept)).await.body["state"], "ended");
    assert_eq!(ada.get(&format!("/api/v1/accounts/{follower}/subscriptions")).await.column("id").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_sees_its_followers() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open_id("gold", "master").await;
    Rows::of(&app, &ada).await.foreign_follower(&master, 3).await;

    let answer = ada.get(&format!("/api/v1/accounts/{master}/followers")).await;

    let follower = &answer.body["items"][0];
    let fields = ["name", "state", "online", "open_copies"].map(|field| follower[field].clone());
    assert_eq!(fields, [json!("Follower KMQX"), json!("active"), json!(true), json!(3)]);
    assert_eq!(follower["lag_ms"], json!({ "p50": "42.5", "p99": "118", "copies": 64 }));

    app.sql("update master_followers set lag_p50_us = null, lag_p99_us = null, lag_copies = null").await;
    let unmeasured = ada.get(&format!("/api/v1/accounts/{master}/followers")).await;
    let unmeasured = &unmeasured.body["items"][0];
    assert_eq!((&unmeasured["lag_ms"], &unmeasured["account_id"]), (&json!(null), &json!(null)));

    let own = ada.open_id("coins", "follower").await;
    app.sql(&format!(
        "insert into subscriptions (id, owner_id, follower_account_id, master_account_id, master_name, source, state,
            max_age_s)
         select f.subscription_id, a.owner_id, a.id, f.master_account_id, 'gold', 'web', 'active', 60
         from master_followers f, accounts a where a.id = '{own}'"
    ))
    .await;
    let named = ada.get(&format!("/api/v1/accounts/{master}/followers")).await;
    assert_eq!(named.body["items"][0]["account_id"], json!(own));
}
