use serde_json::json;

use crate::support::{Rows, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_shown_to_follower_and_master() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (master, follower) = (ada.open_id("m", "master").await, ada.open_id("f", "follower").await);
    let rows = Rows::of(&app, &ada).await;
    rows.copy(&master, &follower, "open").await;
    rows.copy(&master, &follower, "skipped").await;
    app.sql("update copy_orders set reason_code = 'offline' where state = 'skipped'").await;

    for account in [&master, &follower] {
        let all = ada.get(&format!("/api/v1/accounts/{account}/copies")).await;
        assert_eq!(all.column("state"), ["skipped", "open"], "newest first");
    }
    let open = ada.get(&format!("/api/v1/accounts/{follower}/copies?state=open")).await;
    let offline = ada.get(&format!("/api/v1/accounts/{follower}/copies?reason=offline")).await;
    let odd = ada.get(&format!("/api/v1/accounts/{follower}/copies?state=lost")).await;
    assert_eq!(
        (open.column("state"), offline.column("state")),
        (vec!["open".to_owned()], vec!["skipped".to_owned()])
    );
    assert_eq!(odd.invalid_fields(), [("state".to_owned(), "unknown_value".to_owned())]);
    let copy = &open.body["items"][0];
    let fields =
        ["master_ticket", "master_lots", "desired_lots", "follower_name"].map(|field| copy[field].clone());
    assert_eq!(fields, [json!("9007199254740993"), json!("0.2"), json!("0.1"), json!("f")]);
    let latency = json!({ "read_to_commit": null, "commit_to_send": "1.5", "send_to_ack": "250" });
    assert_eq!(copy["latency_ms"], latency);
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_narrowed_by_several_states_and_by_symbol_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (master, follower) = (ada.open_id("m", "master").await, ada.open_id("f", "follower").await);
    let rows = Rows::of(&app, &ada).await;
    for state in ["skipped", "open", "failed", "closed", "skipped"] {
        rows.copy(&master, &follower, state).await;
    }
    app.sql("update copy_orders set symbol = 'EURUSD' where state = 'closed'").await;
    let path = format!("/api/v1/accounts/{follower}/copies");

    let first = ada.get(&format!("{path}?state=skipped,failed&limit=2")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("{path}?state=skipped,failed&limit=2&cursor={cursor}")).await;
    let euros = ada.get(&format!("{path}?symbol=EURUSD")).await;
    let both = ada.get(&format!("{path}?symbol=EURUSD&state=open,closing")).await;

    assert_eq!(first.column("state"), ["skipped", "failed"]);
    assert_eq!(
        (second.column("state"), &second.body["next_cursor"]),
        (vec!["skipped".to_owned()], &json!(null))
    );
    assert_eq!((euros.column("state"), both.column("state")), (vec!["closed".to_owned()], Vec::new()));
    for odd in ["open,lost", "open,", ""] {
        let answer = ada.get(&format!("{path}?state={odd}")).await;
        assert_eq!(answer.invalid_fields(), [("state".to_owned(), "unknown_value".to_owned())], "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_copy_comes_with_every_step() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (master, follower) = (ada.open_id("m", "master").await, ada.open_id("f", "follower").await);
    let rows = Rows::of(&app, &ada).await;
    let id = rows.copy(&master, &follower, "open").await;
    rows.step(id, ("claimed", "open"), "ACK_OPEN|9007199254740993|5001").await;

    let answer = ada.get(&format!("/api/v1/copies/{id}")).await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    let events = answer.body["events"].as_array().unwrap();
    let steps: Vec<_> =
        events.iter().map(|event| (event["from"].as_str(), event["to"].as_str().unwrap())).collect();
    assert_eq!(steps, [(None, "planned"), (Some("planned"), "claimed"), (Some("claimed"), "open")]);
    assert_eq!(events[2]["evidence"], "ACK_OPEN|9007199254740993|5001");
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_count_their_copies() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open_id("m", "master").await;
    let rows = Rows::of(&app, &ada).await;
    for ticket in [1001, 1002, 1003] {
        rows.signal(&master, ticket).await;
    }

    let first = ada.get(&format!("/api/v1/accounts/{master}/signals?limit=2")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("/api/v1/accounts/{master}/signals?limit=2&cursor={cursor}")).await;

    assert_eq!(first.column("ticket"), ["1003", "1002"]);
    assert_eq!(second.column("ticket"), ["1001"]);
    assert_eq!(first.body["items"][0]["copies"], json!({ "open": 2 }));
    assert_eq!(first.body["items"][0]["price"], "2030.5");
}
