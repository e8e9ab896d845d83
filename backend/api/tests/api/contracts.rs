//! What an account can trade at its exchange, and what a master's instrument may mean there.

use serde_json::json;

use crate::support::{Person, TestApp};

async fn listed(app: &TestApp) {
    app.sql(
        "insert into venue_contracts (environment, symbol, base, quote, quantity_precision, price_precision,
            min_quantity, min_notional, max_long_leverage, is_open, may_close, last_price, price_at)
         values ('live', 'BTC-USDT', 'BTC', 'USDT', 4, 1, 0.0001, 2, 125, true, true, 112300.50, now()),
            ('live', 'PAXG-USDT', 'PAXG', 'USDT', 3, 2, 0.001, 2, null, true, true, null, null),
            ('live', 'XAU-USDT', 'XAU', 'USDT', 3, 2, 0.001, 2, null, false, true, null, null),
            ('demo', 'XAU-USDT', 'XAU', 'USDT', 3, 2, 0.001, 2, null, true, true, null, null)",
    )
    .await;
}

async fn account(person: &Person<'_>, platform: &str) -> String {
    let body = json!({ "name": platform, "platform": platform, "copy_role": "follower" });
    person.post("/api/v1/accounts", body).await.body["id"].as_str().unwrap().to_owned()
}

fn path(account: &str, query: &str) -> String {
    format!("/api/v1/accounts/{account}/contracts{query}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masters_gold_may_be_several_contracts_of_which_the_listed_are_suggested() {
    let app = TestApp::start().await;
    listed(&app).await;
    let ada = app.sign_up("ada").await;
    let bingx = account(&ada, "bingx").await;

    let gold = ada.get(&path(&bingx, "?for=XAUUSD.m&search=paxg")).await;

    assert_eq!(gold.status, 200, "{}", gold.text);
    let suggested: Vec<_> = gold.body["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["symbol"].as_str().unwrap())
        .collect();
    assert_eq!(suggested, ["XAU-USDT", "PAXG-USDT"]);
    assert_eq!(gold.body["suggestions"][0]["is_open"], false);
    assert_eq!(gold.column("symbol"), ["PAXG-USDT"]);
    assert_eq!((&gold.body["environment"], &gold.body["units_per_lot"]), (&json!("live"), &json!("100")));
    let unknown = ada.get(&path(&bingx, "?for=US30")).await;
    assert_eq!((&unknown.body["suggestions"], &unknown.body["units_per_lot"]), (&json!([]), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn contracts_come_in_pages_from_the_host_that_the_account_is_connected_to() {
    let app = TestApp::start().await;
    listed(&app).await;
    let ada = app.sign_up("ada").await;
    let bingx = account(&ada, "bingx").await;

    let first = ada.get(&path(&bingx, "?limit=2")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap().to_owned();
    let second = ada.get(&path(&bingx, &format!("?limit=2&cursor={cursor}"))).await;

    assert_eq!(first.column("symbol"), ["BTC-USDT", "PAXG-USDT"]);
    assert_eq!(first.body["items"][0]["last_price"], "112300.5");
    assert_eq!(
        (second.column("symbol"), &second.body["next_cursor"]),
        (vec!["XAU-USDT".to_owned()], &json!(null))
    );
    app.sql(&format!(
        "insert into exchange_keys (account_id, owner_id, environment, candidate, offered_at)
         values ('{bingx}', '{}', 'demo', '', now())",
        ada.id
    ))
    .await;
    let demo = ada.get(&path(&bingx, "?for=XAUUSD")).await;
    assert_eq!(
        (&demo.body["environment"], demo.column("symbol")),
        (&json!("demo"), vec!["XAU-USDT".to_owned()])
    );
    assert_eq!(demo.body["suggestions"][0]["is_open"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_instrument_and_who_is_at_no_exchange_is_told() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (bingx, mt5) = (account(&ada, "bingx").await, account(&ada, "mt5").await);

    assert_eq!(ada.get(&path(&mt5, "")).await.refusal(), (409, "no_exchange"));
    for (query, field) in [
        ("?for=", "for"),
        ("?for=XAU%7CUSD", "for"),
        ("?for=AUTH_OK", "for"),
        ("?limit=201", "limit"),
        ("?cursor=x", "cursor"),
        (&format!("?search={}", "A".repeat(33)), "search"),
    ] {
        let answer = ada.get(&path(&bingx, query)).await;
        assert_eq!(answer.refusal(), (422, "invalid"), "{query}");
        assert_eq!(answer.invalid_fields()[0].0, field, "{query}");
    }
    let odd = ada.get(&path(&bingx, "?search='%20or%20true%20--&for=BTCUSD")).await;
    assert_eq!((odd.status, odd.column("symbol").len()), (200, 0), "{}", odd.text);
}
