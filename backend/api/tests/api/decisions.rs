//! Copies in doubt and positions of nobody, and what a person decides about them.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Person, Rows, TestApp};

/// A copy in `state` without a ticket, whose account reported 4000 before it and 5001 after.
async fn in_doubt(app: &TestApp, ada: &Person<'_>, state: &str) -> (Uuid, String) {
    let (master, follower) = (ada.open_id("m", "master").await, ada.open_id("f", "follower").await);
    let copy = Rows::of(app, ada).await.copy(&master, &follower, state).await;
    app.sql(&format!(
        "insert into orphans (account_id, ticket, owner_id, source, first_seen_at) values
            ('{follower}', 4000, '{owner}', 'list', now() - interval '1 day'),
            ('{follower}', 5001, '{owner}', 'list', now() + interval '1 s'),
            ('{follower}', 5002, '{owner}', 'list', now() + interval '1 s'),
            ('{follower}', 5003, '{owner}', 'list', now());
         update orphans set gone_at = now() where ticket = 5003;
         update copy_orders set venue_ref = null",
        owner = ada.id
    ))
    .await;
    (copy, follower)
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_of_nobody_are_listed_while_they_are_there() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (copy, follower) = in_doubt(&app, &ada, "attention").await;

    let first = ada.get(&format!("/api/v1/accounts/{follower}/orphans?limit=2")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("/api/v1/accounts/{follower}/orphans?limit=2&cursor={cursor}")).await;
    app.sql(&format!("update copy_orders set venue_ref = '5002' where copy_id = '{copy}'")).await;
    let owned = ada.get(&format!("/api/v1/accounts/{follower}/orphans")).await;

    assert_eq!(
        (first.column("ticket"), second.column("ticket")),
        (vec!["5002".to_owned(), "5001".to_owned()], vec!["4000".to_owned()])
    );
    assert_eq!(owned.column("ticket"), ["5001", "4000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_doubt_comes_with_the_positions_that_may_be_its_own() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (copy, _) = in_doubt(&app, &ada, "attention").await;

    let asked = ada.get(&format!("/api/v1/copies/{copy}")).await;
    app.sql("update copy_orders set state = 'open'").await;
    let settled = ada.get(&format!("/api/v1/copies/{copy}")).await;

    let candidates = asked.body["candidates"].as_array().unwrap();
    let shown: Vec<_> =
        candidates.iter().map(|one| (one["ticket"].clone(), one["is_likely"].clone())).collect();
    assert_eq!(
        shown,
        [(json!("5002"), json!(true)), (json!("5001"), json!(true)), (json!("4000"), json!(false))]
    );
    assert_eq!(settled.body["candidates"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_left_for_the_worker_and_audited() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (copy, _) = in_doubt(&app, &ada, "unconfirmed").await;
    let path = format!("/api/v1/copies/{copy}/resolve");

    let linked = ada.post(&path, json!({ "action": "link", "ticket": "5001" })).await;
    let left = ada.post(&path, json!({ "action": "leave" })).await;

    assert_eq!((linked.status, left.status), (202, 202), "{} {}", linked.text, left.text);
    let id = linked.body["request_id"].as_str().unwrap();
    let stored = format!(
        "select count(*) from requests where id = '{id}' and kind = 'resolve_copy' and state = 'pending'
            and action = 'link' and ticket = 5001 and target_id = '{copy}' and owner_id = '{}'",
        ada.id
    );
    assert_eq!(app.count(&stored).await, 1);
    let audited = format!(
        "select count(*) from audit where action = 'copy_resolution_asked' and target_kind = 'copy' and target_id = '{copy}'"
    );
    assert_eq!(app.count(&audited).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_copy_can_be_closed_once_and_nothing_else_be_done_with_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (copy, _) = in_doubt(&app, &ada, "open").await;
    app.sql("update copy_orders set venue_ref = '5001', desired_lots = 1").await;
    let path = format!("/api/v1/copies/{copy}/resolve");

    for (body, refusal) in [
        (json!({ "action": "leave" }), (409, "copy_not_in_doubt")),
        (json!({ "action": "link", "ticket": "5001" }), (409, "copy_not_in_doubt")),
        (json!({ "action": "close", "ticket": "5002" }), (422, "invalid")),
    ] {
        assert_eq!(ada.post(&path, body.clone()).await.refusal(), refusal, "{body}");
    }
    let closed = ada.post(&path, json!({ "action": "close", "ticket": "5001" })).await;
    assert_eq!(closed.status, 202, "{}", closed.text);
    app.sql("update copy_orders set desired_lots = 0").await;
    let again = ada.post(&path, json!({ "action": "close" })).await;
    assert_eq!(again.refusal(), (409, "copy_not_in_doubt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decided_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (copy, _) = in_doubt(&app, &ada, "attention").await;
    let path = format!("/api/v1/copies/{copy}/resolve");

    for (body, refusal) in [
        (json!({ "action": "link", "ticket": "7777" }), (409, "not_a_candidate")),
        (json!({ "action": "close", "ticket": "5003" }), (409, "not_a_candidate")),
        (json!({ "action": "close" }), (422, "invalid")),
        (json!({ "action": "link" }), (422, "invalid")),
        (json!({ "action": "link", "ticket": "05001" }), (422, "invalid")),
        (json!({ "action": "shrug" }), (422, "invalid")),
    ] {
        let answer = ada.post(&path, body.clone()).await;
        assert_eq!(answer.refusal(), refusal, "{body}");
    }
    app.sql("update copy_orders set venue_ref = '5001', state = 'closed'").await;
    let late = ada.post(&path, json!({ "action": "leave" })).await;
    assert_eq!(late.refusal(), (409, "copy_not_in_doubt"));
    assert_eq!(app.count("select count(*) from requests").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_copy_whose_position_is_there_again_can_be_taken_up_or_closed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (copy, follower) = in_doubt(&app, &ada, "closed").await;
    app.sql(&format!(
        "update accounts set platform = 'bingx' where id = '{follower}';
         update copy_orders set venue_ref = '5001';
         insert into venue_orders (owner_id, follower_account_id, copy_id, leg, version, client_id, symbol, direction,
            quantity, units_per_lot, state, filled, average_price, epoch)
         values ('{owner}', '{follower}', '{copy}', 'external', 1, 'x1', 'BTC-USDT', 'LONG', 1, 1, 'filled', 1, 100, 1)",
        owner = ada.id
    ))
    .await;
    let (shown, path) = (format!("/api/v1/copies/{copy}"), format!("/api/v1/copies/{copy}/resolve"));
    let link = json!({ "action": "link", "ticket": "5001" });

    // Something is known to have closed it: what is there is another's.
    assert_eq!(ada.get(&shown).await.body["candidates"], json!([]));
    assert_eq!(ada.post(&path, link.clone()).await.refusal(), (409, "copy_not_in_doubt"));

    app.sql("update venue_orders set average_price = null").await;
    let tickets = ada.get(&shown).await.body["candidates"].clone();
    assert_eq!((tickets.as_array().unwrap().len(), &tickets[0]["ticket"]), (1, &json!("5001")));
    for body in [json!({ "action": "leave" }), json!({ "action": "link", "ticket": "5002" })] {
        assert_eq!(ada.post(&path, body.clone()).await.refusal(), (409, "copy_not_in_doubt"), "{body}");
    }
    let close = json!({ "action": "close", "ticket": "5001" });
    assert_eq!((ada.post(&path, link).await.status, ada.post(&path, close).await.status), (202, 202));
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_choose_how_their_accounts_are_reconciled() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open("f", "follower").await;
    assert_eq!((&account["adopt_inferred"], &account["close_with_partner"]), (&json!(true), &json!(false)));
    let path = format!("/api/v1/accounts/{}", account["id"].as_str().unwrap());

    let changed = ada.patch(&path, json!({ "adopt_inferred": false, "close_with_partner": true })).await;

    assert_eq!(
        (&changed.body["adopt_inferred"], &changed.body["close_with_partner"]),
        (&json!(false), &json!(true))
    );
    let again = ada.patch(&path, json!({ "name": "g" })).await;
    assert_eq!(again.body["adopt_inferred"], json!(false));
}
