//! How long the journal takes with very many trades. Says something on a quiet machine only.

use std::time::{Duration, Instant};

use chrono::{Datelike, Months};

use crate::support::{Person, TestApp};

const MILLION: i64 = 1_000_000;

/// Trades of one of ten users, and a tenth of them of each other.
async fn fill(app: &TestApp, people: &[Person<'_>], trades: i64) {
    let admin = app.db.admin().await;
    for (nth, person) in people.iter().enumerate() {
        person.open_id("first", "none").await;
        person.open_id("second", "none").await;
        let each = if nth == 0 { trades / 2 } else { trades / 20 };
        let sql = format!(
            "insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_price, exit_price,
                stop_loss, entry_at, exit_at, pnl, pnl_source, status, tags, external_id)
             select a.owner_id, a.id, 'ea', (array['XAUUSD', 'EURUSD', 'BTC-USDT', 'MNQZ6'])[1 + n % 4],
                case when n % 3 = 0 then 'SHORT' else 'LONG' end, 0.1, 2000 + n % 50, 2000 + n % 61, 1990,
                now() - n * interval '2 minutes',
                case when n % 1000 = 0 then null else now() - (n - 1) * interval '2 minutes' end,
                case when n % 1000 = 0 then null else (n % 401) - 199 end, 'broker',
                case when n % 1000 = 0 then 'open' else 'closed' end,
                case when n % 5000 = 0 then array['rare'] else '{{}}' end, n::text
             from accounts a cross join generate_series(1, {each}) as n where a.owner_id = '{owner}'",
            owner = person.id
        );
        admin.batch_execute(&sql).await.unwrap();
    }
    admin.batch_execute("vacuum analyze trades, trade_tags, executions").await.unwrap();
}

async fn measure(person: &Person<'_>, name: &str, path: &str, times: usize) {
    let mut took: Vec<Duration> = Vec::new();
    let mut size = 0;
    for _ in 0..times {
        let began = Instant::now();
        let answer = person.get(path).await;
        took.push(began.elapsed());
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        size = answer.text.len();
    }
    took.sort();
    let at = |percent: usize| took[(times * percent / 100).min(times - 1)];
    println!("{name:<28} p50 {:>9.1?}  p95 {:>9.1?}  {size} bytes", at(50), at(95));
}

/// What the calendar asks to show the last whole month.
fn calendar() -> String {
    let today = chrono::Utc::now().date_naive();
    let to = today.with_day(1).unwrap();
    let from = to.checked_sub_months(Months::new(1)).unwrap();
    format!("/api/v1/stats?from={from}T00:00:00.000Z&to={to}T00:00:00.000Z")
}

/// `scripts/bench-journal` runs it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints how long it takes, which says nothing on a busy machine"]
async fn a_million_trades_of_one_user() {
    let trades = std::env::var("TRADES").ok().and_then(|text| text.parse().ok()).unwrap_or(MILLION);
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for nth in 0..10 {
        people.push(app.sign_up(&format!("person{nth}")).await);
    }
    let began = Instant::now();
    fill(&app, &people, trades).await;
    println!(
        "{trades} trades of one user and a tenth of that of nine others: filled in {:.0?}",
        began.elapsed()
    );
    let ada = &people[0];
    let accounts = ada.get("/api/v1/accounts").await;
    let account = accounts.column("id")[0].clone();
    let month =
        (chrono::Utc::now() - chrono::TimeDelta::days(30)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);

    for (name, query) in [
        ("newest", String::new()),
        ("last exit", "sort=-exit_at".to_owned()),
        ("best", "sort=-pnl".to_owned()),
        ("by symbol", "sort=symbol".to_owned()),
        ("of an account", format!("account_id={account}")),
        ("of a symbol", "symbol=XAUUSD".to_owned()),
        ("losses, worst first", "result=loss&sort=pnl".to_owned()),
        ("with a rare tag", "tag=rare".to_owned()),
        ("open", "status=open&sort=-exit_at".to_owned()),
        ("over since a month", format!("closed_from={month}&sort=-exit_at")),
    ] {
        measure(ada, &format!("list: {name}"), &format!("/api/v1/trades?{query}"), 100).await;
    }
    let mut path = "/api/v1/trades?limit=200".to_owned();
    for _ in 0..200 {
        let cursor = ada.get(&path).await.body["next_cursor"].as_str().unwrap().to_owned();
        path = format!("/api/v1/trades?limit=200&cursor={cursor}");
    }
    measure(ada, "list: page 201 of 200 rows", &path, 100).await;
    measure(ada, "calendar of a month", &calendar(), 20).await;
    measure(ada, "statistics of all", "/api/v1/stats", 10).await;
    measure(ada, "headline figures", "/api/v1/portfolio", 10).await;
    measure(ada, "export of a month", &format!("/api/v1/trades/export?from={month}"), 5).await;
}
