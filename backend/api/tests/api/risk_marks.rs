//! Marks that accounts, groups and owners set, and which of them hold.

use serde_json::{Value, json};

use crate::risk::total;
use crate::support::{Answer, Person, TestApp};

fn money(caution: &str, critical: &str) -> Value {
    json!({ "money": { "caution": caution, "critical": critical } })
}

impl Person<'_> {
    async fn mark_group(&self, group: &str, marks: Value) -> Answer {
        let read = self.get(group).await;
        let body = json!({ "name": read.body["name"], "version": read.body["version"], "thresholds": marks });
        self.put(group, body).await
    }

    async fn mark_account(&self, account: &str, marks: Value) -> Answer {
        let path = format!("/api/v1/accounts/{account}/rules");
        let read = self.get(&path).await.body;
        let body = json!({ "version": read["version"], "rules": read["rules"], "thresholds": marks });
        self.put(&path, body).await
    }

    async fn mark_all(&self, marks: Value) -> Answer {
        let mut body = self.get("/api/v1/me/risk-defaults").await.body;
        body.as_object_mut().unwrap().remove("rules");
        body["thresholds"] = marks;
        self.put("/api/v1/me/risk-defaults", body).await
    }

    /// Status of the account, the marks of its first rule, and who set them.
    async fn marked(&self, account: &str) -> (String, Value, String, Vec<String>) {
        let risk = self.risk(account).await;
        let rule = &risk["rules"][0];
        let from = &rule["thresholds_from"];
        let groups = from["groups"].as_array().unwrap().iter();
        (
            risk["status"].as_str().unwrap().to_owned(),
            json!([rule["thresholds"]["caution"], rule["thresholds"]["critical"]]),
            from["level"].as_str().unwrap().to_owned(),
            groups.map(|group| group["name"].as_str().unwrap().to_owned()).collect(),
        )
    }
}

