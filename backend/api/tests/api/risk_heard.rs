//! What is heard live of old figures, of days that begin and of what cannot wait; and what nobody else hears.

use flotilla_store::changes::ChangeKind;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::risk::total;
use crate::stream::{Socket, hint};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn figures_that_became_old_and_a_day_that_begins_are_told_to_who_watches_the_account() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let topic = format!("account:{gold}");
    let mut socket = Socket::listening(&ada, &[&topic]).await;
    let mut spy = Socket::listening(&eve, &[&topic]).await;
    socket.hear_of("risk.account").await;
    // As the worker's clock writes and hints at them.
    let tell = async |kind: &str, detail: Value| {
        let id = Uuid::now_v7();
        app.sql(&format!(
            "insert into risk_events (id, owner_id, account_id, phase_id, kind, detail)
             select '{id}', owner_id, account_id, id, '{kind}', '{detail}' from risk_phases"
        ))
        .await;
        hint(&app, &ada, ChangeKind::RiskEvent, (&gold, id));
        id
    };

    let stale = json!({ "as_of": "2026-07-06T10:00:00Z", "last_known_status": "caution" });
    let stale_id = tell("stale", stale).await;
    let old = socket.hear_of("risk.stale").await;
    let day = json!({ "day": "2026-07-07", "next_reset_at": "2026-07-07T22:00:00Z", "ended": null });
    tell("reset", day).await;
    let began = socket.hear_of("risk.reset").await;

    assert_eq!((&old["topic"], &old["data"]["id"]), (&json!(topic), &json!(stale_id)));
    let said = &old["data"];
    assert_eq!([&said["account_id"], &said["last_known_status"]], [gold.as_str(), "caution"]);
    let said = &began["data"];
    assert_eq!([&said["day"], &said["next_reset_at"]], ["2026-07-07", "2026-07-07T22:00:00Z"]);
    assert_eq!(spy.hear().await.unwrap()["type"], "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_critical_is_told_before_the_pause_between_messages_is_over() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let group = ada.group("Funded").await;
    ada.add(&group, &gold).await;
    let topic = group.replace("/api/v1/groups/", "group:");
    let mut socket = Socket::listening(&ada, &[&topic]).await;
    let mut computed = async |status: &str| loop {
        let told = socket.hear_of("risk.group").await;
        if told["data"]["overall_status"] == status {
            let at = told["data"]["timestamp"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>();
            break at.unwrap();
        }
    };

    // Messages that wait are computed a quarter of a second apart at least. However slow this machine is, one that
    // does not wait comes sooner at some time.
    loop {
        ada.figures(&gold, "99000").await;
        let safe = computed("safe").await;
        ada.figures(&gold, "91000").await;
        let critical = computed("critical").await;
        if (critical - safe).num_milliseconds() < 250 {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n25_whoever_listens_to_all_his_groups_and_accounts_hears_nothing_of_anothers() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let group = ada.group("Funded").await;
    ada.add(&group, &gold).await;
    let topics = ["groups", "accounts", "copies", "trades"];
    let (mut socket, mut spy) =
        (Socket::listening(&ada, &topics).await, Socket::listening(&eve, &topics).await);

    for equity in ["99000", "91000", "80000"] {
        ada.figures(&gold, equity).await;
    }
    // All of it was told.
    while socket.hear_of("risk.group").await["data"]["overall_status"] != "violated" {}
    eve.group("Hers").await;
    let mut heard = Vec::new();
    while heard.last().is_none_or(|last: &Value| last["data"]["name"] != "Hers") {
        heard.push(spy.hear().await.unwrap());
    }

    let text = json!(heard).to_string();
    let adas = [gold.as_str(), ada.id.as_str(), group.trim_start_matches("/api/v1/groups/")];
    assert!(adas.iter().all(|id| !text.contains(id)), "{text}");
    assert!(!text.contains("Funded") && !text.contains("gold"), "{text}");
}
