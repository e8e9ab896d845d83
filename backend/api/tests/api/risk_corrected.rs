//! What was corrected by hand, listed and taken back; and what one answer tells of everything.

use serde_json::{Value, json};

use crate::risk::total;
use crate::support::{Person, TestApp};

impl Person<'_> {
    /// Sets the floor of an account's line; returns the override's id.
    pub async fn floor_set(&self, account: &str) -> String {
        let path = format!("/api/v1/accounts/{account}");
        let floor = json!({ "rule_id": "total", "floor": "91000", "reason": "first payout" });
        let set = self.post(&format!("{path}/floor-overrides"), floor).await;
        assert_eq!(set.status, 201, "{}", set.text);
        let list = self.get(&format!("{path}/corrections")).await;
        list.body["floor_overrides"][0]["id"].as_str().expect("a floor").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_are_listed_with_their_authors_and_a_floor_is_taken_back_with_a_reason() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let path = format!("/api/v1/accounts/{gold}");
    let early = ada.get(&format!("{path}/corrections")).await;
    ada.judge(&gold, total()).await;
    ada.figures(&gold, "99000").await;
    let set = ada.floor_set(&gold).await;
    ada.post(&format!("{path}/cash-flows"), json!({ "kind": "payout", "amount": "700", "note": "June" }))
        .await;
    let start = json!({ "balance": "100000", "equity": "100000" });
    ada.put(&format!("{path}/day-starts/2026-01-05"), start).await;
    let take_back = format!("{path}/floor-overrides/{set}/take-back");
    let body = json!({ "reason": "it was another account" });

    let held = ada.risk(&gold).await;
    let wordless = ada.post(&take_back, json!({ "reason": "" })).await;
    let wild = ada.post(&take_back, json!({ "reason": "a\0b" })).await;
    let set_wildly = json!({ "rule_id": "total", "floor": "91000", "reason": "a\u{1}b" });
    let set_wildly = ada.post(&format!("{path}/floor-overrides"), set_wildly).await;
    let noted = json!({ "kind": "payout", "amount": "7", "note": "a\0b" });
    let noted = ada.post(&format!("{path}/cash-flows"), noted).await;
    let taken = ada.post(&take_back, body.clone()).await;
    let again = ada.post(&take_back, body).await;
    let listed = ada.get(&format!("{path}/corrections")).await.body;

    assert_eq!(early.refusal(), (409, "no_phase"));
    assert_eq!(held["rules"][0]["floor"], "91000");
    assert_eq!(wordless.status, 422, "{}", wordless.text);
    for (refused, field) in [(wild, "reason"), (set_wildly, "reason"), (noted, "note")] {
        assert_eq!(refused.invalid_fields(), [(field.to_owned(), "invalid".to_owned())]);
    }
    assert_eq!((taken.status, &taken.body["rules"][0]["floor"]), (200, &json!("90000")), "{}", taken.text);
    assert_eq!(again.refusal(), (409, "already_cleared"));
    let floor = &listed["floor_overrides"][0];
    assert_eq!(
        [
            &floor["floor"],
            &floor["reason"],
            &floor["set_by"],
            &floor["take_back_reason"],
            &floor["taken_back_by"]
        ],
        ["91000", "first payout", "ada", "it was another account", "ada"],
        "{listed}"
    );
    let flow = &listed["cash_flows"][0];
    assert_eq!([&flow["kind"], &flow["amount"], &flow["note"]], ["payout", "-700", "June"]);
    assert_eq!(flow["is_reported"], false);
    assert_eq!(listed["day_starts"][0]["label"], "2026-01-05");
    let audited = format!(
        "select count(*) from audit where action = 'risk_floor_taken_back' and actor_id = '{}'
            and detail::jsonb ->> 'reason' = 'it was another account'",
        ada.id
    );
    assert_eq!(app.count(&audited).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_crossed_under_a_floor_stays_crossed_when_that_is_taken_back() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    ada.figures(&gold, "99000").await;
    let set = ada.floor_set(&gold).await;
    let crossed = ada.figures(&gold, "90500").await;

    let taken = ada
        .post(
            &format!("/api/v1/accounts/{gold}/floor-overrides/{set}/take-back"),
            json!({ "reason": "mistyped" }),
        )
        .await;

    assert_eq!(crossed["status"], "violated");
    assert_eq!((taken.status, &taken.body["status"]), (200, &json!("violated")), "{}", taken.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn equity_is_told_in_the_course_of_time_in_detail_and_by_days() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    for equity in ["99000", "95000", "97000"] {
        ada.figures(&gold, equity).await;
    }
    app.sql(&format!(
        "insert into risk_days (phase_id, label, owner_id, account_id, started_at, start_as_of, start_balance,
            start_equity, end_balance, end_equity, low_equity, high_equity, ended_at, cash)
         select id, date '2026-01-05', owner_id, account_id, now() - interval '11 days', now() - interval '11 days',
            100000, 100000, 100100, 100200, 99500, 100300, now() - interval '10 days', 50
         from risk_phases where account_id = '{gold}'"
    ))
    .await;
    let path = format!("/api/v1/accounts/{gold}/equity");
    let now = "2026-02-03T00:00:00Z";

    let by_days = ada.get(&path).await;
    let none = ada.get(&format!("{path}?from=2026-02-01T00:00:00Z&to={now}")).await;
    let long = ada.get(&format!("{path}?from=2020-01-01T00:00:00Z&to={now}")).await;
    let many = ada.get(&format!("{path}?points=5000")).await;

    let points: Vec<[&Value; 4]> = by_days.body["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| [&point["balance"], &point["equity"], &point["low"], &point["high"]])
        .collect();
    assert_eq!(by_days.body["currency"], "USD");
    assert_eq!(points[0], ["100150", "100250", "99550", "100350"], "with the cash that was moved");
    assert_eq!(points.last().unwrap()[1], "97000", "the running day's last figures");
    assert_eq!(none.body["points"], json!([]), "{}", none.text);
    assert_eq!(long.invalid_fields(), [("from".to_owned(), "out_of_range".to_owned())]);
    assert_eq!(many.invalid_fields(), [("points".to_owned(), "out_of_range".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_tells_what_a_status_bar_shows() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (gold, silver) = (ada.open_id("gold", "follower").await, ada.open_id("silver", "follower").await);
    let bare = ada.get("/api/v1/me/status").await;
    for (account, equity) in [(&gold, "99000"), (&silver, "92000")] {
        ada.judge(account, total()).await;
        ada.figures(account, equity).await;
    }

    let told = ada.get("/api/v1/me/status").await;
    let foreign = eve.get("/api/v1/me/status").await.body;

    assert_eq!((bare.status, &bare.body["worst_rule"]), (200, &Value::Null), "{}", bare.text);
    let accounts: Vec<_> = told.body["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| (account["name"].as_str().unwrap(), account["risk_status"].as_str().unwrap()))
        .collect();
    assert_eq!(accounts, [("gold", "safe"), ("silver", "critical")]);
    let worst = &told.body["worst_rule"];
    assert_eq!((&worst["account_name"], &worst["room"]["rule_id"]), (&json!("silver"), &json!("total")));
    assert_eq!(worst["room"]["buffer"], "2000");
    assert_eq!(
        (&told.body["open_positions"], &told.body["unread_alerts"]),
        (&json!(0), &json!(1)),
        "it is told that an account is critical: {}",
        told.text
    );
    assert_eq!((&foreign["accounts"], &foreign["worst_rule"]), (&json!([]), &Value::Null));
}
