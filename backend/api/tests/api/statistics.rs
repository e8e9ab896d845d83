use std::time::Duration;

use futures_util::future::join_all;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::journal::{create, typed, with};
use crate::support::{Answer, Person, TestApp};

/// An account in dollars with three trades, and one in euros without.
async fn accounts(person: &Person<'_>) -> [String; 2] {
    let mut ids = Vec::new();
    for currency in ["USD", "EUR"] {
        let body = json!({
            "name": currency, "platform": "other", "copy_role": "none", "currency": currency, "starting_balance": "1000",
        });
        let made = person.post("/api/v1/accounts", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        ids.push(made.body["id"].as_str().unwrap().to_owned());
    }
    for (day, exit) in [("02", "156"), ("03", "147"), ("04", "150")] {
        let at = |hour: u32| format!("2026-11-{day}T{hour}:00:00Z");
        let changes = json!({ "exit_price": exit, "fees": "0", "entry_at": at(10), "exit_at": at(11) });
        create(person, with(typed(&ids[0]), &changes)).await;
    }
    ids.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_say_what_was_traded() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let [dollars, _] = accounts(&ada).await;

    let usd = ada.get(&format!("/api/v1/stats?account_id={dollars}")).await;
    let scattered = ada.get(&format!("/api/v1/stats?account_id={dollars}&scatter=true")).await;
    let later = ada.get(&format!("/api/v1/stats?account_id={dollars}&from=2026-11-03T00:00:00Z")).await;
    let tagged = ada.get(&format!("/api/v1/stats?account_id={dollars}&tag=gap&symbol=AAPL")).await;

    assert_eq!(usd.status, 200, "{}", usd.text);
    for (field, expected) in [
        ("currency", "USD"),
        ("total_pnl", "30"),
        ("total_pnl_percent", "0.03"),
        ("win_rate", "0.333333"),
        ("profit_factor", "2"),
        ("expectancy", "10"),
        ("average_win", "60"),
        ("average_loss", "-30"),
        ("payoff", "2"),
        ("best_trade", "60"),
        ("worst_trade", "-30"),
        ("average_r", "0.333333"),
        ("balance", "1030"),
        ("equity", "1030"),
    ] {
        let figure = usd.body[field].as_str().unwrap_or("null");
        assert!(figure.starts_with(expected), "{field}: {figure}");
    }
    assert_eq!(usd.body["breakeven"], json!(1));
    assert_eq!(usd.body["max_drawdown"]["money"], json!("30"));
    assert_eq!(usd.body["days"].as_array().unwrap().len(), 3);
    assert_eq!(usd.body["average_holding_s"], json!(3600));
    assert_eq!(usd.body["curve"][2]["value"], json!("1030"));
    assert_eq!(usd.body["scatter"], json!([]), "only who asks gets it");
    let held = |pnl: &str| json!({ "symbol": "AAPL", "held_s": 3600, "pnl": pnl });
    assert_eq!(scattered.body["scatter"], json!([held("60"), held("-30"), held("0")]));
    assert_eq!((&later.body["trades"], &later.body["starting_balance"]), (&json!(2), &json!("1060")));
    assert_eq!(tagged.body["total_pnl"], json!("30"));
    assert_eq!(ada.get("/api/v1/stats?points=5").await.status, 422);
}

/// Trades, winners and money of the parts are those of the whole.
fn add_up(whole: &Answer, parts: &[Answer]) {
    let figure = |answer: &Answer, field: &str| match &answer.body[field] {
        Value::String(text) => text.parse::<Decimal>().unwrap(),
        count => count.as_u64().unwrap().into(),
    };
    for field in ["trades", "wins", "losses", "breakeven", "total_pnl", "gross_profit", "gross_loss"] {
        let sum: Decimal = parts.iter().map(|part| figure(part, field)).sum();
        assert_eq!(sum, figure(whole, field), "{field}");
    }
    assert!(parts.iter().all(|part| part.body["trades"] != json!(0)), "none of them is the whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_periods_and_tags_are_parts_of_the_whole() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let [dollars, _] = accounts(&ada).await;
    let group = ada.group("Funded").await.replace("/api/v1/groups/", "");
    ada.add(&format!("/api/v1/groups/{group}"), &dollars).await;
    let newest = ada.get("/api/v1/trades").await.body["items"][0]["id"].clone();
    let path = format!("/api/v1/trades/{}", newest.as_str().unwrap());
    assert_eq!(ada.patch(&path, json!({ "tags": ["other"] })).await.status, 200);
    let ask = async |filter: &str| ada.get(&format!("/api/v1/stats?group_id={group}{filter}")).await;

    let whole = ask("").await;
    let periods = [ask("&to=2026-11-03T11:00:00Z").await, ask("&from=2026-11-03T11:00:00Z").await];
    let tags = [ask("&tag=gap").await, ask("&tag=other").await];

    assert_eq!((&whole.body["accounts"], &whole.body["trades"]), (&json!(1), &json!(3)), "{}", whole.text);
    add_up(&whole, &periods);
    add_up(&whole, &tags);
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_of_two_currencies_are_never_added_up() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let [dollars, euros] = accounts(&ada).await;

    let all = ada.get("/api/v1/stats").await;
    let named = ada.get(&format!("/api/v1/stats?account_id={dollars}&account_id={euros}")).await;
    let compared = ada.get(&format!("/api/v1/stats/compare?account_id={euros}&account_id={dollars}")).await;

    assert_eq!(
        (&all.body["currency"], &all.body["total_pnl"], &all.body["trades"]),
        (&Value::Null, &Value::Null, &json!(3))
    );
    assert_eq!(all.body["totals"][1]["total_pnl"], json!("30"), "{}", all.text);
    assert_eq!(named.body["totals"], all.body["totals"]);
    assert_eq!(compared.body["items"][1]["stats"]["total_pnl"], json!("30"), "{}", compared.text);
    assert_eq!(ada.get("/api/v1/stats/compare").await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_all_the_places_of_statistics() {
    let app = TestApp::pooled(6, |config| config).await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let admin = app.db.admin().await;
    admin.batch_execute("begin; lock table trades in access exclusive mode").await.unwrap();
    let waiting = "select count(*) from pg_locks where relation = 'trades'::regclass and not granted
            and database = (select oid from pg_database where datname = current_database())";

    // As many as there are places, and more.
    let many = join_all((0..5).map(|_| ada.get("/api/v1/stats")));
    let other = async {
        while app.count(waiting).await == 0 {
            tokio::task::yield_now().await;
        }
        let watched = async {
            while app.count(waiting).await < 2 {
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            let waiting = app.count(waiting).await;
            admin.batch_execute("rollback").await.unwrap();
            waiting
        };
        tokio::join!(eve.get("/api/v1/portfolio"), watched)
    };
    let (many, (hers, waiting)) = tokio::join!(many, other);

    assert_eq!((hers.status, waiting), (200, 2), "one of each");
    assert!(many.iter().all(|answer| answer.status == 200), "one after the other");
}

#[tokio::test(flavor = "multi_thread")]
async fn headline_figures_know_today() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let [dollars, euros] = accounts(&ada).await;
    let now = chrono::Utc::now().to_rfc3339();
    create(&ada, with(typed(&euros), &json!({ "entry_at": now, "exit_at": now }))).await;

    let portfolio = ada.get("/api/v1/portfolio").await;

    let headline = |nth: usize, field: &str| portfolio.body["items"][nth][field].clone();
    assert_eq!(
        ["balance", "total_pnl_percent", "win_rate", "today_pnl"].map(|field| headline(1, field)),
        ["1030", "0.03", "0.333333", "0"],
        "{}",
        portfolio.text
    );
    assert_eq!(
        ["currency", "today_pnl", "total_pnl_percent"].map(|field| headline(0, field)),
        ["EUR", "58", "0.058"]
    );
    assert_eq!((headline(0, "today_trades"), headline(1, "today_trades")), (json!(1), json!(0)));

    app.sql(&format!(
        "insert into account_figures (account_id, owner_id, balance, equity, currency)
         select id, owner_id, 900, 890, currency from accounts where id = '{dollars}'"
    ))
    .await;
    assert_eq!(money(&ada).await, [["900", "890"]; 2], "what is reported counts");
    ada.open_id("of which nothing is known", "none").await;
    assert_eq!(money(&ada).await, [["null"; 2]; 2], "a part is not shown as the whole");
}

/// Balance and equity of all dollars: of the headline figures, and of statistics.
async fn money(person: &Person<'_>) -> [[String; 2]; 2] {
    let portfolio = person.get("/api/v1/portfolio").await;
    let stats = person.get("/api/v1/stats").await;
    [&portfolio.body["items"], &stats.body["totals"]].map(|entries| {
        let dollars = entries.as_array().unwrap().iter().find(|entry| entry["currency"] == json!("USD"));
        ["balance", "equity"].map(|field| dollars.unwrap()[field].as_str().unwrap_or("null").to_owned())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn n23_statistics_of_a_foreign_account_are_not_found() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let account = ada.open_id("gold", "none").await;
    let trade = create(&ada, typed(&account)).await;
    let group = ada.group("g").await.replace("/api/v1/groups/", "");
    ada.add(&format!("/api/v1/groups/{group}"), &account).await;

    assert_eq!(eve.get(&format!("/api/v1/stats?account_id={account}")).await.status, 404);
    assert_eq!(eve.get(&format!("/api/v1/stats/compare?account_id={account}")).await.status, 404);
    assert_eq!(eve.get(&format!("/api/v1/stats?group_id={group}")).await.body["trades"], json!(0));
    assert_eq!(eve.post("/api/v1/trades", typed(&account)).await.status, 404);
    let tagged = eve.post("/api/v1/trades/tag", json!({ "ids": [trade["id"]], "add": ["mine"] })).await;
    assert_eq!(tagged.body, json!({ "changed": 0, "skipped": 1 }));
    assert!(!eve.get("/api/v1/trades/export").await.text.contains("AAPL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn n76_an_export_holds_no_formulas() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open_id("=cmd", "none").await;
    let changes = json!({ "symbol": "@SUM(A1)", "notes": "a, \"=1\"\n-2", "exit_price": "140" });
    create(&ada, with(typed(&account), &changes)).await;

    let file = ada.get("/api/v1/trades/export").await;

    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"flotilla-trades.csv\"");
    for cell in ["\"'=cmd\"", "\"'@SUM(A1)\"", "\"a, \"\"=1\"\"\n-2\"", ",-102,"] {
        assert!(file.text.contains(cell), "{cell} {}", file.text);
    }
    assert_eq!(ada.get("/api/v1/trades/export?sort=pnl").await.status, 422);
}
