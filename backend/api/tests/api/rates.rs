//! Money of several currencies told in one, by rates of days.

use serde_json::{Value, json};

use crate::journal::{create, typed, with};
use crate::support::{Answer, Person, TestApp};

async fn give(person: &Person<'_>, place: &str, rate: &str) -> Answer {
    person.put(&format!("/api/v1/rates/{place}"), json!({ "rate": rate })).await
}

/// An account of `currency` that began with 1,000, and trades of ten shares bought at 150.
async fn traded(person: &Person<'_>, currency: &str, trades: &[(&str, &str, &str)]) -> String {
    let body = json!({
        "name": currency, "platform": "other", "copy_role": "none", "currency": currency, "starting_balance": "1000",
    });
    let made = person.post("/api/v1/accounts", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.body["id"].as_str().unwrap().to_owned();
    for (entry, exit, price) in trades {
        let changes = json!({ "exit_price": price, "fees": "0", "entry_at": entry, "exit_at": exit });
        create(person, with(typed(&id), &changes)).await;
    }
    id
}

/// 60, -30 and 0 dollars, and 60 euros on what is the fourth in Bangkok.
async fn world(person: &Person<'_>) -> [String; 2] {
    let zone = person.patch("/api/v1/me", json!({ "time_zone": "Asia/Bangkok" })).await;
    assert_eq!(zone.status, 200, "{}", zone.text);
    let dollars = [
        ("2026-11-02T10:00:00Z", "2026-11-02T11:00:00Z", "156"),
        ("2026-11-03T10:00:00Z", "2026-11-03T11:00:00Z", "147"),
        ("2026-11-04T10:00:00Z", "2026-11-04T11:00:00Z", "150"),
    ];
    let euros = [("2026-11-03T09:00:00Z", "2026-11-03T18:00:00Z", "156")];
    [traded(person, "USD", &dollars).await, traded(person, "EUR", &euros).await]
}

fn figures(answer: &Answer) -> [Value; 5] {
    ["total_pnl", "starting_balance", "trades", "unconverted_trades", "missing_rates"]
        .map(|field| answer.body[field].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_told_in_one_currency_by_the_rate_of_each_day() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let [dollars, euros] = world(&ada).await;
    let figures_of = format!(
        "insert into account_figures (account_id, owner_id, balance, equity, currency)
         select id, owner_id, 100, 50, currency from accounts where id in ('{dollars}', '{euros}')"
    );
    app.sql(&figures_of).await;

    let as_it_is = ada.get("/api/v1/stats").await;
    let without = ada.get("/api/v1/stats?currency=USD").await;
    for (place, rate) in [("EUR/USD/2026-11-03", "1.1"), ("EUR/USD/2026-11-04", "1.2")] {
        assert_eq!(give(&ada, place, rate).await.status, 200);
    }
    let usd = ada.get("/api/v1/stats?currency=USD").await;
    let later = ada.get("/api/v1/stats?currency=USD&from=2026-11-04T00:00:00Z").await;
    let eur = ada.get("/api/v1/stats?currency=EUR").await;
    let compared =
        ada.get(&format!("/api/v1/stats/compare?account_id={euros}&account_id={dollars}&currency=USD")).await;
    give(&ada, "USD/EUR/2026-11-01", "0.9").await;
    let whole = ada.get("/api/v1/stats?currency=EUR").await;
    let own = ada.get(&format!("/api/v1/stats?currency=USD&account_id={dollars}")).await;
    let own_as_it_is = ada.get(&format!("/api/v1/stats?account_id={dollars}")).await;

    assert_eq!(figures(&as_it_is), [Value::Null, Value::Null, json!(4), json!(0), json!([])]);
    let missing = json!([{ "currency": "EUR", "base_currency": "USD", "from": "2026-11-03" }]);
    assert_eq!(
        figures(&without),
        [json!("30"), Value::Null, json!(3), json!(1), missing],
        "{}",
        without.text
    );
    assert_eq!((&without.body["currency"], &without.body["balance"]), (&json!("USD"), &Value::Null));
    assert_eq!(figures(&usd), [json!("102"), json!("2100"), json!(4), json!(0), json!([])], "{}", usd.text);
    assert_eq!(
        ["balance", "equity", "gross_profit", "gross_loss", "best_trade"]
            .map(|field| usd.body[field].clone()),
        ["220", "110", "132", "-30", "72"].map(|figure| json!(figure)),
    );
    assert_eq!(usd.body["totals"], as_it_is.body["totals"], "each in its own");
    assert_eq!(usd.body["days"][2], json!({ "date": "2026-11-04", "trades": 2, "pnl": "72" }));
    assert_eq!(figures(&later), [json!("0"), json!("2202"), json!(1), json!(0), json!([])], "{}", later.text);
    let missing = json!([{ "currency": "USD", "base_currency": "EUR", "from": "2026-11-02" }]);
    assert_eq!(
        figures(&eur),
        [json!("32.727272727273"), Value::Null, json!(3), json!(1), missing],
        "{}",
        eur.text
    );
    let of_account = |nth: usize| compared.body["items"][nth]["stats"].clone();
    assert_eq!([0, 1].map(|nth| of_account(nth)["total_pnl"].clone()), [json!("72"), json!("30")]);
    assert_eq!(of_account(0)["currency"], json!("USD"));
    assert_eq!(figures(&whole)[..1], [json!("86.727272727273")], "{}", whole.text);
    assert_eq!(figures(&whole)[2..], [json!(4), json!(0), json!([])]);
    assert_eq!(own.body, own_as_it_is.body, "its own currency needs no rate");
    assert_eq!(
        ada.get("/api/v1/stats?currency=usd").await.invalid_fields(),
        [("currency".to_owned(), "invalid_currency".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_counts_in_what_its_terminal_reports_everywhere() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let opened = traded(&ada, "USD", &[("2026-11-02T10:00:00Z", "2026-11-02T11:00:00Z", "156")]).await;
    let path = format!("/api/v1/accounts/{opened}");
    let before = ada.get(&path).await;
    app.sql(&format!(
        "insert into account_figures (account_id, owner_id, balance, equity, currency)
         select id, owner_id, 1060, 1050, 'EUR' from accounts where id = '{opened}'"
    ))
    .await;

    let listed = ada.get("/api/v1/accounts").await;
    let stats = ada.get(&format!("/api/v1/stats?account_id={opened}")).await;
    let renamed = ada.patch(&path, json!({ "name": "gold" })).await;

    assert_eq!(before.body["currency"], json!("USD"));
    assert_eq!(
        [&listed.body["items"][0], &stats.body, &renamed.body].map(|body| body["currency"].clone()),
        [json!("EUR"), json!("EUR"), json!("EUR")],
        "{}",
        renamed.text
    );
    app.sql(&format!("delete from account_figures where account_id = '{opened}'")).await;
    assert_eq!(ada.get(&path).await.body["currency"], json!("USD"), "a new name changes only the name");
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_are_given_given_anew_listed_and_taken_away() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    for (place, rate) in [
        ("EUR/USD/2026-11-03", "1.1"),
        ("GBP/USD/2026-11-03", "1.3"),
        ("EUR/USD/2026-11-04", "1.2"),
        ("EUR/USD/2026-11-03", "1.15"),
    ] {
        let given = give(&ada, place, rate).await;
        assert_eq!((given.status, &given.body["rate"]), (200, &json!(rate)), "{}", given.text);
    }
    let first = ada.get("/api/v1/rates?limit=2").await;
    let cursor = first.body["next_cursor"].as_str().unwrap().to_owned();
    let second = ada.get(&format!("/api/v1/rates?limit=2&cursor={cursor}")).await;
    let gone = ada.delete("/api/v1/rates/EUR/USD/2026-11-04").await;
    let again = ada.delete("/api/v1/rates/EUR/USD/2026-11-04").await;

    assert_eq!(first.column("day"), ["2026-11-04", "2026-11-03"]);
    assert_eq!(first.column("rate"), ["1.2", "1.15"]);
    assert_eq!(
        (second.column("currency"), &second.body["next_cursor"]),
        (vec!["GBP".to_owned()], &Value::Null)
    );
    assert_eq!((gone.status, again.status), (204, 404));
    assert_eq!(app.count("select count(*) from audit where action = 'currency_rate_set'").await, 4);
    assert_eq!(app.count("select count(*) from audit where action = 'currency_rate_removed'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n78_what_is_no_rate_is_refused_and_there_are_only_so_many() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    for (place, rate, field, code) in [
        ("EUR/USD/2026-11-03", "0", "rate", "not_positive"),
        ("EUR/USD/2026-11-03", "-1", "rate", "not_positive"),
        ("EUR/USD/2026-11-03", "0.0000000000001", "rate", "to_12_decimals"),
        ("EUR/USD/2026-11-03", "1000000000000001", "rate", "too_large"),
        ("EUR/USD/2026-11-03", "1e3", "rate", "invalid"),
        ("EUR/USD/1900-01-01", "1", "day", "out_of_range"),
        ("eur/USD/2026-11-03", "1", "currency", "invalid_currency"),
        ("EUR/U/2026-11-03", "1", "base_currency", "invalid_currency"),
        ("EUR/EUR/2026-11-03", "1", "base_currency", "is_base"),
    ] {
        let refused = give(&ada, place, rate).await;
        assert_eq!(refused.status, 422, "{place} {rate}");
        assert_eq!(refused.invalid_fields(), [(field.to_owned(), code.to_owned())], "{place} {rate}");
    }
    assert_eq!(give(&ada, "EUR/USD/yesterday", "1").await.status, 404);
    for odd in ["E%00/USD/2026-11-03", "EUR/USD/-9999-01-01", "EUR/USD/262142-01-01", "a'b/--/2026-11-03"] {
        assert_eq!(ada.delete(&format!("/api/v1/rates/{odd}")).await.status, 404, "{odd}");
    }
    // ["-9999-01-01","EUR","USD"]
    let cursor = "WyItOTk5OS0wMS0wMSIsIkVVUiIsIlVTRCJd";
    assert_eq!(ada.get(&format!("/api/v1/rates?cursor={cursor}")).await.status, 422);

    let many = format!(
        "insert into currency_rates (owner_id, currency, base_currency, day, rate)
         select '{}', 'X' || n % 20, 'USD', date '2000-01-01' + n / 20, 1 from generate_series(1, 20000) as n",
        ada.id
    );
    app.sql(&many).await;

    assert_eq!(
        give(&ada, "EUR/USD/2026-11-03", "1").await.invalid_fields(),
        [("day".to_owned(), "too_many".to_owned())]
    );
    assert_eq!(give(&ada, "X5/USD/2000-01-02", "2").await.status, 200, "one for another");
}

#[tokio::test(flavor = "multi_thread")]
async fn n23_rates_are_each_owners_own() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    world(&eve).await;
    give(&ada, "EUR/USD/2026-11-03", "1.1").await;

    let unknown = eve.get("/api/v1/stats?currency=USD").await;
    let hers = eve.get("/api/v1/rates").await;
    let removed = eve.delete("/api/v1/rates/EUR/USD/2026-11-03").await;
    give(&eve, "EUR/USD/2026-11-03", "7").await;

    assert_eq!(unknown.body["unconverted_trades"], json!(1), "{}", unknown.text);
    assert_eq!((hers.body["items"].clone(), removed.status), (json!([]), 404));
    assert_eq!(ada.get("/api/v1/rates").await.column("rate"), ["1.1"]);
}
