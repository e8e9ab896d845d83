use serde_json::{Value, json};

use crate::personal_keys::make;
use crate::support::{Answer, Person, Rows, TestApp};

/// A static floor 10,000 under 100,000.
pub fn total() -> Value {
    json!([{ "id": "total", "kind": "max_total_loss", "limit": { "type": "amount", "value": "10000" } }])
}

impl Person<'_> {
    /// Begins a phase of 100,000 with these rules.
    pub async fn judge(&self, account: &str, rules: Value) -> Answer {
        let body = json!({ "rules": rules, "starting_balance": "100000", "stale_after_s": 600 });
        let answer = self.post(&format!("/api/v1/accounts/{account}/phases"), body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer
    }

    /// Hands over figures; returns where the account stands.
    pub async fn figures(&self, account: &str, equity: &str) -> Value {
        let body = json!({ "balance": "100000", "equity": equity });
        let answer = self.post(&format!("/api/v1/accounts/{account}/snapshots"), body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body
    }

    pub async fn risk(&self, account: &str) -> Value {
        let answer = self.get(&format!("/api/v1/accounts/{account}/risk")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// Lets an account cross its line; returns the violation's id.
    pub async fn violated(&self, account: &str) -> String {
        self.judge(account, total()).await;
        self.figures(account, "80000").await;
        let list = self.get(&format!("/api/v1/accounts/{account}/violations")).await;
        list.body["items"][0]["id"].as_str().expect("a violation").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_rules_is_unknown_and_the_first_edit_begins_its_first_phase() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let path = format!("/api/v1/accounts/{gold}/rules");

    let before = ada.risk(&gold).await;
    let none = ada.get(&path).await;
    let refused = ada
        .post(&format!("/api/v1/accounts/{gold}/snapshots"), json!({ "balance": "1", "equity": "1" }))
        .await;
    let edit = json!({ "version": 0, "rules": total(), "starting_balance": "100000", "currency": "EUR" });
    let first = ada.put(&path, edit.clone()).await;
    let again = ada.put(&path, edit).await;
    let stricter = json!([{ "id": "total", "kind": "max_total_loss", "limit": { "type": "percent", "value": "5", "of": "initial" } }]);
    let second = ada.put(&path, json!({ "version": 1, "rules": stricter })).await;
    let after = ada.risk(&gold).await;

    assert_eq!((&before["status"], &before["reason"]), (&json!("unknown"), &json!("no_phase")));
    assert_eq!((none.status, &none.body["version"], &none.body["rules"]), (200, &json!(0), &json!([])));
    assert_eq!(refused.refusal(), (409, "no_phase"));
    assert_eq!((first.status, &first.body["version"]), (200, &json!(1)), "{}", first.text);
    assert_eq!(again.refusal(), (409, "stale_version"));
    assert_eq!(again.body["changed_by"], "ada", "{}", again.text);
    assert!(again.body["changed_at"].is_string(), "{}", again.text);
    assert_eq!((second.status, &second.body["version"]), (200, &json!(2)), "{}", second.text);
    assert_eq!(second.body["rules"][0]["limit"]["value"], "5");
    assert_eq!((&after["status"], &after["reason"]), (&json!("unknown"), &json!("no_data")));
    assert_eq!((&after["currency"], &after["phase"]["version"]), (&json!("EUR"), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_bring_an_account_from_safe_to_violated_and_only_a_new_phase_ends_that() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;

    let mut statuses = Vec::new();
    for equity in ["99000", "95000", "92000", "90000", "99000"] {
        statuses.push(ada.figures(&gold, equity).await["status"].clone());
    }
    let risk = ada.risk(&gold).await;
    let phases = format!("/api/v1/accounts/{gold}/phases");
    let again = json!({ "rules": total(), "starting_balance": "100000" });
    let silent = ada.post(&phases, again.clone()).await;
    let mut told = again;
    told["reason"] = json!("the firm reset it");
    let begun = ada.post(&phases, told).await;
    let fresh = ada.risk(&gold).await;
    let kept = ada.get(&format!("/api/v1/accounts/{gold}/violations")).await;
    let inbox = ada.get("/api/v1/alerts").await;

    assert_eq!(statuses, ["safe", "caution", "critical", "violated", "violated"]);
    let rule = &risk["rules"][0];
    assert_eq!(
        (&rule["latched"], &rule["buffer"], &rule["floor"]),
        (&json!(true), &json!("9000"), &json!("90000"))
    );
    assert_eq!(
        (&rule["violation"]["measured"], &rule["violation"]["floor"]),
        (&json!("90000"), &json!("90000"))
    );
    assert_eq!((&risk["weakest_rule_id"], &risk["equity"]), (&json!("total"), &json!("99000")));
    assert_eq!((silent.status, silent.invalid_fields()), (422, vec![("reason".into(), "required".into())]));
    assert_eq!((begun.status, &fresh["status"]), (201, &json!("unknown")), "{}", begun.text);
    assert_eq!(kept.body["items"].as_array().unwrap().len(), 1, "violations stay for ever");
    assert_eq!(inbox.column("kind"), ["risk_violated", "risk_critical", "risk_caution"]);
    assert_eq!(inbox.column("severity"), ["critical", "critical", "info"]);
    assert_eq!(inbox.body["items"][1]["detail"], json!({ "rule": "total", "left": "2000 USD" }));
    assert_eq!(inbox.body["items"][2]["detail"], json!({ "rule": "total", "left": "5000 USD" }));
    assert!(inbox.body["items"][2]["resolved_at"].is_string(), "what was told of one phase ends with it");
    let audited = "select count(*) from audit where action in ('risk_phase_begun', 'risk_violated')";
    assert_eq!(app.count(audited).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_come_with_source_date_and_confidence_and_are_taken_over_in_a_size() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let phases = format!("/api/v1/accounts/{gold}/phases");

    let shipped = ada.get("/api/v1/risk/templates").await;
    let sizeless = ada.post(&phases, json!({ "template_id": "ftmo_2step_p1" })).await;
    let odd = ada.post(&phases, json!({ "template_id": "ftmo_2step_p1", "size": 123 })).await;
    let unheard = ada.post(&phases, json!({ "template_id": "none", "size": 10000 })).await;
    let begun = ada.post(&phases, json!({ "template_id": "ftmo_2step_p1", "size": 200_000 })).await;
    let confirm = format!("/api/v1/accounts/{gold}/rules/confirm");
    let old = ada.post(&confirm, json!({ "version": 7 })).await;
    let confirmed = ada.post(&confirm, json!({ "version": 1 })).await;
    let edit = json!({ "version": 1, "rules": begun.body["rules"] });
    let edited = ada.put(&format!("/api/v1/accounts/{gold}/rules"), edit).await;

    let templates = shipped.body["templates"].as_array().unwrap();
    assert!(templates.len() >= 20 && !shipped.body["warning"].as_str().unwrap().is_empty());
    let ftmo = templates.iter().find(|template| template["id"] == "ftmo_2step_p1").unwrap();
    assert_eq!((&ftmo["confidence"], &ftmo["as_of"]), (&json!("high"), &json!("2026-10-04")));
    assert!(!ftmo["sources"].as_array().unwrap().is_empty());
    assert_eq!(ftmo["copying"], Value::Null, "not established");
    let policies = templates.iter().filter(|template| template["id"] == "fundednext_stellar_2step");
    let said: Vec<_> = policies.map(|template| &template["copying"]).collect();
    assert_eq!([&said[0]["other_people"], &said[0]["copier_programs"]], ["forbidden", "restricted"]);
    assert!(said[0]["source"].as_str().unwrap().starts_with("https://"));
    let refusals = [sizeless, odd, unheard].map(|answer| (answer.status, answer.invalid_fields()));
    let field = |name: &str, code: &str| (422, vec![(name.to_owned(), code.to_owned())]);
    assert_eq!(
        refusals,
        [field("size", "required"), field("size", "unknown_value"), field("template_id", "unknown_value")]
    );
    assert_eq!(begun.status, 201, "{}", begun.text);
    assert_eq!(
        (&begun.body["starting_balance"], &begun.body["day"]["tz"]),
        (&json!("200000"), &json!("Europe/Prague"))
    );
    assert_eq!(
        (&begun.body["template_id"], &begun.body["template_size"]),
        (&json!("ftmo_2step_p1"), &json!(200_000))
    );
    assert_eq!(old.refusal(), (409, "stale_version"));
    assert!(confirmed.body["confirmed_at"].is_string(), "{}", confirmed.text);
    assert_eq!((edited.status, &edited.body["confirmed_at"]), (200, &Value::Null), "{}", edited.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_make_no_sense_are_refused_by_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let path = format!("/api/v1/accounts/{gold}/rules");
    ada.judge(&gold, total()).await;

    for (rules, field, code) in [
        (json!([{ "id": "a", "kind": "max_total_loss" }]), "rules[0].limit", "required"),
        (
            json!([total()[0], { "id": "b", "kind": "min_equity", "value": "1", "cap": "2" }]),
            "rules[1].cap",
            "not_allowed",
        ),
        (json!([{ "id": "a", "kind": "max_open_positions", "cap": "1.5" }]), "rules[0].cap", "out_of_range"),
        (json!([total()[0], total()[0]]), "rules", "duplicate"),
        (json!([{ "id": "a", "kind": "guess" }]), "rules[0].kind", "unknown_value"),
    ] {
        let answer = ada.put(&path, json!({ "version": 1, "rules": rules })).await;
        assert_eq!(
            (answer.status, answer.invalid_fields()),
            (422, vec![(field.into(), code.into())]),
            "{}",
            answer.text
        );
    }
    let fixed = ada.put(&path, json!({ "version": 1, "rules": total(), "starting_balance": "5" })).await;
    assert_eq!(fixed.invalid_fields(), [("starting_balance".to_owned(), "fixed_in_phase".to_owned())]);
    let nowhere = ada
        .put(&path, json!({ "version": 1, "rules": total(), "day": { "tz": "Mars", "reset": "00:00" } }))
        .await;
    assert_eq!(nowhere.invalid_fields(), [("day".to_owned(), "invalid".to_owned())]);
    assert_eq!(ada.get(&path).await.body["version"], 1);
    let pending =
        json!([{ "id": "open", "kind": "max_open_positions", "cap": "5", "include_pending": true }]);
    let taken = ada.put(&path, json!({ "version": 1, "rules": pending })).await;
    assert_eq!(
        (taken.status, &taken.body["rules"][0]["include_pending"]),
        (200, &json!(true)),
        "{}",
        taken.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_corrects_is_judged_at_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let rules = json!([
        { "id": "daily", "kind": "max_daily_loss", "limit": { "type": "amount", "value": "2000" }, "reference": "balance" },
        { "id": "trail", "kind": "trailing_drawdown", "limit": { "type": "amount", "value": "9000" }, "mode": "intraday_equity" },
    ]);
    ada.judge(&gold, rules).await;
    ada.figures(&gold, "100000").await;
    let day = ada.risk(&gold).await["rules"][0]["day"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/accounts/{gold}");

    let start = json!({ "balance": "101000", "equity": "101000" });
    let started = ada.put(&format!("{path}/day-starts/{day}"), start).await;
    let floor = json!({ "rule_id": "trail", "floor": "95000", "reason": "first payout" });
    let floored = ada.post(&format!("{path}/floor-overrides"), floor).await;
    let no_floor = json!({ "rule_id": "daily", "floor": "95000", "reason": "first payout" });
    let unfloored = ada.post(&format!("{path}/floor-overrides"), no_floor).await;
    let paid = ada.post(&format!("{path}/cash-flows"), json!({ "kind": "payout", "amount": "700" })).await;
    let odd = ada.post(&format!("{path}/cash-flows"), json!({ "kind": "payout", "amount": "-700" })).await;
    app.sql("update risk_states set reported_cash = 0, cash_reported_since = now()").await;
    let twice = ada.post(&format!("{path}/cash-flows"), json!({ "kind": "payout", "amount": "700" })).await;
    let corrected =
        ada.post(&format!("{path}/cash-flows"), json!({ "kind": "correction", "amount": "-5" })).await;
    let typed = json!({ "balance": "92000", "equity": "92000", "change": "payout" });
    let typed = ada.post(&format!("{path}/snapshots"), typed).await;

    assert_eq!(
        (started.status, &started.body["rules"][0]["floor"]),
        (200, &json!("99000")),
        "{}",
        started.text
    );
    assert_eq!(started.body["rules"][0]["day_start_quality"], "manual");
    assert_eq!(
        (floored.status, &floored.body["rules"][1]["floor"]),
        (201, &json!("95000")),
        "{}",
        floored.text
    );
    assert_eq!(floored.body["rules"][1]["locked"], true);
    assert_eq!(unfloored.invalid_fields(), [("rule_id".to_owned(), "no_floor".to_owned())]);
    assert_eq!((paid.status, corrected.status), (201, 201), "{} {}", paid.text, corrected.text);
    assert_eq!([twice.refusal(), typed.refusal()], [(409, "cash_is_reported"); 2]);
    assert_eq!(odd.invalid_fields(), [("amount".to_owned(), "out_of_range".to_owned())]);
    let after = ada.figures(&gold, "99295").await;
    assert_eq!(after["rules"][0]["floor"], "98295", "the daily floor follows what was taken out");
    let audited = "select count(*) from audit where action in ('risk_day_start_set', 'risk_floor_overridden', 'risk_cash_moved')";
    assert_eq!(app.count(audited).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_takes_no_violation_back() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.violated(&gold).await;
    ada.figures(&gold, "99000").await;
    let path = format!("/api/v1/accounts/{gold}/rules");
    let (held, risk) = (ada.get(&path).await.body, ada.risk(&gold).await);
    let edit = async |change: fn(&mut Value)| {
        let (version, mut rules) = (ada.get(&path).await.body["version"].clone(), held["rules"].clone());
        change(&mut rules);
        ada.put(&path, json!({ "version": version, "rules": rules })).await
    };

    let renamed = edit(|rules| rules[0]["id"] = json!("other")).await;
    let roomier = edit(|rules| rules[0]["limit"] = json!({ "type": "amount", "value": "50000" })).await;
    let softened = edit(|rules| rules[0]["severity"] = json!("soft")).await;
    let warned = edit(|rules| rules[0]["thresholds"] = json!({ "caution": "70", "critical": "40" })).await;
    let after = ada.risk(&gold).await;

    for refused in [renamed, roomier, softened] {
        assert_eq!(refused.invalid_fields(), [("rules".to_owned(), "violated_in_phase".to_owned())]);
    }
    assert_eq!(warned.status, 200, "{}", warned.text);
    assert_eq!((&risk["status"], &after["status"]), (&json!("violated"), &json!("violated")));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_takes_a_violation_back_inside_its_phase() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    let violation = ada.violated(&gold).await;
    ada.figures(&gold, "99000").await;
    let path = format!("/api/v1/accounts/{gold}/violations/{violation}/clear");
    let body = json!({ "reason": "a bad tick of the broker" });

    let by_owner = ada.post(&path, body.clone()).await;
    app.sql(&format!("update users set role = 'admin' where id = '{}'", eve.id)).await;
    let admin = app.sign_in("eve").await;
    let as_guest =
        async || app.send(admin.request("POST", &path).header("x-flotilla-owner", &ada.id).json(&body)).await;
    let ungranted = as_guest().await;
    Rows::of(&app, &ada).await.grant(&eve).await;
    let as_viewer = as_guest().await;
    app.sql(&format!(
        "insert into viewer_grants (owner_id, viewer_id, kind, expires_at) values ('{}', '{}', 'admin', now() + interval '1 hour')",
        ada.id, eve.id
    ))
    .await;
    let key = make(&admin, json!(["read", "trade"])).await;
    let with_key = app.request("POST", &path).bearer_auth(key["key"].as_str().unwrap());
    let by_key = app.send(with_key.header("x-flotilla-owner", &ada.id).json(&body)).await;
    let cleared = as_guest().await;
    let again = as_guest().await;

    assert_eq!((by_owner.refusal(), by_key.refusal()), ((403, "forbidden"), (403, "forbidden")));
    assert_eq!((ungranted.refusal(), as_viewer.refusal()), ((404, "not_found"), (403, "forbidden")));
    assert_eq!((cleared.status, &cleared.body["status"]), (200, &json!("safe")), "{}", cleared.text);
    assert_eq!(again.refusal(), (409, "already_cleared"));
    let listed = ada.get(&format!("/api/v1/accounts/{gold}/violations")).await;
    assert_eq!(listed.body["items"][0]["clear_reason"], "a bad tick of the broker");
    let who = format!(
        "select count(*) from audit where action = 'risk_violation_cleared' and owner_id = '{}' and actor_id = '{}'",
        ada.id, eve.id
    );
    assert_eq!(app.count(&who).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_weakest_account_decides_for_its_group_and_one_without_figures_is_never_safe() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "follower").await, ada.open_id("silver", "follower").await);
    let group = ada.group("Funded").await;
    let empty = ada.get(&format!("{group}/risk")).await.body;
    for account in [&gold, &silver] {
        ada.judge(account, total()).await;
        ada.add(&group, account).await;
    }
    ada.figures(&gold, "99000").await;

    let unknown = ada.get(&format!("{group}/risk")).await.body;
    ada.figures(&silver, "94500").await;
    let caution = ada.get(&format!("{group}/risk")).await.body;
    let fleet = ada.get("/api/v1/risk").await;
    // As weak as silver to four places, and not as weak.
    ada.figures(&gold, "94500.0001").await;
    let close = ada.get(&format!("{group}/risk")).await.body;

    let names: Vec<_> = close["members"].as_array().unwrap().iter().map(|one| &one["account_name"]).collect();
    assert_eq!(names, ["silver", "gold"]);
    assert_eq!(close["weakest_account_name"], "silver");
    assert_eq!((&empty["overall_status"], &empty["gate"]), (&json!("empty"), &json!("closed")));
    assert_eq!((&unknown["overall_status"], &unknown["gate"]), (&json!("unknown"), &json!("closed")));
    assert_eq!((&unknown["unknown_members"], &unknown["complete"]), (&json!([silver]), &json!(false)));
    assert_eq!((&caution["overall_status"], &caution["gate"]), (&json!("caution"), &json!("warn")));
    assert_eq!(
        (&caution["weakest_account_id"], &caution["weakest_account_name"]),
        (&json!(silver), &json!("silver"))
    );
    let kind = &caution["rule_states"]["max_total_loss"];
    assert_eq!((&kind["min_buffer"], &kind["min_buffer_percent"]), (&json!("4500"), &json!("45")));
    assert_eq!((&caution["min_money"]["value"], &caution["complete"]), (&json!("4500"), &json!(true)));
    assert_eq!(caution["members"][0]["weakest"]["buffer"], "4500");
    assert!(caution["seq"].as_i64() > unknown["seq"].as_i64());
    assert_eq!(fleet.column("status"), ["safe", "caution"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_balance_says_what_made_it_another_and_moved_money_is_no_profit() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    let daily = json!([{ "id": "daily", "kind": "max_daily_loss", "reference": "balance",
        "limit": { "type": "amount", "value": "5000" } }]);
    ada.judge(&gold, daily).await;
    let path = format!("/api/v1/accounts/{gold}/snapshots");
    let typed =
        |balance: &str, change: &str| json!({ "balance": balance, "equity": balance, "change": change });

    ada.figures(&gold, "100000").await;
    let paid_in = ada.post(&path, typed("104000", "deposit")).await;
    let repeated = ada.post(&path, typed("104000", "deposit")).await;
    let traded = ada.post(&path, typed("103000", "trading")).await;
    let wrong_way = ada.post(&path, typed("102000", "deposit")).await;
    let unknown = ada.post(&path, typed("102000", "luck")).await;
    let mut early = typed("102000", "payout");
    early["at"] = paid_in.body["as_of"].clone();
    let early = ada.post(&path, early).await;
    let by_eve = eve.post(&path, typed("1", "withdrawal")).await;
    let before = ada.risk(&gold).await;
    let flow = json!({ "kind": "payout", "amount": "1000" });
    ada.post(&format!("/api/v1/accounts/{gold}/cash-flows"), flow).await;
    let paid_out = ada.post(&path, typed("100000", "payout")).await;
    let patched = ada.patch(&format!("/api/v1/accounts/{gold}"), json!({ "balance": "1" })).await;

    assert_eq!((paid_in.status, &paid_in.body["today"]), (201, &json!("0")), "{}", paid_in.text);
    assert_eq!((repeated.status, &repeated.body["today"]), (201, &json!("0")), "sent again, moved once");
    assert_eq!(
        (&traded.body["today"], &traded.body["rules"][0]["buffer"]),
        (&json!("-1000"), &json!("4000"))
    );
    let fit = |answer: &Answer| (answer.status, answer.invalid_fields());
    assert_eq!(fit(&wrong_way), (422, vec![("change".to_owned(), "does_not_fit".to_owned())]));
    assert_eq!(unknown.status, 422, "{}", unknown.text);
    assert_eq!(fit(&early), (422, vec![("at".to_owned(), "too_early".to_owned())]));
    assert_eq!(by_eve.refusal(), (404, "not_found"));
    assert_eq!(before["balance"], "103000", "what was refused changed nothing");
    assert_eq!((&paid_out.body["today"], &paid_out.body["balance"]), (&json!("-1000"), &json!("100000")));
    assert_eq!(fit(&patched), (422, vec![("balance".to_owned(), "not_editable".to_owned())]));
    let flows = "select count(*) from risk_cash_flows where (kind, amount) in (('deposit', 4000), ('payout', -1000), ('payout', -2000))";
    assert_eq!(app.count(flows).await, 3);
    assert_eq!(app.count("select count(*) from risk_cash_flows").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_that_become_too_old_are_stale_and_not_safe() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let group = ada.group("Funded").await;
    ada.add(&group, &gold).await;
    ada.judge(&gold, total()).await;
    ada.figures(&gold, "99000").await;

    // As a terminal's figures would: what is handed over holds until the reset.
    let ancient = json!({ "balance": "1", "equity": "1", "at": "2026-01-01T00:00:00Z" });
    let ancient = ada.post(&format!("/api/v1/accounts/{gold}/snapshots"), ancient).await;
    assert_eq!(ancient.invalid_fields(), vec![("at".into(), "too_old".into())], "{}", ancient.text);
    let of_terminal = "update risk_states set risk = risk - 'fresh_until', state = jsonb_set(state, '{last,by_hand}', 'false')";
    app.sql(of_terminal).await;
    app.sql("update risk_phases set stale_after_s = 0").await;
    let (risk, judged) = (ada.risk(&gold).await, ada.get(&format!("{group}/risk")).await.body);
    let eleven_minutes_ago = "to_jsonb(now() - interval '11 minutes')";
    app.sql(&format!(
        "update risk_states set risk = jsonb_set(risk, '{{as_of}}', {eleven_minutes_ago}),
            state = jsonb_set(state, '{{last,at}}', {eleven_minutes_ago})"
    ))
    .await;
    let (gone, listed) = (ada.risk(&gold).await, ada.get("/api/v1/risk").await.body["items"][0].clone());

    assert_eq!((&risk["status"], &risk["last_known_status"]), (&json!("stale"), &json!("safe")));
    assert_eq!(risk["disconnected"], false);
    assert_eq!([&gone["disconnected"], &listed["disconnected"]], [true, true]);
    assert_eq!([&gone["status"], &listed["status"]], ["stale", "stale"]);
    assert_eq!((&judged["overall_status"], &judged["stale_members"]), (&json!("stale"), &json!([gold])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_if_says_how_large_the_next_trade_may_be_and_who_binds_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "follower").await, ada.open_id("silver", "follower").await);
    let stranger = ada.open_id("other", "follower").await;
    let group = ada.group("Funded").await;
    for (account, equity) in [(&gold, "99000"), (&silver, "95500")] {
        ada.judge(account, total()).await;
        ada.add(&group, account).await;
        ada.figures(account, equity).await;
    }
    let path = format!("{group}/risk/what-if");
    let copying = |id: &str| json!({ "account_id": id, "ratio": "1", "step": "0.1", "risk_per_lot": "1000" });

    let body =
        json!({ "leader_step": "0.1", "leader_lots": "4", "accounts": [copying(&gold), copying(&silver)] });
    let answer = ada.post(&path, body).await;
    let foreign = ada.post(&path, json!({ "leader_step": "0.1", "accounts": [copying(&stranger)] })).await;
    let zero = ada.post(&path, json!({ "leader_step": "0", "accounts": [copying(&gold)] })).await;
    let part = json!({ "leader_step": "0.1", "accounts": [copying(&gold)] });
    let without = ada.post(&path, part.clone()).await;
    ada.figures(&silver, "89000").await;
    let violated = ada.post(&path, part).await;

    // Silver has 5,500 left and is critical from 2,000 on: less than 3,500 may be lost.
    assert_eq!((answer.status, &answer.body["max_leader_lots"]), (200, &json!("3.4")), "{}", answer.text);
    assert_eq!(
        answer.body["binding"],
        json!({ "account_id": silver, "rule_id": "total", "reason": "limit" })
    );
    let asked: Vec<_> = answer.body["asked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|share| share["after"]["status"].clone())
        .collect();
    assert_eq!(asked, ["caution", "critical"]);
    assert_eq!(foreign.invalid_fields(), [("accounts[0].account_id".to_owned(), "not_a_member".to_owned())]);
    assert_eq!(zero.invalid_fields(), [("accounts".to_owned(), "out_of_range".to_owned())]);
    assert_eq!(answer.body["left_out"], json!([]));
    let left_out = |status: &str, reason: Value| json!([{ "account_id": silver, "account_name": "silver", "status": status, "reason": reason }]);
    assert_eq!(without.body["left_out"], left_out("safe", Value::Null), "{}", without.text);
    assert_eq!(violated.body["left_out"], left_out("violated", json!("violated")));
}

#[tokio::test(flavor = "multi_thread")]
async fn equity_is_shown_against_its_floors_and_days_make_a_calendar() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    for equity in ["99000", "95000", "97000"] {
        ada.figures(&gold, equity).await;
    }
    let path = format!("/api/v1/accounts/{gold}/risk");

    let fine =
        ada.get(&format!("{path}/history?points=2&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")).await;
    let thinned = ada.get(&format!("{path}/history?points=2")).await;
    let long = ada.get(&format!("{path}/history?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z")).await;
    let ancient = "from=-6000-01-01T00:00:00Z&to=-6000-01-02T00:00:00Z";
    let before_all = [
        ada.get(&format!("{path}/history?{ancient}")).await.status,
        ada.get(&format!("/api/v1/accounts/{gold}/equity?{ancient}")).await.status,
        ada.get(&format!("{path}/history?to=-6000-01-02T00:00:00Z")).await.status,
    ];
    let days = ada.get(&format!("{path}/days")).await;
    let month = days.body["items"][0]["label"].as_str().unwrap().get(..7).unwrap().to_owned();
    let of_month = ada.get(&format!("{path}/days?month={month}")).await;
    let of_another = ada.get(&format!("{path}/days?month=2001-02")).await;
    let of_none = ada.get(&format!("{path}/days?month=2026-13")).await;
    ada.figures(&gold, "89000").await;
    ada.figures(&gold, "99000").await;
    let crossed = ada.get(&format!("{path}/days")).await;

    assert_eq!(before_all, [422, 422, 200]);
    assert_eq!((fine.status, &fine.body["points"]), (200, &json!([])), "{}", fine.text);
    let points = thinned.body["points"].as_array().unwrap();
    let last = points.last().unwrap();
    let extremes = ["equity", "low", "high"].map(|field| last[field].clone());
    assert_eq!(extremes, ["97000", "95000", "99000"], "{}", thinned.text);
    assert_eq!(last["floors"], json!({ "total": "90000" }));
    assert_eq!(long.invalid_fields(), [("from".to_owned(), "out_of_range".to_owned())]);
    let day = &days.body["items"][0];
    assert_eq!(
        (&day["running"], &day["change"], &day["low_equity"]),
        (&json!(true), &json!("-3000"), &json!("95000"))
    );
    assert_eq!((&day["worst_status"], &day["violations"]), (&json!("caution"), &json!([])));
    assert_eq!((&of_month.body, &of_another.body["items"]), (&days.body, &json!([])));
    assert_eq!(of_none.invalid_fields(), [("month".to_owned(), "invalid".to_owned())]);
    let day = &crossed.body["items"][0];
    assert_eq!((&day["worst_status"], &day["violations"]), (&json!("violated"), &json!(["max_total_loss"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_at_an_exchange_may_be_silent_for_a_minute_and_one_with_an_ea_for_half() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for (platform, seconds) in [("mt5", 30), ("bingx", 60)] {
        let body = json!({ "name": platform, "platform": platform, "copy_role": "follower" });
        let account = ada.post("/api/v1/accounts", body).await.body["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/accounts/{account}/rules");
        assert_eq!(ada.get(&path).await.body["stale_after_s"], seconds);

        let edit = json!({ "version": 0, "rules": total(), "starting_balance": "100000", "currency": "USD" });
        assert_eq!(ada.put(&path, edit).await.status, 200);
        assert_eq!(ada.get(&path).await.body["stale_after_s"], seconds);
    }
}
