use serde_json::{Value, json};

use crate::support::{Rows, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn the_button_stops_and_resumes_and_says_how_far_it_is() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let follower = ada.open_id("gold", "follower").await;

    let stopped = ada.post("/api/v1/stop", json!({ "scope": "all", "action": "flatten" })).await;
    let again = ada.post("/api/v1/stop", json!({ "scope": "all", "action": "stop_new" })).await;
    let one = ada
        .post("/api/v1/stop", json!({ "scope": "account", "account_id": follower, "action": "stop_new" }))
        .await;
    let state = ada.get("/api/v1/stop").await;
    let progress = ada.get(&format!("/api/v1/stop/{}", stopped.body["id"].as_str().unwrap())).await;
    let resumed = ada.post("/api/v1/stop", json!({ "scope": "all", "action": "resume" })).await;
    let after = ada.get("/api/v1/stop").await;

    assert_eq!([stopped.status, again.status, one.status, resumed.status], [202; 4], "{}", stopped.text);
    assert_eq!((&stopped.body["action"], &stopped.body["state"]), (&json!("flatten"), &json!("pending")));
    assert_eq!(progress.body, stopped.body);
    let scopes = |state: &Value| -> Vec<(Value, Value)> {
        let stops = state["stops"].as_array().unwrap();
        stops.iter().map(|stop| (stop["scope"].clone(), stop["account_id"].clone())).collect()
    };
    let account = (json!("account"), json!(follower));
    assert_eq!(scopes(&state.body), [(json!("all"), json!(null)), account.clone()], "stopped once");
    assert_eq!(state.body["operations"].as_array().unwrap().len(), 3);
    assert_eq!(scopes(&after.body), [account], "an account that was stopped alone stays so");
    let audited = "select count(*) from audit where action in ('copies_flattened', 'copying_stopped', 'copying_resumed')";
    assert_eq!(app.count(audited).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_per_account_with_who_is_out_of_reach() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let follower = ada.open_id("gold", "follower").await;
    let closing = ada.post(&format!("/api/v1/accounts/{follower}/close-all"), json!({})).await;
    let id = closing.body["id"].as_str().unwrap().to_owned();
    app.sql(&format!(
        "update requests set state = 'running' where id = '{id}';
         insert into request_accounts (request_id, owner_id, account_id, total, remaining)
         values ('{id}', '{}', '{follower}', 5, 2)",
        ada.id
    ))
    .await;

    let progress = ada.get(&format!("/api/v1/stop/{id}")).await;

    assert_eq!((closing.status, &closing.body["action"]), (202, &json!("close_account")));
    let expected =
        json!([{ "account_id": follower, "name": "gold", "done": 3, "total": 5, "reachable": false }]);
    assert_eq!(progress.body["accounts"], expected);
    assert_eq!((&progress.body["done"], &progress.body["total"]), (&json!(3), &json!(5)));
    assert_eq!(ada.get("/api/v1/stop").await.body["stops"], json!([]), "closing does not stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_that_make_no_sense_are_refused_by_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let follower = ada.open_id("gold", "follower").await;
    let none = "0198f0d2-0000-7000-8000-000000000000";

    for (body, field, code) in [
        (json!({ "scope": "group", "action": "flatten" }), "group_id", "required"),
        (
            json!({ "scope": "group", "group_id": none, "account_id": follower, "action": "flatten" }),
            "account_id",
            "not_allowed",
        ),
        (json!({ "scope": "all", "group_id": none, "action": "flatten" }), "group_id", "not_allowed"),
        (json!({ "scope": "account", "action": "flatten" }), "account_id", "required"),
        (json!({ "scope": "all", "account_id": follower, "action": "flatten" }), "account_id", "not_allowed"),
        (json!({ "scope": "all", "action": "panic" }), "action", "unknown_value"),
    ] {
        let answer = ada.post("/api/v1/stop", body).await;
        assert_eq!(
            (answer.status, answer.invalid_fields()),
            (422, vec![(field.to_owned(), code.to_owned())])
        );
    }
    assert_eq!(
        app.count("select count(*) from stops").await + app.count("select count(*) from requests").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_presses_anothers_button() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let follower = ada.open_id("gold", "follower").await;
    Rows::of(&app, &ada).await.grant(&eve).await;

    let foreign = eve
        .post("/api/v1/stop", json!({ "scope": "account", "account_id": follower, "action": "flatten" }))
        .await;
    let body = json!({ "scope": "all", "action": "flatten" });
    let as_guest =
        app.send(eve.request("POST", "/api/v1/stop").header("x-flotilla-owner", &ada.id).json(&body)).await;
    app.sql(&format!("update users set role = 'admin' where id = '{}'", eve.id)).await;
    let admin = app.sign_in("eve").await;
    let by_admin = admin.post("/api/v1/stop", body).await;

    assert_eq!(foreign.refusal(), (404, "not_found"));
    assert_eq!(as_guest.refusal(), (403, "read_only"));
    assert_eq!(by_admin.refusal(), (403, "forbidden"));
    assert_eq!(app.count("select count(*) from stops").await, 0);
}
