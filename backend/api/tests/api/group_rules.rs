//! What a group requires of its accounts, how it begins, what currencies are
//! worth to it, and what new accounts begin with.

use serde_json::{Value, json};

use crate::risk::total;
use crate::support::{Answer, Person, Rows, TestApp};

fn daily(percent: &str) -> Value {
    json!({ "id": "daily", "kind": "max_daily_loss", "reference": "balance",
        "limit": { "type": "percent", "value": percent, "of": "initial" } })
}

fn both(percent: &str) -> Value {
    json!([daily(percent), total()[0]])
}

impl Person<'_> {
    async fn require(&self, group: &str, version: i32, rules: Value) -> Answer {
        self.put(group, json!({ "name": "Funded", "version": version, "required_rules": rules })).await
    }

    async fn group_risk(&self, group: &str) -> Value {
        let answer = self.get(&format!("{group}/risk")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }
}

/// Who deviates, by which rule, and how.
fn deviations(risk: &Value) -> Vec<[String; 4]> {
    let each = risk["deviations"].as_array().expect("deviations").iter();
    each.map(|one| {
        ["account_name", "rule_id", "deviation", "actual"].map(|field| match &one[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    })
    .collect()
}

/// Puts accounts into a group that follow a daily limit of 5 % and a total one
/// more or less; returns their ids.
async fn five(ada: &Person<'_>, group: &str) -> Vec<String> {
    let mut accounts = Vec::new();
    for (name, rules) in [
        ("strict", Some(both("4"))),
        ("same", Some(json!([daily("5"), daily_amount("10000"), total()[0]]))),
        ("loose", Some(both("6"))),
        ("half", Some(json!([daily("5")]))),
        ("none", None),
    ] {
        let account = ada.open_id(name, "follower").await;
        if let Some(rules) = rules {
            ada.judge(&account, rules).await;
        }
        ada.add(group, &account).await;
        accounts.push(account);
    }
    accounts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_says_who_does_not_follow_the_rules_it_requires() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let group = ada.group("Funded").await;
    let accounts = five(&ada, &group).await;

    let before = ada.group_risk(&group).await;
    let set = ada.require(&group, 1, json!({ "rules": both("5") })).await;
    let risk = ada.group_risk(&group).await;
    let kept = ada.put(&group, json!({ "name": "Renamed", "version": 2 })).await;
    let stale = ada.require(&group, 2, Value::Null).await;
    let listed = ada.get("/api/v1/groups").await;
    let removed = ada.require(&group, 3, Value::Null).await;
    let after = ada.group_risk(&group).await;

    assert_eq!((&before["required_rules"], &before["deviations_total"]), (&Value::Null, &json!(0)));
    assert_eq!(set.status, 200, "{}", set.text);
    let required = &set.body["required_rules"];
    assert_eq!(
        (&required["template_id"], &required["rules"][0]["limit"]["value"]),
        (&Value::Null, &json!("5"))
    );
    assert_eq!(&risk["required_rules"], required);
    let all = [
        ["half", "total", "missing", "null"],
        ["loose", "daily", "looser", "6000"],
        ["none", "daily", "missing", "null"],
        ["none", "total", "missing", "null"],
    ];
    assert_eq!(deviations(&risk), all.map(|one| one.map(str::to_owned)));
    assert_eq!(
        risk["deviations"][1],
        json!({ "account_id": accounts[2], "account_name": "loose", "rule_id": "daily", "kind": "max_daily_loss",
            "deviation": "looser", "field": "limit", "unit": "money", "currency": "USD", "actual_rule_id": "daily",
            "required": "5000", "actual": "6000" })
    );
    assert_eq!(
        (&risk["deviations"][2]["required"], &risk["deviations"][2]["unit"]),
        (&json!("5"), &json!("percent"))
    );
    assert_eq!(
        (&risk["deviations_total"], risk["deviating_accounts"].as_array().unwrap().len()),
        (&json!(4), 3)
    );
    assert_eq!(risk["overall_status"], "unknown", "what is required judges nobody");
    assert_eq!((kept.status, &kept.body["required_rules"]), (200, required), "silence removes nothing");
    assert_eq!(stale.refusal(), (409, "stale_version"));
    assert_eq!(&listed.body["items"][0]["required_rules"], required);
    assert_eq!((removed.status, &removed.body["required_rules"]), (200, &Value::Null), "{}", removed.text);
    assert_eq!((&after["required_rules"], &after["deviations"]), (&Value::Null, &json!([])));
    let audited = "select count(*) from audit where action = 'group_changed' and detail like '%required_rules%max_daily_loss%'";
    assert_eq!(app.count(audited).await, 2);
}

fn daily_amount(amount: &str) -> Value {
    json!({ "id": "loose", "kind": "max_daily_loss", "reference": "balance",
        "limit": { "type": "amount", "value": amount } })
}

/// What cannot be required, with the field that is named and why.
fn unfit() -> Vec<(Value, &'static str, &'static str)> {
    let many: Vec<Value> = (0..51).map(|_| total()[0].clone()).collect();
    let floor = json!({ "id": "f", "kind": "min_equity", "value": "1", "cap": "1" });
    vec![
        (json!({}), "required_rules.rules", "required"),
        (json!({ "rules": [] }), "required_rules.rules", "out_of_range"),
        (json!({ "rules": many }), "required_rules.rules", "out_of_range"),
        (json!({ "rules": [daily("5"), daily("4")] }), "required_rules.rules", "duplicate"),
        (json!({ "rules": [daily("5"), floor] }), "required_rules.rules[1].cap", "not_allowed"),
        (json!({ "rules": [daily("-1")] }), "required_rules.rules[0].limit", "out_of_range"),
        (
            json!({ "template_id": "nothing", "template_size": 1 }),
            "required_rules.template_id",
            "unknown_value",
        ),
        (json!({ "template_id": "ftmo_2step_p1" }), "required_rules.template_size", "required"),
        (
            json!({ "template_id": "ftmo_2step_p1", "template_size": 7 }),
            "required_rules.template_size",
            "unknown_value",
        ),
        (
            json!({ "rules": [daily("5")], "template_size": 100_000 }),
            "required_rules.template_id",
            "required",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn required_rules_come_from_a_template_or_are_refused_by_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let group = ada.group("Funded").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.add(&group, &gold).await;
    let begin = json!({ "template_id": "ftmo_2step_p1", "size": 100_000 });
    ada.post(&format!("/api/v1/accounts/{gold}/phases"), begin).await;

    for (body, field, code) in unfit() {
        let refused = ada.require(&group, 1, body).await;
        assert_eq!(
            (refused.status, refused.invalid_fields()),
            (422, vec![(field.to_owned(), code.to_owned())])
        );
    }
    let set =
        ada.require(&group, 1, json!({ "template_id": "ftmo_2step_p1", "template_size": 100_000 })).await;
    let risk = ada.group_risk(&group).await;
    let day = json!({ "tz": "UTC", "reset": "00:00" });
    let rules = ada.get(&format!("/api/v1/accounts/{gold}/rules")).await.body["rules"].clone();
    ada.put(&format!("/api/v1/accounts/{gold}/rules"), json!({ "version": 1, "rules": rules, "day": day }))
        .await;
    let elsewhere = ada.group_risk(&group).await;

    let required = &set.body["required_rules"];
    assert_eq!(
        (&required["template_id"], &required["template_size"]),
        (&json!("ftmo_2step_p1"), &json!(100_000)),
        "{}",
        set.text
    );
    assert_eq!(deviations(&risk), Vec::<[String; 4]>::new());
    assert_eq!(
        (
            &elsewhere["deviations"][0]["deviation"],
            &elsewhere["deviations"][0]["field"],
            &elsewhere["deviations"][0]["required"]
        ),
        (&json!("different"), &json!("day"), &json!("Europe/Prague 00:00")),
        "the firm's day belongs to its daily limit"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn n26_a_group_begins_with_a_master_and_only_the_owners_accounts_that_copy_from_it() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (master, other) = (ada.open("m", "master").await, ada.open("o", "master").await);
    let eves_master = eve.open("eves", "master").await;
    let id = master["id"].as_str().unwrap().to_owned();
    ada.patch(&format!("/api/v1/accounts/{id}"), json!({ "currency": "EUR" })).await;
    let mut members = Vec::new();
    for (name, state) in
        [("a", "active"), ("b", "close_only"), ("c", "paused"), ("d", "ended"), ("e", "active")]
    {
        let account = ada.open_id(name, "follower").await;
        let subscription = ada.follow(&account, &master).await;
        let ended = if state == "ended" { ", ended_at = now(), ended_by = 'web'" } else { "" };
        app.sql(&format!("update subscriptions set state = '{state}'{ended} where id = '{subscription}'"))
            .await;
        members.push(account);
    }
    ada.follow(&members[0], &eves_master).await;
    let eves = eve.open_id("z", "follower").await;
    eve.follow(&eves, &master).await;
    app.sql(&format!(
        "update accounts set archived_at = now(), is_active = false where id = '{}'",
        members[4]
    ))
    .await;
    let begin = async |name: &str, master: &Value| {
        ada.post("/api/v1/groups", json!({ "name": name, "master_account_id": master })).await
    };

    let made = begin("Copies", &master["id"]).await;
    let empty = begin("Alone", &other["id"]).await;
    let follower = begin("No", &json!(members[0])).await;
    let foreign = begin("No", &eves_master["id"]).await;
    let archived = begin("No", &json!(members[4])).await;
    let taken = begin("cOPIES", &master["id"]).await;
    let group = format!("/api/v1/groups/{}", made.body["id"].as_str().unwrap());
    let risk = ada.group_risk(&group).await;

    assert_eq!((made.status, &made.body["base_currency"]), (201, &json!("EUR")), "{}", made.text);
    let names: Vec<_> =
        made.body["accounts"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["a", "b", "m"], "never a stranger's, never one that does not copy");
    assert_eq!(empty.body["account_ids"], json!([other["id"]]));
    assert_eq!([follower.refusal(), archived.refusal()], [(409, "not_a_master"); 2]);
    assert_eq!((foreign.refusal(), taken.refusal()), ((404, "not_found"), (409, "name_taken")));
    assert_eq!(app.count("select count(*) from groups").await, 2);
    let copies_from = |name: &str| {
        let members = risk["members"].as_array().unwrap();
        members.iter().find(|one| one["account_name"] == name).unwrap()["copies_from"].clone()
    };
    assert_eq!(
        copies_from("a"),
        json!([{ "account_id": null, "name": "eves" }, { "account_id": id, "name": "m" }]),
        "another owner's master has a name and no address"
    );
    assert_eq!((copies_from("b"), copies_from("m")), (json!([{ "account_id": id, "name": "m" }]), json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn money_of_several_currencies_is_compared_only_while_every_rate_holds() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let group = ada.group("Funded").await;
    let rates = format!("{group}/rates");
    for (name, currency, equity) in [("dollar", "USD", "99000"), ("euro", "EUR", "98000")] {
        let account = ada.open_id(name, "follower").await;
        let body = json!({ "rules": total(), "starting_balance": "100000", "currency": currency, "stale_after_s": 600 });
        ada.post(&format!("/api/v1/accounts/{account}/phases"), body).await;
        ada.figures(&account, equity).await;
        ada.add(&group, &account).await;
    }
    let rate = |currency: &str, rate: &str| json!({ "rates": [{ "currency": currency, "rate": rate }] });

    let before = ada.group_risk(&group).await;
    let set = ada.put(&rates, rate("EUR", "1.1")).await;
    let mut refused = Vec::new();
    for body in [rate("EUR", "0"), rate("EUR", "-1"), rate("USD", "1"), rate("eur", "1")] {
        refused.extend(ada.put(&rates, body).await.invalid_fields());
    }
    let twice = json!({ "rates": [{ "currency": "EUR", "rate": "1" }, { "currency": "EUR", "rate": "2" }] });
    refused.extend(ada.put(&rates, twice).await.invalid_fields());
    let by_eve = eve.put(&rates, rate("EUR", "9")).await;
    app.sql("update group_rates set as_of = now() - interval '7 days 1 second'").await;
    let old = ada.group_risk(&group).await;
    ada.put(&rates, rate("EUR", "1.2")).await;
    let renewed = ada.group_risk(&group).await;
    ada.put(&group, json!({ "name": "Funded", "base_currency": "GBP", "version": 1 })).await;
    let in_pounds = ada.group_risk(&group).await;

    let least = |risk: &Value| (risk["min_money"].clone(), risk["missing_rates"].clone());
    assert_eq!(least(&before), (Value::Null, json!(["EUR"])), "never the least of a part");
    assert_eq!(before["rule_states"]["max_total_loss"]["min_buffer"], Value::Null);
    assert_eq!(set.status, 200, "{}", set.text);
    assert_eq!(
        (&set.body["min_money"]["value"], &set.body["min_money"]["account_name"]),
        (&json!("8800"), &json!("euro"))
    );
    let shown = &set.body["rates"][0];
    assert_eq!(
        (&shown["currency"], &shown["rate"], &shown["fresh"]),
        (&json!("EUR"), &json!("1.1"), &json!(true))
    );
    assert!(shown["expires_at"].as_str() > shown["as_of"].as_str());
    let codes: Vec<_> = refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(
        codes,
        [
            ("rates[0].rate", "out_of_range"),
            ("rates[0].rate", "out_of_range"),
            ("rates[0].currency", "is_base"),
            ("rates[0].currency", "invalid_currency"),
            ("rates[1].currency", "duplicate"),
        ]
    );
    assert_eq!(by_eve.refusal(), (404, "not_found"));
    assert_eq!((least(&old), &old["rates"][0]["fresh"]), ((Value::Null, json!(["EUR"])), &json!(false)));
    assert_eq!(renewed["min_money"]["value"], "9000", "that of the dollars, as 9,600 of the euros");
    assert_eq!((&in_pounds["rates"], least(&in_pounds)), (&json!([]), (Value::Null, json!(["EUR", "USD"]))));
    let audited = "select count(*) from audit where action = 'group_rates_set'";
    assert_eq!(app.count(audited).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_new_accounts_begin_with_is_edited_by_version_and_offered_as_rules() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    let path = "/api/v1/me/risk-defaults";
    let numbers = |positions: i64, trade: &str, version: i32| {
        json!({ "max_open_positions": positions,
        "risk_per_trade_percent": trade, "daily_loss_percent": "4", "max_drawdown_percent": "8", "version": version })
    };

    let shipped = ada.get(path).await;
    let set = ada.put(path, numbers(3, "0.5", 0)).await;
    let stale = ada.put(path, numbers(9, "9", 0)).await;
    let again = ada.put(path, numbers(1, "1.25", 1)).await;
    let ahead = ada.put(path, numbers(9, "9", 3)).await;
    let mut refused = Vec::new();
    for body in [
        numbers(0, "1", 2),
        numbers(1_001, "1", 2),
        numbers(1, "0", 2),
        numbers(1, "100.1", 2),
        numbers(1, "0.00001", 2),
    ] {
        refused.extend(ada.put(path, body).await.invalid_fields());
    }
    let negative = ada.put(path, numbers(-1, "1", 2)).await;
    Rows::of(&app, &ada).await.grant(&eve).await;
    let by_guest = eve.get_of(&ada.id, path).await;
    let guest = eve.request("PUT", path).header("x-flotilla-owner", &ada.id).json(&numbers(9, "9", 2));
    let guest = app.send(guest).await;
    let eves = eve.get(path).await;
    let offer = json!({ "version": 0, "rules": again.body["rules"], "starting_balance": "50000" });
    let taken = ada.put(&format!("/api/v1/accounts/{gold}/rules"), offer).await;

    let values = |answer: &Answer| {
        [
            "max_open_positions",
            "risk_per_trade_percent",
            "daily_loss_percent",
            "max_drawdown_percent",
            "version",
        ]
        .map(|field| answer.body[field].clone())
    };
    let plain = [json!(2), json!("2"), json!("5"), json!("15"), json!(0)];
    assert_eq!((shipped.status, values(&shipped)), (200, plain.clone()), "{}", shipped.text);
    assert_eq!((set.status, &set.body["version"]), (200, &json!(1)), "{}", set.text);
    assert_eq!([stale.refusal(), ahead.refusal()], [(409, "stale_version"); 2]);
    assert_eq!(values(&again), [json!(1), json!("1.25"), json!("4"), json!("8"), json!(2)]);
    let fields: Vec<_> = refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    let positions = ("max_open_positions", "out_of_range");
    let trade = ("risk_per_trade_percent", "out_of_range");
    assert_eq!(fields, [positions, positions, trade, trade, trade]);
    assert_eq!(negative.status, 422, "{}", negative.text);
    assert_eq!((by_guest.status, values(&by_guest)), (200, values(&again)));
    assert_eq!((guest.refusal(), values(&eves)), ((403, "read_only"), plain), "hers are her own");
    assert_eq!(taken.status, 200, "{}", taken.text);
    let kinds: Vec<_> =
        taken.body["rules"].as_array().unwrap().iter().map(|rule| rule["kind"].clone()).collect();
    assert_eq!(kinds, ["max_open_positions", "max_risk_per_trade", "max_daily_loss", "max_total_loss"]);
    assert_eq!(taken.body["rules"][3]["limit"], json!({ "type": "percent", "value": "8", "of": "initial" }));
    assert_eq!(app.count("select count(*) from audit where action = 'risk_defaults_changed'").await, 2);
}
