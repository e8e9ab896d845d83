use serde_json::json;

use crate::support::{PASSWORD, TestApp, email};
use flotilla_api::{Config, Registration};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_up_is_signed_in() {
    let app = TestApp::start().await;

    let answer = app
        .post(
            "/api/v1/auth/register",
            json!({ "email": " Ada@Example.test", "password": PASSWORD, "name": "Ada" }),
        )
        .await;

    assert_eq!((answer.status, answer.body["expires_in"].as_i64()), (201, Some(600)));
    let ada = app.sign_in("ADA").await;
    let me = ada.get("/api/v1/me").await;
    assert_eq!((me.status, &me.body["role"], &me.body["language"]), (200, &json!("trader"), &json!("en")));
    assert_eq!(me.body["email"], "Ada@Example.test");
    assert!(me.body.get("password_hash").is_none(), "N50");
}

#[tokio::test(flavor = "multi_thread")]
async fn n93_an_address_in_any_letter_case_is_taken_once() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;

    let again = app
        .post(
            "/api/v1/auth/register",
            json!({ "email": "ADA@example.TEST", "password": PASSWORD, "name": "x" }),
        )
        .await;

    assert_eq!(again.refusal(), (409, "email_taken"));
    assert_eq!(app.count("select count(*) from users").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n93_unknown_users_and_wrong_passwords_get_the_same_answer() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;

    let wrong = app.try_sign_in("ada", "not the password").await;
    let unknown = app.try_sign_in("nobody", "not the password").await;

    assert_eq!(wrong.refusal(), (401, "invalid_credentials"));
    assert_eq!(wrong.text, unknown.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_cannot_sign_in() {
    let app = TestApp::start().await;
    app.sign_up("ada").await;
    app.sql("update users set is_active = false").await;

    let answer = app.try_sign_in("ada", PASSWORD).await;

    assert_eq!(answer.refusal(), (401, "invalid_credentials"));
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_passwords_and_broken_addresses_are_named_per_field() {
    let app = TestApp::start().await;

    let answer =
        app.post("/api/v1/auth/register", json!({ "email": "ada", "password": "short", "name": "" })).await;

    let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(answer.refusal(), (422, "invalid"));
    assert_eq!(
        answer.invalid_fields(),
        [pair("email", "invalid_email"), pair("name", "required"), pair("password", "too_short")]
    );
    assert!(!answer.text.contains("\"short\""), "a password is never repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_can_be_closed_or_by_invitation() {
    let closed = TestApp::with(|config| Config { registration: Registration::Closed, ..config }).await;
    let invite =
        TestApp::with(|config| Config { registration: Registration::Invite("let me in".into()), ..config })
            .await;
    let body = |code: &str| json!({ "email": email("ada"), "password": PASSWORD, "name": "ada", "invite_code": code });

    let refused = closed.post("/api/v1/auth/register", body("")).await;
    let guessed = invite.post("/api/v1/auth/register", body("guess")).await;
    let invited = invite.post("/api/v1/auth/register", body("let me in")).await;

    assert_eq!(refused.refusal(), (403, "registration_closed"));
    assert_eq!(guessed.refusal(), (403, "invalid_invite"));
    assert_eq!(invited.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_login_at_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let elsewhere = app.sign_in("ada").await;

    let out = ada.sign_out().await;

    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(ada.get("/api/v1/me").await.refusal(), (401, "unauthenticated"));
    assert_eq!(elsewhere.get("/api/v1/me").await.status, 200, "N20: the other device stays signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ups_and_sign_ins_are_audited_in_one_chain() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sign_in("ada").await;
    ada.sign_out().await;

    let actions = app.db.admin().await.query("select action from audit order by seq", &[]).await.unwrap();

    let actions: Vec<String> = actions.iter().map(|row| row.get(0)).collect();
    assert_eq!(actions, ["user_registered", "user_signed_in", "user_signed_out"]);
}
