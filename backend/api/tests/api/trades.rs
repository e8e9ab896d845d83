use serde_json::Value;

use crate::support::{Rows, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn trades_are_sorted_by_entry_or_exit_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let rows = Rows::of(&app, &ada).await;
    for (symbol, minutes, pnl) in
        [("A", 50, Some(100)), ("B", 40, None), ("C", 30, Some(-50)), ("D", 20, None)]
    {
        rows.trade(&account, symbol, minutes, pnl).await;
    }

    for (sort, expected) in [("-entry_at", "DCBA"), ("entry_at", "ABCD"), ("exit_at", "AC"), ("-exit_at", "")]
    {
        let mut path = format!("/api/v1/trades?limit=1&sort={sort}");
        let mut symbols = String::new();
        loop {
            let page = ada.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.text);
            symbols.push_str(&page.column("symbol").concat());
            let Some(cursor) = page.body["next_cursor"].as_str() else { break };
            path = format!("/api/v1/trades?limit=1&sort={sort}&cursor={cursor}");
        }
        assert_eq!(symbols.len(), 4, "{sort}: {symbols}");
        if sort == "-exit_at" {
            assert!(symbols.ends_with("CA"), "open trades leave last: {symbols}");
        } else {
            assert!(symbols.starts_with(expected), "{sort}: {symbols}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_restrict_and_unknown_ones_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "none").await, ada.open_id("silver", "none").await);
    let rows = Rows::of(&app, &ada).await;
    rows.trade(&gold, "XAUUSD", 90, Some(100)).await;
    rows.trade(&gold, "EURUSD", 30, None).await;
    rows.trade(&silver, "EURUSD", 10, Some(1)).await;
    let symbols = async |query: &str| {
        let page = ada.get(&format!("/api/v1/trades?{query}")).await;
        assert_eq!(page.status, 200, "{query} {}", page.text);
        page.column("symbol").len()
    };

    assert_eq!(symbols("").await, 3);
    assert_eq!(symbols(&format!("account_id={gold}")).await, 2);
    assert_eq!(symbols("symbol=EURUSD").await, 2);
    assert_eq!(symbols("symbol=EURUSD&status=open").await, 1);
    assert_eq!(symbols("source=copy").await, 0);
    let hour_ago = (chrono::Utc::now() - chrono::TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%SZ");
    assert_eq!(symbols(&format!("from={hour_ago}")).await, 2);
    assert_eq!(symbols(&format!("to={hour_ago}")).await, 1);
    for query in [
        "sort=pnl;drop",
        "sort=owner_id",
        "status=lost",
        "colour=red",
        "limit=1000000000",
        "cursor=x",
        "from=now",
    ] {
        let answer = ada.get(&format!("/api/v1/trades?{query}")).await;
        assert_eq!(answer.refusal(), (422, "invalid"), "N78 {query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trade_comes_with_its_figures() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "none").await;
    let id = Rows::of(&app, &ada).await.trade(&account, "XAUUSD", 5, Some(-1234)).await;

    let answer = ada.get(&format!("/api/v1/trades/{id}")).await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    let fields = ["pnl", "quantity", "direction", "status"].map(|field| answer.body[field].as_str().unwrap());
    assert_eq!(fields, ["-12.34", "0.1", "LONG", "closed"]);
    assert_eq!(answer.body["pnl_percent"], Value::Null, "unknown without a contract size");
}
