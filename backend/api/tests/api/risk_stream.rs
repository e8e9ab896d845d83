use serde_json::json;

use crate::risk::total;
use crate::stream::Socket;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn where_an_account_stands_comes_first_and_changes_follow_with_what_happened() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let topic = format!("account:{gold}");
    let mut socket = Socket::listening(&ada, &[&topic]).await;

    let snapshot = socket.hear_of("risk.account").await;
    ada.figures(&gold, "99000").await;
    let first = socket.hear_of("risk.transition").await;
    ada.figures(&gold, "89000").await;
    let violation = socket.hear_of("risk.violation").await;
    let worst = loop {
        let told = socket.hear_of("risk.account").await;
        if told["data"]["status"] == "violated" {
            break told;
        }
    };

    assert_eq!((&snapshot["topic"], &snapshot["data"]["reason"]), (&json!(topic), &json!("no_data")));
    assert_eq!((&first["data"]["from"], &first["data"]["to"]), (&json!("unknown"), &json!("safe")));
    assert_eq!(
        (&violation["data"]["rule_id"], &violation["data"]["severity"]),
        (&json!("total"), &json!("hard"))
    );
    assert_eq!(violation["data"]["evidence"]["measured"], "89000");
    assert_eq!(worst["data"]["rules"], ada.risk(&gold).await["rules"], "the same shape as over REST");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_told_when_a_member_or_the_membership_changes_and_never_to_others() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let group = ada.group("Funded").await;
    let topic = group.replace("/api/v1/groups/", "group:");
    let mut socket = Socket::listening(&ada, &[&topic]).await;
    let mut spy = Socket::listening(&eve, &[&topic]).await;

    let empty = socket.hear_of("risk.group").await;
    ada.add(&group, &gold).await;
    let mut statuses = Vec::new();
    while statuses.is_empty() {
        let told = socket.hear_of("risk.group").await["data"]["overall_status"].clone();
        statuses.extend(Some(told).filter(|told| told != "empty"));
    }
    for equity in ["99000", "95000", "91000"] {
        ada.figures(&gold, equity).await;
        let expected = ada.get(&format!("{group}/risk")).await.body["overall_status"].clone();
        let told = loop {
            let told = socket.hear_of("risk.group").await;
            if told["data"]["overall_status"] == expected {
                break told;
            }
        };
        statuses.push(told["data"]["overall_status"].clone());
    }

    assert_eq!(empty["data"]["overall_status"], "empty");
    assert_eq!(statuses, ["unknown", "safe", "caution", "critical"]);
    assert_eq!(spy.hear().await.unwrap()["data"]["code"], "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_figures_make_few_messages_but_a_critical_one_does_not_wait() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let group = ada.group("Funded").await;
    ada.add(&group, &gold).await;
    let topic = group.replace("/api/v1/groups/", "group:");
    let mut socket = Socket::listening(&ada, &[&topic]).await;
    socket.hear_of("risk.group").await;

    let began = std::time::Instant::now();
    let figures = async {
        for step in 0..40 {
            ada.figures(&gold, &(99_000 - step).to_string()).await;
        }
        ada.figures(&gold, "91000").await;
    };
    let heard = async {
        let mut told = 0;
        while socket.hear_of("risk.group").await["data"]["overall_status"] != "critical" {
            told += 1;
        }
        told
    };
    // A socket that nobody reads answers no ping, and is closed.
    let ((), told) = tokio::join!(figures, heard);
    let quarters = began.elapsed().as_millis() / 250;

    assert!(told <= quarters + 4, "{told} messages in {quarters} quarters of a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_all_groups_and_at_one_beyond_those_hears_of_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let gold = ada.open_id("gold", "follower").await;
    ada.judge(&gold, total()).await;
    let group = ada.group("Last").await;
    // Made before it, when there was no limit.
    app.sql(
        "insert into groups (id, owner_id, name, base_currency)
         select ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid, id, 'A' || number, 'USD'
         from users, generate_series(1, 200) number",
    )
    .await;
    ada.add(&group, &gold).await;
    let topic = group.replace("/api/v1/groups/", "group:");
    let mut socket = Socket::listening(&ada, &["groups", &topic]).await;

    ada.figures(&gold, "91000").await;

    loop {
        let told = socket.hear_of("risk.group").await;
        if told["data"]["group_name"] == "Last" && told["data"]["overall_status"] == "critical" {
            break;
        }
    }
}
