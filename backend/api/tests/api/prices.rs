//! Floating profit and live prices.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::risk::total;
use crate::support::{Person, Rows, TestApp};

/// `floating_pnl`, whether it is estimated, and what is missing.
fn floating(row: &Value) -> (Option<&str>, bool, Option<&str>) {
    let text = |field: &str| row[field].as_str();
    (text("floating_pnl"), row["floating_pnl_estimated"] == json!(true), text("floating_pnl_unknown"))
}

async fn shown(ada: &Person<'_>, trade: Uuid) -> Value {
    ada.get(&format!("/api/v1/trades/{trade}")).await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_trade_shows_its_profit_once_all_it_depends_on_is_known() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("gold", "master").await;
    let rows = Rows::of(&app, &ada).await;
    let trade = rows.bought(&account, "XAUUSD").await;
    let index = rows.bought(&account, "US500").await;

    assert_eq!(floating(&shown(&ada, trade).await), (None, false, Some("no_price")));
    rows.price(&account, "XAUUSD", ("2031.00", "2031.40"), 1).await;
    rows.price(&account, "US500", ("2031.00", "2031.40"), 1).await;
    assert_eq!(floating(&shown(&ada, trade).await), (None, false, Some("no_contract_size")));
    rows.contract_size(&account, "XAUUSD", "100").await;
    rows.contract_size(&account, "US500", "1").await;

    assert_eq!(floating(&shown(&ada, trade).await), (Some("5"), false, None));
    assert_eq!(floating(&shown(&ada, index).await), (None, false, Some("other_currency")));
    let list = ada.get("/api/v1/trades?symbol=XAUUSD").await;
    assert_eq!(floating(&list.body["items"][0]), (Some("5"), false, None));
    rows.price(&account, "XAUUSD", ("2031.00", "2031.40"), 60).await;
    assert_eq!(floating(&shown(&ada, trade).await), (None, false, Some("stale_price")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_valued_at_its_masters_prices_and_that_is_an_estimate() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (master, follower) = (bob.open_id("lead", "master").await, ada.open_id("gold", "follower").await);
    let (rows, masters) = (Rows::of(&app, &ada).await, Rows::of(&app, &bob).await);
    let copy = rows.copied(&master, &follower).await;
    rows.contract_size(&follower, "XAUUSD", "100").await;
    masters.price(&master, "XAUUSD", ("2031.00", "2031.40"), 1).await;
    let path = format!("/api/v1/copies/{copy}");

    // Prices of strangers are nobody's business.
    assert_eq!(floating(&ada.get(&path).await.body), (None, false, Some("no_price")));
    rows.follows(&follower, &master).await;

    assert_eq!(floating(&ada.get(&path).await.body), (Some("5"), true, None));
    let list = ada.get(&format!("/api/v1/accounts/{follower}/copies?state=open")).await;
    assert_eq!(floating(&list.body["items"][0]), (Some("5"), true, None));
    let closed = rows.copy(&master, &follower, "closed").await;
    assert_eq!(floating(&ada.get(&format!("/api/v1/copies/{closed}")).await.body).0, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_reports_nothing_is_estimated_whole_or_not_at_all_and_stays_unknown() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (master, follower) = (ada.open_id("lead", "master").await, ada.open_id("gold", "follower").await);
    let rows = Rows::of(&app, &ada).await;

    let idle = ada.risk(&follower).await;
    rows.follows(&follower, &master).await;
    rows.copied(&master, &follower).await;
    rows.price(&master, "XAUUSD", ("2031.00", "2031.40"), 1).await;
    rows.contract_size(&follower, "XAUUSD", "100").await;
    let without_rules = ada.risk(&follower).await;
    ada.judge(&follower, total()).await;
    let silent = ada.risk(&follower).await;
    rows.bought(&follower, "EURUSD").await;
    let part = ada.risk(&follower).await;
    let reported = ada.figures(&follower, "99000").await;

    let estimate = |risk: &Value| {
        let figures = &risk["figures"];
        ["source", "floating_profit", "positions", "unpriced"].map(|field| figures[field].clone())
    };
    assert_eq!(idle["figures"], Value::Null, "there is nothing to estimate from");
    let whole = [json!("estimated"), json!("5"), json!(1), json!(0)];
    assert_eq!([estimate(&without_rules), estimate(&silent)], [whole.clone(), whole]);
    assert_eq!(
        estimate(&part),
        [json!("estimated"), Value::Null, json!(2), json!(1)],
        "never a part of a sum"
    );
    for risk in [&without_rules, &silent, &part] {
        assert_eq!((&risk["status"], &risk["equity"]), (&json!("unknown"), &Value::Null));
    }
    assert_eq!((&reported["figures"], &reported["equity"]), (&Value::Null, &json!("99000")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masters_lot_is_what_its_followers_name_where_its_own_results_bear_that_out() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let (master, follower) = (ada.open_id("lead", "master").await, ada.open_id("gold", "follower").await);
    let strange = bob.open_id("strange", "follower").await;
    let (rows, bobs) = (Rows::of(&app, &ada).await, Rows::of(&app, &bob).await);
    let trade = rows.bought(&master, "XAUUSD").await;
    rows.price(&master, "XAUUSD", ("2031.00", "2031.40"), 1).await;
    let without = (None, false, Some("no_contract_size"));

    // What terminals of strangers say is nobody's business, what one's own say may be of another broker.
    rows.sold(&master, "XAUUSD", "2035.00", "45.00").await;
    bobs.follows(&strange, &master).await;
    bobs.contract_size(&strange, "XAUUSD", "100").await;
    assert_eq!(floating(&shown(&ada, trade).await), without);
    rows.follows(&follower, &master).await;
    rows.contract_size(&follower, "XAUUSD", "100").await;

    assert_eq!(floating(&shown(&ada, trade).await), (Some("5"), false, None));
    let other = rows.bought(&master, "EURUSD").await;
    rows.price(&master, "EURUSD", ("1.10", "1.20"), 1).await;
    rows.contract_size(&follower, "EURUSD", "100000").await;
    assert_eq!(floating(&shown(&ada, other).await), without, "no result of this instrument is known");
    rows.sold(&master, "XAUUSD", "2035.00", "450.00").await;
    assert_eq!(floating(&shown(&ada, trade).await), without, "a result contradicts");
}
