//! What following a master would mean, before one follows.

use serde_json::{Value, json};

use crate::support::{Answer, Person, TestApp};

async fn account(person: &Person<'_>, platform: &str) -> String {
    let body = json!({ "name": platform, "platform": platform, "copy_role": "follower" });
    person.post("/api/v1/accounts", body).await.body["id"].as_str().unwrap().to_owned()
}

async fn preview(person: &Person<'_>, account: &str, body: Value) -> Answer {
    person.post(&format!("/api/v1/accounts/{account}/subscriptions/preview"), body).await
}

/// A worker that lets three orders leave in 2.4 seconds, with so many live followers of a master.
async fn worker(app: &TestApp, master: &Value, followers: i32) {
    let master = master["id"].as_str().unwrap();
    app.sql(&format!(
        "with node as (insert into workers (node_id) values (gen_random_uuid()) returning node_id),
            limits as (
                insert into venue_limits (node_id, environment, egress, name, requests, per_ms)
                select node_id, 'live', 'default', name, requests, per_ms
                from node, (values ('opens', 3, 2400), ('orders', 3, 1200)) as l (name, requests, per_ms))
         insert into venue_audiences (node_id, master_account_id, environment, egress, followers)
         select node_id, '{master}', 'live', 'default', {followers} from node"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_order_of_a_large_following_leaves_late_and_that_is_told_before() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let master = ada.open("m", "master").await;
    worker(&app, &master, 99).await;
    let bingx = account(&eve, "bingx").await;

    let told = preview(&eve, &bingx, json!({ "master_token": master["master_token"] })).await;

    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!((&told.body["master_name"], &told.body["needs_approval"]), (&json!("m"), &json!(false)));
    assert_eq!(told.body["settings"]["max_age_s"], 60);
    // The hundredth is of the 34th handful; 26 handfuls leave within a minute.
    let pace = json!({ "followers": 100, "last_order_after_s": "79.2", "too_old_share": "0.22" });
    assert_eq!(told.body["pace"], pace);
    let patient = json!({ "master_token": master["master_token"], "settings": { "max_age_s": 120 } });
    assert_eq!(preview(&eve, &bingx, patient).await.body["pace"]["too_old_share"], "0");
    assert_eq!(app.count("select count(*) from subscriptions").await, 0, "nothing is followed by looking");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ea_waits_for_nobody_and_without_a_worker_nothing_is_promised() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let master = ada.open("m", "master").await;
    let named = json!({ "master_token": master["master_token"] });
    let bingx = account(&ada, "bingx").await;

    assert_eq!(preview(&ada, &bingx, named.clone()).await.body["pace"], Value::Null);
    worker(&app, &master, 99).await;
    app.sql("update workers set last_seen_at = now() - interval '1 minute'").await;
    assert_eq!(preview(&ada, &bingx, named.clone()).await.body["pace"], Value::Null, "it is silent");
    let mt5 = account(&ada, "mt5").await;
    app.sql("update workers set last_seen_at = now()").await;
    assert_eq!(preview(&ada, &mt5, named.clone()).await.body["pace"], Value::Null);
    assert_eq!(preview(&ada, &bingx, named).await.body["pace"]["followers"], 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn n26_how_many_follow_a_master_is_told_to_nobody_who_cannot_name_it() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (master, own) = (ada.open("m", "master").await, eve.open("e", "master").await);
    worker(&app, &master, 99).await;
    let bingx = account(&eve, "bingx").await;

    let guessed = format!("MST-{}", "0".repeat(32));
    let refused = preview(&eve, &bingx, json!({ "master_token": guessed })).await;
    let others = preview(&eve, &bingx, json!({ "master_token": own["master_token"] })).await;
    let by_id = preview(&eve, &bingx, json!({ "master_slug": master["id"] })).await;

    assert_eq!(refused.refusal(), (404, "master_not_found"));
    assert_eq!(by_id.refusal(), (404, "master_not_found"));
    assert_eq!(others.body["pace"]["followers"], 1, "{}", others.text);
    let both = json!({ "master_token": guessed, "master_slug": "m" });
    assert_eq!(preview(&eve, &bingx, both).await.status, 422);
}
