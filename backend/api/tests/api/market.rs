//! Last prices, for everybody.

use flotilla_api::Config;

use crate::support::TestApp;

async fn listed(app: &TestApp) {
    let sql = "insert into venue_contracts (environment, symbol, base, quote, quantity_precision, price_precision,
            min_quantity, min_notional, is_open, may_close, last_price, price_at)
         values ('live', 'BTC-USDT', 'BTC', 'USDT', 4, 1, 0.0001, 2, true, true, 112300.50, now() - interval '90 s'),
            ('demo', 'BTC-USDT', 'BTC', 'USDT', 4, 1, 0.0001, 2, true, true, 1, now()),
            ('live', 'NEW-USDT', 'NEW', 'USDT', 4, 1, 0.0001, 2, true, true, null, null)";
    app.db.admin().await.batch_execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_price_says_how_old_it_is_and_needs_no_login() {
    let app = TestApp::start().await;
    listed(&app).await;

    let live = app.send(app.request("GET", "/api/v1/market/BTC-USDT")).await;
    let demo = app.send(app.request("GET", "/api/v1/market/BTC-USDT?environment=demo")).await;

    assert_eq!((live.status, live.body["last_price"].as_str()), (200, Some("112300.5")), "{}", live.text);
    assert!(live.body["age_ms"].as_i64().unwrap() >= 90_000, "{}", live.text);
    assert_eq!(
        (demo.body["environment"].as_str(), demo.body["last_price"].as_str()),
        (Some("demo"), Some("1"))
    );
    for path in ["/api/v1/market/NEW-USDT", "/api/v1/market/nothing", "/api/v1/market/BTC-USDT'--"] {
        let answer = app.send(app.request("GET", path)).await;
        assert_eq!(answer.refusal(), (404, "not_found"), "{path}");
    }
    let odd = app.send(app.request("GET", "/api/v1/market/BTC-USDT?environment=test")).await;
    assert_eq!(odd.status, 422, "{}", odd.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn n82_looks_at_the_market_are_limited_by_address() {
    let app = TestApp::with(|config| Config { limit_factor: 1, ..config }).await;
    listed(&app).await;

    let looks = (0..200).map(|_| app.send(app.request("GET", "/api/v1/market/BTC-USDT")));
    let answers = futures_util::future::join_all(looks).await;

    assert!(answers.iter().filter(|answer| answer.status == 200).count() >= 20);
    let refused =
        answers.iter().find(|answer| answer.status == 429).expect("200 at once are more than the burst");
    assert_eq!(refused.refusal(), (429, "rate_limited"));
}