fn stands(
    status: &str,
    marks: [&str; 2],
    level: &str,
    groups: &[&str],
) -> (String, Value, String, Vec<String>) {
    let groups = groups.iter().map(|name| (*name).to_owned()).collect();
    (status.to_owned(), json!(marks), level.to_owned(), groups)
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_of_the_account_come_before_those_of_its_groups_and_these_before_its_owners() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let (early, late) = (ada.group("Early").await, ada.group("Late").await);
    ada.add(&early, &gold).await;
    ada.add(&late, &gold).await;
    // 55 % of the room is left.
    ada.figures(&gold, "95500").await;
    let due = "select count(*) from risk_states where due_at <= now()";
    let not_due = "update risk_states set due_at = now() + interval '1 hour'";

    let built_in = ada.marked(&gold).await;
    app.sql(not_due).await;
    let of_owner = ada.mark_all(money("60", "30")).await;
    let (seen_of_owner, due_of_owner) = (ada.marked(&gold).await, app.count(due).await);
    app.sql(not_due).await;
    let of_group = ada.mark_group(&late, money("40", "35")).await;
    let (seen_of_group, due_of_group) = (ada.marked(&gold).await, app.count(due).await);
    ada.mark_group(&early, money("70", "10")).await;
    let of_both = ada.marked(&gold).await;
    let inherits = ada.mark_account(&gold, money("56", "55")).await;
    let of_account = ada.marked(&gold).await;
    let phases = format!("/api/v1/accounts/{gold}/phases");
    ada.post(&phases, json!({ "rules": total(), "starting_balance": "100000" })).await;
    ada.figures(&gold, "95500").await;
    let of_next_phase = ada.marked(&gold).await;
    let mut rules = total();
    rules[0]["thresholds"] = json!({ "caution": "10", "critical": "5" });
    let path = format!("/api/v1/accounts/{gold}/rules");
    ada.put(&path, json!({ "version": 1, "rules": rules })).await;
    let of_rule = ada.marked(&gold).await;
    ada.put(&path, json!({ "version": 2, "rules": total(), "thresholds": null })).await;
    app.sql(not_due).await;
    ada.delete(&format!("{late}/accounts/{gold}")).await;
    let (left, due_of_left) = (ada.marked(&gold).await, app.count(due).await);
    ada.mark_group(&early, Value::Null).await;
    ada.mark_all(Value::Null).await;
    let nobody = ada.marked(&gold).await;

    assert_eq!(built_in, stands("safe", ["50", "20"], "built_in", &[]));
    assert_eq!((of_owner.status, &of_owner.body["thresholds"]["count"]), (200, &Value::Null));
    assert_eq!(seen_of_owner, stands("caution", ["60", "30"], "tenant", &[]));
    assert_eq!(of_group.status, 200, "{}", of_group.text);
    assert_eq!(of_group.body["thresholds"]["money"], json!({ "caution": "40", "critical": "35" }));
    assert_eq!(seen_of_group, stands("safe", ["40", "35"], "group", &["Late"]));
    assert_eq!((due_of_owner, due_of_group), (1, 1), "the worker tells of it without new figures");
    assert_eq!(of_both, stands("caution", ["70", "35"], "group", &["Early", "Late"]));
    assert_eq!(inherits.status, 200, "{}", inherits.text);
    assert_eq!(
        inherits.body["own_thresholds"],
        json!({ "money": { "caution": "56", "critical": "55" }, "count": null })
    );
    let inherited = &inherits.body["inherited"];
    assert_eq!(inherited["thresholds"]["money"], json!({ "caution": "70", "critical": "35" }));
    assert_eq!([&inherited["money_from"]["level"], &inherited["count_from"]["level"]], ["group", "built_in"]);
    assert_eq!(of_account, stands("critical", ["56", "55"], "account", &[]));
    assert_eq!(of_next_phase, of_account, "they outlast a phase");
    assert_eq!(of_rule, stands("safe", ["10", "5"], "rule", &[]));
    assert_eq!(left, stands("caution", ["70", "10"], "group", &["Early"]));
    assert_eq!(due_of_left, 1);
    assert_eq!(nobody, built_in);
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_that_make_no_sense_or_are_of_an_old_version_are_refused() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    ada.figures(&gold, "95500").await;
    let group = ada.group("Funded").await;
    ada.add(&group, &gold).await;
    let put = async |version: i32, marks: Value| {
        ada.put(&group, json!({ "name": "Funded", "version": version, "thresholds": marks })).await
    };

    let crossed = put(1, money("20", "50")).await;
    let vast = ada.mark_all(money("1000001", "50")).await;
    let of_account = ada.mark_account(&gold, json!({ "count": { "caution": "1", "critical": "2" } })).await;
    let half = put(1, json!({ "money": { "caution": "50" } })).await;
    let first = put(1, money("60", "30")).await;
    let second = put(1, money("90", "30")).await;
    let silent = ada.put(&group, json!({ "name": "Funded", "version": 2 })).await;
    let of_defaults = ada.get("/api/v1/me/risk-defaults").await.body;
    eve.mark_all(money("99", "98")).await;
    let risk = ada.marked(&gold).await;

    let critical = |class: &str| [(format!("thresholds.{class}.critical"), "above_caution".to_owned())];
    assert_eq!(crossed.invalid_fields(), critical("money"));
    assert_eq!(of_account.invalid_fields(), critical("count"));
    assert_eq!(vast.invalid_fields(), [("thresholds.money.caution".to_owned(), "out_of_range".to_owned())]);
    assert_eq!(half.status, 422, "{}", half.text);
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(second.refusal(), (409, "stale_version"));
    assert_eq!(silent.body["thresholds"], first.body["thresholds"], "silence removes nothing");
    assert_eq!((&of_defaults["version"], &of_defaults["thresholds"]), (&json!(0), &Value::Null));
    assert_eq!(
        risk,
        stands("caution", ["60", "30"], "group", &["Funded"]),
        "another owner's marks judge nobody here"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_told_how_many_guards_may_act_by_other_marks() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let group = ada.group("Funded").await;
    let id = group.replace("/api/v1/groups/", "");
    let names = ["gold", "silver", "late", "told", "bare"];
    let mut accounts = Vec::new();
    for name in names {
        let account = ada.open_id(name, "follower").await;
        if name != "bare" {
            ada.judge(&account, total()).await;
        }
        accounts.push(account);
    }
    ada.add(&group, &accounts[0]).await;
    let acts = [
        ("critical", "stop_new"),
        ("violated", "close_all"),
        ("caution", "notify"),
        ("caution", "close_all"),
    ];
    for (account, (status, action)) in accounts.iter().skip(1).zip(acts) {
        let guard = json!({ "guard": { "status": status, "action": action }, "version": 0 });
        assert_eq!(ada.put(&format!("/api/v1/accounts/{account}/guard"), guard).await.status, 200);
    }
    let of_group =
        json!({ "name": "Funded", "version": 1, "guard": { "status": "critical", "action": "close_all" } });
    assert_eq!(ada.put(&group, of_group).await.status, 200);
    let path = "/api/v1/risk/guarded";
    let counted = async |place: &str| ada.get(&format!("{path}{place}")).await.body;

    let before = [
        counted("").await,
        counted(&format!("?group_id={id}")).await,
        counted(&format!("?account_id={}", accounts[1])).await,
    ];
    let whole = json!({ "caution": "60", "critical": "30" });
    ada.mark_group(&group, json!({ "money": whole, "count": whole })).await;
    let of_group = [counted("").await, counted(&format!("?group_id={id}")).await];
    ada.mark_account(&accounts[0], json!({ "money": whole, "count": whole })).await;
    let of_account =
        [counted(&format!("?group_id={id}")).await, counted(&format!("?account_id={}", accounts[0])).await];
    let foreign = eve.get(&format!("{path}?group_id={id}")).await;

    let tell = |accounts: i32, closing: i32| json!({ "accounts": accounts, "closing": closing });
    assert_eq!(
        before,
        [tell(2, 1), tell(1, 1), tell(1, 0)],
        "not where a line is crossed, nor where one is told"
    );
    assert_eq!(of_group, [tell(1, 0), tell(1, 1)], "its own marks hold for the group");
    assert_eq!(of_account, [tell(0, 0), tell(1, 1)]);
    assert_eq!((foreign.status, eve.get(path).await.body), (404, tell(0, 0)));
}
