use serde_json::{Value, json};

use crate::risk::total;
use crate::stream::Socket;
use crate::support::{Answer, Person, Rows, TestApp};

/// Stops everything at critical.
fn strict() -> Value {
    json!({ "status": "critical", "action": "close_all" })
}

fn path(account: &str) -> String {
    format!("/api/v1/accounts/{account}/guard")
}

impl Person<'_> {
    async fn set_guard(&self, account: &str, guard: Value, version: i32) -> Answer {
        self.put(&path(account), json!({ "guard": guard, "version": version })).await
    }

    /// A group with a guard at critical that closes everything.
    async fn guarded_group(&self, account: &str) -> String {
        let group = self.group("Funded").await;
        self.add(&group, account).await;
        let set = self.put(&group, json!({ "name": "Funded", "version": 1, "guard": strict() })).await;
        assert_eq!(set.status, 200, "{}", set.text);
        group
    }

    async fn resume(&self, scope: &str, id: &str) -> Answer {
        let mut body = json!({ "action": "resume", "scope": scope });
        body[format!("{scope}_id")] = json!(id);
        self.post("/api/v1/stop", body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accounts_guard_is_set_by_version_and_silence_never_turns_it_off() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;

    let before = ada.get(&path(&gold)).await;
    let set = ada.set_guard(&gold, strict(), 0).await;
    let again = ada.set_guard(&gold, strict(), 0).await;
    let silent = ada.put(&path(&gold), json!({ "version": 1 })).await;
    let mut refused = Vec::new();
    for (status, action) in
        [("stale", "stop_new"), ("safe", "stop_new"), ("banana", "stop_new"), ("critical", "open")]
    {
        refused.push(ada.set_guard(&gold, json!({ "status": status, "action": action }), 1).await.status);
    }
    let kept = ada.get(&path(&gold)).await;
    let off = ada.set_guard(&gold, Value::Null, 1).await;
    let stale = ada.set_guard(&gold, strict(), 1).await;
    let on = ada.set_guard(&gold, json!({ "status": "caution", "action": "notify" }), 2).await;

    let nothing = json!({ "guard": null, "version": 0, "trip": null, "holding": false, "holding_accounts": [], "crossed_accounts": [] });
    assert_eq!((before.status, &before.body), (200, &nothing), "{}", before.text);
    assert_eq!(
        (set.status, &set.body["guard"], &set.body["version"]),
        (200, &strict(), &json!(1)),
        "{}",
        set.text
    );
    assert_eq!(
        (&set.body["holding"], &set.body["holding_accounts"]),
        (&json!(true), &json!([gold])),
        "no rules yet"
    );
    assert_eq!(again.refusal(), (409, "stale_version"));
    assert_eq!((silent.status, silent.invalid_fields()), (422, vec![("guard".into(), "required".into())]));
    assert!(refused.iter().all(|status| matches!(status, 400 | 422)), "{refused:?}");
    assert_eq!((&kept.body["guard"], &kept.body["version"]), (&strict(), &json!(1)));
    assert_eq!((off.status, &off.body["guard"], &off.body["holding"]), (200, &Value::Null, &json!(false)));
    assert_eq!(stale.refusal(), (409, "stale_version"));
    assert_eq!((on.status, &on.body["version"], &on.body["holding"]), (200, &json!(3), &json!(false)));
    let audited = "select count(*) from audit where action = 'guard_set' and detail like '%\"guard\"%'";
    assert_eq!(app.count(audited).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groups_guard_is_edited_with_the_group_and_stays_unless_it_is_named() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let group = ada.guarded_group(&gold).await;

    let listed = ada.get("/api/v1/groups").await;
    let renamed = ada.put(&group, json!({ "name": "Renamed", "version": 2 })).await;
    let stale = ada.put(&group, json!({ "name": "x", "version": 2, "guard": null })).await;
    let wrong = json!({ "name": "x", "version": 3, "guard": { "status": "unknown", "action": "notify" } });
    let wrong = ada.put(&group, wrong).await;
    let blind = ada.get(&format!("{group}/risk")).await.body["guard"].clone();
    ada.judge(&gold, total()).await;
    ada.figures(&gold, "99000").await;
    let seeing = ada.get(&format!("{group}/risk")).await.body["guard"].clone();
    let off = ada.put(&group, json!({ "name": "Renamed", "version": 3, "guard": null })).await;

    assert_eq!(listed.body["items"][0]["guard"], strict());
    assert_eq!((renamed.status, &renamed.body["guard"]), (200, &strict()), "{}", renamed.text);
    assert_eq!(stale.refusal(), (409, "stale_version"));
    assert_eq!(
        (wrong.status, wrong.invalid_fields()),
        (422, vec![("guard.status".into(), "out_of_range".into())])
    );
    assert_eq!(
        (&blind["guard"], &blind["holding"], &blind["holding_accounts"]),
        (&strict(), &json!(true), &json!([gold]))
    );
    assert_eq!(
        (&seeing["holding"], &seeing["holding_accounts"], &seeing["trip"]),
        (&json!(false), &json!([]), &Value::Null)
    );
    assert_eq!((off.status, &off.body["guard"]), (200, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guard_did_stands_until_a_person_resumes_and_is_kept_for_ever() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    ada.figures(&gold, "99000").await;
    ada.set_guard(&gold, strict(), 0).await;

    let risk = ada.figures(&gold, "91000").await;
    let asked =
        "select count(*) from requests where kind = 'flatten' and actor_id is null and trip_id is not null";
    let asked = app.count(asked).await;
    let inbox = ada.get("/api/v1/alerts?kind=guard_tripped").await;
    let stops = ada.get("/api/v1/stop").await;
    let off = ada.set_guard(&gold, Value::Null, 1).await;
    let resumed = ada.resume("account", &gold).await;
    let after = ada.get(&path(&gold)).await;
    ada.figures(&gold, "90900").await;
    let past = ada.get(&format!("{}/trips", path(&gold))).await;

    let trip = &risk["guard"]["trip"];
    assert_eq!(
        (&trip["scope"], &trip["scope_id"], &trip["scope_name"]),
        (&json!("account"), &json!(gold), &json!("gold"))
    );
    assert_eq!((&trip["rule_id"], &trip["kind"]), (&json!("total"), &json!("max_total_loss")));
    assert_eq!((&trip["status"], &trip["action"]), (&json!("critical"), &json!("close_all")));
    assert_eq!(asked, 1);
    let detail = json!({ "scope": "account", "name": "gold", "account": "gold", "rule": "total", "status": "critical", "action": "close_all" });
    assert_eq!(
        (&inbox.body["items"][0]["detail"], &inbox.body["items"][0]["severity"]),
        (&detail, &json!("critical"))
    );
    assert_eq!(stops.body["stops"][0]["account_id"], json!(gold));
    assert_eq!(&stops.body["stops"][0]["guard_trip"], trip);
    assert_eq!(&off.body["trip"], trip, "turning a guard off resumes nothing");
    assert_eq!(resumed.status, 202, "{}", resumed.text);
    assert_eq!(after.body["trip"], Value::Null);
    assert_eq!(app.count("select count(*) from stops").await, 0);
    assert_eq!(past.body["items"].as_array().unwrap().len(), 1, "{}", past.text);
    assert_eq!(
        (&past.body["items"][0]["id"], &past.body["items"][0]["resumed_by_name"]),
        (&trip["id"], &json!("ada"))
    );
    assert!(past.body["items"][0]["resumed_at"].is_string());
    let audited = "select count(*) from audit where action = 'guard_tripped' and actor_id is null
        or action = 'copying_resumed' and detail like '%guard_trip_id%'";
    assert_eq!(app.count(audited).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_stays_critical_trips_once_and_a_stronger_action_takes_the_place_of_a_weaker() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    ada.set_guard(&gold, json!({ "status": "critical", "action": "stop_new" }), 0).await;
    let trips = format!("{}/trips", path(&gold));
    let count = async || ada.get(&trips).await.body["items"].as_array().unwrap().len();

    ada.figures(&gold, "91000").await;
    ada.figures(&gold, "90900").await;
    let once = count().await;
    ada.resume("account", &gold).await;
    ada.figures(&gold, "90800").await;
    let still = count().await;
    ada.figures(&gold, "99000").await;
    ada.figures(&gold, "91000").await;
    let anew = count().await;
    ada.resume("account", &gold).await;
    ada.figures(&gold, "89000").await;
    let worse = count().await;
    ada.set_guard(&gold, strict(), 1).await;
    ada.figures(&gold, "88000").await;
    let standing = ada.get(&path(&gold)).await.body["trip"]["action"].clone();

    assert_eq!((once, still, anew, worse), (1, 1, 2, 3));
    assert_eq!((count().await, standing), (4, json!("close_all")));
    assert_eq!(app.count("select count(*) from guard_trips where resumed_at is null").await, 1);
    assert_eq!(app.count("select count(*) from stops where trip_id is not null").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groups_guard_is_told_live_and_its_group_cannot_be_deleted_meanwhile() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "follower").await, ada.open_id("silver", "follower").await);
    let group = ada.guarded_group(&gold).await;
    ada.add(&group, &silver).await;
    for account in [&gold, &silver] {
        ada.judge(account, total()).await;
        ada.figures(account, "99000").await;
    }
    let id = group.replace("/api/v1/groups/", "");
    let mut socket = Socket::listening(&ada, &[&format!("group:{id}")]).await;
    socket.hear_of("risk.group").await;

    ada.figures(&gold, "91000").await;
    // The group's state and what happened come in either order.
    let (mut tripped, mut live) = (Value::Null, Value::Null);
    while tripped.is_null() || live.is_null() {
        let told = socket.hear().await.expect("an open socket");
        if told["type"] == "guard.tripped" {
            tripped = told;
        } else if told["type"] == "risk.group" && !told["data"]["guard"]["trip"].is_null() {
            live = told;
        }
    }
    let deleted = ada.delete(&group).await;
    // The one that tripped it leaves; its group is told all the same.
    ada.delete(&format!("{group}/accounts/{gold}")).await;
    ada.resume("group", &id).await;
    let resumed = socket.hear_of("guard.resumed").await;
    let past = ada.get(&format!("{group}/guard/trips")).await;
    let gone = ada.delete(&group).await;

    assert_eq!((&tripped["data"]["scope"], &tripped["data"]["scope_id"]), (&json!("group"), &json!(id)));
    assert_eq!(
        (&tripped["data"]["scope_name"], &tripped["data"]["account_name"]),
        (&json!("Funded"), &json!("gold"))
    );
    assert_eq!(live["data"]["guard"]["trip"], tripped["data"]);
    assert_eq!(deleted.refusal(), (409, "group_stopped"));
    assert_eq!(resumed["data"]["id"], tripped["data"]["id"]);
    assert_eq!(past.body["items"][0]["resumed_by_name"], "ada");
    assert_eq!(gone.status, 204, "{}", gone.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_a_group_that_its_guard_stopped_is_stopped_and_told_and_keeps_what_is_open() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let group = ada.guarded_group(&gold).await;
    let (late, unseen) = (ada.open_id("late", "follower").await, ada.open_id("unseen", "follower").await);
    for account in [&gold, &late] {
        ada.judge(account, total()).await;
        ada.figures(account, "91000").await;
    }

    let join =
        async |account: &str| ada.post(&format!("{group}/accounts"), json!({ "account_id": account })).await;
    let joined = join(&late).await;
    let again = join(&late).await;
    // It stands as badly as the one that tripped the guard.
    ada.figures(&late, "90900").await;
    join(&unseen).await;
    let told = ada.get("/api/v1/alerts?kind=guard_tripped").await;
    let blind = ada.get("/api/v1/alerts?kind=guard_blind").await;
    let apart = ada.open_id("apart", "follower").await;
    let listed = ada.get("/api/v1/risk").await;
    ada.resume("group", &group.replace("/api/v1/groups/", "")).await;
    let resumed = ada.get("/api/v1/risk").await;

    let stopped = |answer: &Answer| -> Vec<Value> {
        let items = answer.body["items"].as_array().unwrap();
        items
            .iter()
            .filter(|item| item["guard_stopped"] == true)
            .map(|item| item["account_id"].clone())
            .collect()
    };
    assert_eq!(stopped(&listed), [json!(gold), json!(late), json!(unseen)], "by name, without {apart}");
    assert!(stopped(&resumed).is_empty());
    let trip = &joined.body["guard_trip"];
    assert_eq!(
        (&trip["account_name"], &trip["action"]),
        (&json!("gold"), &json!("close_all")),
        "{}",
        joined.text
    );
    assert_eq!(again.body["guard_trip"], *trip);
    let items = told.body["items"].as_array().unwrap();
    let of_late: Vec<_> = items.iter().filter(|item| item["account_id"] == json!(late)).collect();
    assert_eq!(of_late.len(), 1, "{}", told.text);
    assert_eq!((&of_late[0]["times_seen"], &of_late[0]["detail"]["action"]), (&json!(1), &json!("stop_new")));
    assert!(blind.body["items"].as_array().unwrap().iter().any(|item| item["account_id"] == json!(unseen)));
    let asked = |kind: &str, account: &str| {
        format!(
            "select count(*) from requests where kind = '{kind}' and trip_id is not null and '{account}' = any(account_ids)"
        )
    };
    assert_eq!(app.count(&asked("stop_new", &late)).await, 1);
    assert_eq!(app.count(&asked("flatten", &gold)).await, 1);
    assert_eq!(app.count("select count(*) from requests where kind = 'flatten'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_sees_guards_and_changes_none_and_strangers_find_nothing() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    let group = ada.guarded_group(&gold).await;
    let pages = [path(&gold), format!("{}/trips", path(&gold)), format!("{group}/guard/trips")];

    let mut strange = Vec::new();
    for page in &pages {
        strange.push(eve.get(page).await);
    }
    strange.push(eve.set_guard(&gold, Value::Null, 0).await);
    Rows::of(&app, &ada).await.grant(&eve).await;
    let mut seen = Vec::new();
    for page in &pages {
        seen.push(eve.get_of(&ada.id, page).await.status);
    }
    let put = eve.request("PUT", &path(&gold)).header("x-flotilla-owner", &ada.id);
    let as_guest = app.send(put.json(&json!({ "guard": null, "version": 0 }))).await;
    app.sql(&format!("update users set role = 'viewer' where id = '{}'", ada.id)).await;
    let demoted = app.sign_in("ada").await.set_guard(&gold, Value::Null, 0).await;

    for answer in strange {
        assert_eq!(answer.refusal(), (404, "not_found"), "{}", answer.text);
    }
    assert_eq!(seen, [200, 200, 200]);
    assert_eq!(as_guest.refusal(), (403, "read_only"));
    assert_eq!(demoted.refusal(), (403, "forbidden"));
    assert_eq!(app.count("select count(*) from guards where action is not null").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_to_resume_hears_of_each_account_that_came_where_the_guard_acts() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "follower").await, ada.open_id("silver", "follower").await);
    let group = ada.guarded_group(&gold).await;
    ada.add(&group, &silver).await;
    for account in [&gold, &silver] {
        ada.judge(account, total()).await;
        ada.figures(account, "99000").await;
    }

    let mut crossed = Vec::new();
    for account in [&gold, &silver, &silver] {
        ada.figures(account, "91000").await;
        let state = ada.get(&format!("{group}/risk")).await.body["guard"].clone();
        crossed.push(state["crossed_accounts"].as_array().unwrap().len());
    }
    let told = ada.get("/api/v1/alerts?kind=guard_tripped").await;

    assert_eq!(crossed, [1, 2, 2]);
    let mut names: Vec<_> = told.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alert| format!("{} {}", alert["detail"]["account"], alert["times_seen"]))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["\"gold\" 1", "\"silver\" 1"], "{}", told.text);
    assert_eq!(app.count("select count(*) from guard_trips").await, 1);
}

/// Whoever waits for a guard must not keep others from the audit trail, for which they may wait who hold that guard.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_waits_for_a_guard_holds_nobody_from_the_audit_trail() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    ada.figures(&gold, "96000").await;
    let of = |what: &str| format!("/api/v1/accounts/{gold}/{what}");
    let rules =
        json!([{ "id": "total", "kind": "max_total_loss", "limit": { "type": "amount", "value": "4500" } }]);
    let label = chrono::Utc::now().date_naive();
    let corrections = [
        (
            "POST",
            of("floor-overrides"),
            json!({ "rule_id": "total", "floor": "95500", "reason": "a payout" }),
        ),
        ("PUT", of("rules"), json!({ "version": 1, "rules": rules })),
        ("POST", of("cash-flows"), json!({ "kind": "deposit", "amount": "100" })),
        ("PUT", of(&format!("day-starts/{label}")), json!({ "balance": "100000", "equity": "100000" })),
    ];
    let other = app.db.admin().await;
    let chain = "select pg_try_advisory_xact_lock(('x' || right(replace(id::text, '-', ''), 16))::bit(64)::bigint) from users where name = 'ada'";

    ada.set_guard(&gold, json!({ "status": "caution", "action": "stop_new" }), 0).await;
    for (method, path, body) in corrections {
        // Nothing is left of what it did: the guard acts once more when the account is looked at.
        app.sql("delete from guard_latches; update guard_trips set resumed_at = now(); delete from stops")
            .await;
        other.batch_execute("begin; update guards set version = version").await.unwrap();
        let request = ada.request(method, &path).json(&body);
        let waits = async {
            let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
            while app.count(waiting).await == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            let is_free: bool = other.query_one(chain, &[]).await.unwrap().get(0);
            other.batch_execute("commit").await.unwrap();
            is_free
        };
        let (answer, is_free) = tokio::join!(app.send(request), waits);
        assert!(answer.status < 300, "{path}: {}", answer.text);
        assert!(is_free, "{path}");
    }
}
