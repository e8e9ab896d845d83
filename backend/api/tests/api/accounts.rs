use serde_json::{Value, json};

use crate::support::{Rows, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_master_has_a_key_a_token_and_a_mode() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    let account = ada.open("gold", "master").await;

    let text = |field: &str| account[field].as_str().unwrap().to_owned();
    assert!(text("api_key").starts_with(&text("api_key_prefix")) && text("api_key").len() == 40);
    assert!(text("master_token").starts_with("MST-") && text("master_token").len() == 36);
    assert_eq!((text("copy_mode"), text("currency")), ("PUBSUB".to_owned(), "USD".to_owned()));
    assert_eq!((account["is_primary"].as_bool(), account["online"].as_bool()), (Some(true), Some(false)));
    assert_eq!(account["balance"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_and_journals_have_no_token() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    for copy_role in ["follower", "none"] {
        let account = ada.open("x", copy_role).await;
        assert_eq!((&account["master_token"], &account["copy_mode"]), (&Value::Null, &Value::Null));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n50_the_key_is_in_the_first_answer_only() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open("gold", "follower").await;
    let id = account["id"].as_str().unwrap();
    let key = account["api_key"].as_str().unwrap();

    for path in ["/api/v1/accounts".to_owned(), format!("/api/v1/accounts/{id}")] {
        let answer = ada.get(&path).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.text.contains(key), "{path}");
    }
    assert_eq!(app.count("select count(*) from api_keys where length(key_hash) = 32").await, 1);
    let stored = format!("select count(*) from api_keys where position('{key}'::bytea in sealed_key) > 0");
    assert_eq!(app.count(&stored).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for name in ["a", "b", "c", "d", "e"] {
        ada.open(name, "none").await;
    }

    let mut path = "/api/v1/accounts?limit=2".to_owned();
    let mut names = Vec::new();
    loop {
        let page = ada.get(&path).await;
        names.push(page.column("name").concat());
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/api/v1/accounts?limit=2&cursor={cursor}");
    }

    assert_eq!(names, ["ab", "cd", "e"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_changes_what_it_names() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let first = ada.open_id("first", "none").await;
    let second = ada.open_id("second", "none").await;
    let path = format!("/api/v1/accounts/{second}");
    let body = json!({ "name": "renamed", "starting_balance": "1000.50", "capital_level": "10k", "is_primary": true });

    let changed = ada.patch(&path, body).await;
    let cleared = ada.patch(&path, json!({ "capital_level": null })).await;

    assert_eq!(changed.status, 200, "{}", changed.text);
    let fields =
        ["name", "starting_balance", "capital_level", "is_primary"].map(|field| changed.body[field].clone());
    assert_eq!(fields, [json!("renamed"), json!("1000.5"), json!("10k"), json!(true)]);
    assert_eq!((&cleared.body["capital_level"], &cleared.body["name"]), (&Value::Null, &json!("renamed")));
    let former = ada.get(&format!("/api/v1/accounts/{first}")).await;
    assert_eq!(former.body["is_primary"], false, "one account opens first");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_slips_on_paper_is_the_owners_choice_within_bounds() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let path = format!("/api/v1/accounts/{}", ada.open_id("rehearsal", "follower").await);

    let chosen = ada.patch(&path, json!({ "paper_slippage": "0.0005" })).await;
    let usual = ada.patch(&path, json!({ "paper_slippage": null })).await;

    assert_eq!((chosen.status, &chosen.body["paper_slippage"]), (200, &json!("0.0005")), "{}", chosen.text);
    assert_eq!((usual.status, &usual.body["paper_slippage"]), (200, &Value::Null));
    for beyond in ["-0.0001", "0.2"] {
        let refused = ada.patch(&path, json!({ "paper_slippage": beyond })).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_large_copies_begin_is_offered_and_not_applied() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let token = bob.open("lead", "master").await["master_token"].clone();
    let sizing = json!({ "mode": "risk_percent", "value": "0.0075" });
    let body =
        json!({ "name": "fund", "platform": "mt5", "copy_role": "follower", "default_sizing": sizing });

    let made = ada.post("/api/v1/accounts", body).await;
    let path = format!("/api/v1/accounts/{}", made.body["id"].as_str().unwrap());
    let followed = ada.post(&format!("{path}/subscriptions"), json!({ "master_token": token })).await;
    let same = ada.patch(&path, json!({ "default_sizing": { "mode": "same" } })).await;
    let none = ada.patch(&path, json!({ "default_sizing": null })).await;

    assert_eq!((made.status, &made.body["default_sizing"]), (201, &sizing), "{}", made.text);
    assert_eq!(followed.body["settings"]["sizing"]["mode"], "same", "{}", followed.text);
    assert_eq!(same.body["default_sizing"], json!({ "mode": "same", "value": "1" }), "{}", same.text);
    assert_eq!((none.status, &none.body["default_sizing"]), (200, &Value::Null));
    for wrong in [json!({ "mode": "fixed" }), json!({ "mode": "risk_percent", "value": "1.5" })] {
        let refused = ada.patch(&path, json!({ "default_sizing": wrong })).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
    let zero = json!({ "mode": "fixed", "value": "0" });
    assert_eq!(ada.patch(&path, json!({ "default_sizing": zero })).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_open_copies_stays() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (master, follower) = (ada.open_id("m", "master").await, ada.open_id("f", "follower").await);
    let rows = Rows::of(&app, &ada).await;
    rows.copy(&master, &follower, "open").await;

    for id in [&master, &follower] {
        let path = format!("/api/v1/accounts/{id}");
        let off = ada.patch(&path, json!({ "is_active": false })).await;
        let archived = ada.delete(&path).await;
        assert_eq!((off.refusal(), archived.refusal()), ((409, "open_copies"), (409, "open_copies")));
    }
    app.sql("update copy_orders set state = 'closed'").await;
    let off = ada.patch(&format!("/api/v1/accounts/{master}"), json!({ "is_active": false })).await;
    assert_eq!((off.status, off.body["is_active"].as_bool()), (200, Some(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn open_copies_of_strangers_keep_a_master() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open_id("m", "master").await;
    Rows::of(&app, &ada).await.foreign_follower(&master, 1).await;

    let answer = ada.delete(&format!("/api/v1/accounts/{master}")).await;

    assert_eq!(answer.refusal(), (409, "open_copies"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_account_leaves_the_list_and_stops_following() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open("m", "master").await;
    let follower = ada.open_id("f", "follower").await;
    ada.follow(&follower, &master).await;
    let path = format!("/api/v1/accounts/{follower}");

    let archived = ada.delete(&path).await;

    assert_eq!(archived.status, 204, "{}", archived.text);
    assert_eq!(ada.get("/api/v1/accounts").await.column("name"), ["m"]);
    assert_eq!(ada.patch(&path, json!({ "name": "x" })).await.refusal(), (409, "archived"));
    assert_eq!(
        app.count("select count(*) from subscriptions where state = 'ended' and ended_by = 'web'").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_to_one_copying_takes_an_only_follower_as_partner() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open("m", "master").await;
    let follower = ada.open_id("f", "follower").await;
    ada.follow(&follower, &master).await;
    let path = format!("/api/v1/accounts/{}", master["id"].as_str().unwrap());

    let switched = ada.patch(&path, json!({ "copy_mode": "1TO1" })).await;
    let back = ada.patch(&path, json!({ "copy_mode": "RECORD" })).await;

    assert_eq!((switched.status, &switched.body["partner_id"]), (200, &json!(follower)));
    assert_eq!((&back.body["copy_mode"], &back.body["partner_id"]), (&json!("RECORD"), &json!(follower)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_to_one_copying_is_refused_with_several_followers() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open("m", "master").await;
    let follower = ada.open_id("f", "follower").await;
    ada.follow(&follower, &master).await;
    let id = master["id"].as_str().unwrap();
    Rows::of(&app, &ada).await.foreign_follower(id, 0).await;

    let answer = ada.patch(&format!("/api/v1/accounts/{id}"), json!({ "copy_mode": "1TO1" })).await;

    assert_eq!(answer.refusal(), (409, "several_followers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_masters_have_a_mode() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let follower = ada.open_id("f", "follower").await;

    let answer = ada.patch(&format!("/api/v1/accounts/{follower}"), json!({ "copy_mode": "RECORD" })).await;

    assert_eq!(answer.refusal(), (409, "not_a_master"));
}

#[tokio::test(flavor = "multi_thread")]
async fn n27_an_account_stays_with_its_owner() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let id = ada.open_id("gold", "follower").await;
    let body = json!({ "owner_id": eve.id, "id": eve.id, "copy_role": "master", "online": true });

    let answer = ada.patch(&format!("/api/v1/accounts/{id}"), body).await;
    // Orders are switched on for accounts at exchanges only.
    let refused = ada.patch(&format!("/api/v1/accounts/{id}"), json!({ "trading_enabled": true })).await;
    assert!(refused.status >= 400, "{}", refused.status);

    let fields = ["id", "copy_role", "trading_enabled", "online"].map(|field| answer.body[field].clone());
    assert_eq!(fields, [json!(id), json!("follower"), json!(false), json!(false)]);
    assert_eq!(app.count(&format!("select count(*) from accounts where owner_id = '{}'", eve.id)).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_connected_to_a_dead_worker() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.open_id("gold", "follower").await;
    app.sql(&format!(
        "with node as (insert into workers (node_id) values (uuid_v7()) returning node_id)
         insert into sessions (account_id, owner_id, epoch, node_id) select '{id}', '{}', 1, node_id from node",
        ada.id
    ))
    .await;
    let online = async || ada.get(&format!("/api/v1/accounts/{id}")).await.body["online"].clone();

    assert_eq!(online().await, true);
    app.sql("update workers set last_seen_at = now() - interval '31 seconds'").await;
    assert_eq!(online().await, false);
}
