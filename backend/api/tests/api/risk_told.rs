//! What is told of accounts beside where they stand, and what of it is not.

use serde_json::{Value, json};

use crate::risk::total;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_told_until_it_is_right_again() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let clock = async |ahead: &str| {
        app.sql(&format!(
            "insert into account_figures (account_id, owner_id, balance, equity, clock_ahead_ms)
             select id, owner_id, 1, 1, {ahead} from accounts
             on conflict (account_id) do update set clock_ahead_ms = excluded.clock_ahead_ms"
        ))
        .await;
        let risk = ada.risk(&gold).await;
        (risk["clock_skew"].clone(), risk["clock_ahead_ms"].clone())
    };

    let told = [clock("-40000").await, clock("5001").await, clock("5000").await, clock("null").await];

    let expected = [
        (json!(true), json!(-40_000)),
        (json!(true), json!(5_001)),
        (json!(false), json!(5_000)),
        (json!(false), Value::Null),
    ];
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_began_at_one_instant_are_all_found_page_by_page() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    for _ in 0..3 {
        ada.judge(&gold, total()).await;
    }
    app.sql(
        "insert into risk_days (phase_id, label, owner_id, account_id, started_at, start_as_of, start_balance,
            start_equity, end_balance, end_equity, low_equity, high_equity, ended_at)
         select id, '2026-07-06', owner_id, account_id, '2026-07-06', '2026-07-06', row_number() over (), 1, 1, 1, 1, 1,
            '2026-07-07' from risk_phases",
    )
    .await;

    let (mut found, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = ada.get(&format!("/api/v1/accounts/{gold}/risk/days?limit=1{cursor}")).await;
        found.extend(page.column("start_balance"));
        cursor = format!("&cursor={}", page.body["next_cursor"].as_str().unwrap_or_default());
    }

    found.sort_unstable();
    assert_eq!(found, ["1", "2", "3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_of_a_month_or_page_ends_where_the_next_begins() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    app.sql(
        "insert into risk_days (phase_id, label, owner_id, account_id, started_at, start_as_of, start_balance,
            start_equity, end_balance, end_equity, low_equity, high_equity, ended_at)
         select id, d.label, owner_id, account_id, d.label::timestamp at time zone 'UTC', d.label::timestamp at time zone 'UTC',
            1, 1, 1, 1, 1, 1, (d.label + 1)::timestamp at time zone 'UTC'
         from risk_phases, unnest(array[date '2026-06-30', date '2026-07-01']) as d (label)",
    )
    .await;
    app.sql(
        "insert into risk_violations (owner_id, account_id, phase_id, rule_id, kind, severity, at, evidence)
         select owner_id, account_id, id, 'total', 'max_total_loss', 'hard', '2026-07-01T00:30:00Z', '{}'
         from risk_phases",
    )
    .await;
    let path = format!("/api/v1/accounts/{gold}/risk/days");

    let (june, july) =
        (ada.get(&format!("{path}?month=2026-06")).await, ada.get(&format!("{path}?month=2026-07")).await);
    let first = ada.get(&format!("{path}?limit=1")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("{path}?limit=1&cursor={cursor}")).await;

    let crossed = |day: &Value| (day["label"].clone(), day["violations"].clone());
    let of_june = (json!("2026-06-30"), json!([]));
    assert_eq!(crossed(&june.body["items"][0]), of_june, "{}", june.text);
    assert_eq!(crossed(&july.body["items"][0]), (json!("2026-07-01"), json!(["max_total_loss"])));
    assert_eq!(crossed(&second.body["items"][0]), of_june, "{}", second.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_whose_floor_was_set_may_go() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let set = json!({ "rule_id": "total", "floor": "92000", "reason": "first payout" });
    let set = ada.post(&format!("/api/v1/accounts/{gold}/floor-overrides"), set).await;
    let path = format!("/api/v1/accounts/{gold}/rules");
    let count = json!({ "id": "open", "kind": "max_open_positions", "cap": 5 });

    let same_id = json!([{ "id": "total", "kind": "max_open_positions", "cap": 5 }]);
    let refused = ada.put(&path, json!({ "version": 1, "rules": same_id })).await;
    let edited = ada.put(&path, json!({ "version": 1, "rules": [count] })).await;
    let back = ada.put(&path, json!({ "version": 2, "rules": total() })).await;

    assert_eq!(set.status, 201, "{}", set.text);
    assert_eq!(refused.invalid_fields(), [("rules".to_owned(), "has_floor_override".to_owned())]);
    assert_eq!((edited.status, back.status), (200, 200), "{} {}", edited.text, back.text);
    ada.figures(&gold, "99000").await;
    assert_eq!(
        ada.risk(&gold).await["rules"][0]["floor"],
        "92000",
        "what the firm set holds as long as the phase"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_money_of_a_group_is_not_said_while_a_member_cannot_be_compared() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, euro) = (ada.open_id("gold", "follower").await, ada.open_id("euro", "follower").await);
    let group = ada.group("Funded").await;
    ada.judge(&gold, total()).await;
    let count = json!([{ "id": "open", "kind": "max_open_positions", "cap": 5 }]);
    let body = json!({ "rules": count, "starting_balance": "100000", "currency": "EUR" });
    ada.post(&format!("/api/v1/accounts/{euro}/phases"), body).await;
    ada.figures(&gold, "99000").await;
    ada.add(&group, &gold).await;
    let alone = ada.get(&format!("{group}/risk")).await.body;
    ada.add(&group, &euro).await;
    let both = ada.get(&format!("{group}/risk")).await.body;

    assert_eq!(alone["min_money"]["value"], "9000");
    assert_eq!((&both["min_money"], &both["missing_rates"]), (&Value::Null, &json!(["EUR"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_positions_is_told_of_its_stops_its_next_day_and_the_weight_of_micros() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "follower").await, ada.open_id("silver", "follower").await);
    let group = ada.group("Funded").await;
    ada.add(&group, &gold).await;
    let daily = |severity: &str| json!({ "id": "daily", "kind": "max_daily_loss", "severity": severity, "limit": { "type": "amount", "value": "5000" }, "reference": "balance" });
    let size = json!({ "id": "size", "kind": "max_lots", "cap": "2" });
    ada.judge(&gold, json!([total()[0], daily("hard"), size])).await;
    ada.judge(&silver, json!([daily("soft")])).await;
    ada.figures(&silver, "94000").await;
    // Who hands over figures names no positions, so they are put in as a terminal's would be; the same once more judges them.
    let seen = json!({ "balance": "98000", "equity": "98000", "at": chrono::Utc::now().to_rfc3339() });
    let hand_over = async || ada.post(&format!("/api/v1/accounts/{gold}/snapshots"), seen.clone()).await;
    hand_over().await;
    let position = json!([{ "symbol": "EURUSD", "lots": "1", "risk": "2000" }]);
    app.sql(&format!(
        "update risk_states set state = jsonb_set(state, '{{last,positions}}', '{position}') where account_id = '{gold}'"
    ))
    .await;

    let risk = hand_over().await.body;
    let copying = json!({ "account_id": gold, "ratio": "1", "step": "0.1", "risk_per_lot": "100" });
    let ask = async |symbol: Value| {
        let body = json!({ "leader_step": "0.1", "symbol": symbol, "accounts": [copying.clone()] });
        ada.post(&format!("{group}/risk/what-if"), body).await.body
    };
    let (micro, other) = (ask(json!("MNQZ6")).await, ask(Value::Null).await);
    let listed = ada.get("/api/v1/risk").await;

    let after = risk["after_reset"].as_array().unwrap();
    let after: Vec<_> =
        after.iter().map(|rule| [&rule["rule_id"], &rule["floor"], &rule["buffer"]]).collect();
    assert_eq!(after, [["total", "90000", "8000"], ["daily", "93000", "5000"]], "{risk}");
    assert_eq!(risk["after_reset"][1]["at"], risk["next_reset_at"]);
    let rules =
        json!([{ "rule_id": "total", "status": "safe" }, { "rule_id": "daily", "status": "critical" }]);
    let stopped_out = json!({ "equity": "96000", "status": "critical", "rules": rules });
    assert_eq!(risk["stopped_out"], stopped_out);
    assert_eq!(micro["stopped_out"], json!([{ "account_id": gold, "after": stopped_out }]));
    assert_eq!([&micro["max_leader_lots"], &other["max_leader_lots"]], ["10", "1"], "{micro}");
    assert_eq!(micro["binding"], json!({ "account_id": gold, "rule_id": "size", "reason": "limit" }));
    let [of_gold, of_silver] = &listed.body["items"].as_array().unwrap()[..] else {
        unreachable!("two accounts")
    };
    assert_eq!([&of_gold["weakest"]["unit"], &of_gold["daily"]["unit"]], ["lots", "money"]);
    assert_eq!((&of_gold["pause_ends_at"], &of_gold["guard_stopped"]), (&Value::Null, &json!(false)));
    assert!(of_silver["pause_ends_at"].is_string(), "{}", listed.text);
    assert_eq!(of_silver["pause_ends_at"], of_silver["next_reset_at"]);
    let crossed = ada.get(&format!("/api/v1/accounts/{silver}/violations")).await;
    assert_eq!(crossed.column("unit"), ["money"]);
}
