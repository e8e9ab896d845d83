use serde_json::{Value, json};

use crate::support::{Answer, Person, Rows, TestApp};

impl Person<'_> {
    /// Creates a group and returns its address.
    pub async fn group(&self, name: &str) -> String {
        let answer = self.post("/api/v1/groups", json!({ "name": name })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        format!("/api/v1/groups/{}", answer.body["id"].as_str().expect("an id"))
    }

    pub async fn add(&self, group: &str, account: &str) -> Answer {
        self.post(&format!("{group}/accounts"), json!({ "account_id": account })).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_filled_edited_and_deleted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "follower").await, ada.open_id("silver", "follower").await);

    let made = ada.post("/api/v1/groups", json!({ "name": " Funded ", "base_currency": "EUR" })).await;
    let group = format!("/api/v1/groups/{}", made.body["id"].as_str().unwrap());
    let other = ada.group("Other").await;
    ada.add(&group, &silver).await;
    let full = ada.add(&group, &gold).await;
    let twice = ada.add(&other, &gold).await;
    let removed = ada.delete(&format!("{group}/accounts/{silver}")).await;
    let edited = ada.put(&group, json!({ "name": "Prop firms", "version": 1 })).await;
    let listed = ada.get("/api/v1/groups").await;
    let shown = ada.get(&group).await;

    assert_eq!((made.status, &made.body["name"], &made.body["version"]), (201, &json!("Funded"), &json!(1)));
    assert_eq!((&made.body["user_id"], &made.body["accounts"]), (&json!(ada.id), &json!([])));
    assert_eq!(full.status, 200, "{}", full.text);
    assert_eq!(full.body["account_ids"], json!([gold, silver]));
    assert_eq!(full.body["accounts"][1], json!({ "id": silver, "name": "silver" }));
    assert_eq!((twice.status, removed.status), (200, 204), "an account may be in several groups");
    assert_eq!((edited.status, &edited.body["version"]), (200, &json!(2)));
    assert_eq!((&shown.body, &shown.body["base_currency"]), (&edited.body, &json!("EUR")));
    assert_eq!(listed.column("name"), ["Prop firms", "Other"]);
    assert_eq!(ada.delete(&group).await.status, 204);
    assert_eq!(ada.get(&group).await.refusal(), (404, "not_found"));
    assert_eq!(ada.get(&format!("/api/v1/accounts/{gold}")).await.status, 200, "accounts stay");
    let audited = "select count(*) from audit where target_kind = 'group' and action in ('group_created',
        'group_changed', 'group_deleted', 'group_account_added', 'group_account_removed')";
    assert_eq!(app.count(audited).await, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_come_in_pages_and_there_is_a_most_of_them() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for name in ["a", "b", "c"] {
        ada.group(name).await;
    }

    let first = ada.get("/api/v1/groups?limit=2").await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("/api/v1/groups?limit=2&cursor={cursor}")).await;

    assert_eq!(
        (first.column("name"), second.column("name")),
        (vec!["a".into(), "b".into()], vec!["c".into()])
    );
    assert_eq!(second.body["next_cursor"], Value::Null);

    let more = "insert into groups (owner_id, name) select id, 'A' || number from users, generate_series(4, 100) number";
    app.sql(more).await;
    let one_more = ada.post("/api/v1/groups", json!({ "name": "d" })).await;
    assert_eq!(one_more.refusal(), (409, "too_many_groups"));
    app.sql("delete from groups where name = 'A100'").await;
    ada.group("d").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_an_old_version_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let group = ada.group("Funded").await;
    ada.put(&group, json!({ "name": "First", "version": 1 })).await;

    let stale = ada.put(&group, json!({ "name": "Second", "base_currency": "EUR", "version": 1 })).await;
    let future = ada.put(&group, json!({ "name": "Third", "version": 3 })).await;

    assert_eq!([stale.refusal(), future.refusal()], [(409, "stale_version"); 2]);
    let shown = ada.get(&group).await.body;
    assert_eq!((&shown["name"], &shown["base_currency"]), (&json!("First"), &json!("USD")));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_tell_the_groups_of_an_owner_apart() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let group = ada.group("Funded").await;
    let other = ada.group("Other").await;

    let made = ada.post("/api/v1/groups", json!({ "name": "fUNDED" })).await;
    let renamed = ada.put(&other, json!({ "name": "FUNDED ", "version": 1 })).await;
    let itself = ada.put(&group, json!({ "name": "FUNDED", "version": 1 })).await;

    assert_eq!([made.refusal(), renamed.refusal()], [(409, "name_taken"); 2]);
    assert_eq!(itself.status, 200, "{}", itself.text);
    eve.group("Funded").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_make_no_sense_are_refused_by_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let group = ada.group("Funded").await;
    let long = "ก".repeat(101);

    for (body, field, code) in [
        (json!({ "name": long }), "name", "too_long"),
        (json!({ "name": "  " }), "name", "required"),
        (json!({ "name": "a\u{7}b" }), "name", "invalid"),
        (json!({ "name": "a", "base_currency": "usd" }), "base_currency", "invalid_currency"),
    ] {
        let made = ada.post("/api/v1/groups", body.clone()).await;
        let mut edit = body;
        edit["version"] = json!(1);
        let edited = ada.put(&group, edit).await;
        for answer in [made, edited] {
            let expected = (422, vec![(field.to_owned(), code.to_owned())]);
            assert_eq!((answer.status, answer.invalid_fields()), expected, "{}", answer.text);
        }
    }
    let longest = ada.post("/api/v1/groups", json!({ "name": "ก".repeat(100) })).await;
    assert_eq!(longest.status, 201, "a hundred letters, not bytes");
    assert_eq!(app.count("select count(*) from groups").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_in_a_group_once_and_leaves_it_when_it_is_archived() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    let group = ada.group("Funded").await;

    let answers = [ada.add(&group, &gold).await, ada.add(&group, &gold).await];
    let listed = ada.get(&group).await.body["account_ids"].clone();
    let gone = ada.delete(&format!("/api/v1/accounts/{gold}")).await;
    let after = ada.get(&group).await;
    let again = ada.add(&group, &gold).await;

    assert_eq!(answers.map(|answer| answer.status), [200, 200], "adding again is no failure");
    assert_eq!(listed, json!([gold]));
    assert_eq!((gone.status, &after.body["account_ids"]), (204, &json!([])));
    assert_eq!(again.refusal(), (409, "archived"));
    let twice = ada.delete(&format!("{group}/accounts/{gold}")).await;
    assert_eq!(twice.refusal(), (404, "not_found"));
    let added = "select count(*) from audit where action = 'group_account_added'";
    assert_eq!(app.count(added).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n26_accounts_and_groups_of_two_owners_do_not_mix() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (adas, eves) = (ada.open_id("a", "follower").await, eve.open_id("e", "follower").await);
    let (group, own) = (ada.group("Funded").await, eve.group("Funded").await);
    ada.add(&group, &adas).await;

    let into_foreign = eve.add(&group, &eves).await;
    let foreign_into_own = eve.add(&own, &adas).await;
    let out_of_foreign = eve.delete(&format!("{group}/accounts/{adas}")).await;
    let made_up = eve.add(&own, "0198f0d2-0000-7000-8000-000000000000").await;
    let stopped = eve
        .post(
            "/api/v1/stop",
            json!({ "scope": "group", "group_id": group.split('/').next_back(), "action": "flatten" }),
        )
        .await;

    for answer in [into_foreign, foreign_into_own, out_of_foreign, made_up, stopped] {
        assert_eq!(answer.refusal(), (404, "not_found"), "{}", answer.text);
    }
    assert_eq!(app.count("select count(*) from group_accounts").await, 1);
    assert_eq!(app.count("select count(*) from stops").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_sees_groups_and_changes_none() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    let group = ada.group("Funded").await;
    ada.add(&group, &gold).await;
    Rows::of(&app, &ada).await.grant(&eve).await;

    let seen = eve.get_of(&ada.id, &group).await;
    let listed = eve.get_of(&ada.id, "/api/v1/groups").await;
    let body = json!({ "name": "Mine", "version": 1 });
    let guest = eve.request("PUT", &group).header("x-flotilla-owner", &ada.id).json(&body);
    let as_guest = app.send(guest).await;
    app.sql(&format!("update users set role = 'viewer' where id = '{}'", eve.id)).await;
    let viewer = app.sign_in("eve").await;
    let by_viewer = viewer.post("/api/v1/groups", json!({ "name": "Mine" })).await;

    assert_eq!((seen.status, &seen.body["account_ids"]), (200, &json!([gold])));
    assert_eq!(listed.column("name"), ["Funded"]);
    assert_eq!(as_guest.refusal(), (403, "read_only"));
    assert_eq!(by_viewer.refusal(), (403, "forbidden"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_group_is_not_deleted_and_tells_the_worker_of_who_joins() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (gold, silver) = (ada.open_id("gold", "follower").await, ada.open_id("silver", "follower").await);
    let group = ada.group("Funded").await;
    let id = group.split('/').next_back().unwrap().to_owned();
    ada.add(&group, &gold).await;
    let press = async |action: &str| {
        ada.post("/api/v1/stop", json!({ "scope": "group", "group_id": id, "action": action })).await
    };

    let stopped = press("flatten").await;
    let joined = ada.add(&group, &silver).await;
    let refused = ada.delete(&group).await;
    let state = ada.get("/api/v1/stop").await;
    let resumed = press("resume").await;
    let deleted = ada.delete(&group).await;

    assert_eq!(
        (stopped.status, &stopped.body["scope"], &stopped.body["group_id"]),
        (202, &json!("group"), &json!(id)),
        "{}",
        stopped.text
    );
    assert_eq!(stopped.body["account_id"], Value::Null);
    assert_eq!((joined.status, resumed.status), (200, 202));
    assert_eq!(refused.refusal(), (409, "group_stopped"));
    let stops = state.body["stops"].as_array().unwrap();
    assert_eq!(stops.len(), 1);
    assert_eq!((&stops[0]["scope"], &stops[0]["group_id"]), (&json!("group"), &json!(id)));
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    let asked = app.db.admin().await;
    let asked = asked
        .query("select kind, array_to_string(account_ids, ' ') from requests order by created_at, id", &[])
        .await
        .unwrap();
    let asked: Vec<(String, String)> = asked.iter().map(|row| (row.get(0), row.get(1))).collect();
    let both = [gold.clone(), silver.clone()].join(" ");
    let expected = [("flatten", gold), ("stop_new", silver), ("resume", both)];
    assert_eq!(asked, expected.map(|(kind, accounts)| (kind.to_owned(), accounts)));
}
