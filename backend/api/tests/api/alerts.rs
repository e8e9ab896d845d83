use flotilla_store::changes::ChangeKind;
use serde_json::json;
use uuid::Uuid;

use crate::stream::{Socket, hint};
use crate::support::{PASSWORD, Person, Rows, TestApp, email};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1";

/// Signs in from a device that says this about itself.
async fn sign_in_from<'a>(app: &'a TestApp, name: &str, user_agent: &str) -> Person<'a> {
    let body = json!({ "email": email(name), "password": PASSWORD });
    let request = app.request("POST", "/api/v1/auth/login").header("user-agent", user_agent).json(&body);
    Person::signed_in(app, &app.send(request).await)
}

/// What a worker would write.
async fn raise(app: &TestApp, owner: &Person<'_>, kind: &str, minutes_ago: i32) {
    app.sql(&format!(
        "insert into alerts (owner_id, kind, severity, detail, dedupe_key, first_at, last_at)
         values ('{}', '{kind}', 'warning', '{{\"symbol\": \"XAUUSD\", \"open_copies\": 3, \"odd\": [1]}}', '{kind}:{minutes_ago}',
            now() - interval '{minutes_ago} minutes', now() - interval '{minutes_ago} minutes')",
        owner.id
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_is_paged_filtered_and_counted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for (kind, minutes) in [("open_refused", 3), ("stop_out", 2), ("open_refused", 1)] {
        raise(&app, &ada, kind, minutes).await;
    }

    let first = ada.get("/api/v1/alerts?limit=2").await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("/api/v1/alerts?limit=2&cursor={cursor}")).await;
    let stop_outs = ada.get("/api/v1/alerts?kind=stop_out").await;
    let odd = ada.get("/api/v1/alerts?kind=lost").await;

    assert_eq!(first.column("kind"), ["open_refused", "stop_out"], "what was seen last comes first");
    assert_eq!(
        (second.column("kind"), second.body["next_cursor"].clone()),
        (vec!["open_refused".to_owned()], json!(null))
    );
    assert_eq!(first.body["unread"], 3);
    assert_eq!(stop_outs.column("kind"), ["stop_out"]);
    assert_eq!(odd.invalid_fields(), [("kind".to_owned(), "unknown_value".to_owned())]);
    let alert = &first.body["items"][0];
    assert_eq!(alert["detail"], json!({ "symbol": "XAUUSD", "open_copies": "3" }));
    assert_eq!((&alert["read_at"], &alert["times_seen"]), (&json!(null), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_read_one_by_one_or_as_far_as_they_were_seen() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for minutes in [4, 3, 2, 1] {
        raise(&app, &ada, "open_refused", minutes).await;
    }
    let all = ada.get("/api/v1/alerts").await.body["items"].clone();
    let at = |index: usize, field: &str| all[index][field].as_str().unwrap().to_owned();

    let read = ada.post(&format!("/api/v1/alerts/{}/read", at(3, "id")), json!({})).await;
    let again = ada.post(&format!("/api/v1/alerts/{}/read", at(3, "id")), json!({})).await;
    let shown = ada.post("/api/v1/alerts/read-all", json!({ "until": at(1, "last_at") })).await;
    let unread = ada.get("/api/v1/alerts?unread=true").await;
    let rest = ada.post("/api/v1/alerts/read-all", json!({})).await;

    assert!(read.status == 200 && read.body["read_at"].is_string(), "{}", read.text);
    assert_eq!(again.body["read_at"], read.body["read_at"]);
    assert_eq!((shown.status, &shown.body["unread"]), (200, &json!(1)));
    assert_eq!(unread.column("id"), [at(0, "id")]);
    assert_eq!(rest.body["unread"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_is_not_shown_under_a_grant() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    raise(&app, &ada, "stop_out", 1).await;
    app.sql(&format!("insert into viewer_grants (owner_id, viewer_id) values ('{}', '{}')", ada.id, eve.id))
        .await;

    let answer = eve.get_of(&ada.id, "/api/v1/alerts").await;

    assert_eq!(answer.refusal(), (403, "read_only"));
    assert_eq!(eve.get("/api/v1/alerts").await.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_kind_of_device_is_told_and_a_known_one_is_not() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sign_in("ada").await;
    assert_eq!(
        ada.get("/api/v1/alerts").await.body["unread"],
        0,
        "signing up is no news, nor is the same program"
    );

    sign_in_from(&app, "ada", FIREFOX).await;
    sign_in_from(&app, "ada", &FIREFOX.replace("145", "152")).await;
    sign_in_from(&app, "ada", PHONE).await;

    let inbox = ada.get("/api/v1/alerts").await;
    assert_eq!(inbox.column("kind"), ["new_device", "new_device"]);
    let devices: Vec<_> = [0, 1].map(|index| inbox.body["items"][index]["detail"]["device"].clone()).into();
    assert_eq!(devices, ["Safari on iPhone", "Firefox on Linux"]);
    assert_eq!(inbox.column("severity"), ["info", "info"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whose_devices_were_never_noted_gets_no_alert() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sql("delete from devices").await;

    sign_in_from(&app, "ada", FIREFOX).await;

    assert_eq!(ada.get("/api/v1/alerts").await.body["unread"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn n15_the_owner_is_told_of_a_token_used_twice() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let next = Person::signed_in(&app, &ada.refresh().await);
    next.refresh().await;

    ada.refresh().await;

    let again = app.sign_in("ada").await;
    let inbox = again.get("/api/v1/alerts").await;
    assert_eq!(
        (inbox.column("kind"), inbox.column("severity")),
        (vec!["refresh_reuse".to_owned()], vec!["critical".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_shows_what_is_urgent_enough_and_hides_nothing_critical() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    raise(&app, &ada, "open_refused", 2).await;
    raise(&app, &ada, "stop_out", 1).await;
    app.sql("update alerts set severity = 'critical' where kind = 'stop_out'").await;
    let path = "/api/v1/me/alert-levels";

    let usual = ada.get(path).await;
    let set = ada.put(path, json!({ "inbox": "critical", "popup": null })).await;
    let (critical, status) = (ada.get("/api/v1/alerts").await, ada.get("/api/v1/me/status").await);
    let read = ada.post("/api/v1/alerts/read-all", json!({})).await;
    let nothing = ada.put(path, json!({ "inbox": null })).await;
    let louder = ada.put(path, json!({ "inbox": "fatal" })).await;
    let kept = ada.put(path, json!({ "mail": "warning" })).await;
    eve.put(path, json!({ "inbox": "info", "popup": "info" })).await;
    let mine = ada.get(path).await;
    ada.put(path, json!({ "inbox": "info" })).await;
    let again = ada.get("/api/v1/alerts").await;

    assert_eq!(usual.body, json!({ "inbox": "info", "popup": "critical", "mail": "critical" }));
    assert_eq!(set.body, json!({ "inbox": "critical", "popup": null, "mail": "critical" }), "{}", set.text);
    assert_eq!((critical.column("kind"), &critical.body["unread"]), (vec!["stop_out".to_owned()], &json!(1)));
    assert_eq!(status.body["unread_alerts"], 1);
    assert_eq!((read.status, &read.body["unread"]), (200, &json!(0)));
    assert_eq!(nothing.invalid_fields(), [("inbox".to_owned(), "required".to_owned())]);
    assert_eq!(louder.invalid_fields(), [("inbox".to_owned(), "unknown_value".to_owned())]);
    assert_eq!(kept.body, json!({ "inbox": "critical", "popup": null, "mail": "warning" }));
    assert_eq!(mine.body, kept.body, "another owner's levels are another's");
    assert_eq!(
        (again.column("kind").len(), &again.body["unread"]),
        (2, &json!(1)),
        "nothing was thrown away, and what was hidden was not read"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pages_tell_but_the_inbox_hides_is_told_and_not_counted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.put("/api/v1/me/alert-levels", json!({ "inbox": "critical", "popup": "warning" })).await;
    let rows = Rows::of(&app, &ada).await;
    let [refused, device] = [rows.alert("open_refused").await, rows.alert("new_device").await];
    app.sql("update alerts set severity = case kind when 'new_device' then 'info' else 'warning' end").await;
    let mut socket = Socket::listening(&ada, &["alerts"]).await;
    socket.hear_of("alerts.unread").await;

    for alert in [device, refused] {
        hint(&app, &ada, ChangeKind::Alert, (&Uuid::nil().to_string(), alert));
    }
    let told = socket.hear_of("alert.created").await;
    let counted = socket.hear_of("alerts.unread").await;

    assert_eq!(told["data"]["id"], json!(refused), "one that neither tells of is not told");
    assert_eq!(counted["data"]["unread"], 0);
    assert_eq!(ada.get("/api/v1/alerts").await.body["items"], json!([]));
}
