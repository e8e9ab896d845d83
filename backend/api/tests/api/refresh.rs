use futures_util::future::join_all;
use serde_json::json;

use crate::support::{PASSWORD, Person, TestApp, cookie_of, from_pages, refresh};

const EXPIRED: (u16, &str) = (401, "session_expired");

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_hands_out_the_next_token_of_the_same_login() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    let answer = ada.refresh().await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    let next = Person::signed_in(&app, &answer);
    assert_ne!(next.cookie, ada.cookie);
    assert_eq!(next.get("/api/v1/me").await.status, 200);
    assert_eq!(next.refresh().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn n15_a_token_used_again_after_the_grace_ends_the_login() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let next = Person::signed_in(&app, &ada.refresh().await);
    app.sql("update refresh_tokens set used_at = now() - interval '11 seconds' where used_at is not null")
        .await;

    let replayed = ada.refresh().await;

    assert_eq!(replayed.refusal(), EXPIRED);
    assert_eq!(next.refresh().await.refusal(), EXPIRED, "the newest token is dead too");
    assert_eq!(next.get("/api/v1/me").await.status, 401, "and so is its access token");
    assert_eq!(app.count("select count(*) from audit where action = 'refresh_token_reused'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n15_a_grandparent_is_a_reuse_even_within_the_grace() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let next = Person::signed_in(&app, &ada.refresh().await);
    let after_next = Person::signed_in(&app, &next.refresh().await);

    let replayed = ada.refresh().await;

    assert_eq!(replayed.refusal(), EXPIRED);
    assert_eq!(after_next.refresh().await.refusal(), EXPIRED);
}

#[tokio::test(flavor = "multi_thread")]
async fn n16_parallel_refreshes_have_one_successor() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    let answers = join_all((0..20).map(|_| ada.refresh())).await;

    let cookies: Vec<_> = answers.iter().map(cookie_of).collect();
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(cookies.iter().all(|cookie| cookie.is_some() && *cookie == cookies[0]), "{cookies:?}");
    assert_eq!(app.count("select count(*) from refresh_tokens").await, 2);
    assert_eq!(app.count("select count(*) from refresh_tokens where revoked_at is not null").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn n17_no_refresh_after_signing_out() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    ada.sign_out().await;

    assert_eq!(ada.refresh().await.refusal(), EXPIRED);
}

#[tokio::test(flavor = "multi_thread")]
async fn n17_a_new_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = app.sign_in("ada").await;
    let body = json!({ "current_password": PASSWORD, "new_password": "another horse entirely" });

    let changed = ada.post("/api/v1/me/password", body).await;

    assert_eq!(changed.status, 204, "{}", changed.text);
    assert_eq!(elsewhere.refresh().await.refusal(), EXPIRED);
    assert_eq!(elsewhere.get("/api/v1/me").await.status, 401);
    assert_eq!(ada.refresh().await.status, 200, "this session goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn n17_a_login_ends_by_age_and_by_inactivity() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    let ended = "update refresh_tokens set login_ends_at = now() where user_id = ";
    app.sql(&format!("{ended} '{}'", ada.id)).await;
    let silent = "update refresh_tokens set expires_at = now() where user_id = ";
    app.sql(&format!("{silent} '{}'", ben.id)).await;

    assert_eq!(ada.refresh().await.refusal(), EXPIRED);
    assert_eq!(ben.refresh().await.refusal(), EXPIRED);
}

#[tokio::test(flavor = "multi_thread")]
async fn n18_the_cookie_is_of_no_use_to_foreign_pages() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let refresh = |headers: &[(&'static str, &'static str)]| {
        let mut request = app.request("POST", "/api/v1/auth/refresh");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.header("cookie", format!("__Host-flotilla_refresh={}", ada.cookie))
    };

    for headers in [
        vec![("sec-fetch-site", "same-origin")],
        vec![("x-flotilla", "1"), ("sec-fetch-site", "cross-site")],
        vec![("x-flotilla", "1"), ("origin", "https://evil.example")],
        vec![("x-flotilla", "1"), ("origin", "null")],
    ] {
        let answer = app.send(refresh(&headers)).await;
        assert_eq!(answer.refusal(), (403, "cross_site"), "{headers:?}");
    }
    assert_eq!(ada.refresh().await.status, 200, "none of them used the token up");
}

#[tokio::test(flavor = "multi_thread")]
async fn n19_the_cookie_decides_not_the_access_token() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let request = from_pages(app.request("POST", "/api/v1/auth/refresh")).bearer_auth(&ada.token);

    let answer = app.send(request.header("cookie", format!("__Host-flotilla_refresh={}", eve.cookie))).await;

    assert_eq!(answer.body["user"]["id"], eve.id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_tokens_are_expired() {
    let app = TestApp::start().await;

    for made_up in ["", "x", &"A".repeat(43), &"A".repeat(10_000)] {
        assert_eq!(refresh(&app, made_up).await.refusal(), EXPIRED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_does_not_refresh() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sql("update users set is_active = false").await;

    assert_eq!(ada.refresh().await.refusal(), EXPIRED);
}
