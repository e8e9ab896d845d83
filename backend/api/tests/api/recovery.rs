//! What mails lead to. Their tokens are made here as the worker makes them.

use flotilla_security::opaque::MailToken;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::shares::{link as share, look, make as make_share};
use crate::support::{Answer, PASSWORD, Person, TestApp, email};

const NEW_PASSWORD: &str = "another horse entirely";

/// A link of a mail of `kind` to `address`, as the worker notes it.
async fn link(app: &TestApp, user: &Person<'_>, kind: &str, address: &str) -> String {
    let token = MailToken::generate();
    let hash = token.hash().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let insert = "insert into mail_tokens (token_hash, user_id, kind, address, expires_at)";
    let values = format!(
        "decode('{hash}', 'hex'), '{}', '{kind}', '{address}', now() + interval '30 minutes'",
        user.id
    );
    app.sql(&format!("{insert} values ({values})")).await;
    token.text().expose_secret().to_owned()
}

async fn reset(app: &TestApp, token: &str) -> Answer {
    let body = json!({ "token": token, "new_password": NEW_PASSWORD });
    app.post("/api/v1/auth/reset", body).await
}

async fn verify(app: &TestApp, token: &str) -> Answer {
    app.post("/api/v1/auth/verify", json!({ "token": token })).await
}

/// Kinds and addresses of the mails that are wanted, in order.
async fn outbox(app: &TestApp) -> Vec<String> {
    let query = "select kind || ' ' || address from outbox order by created_at, kind";
    app.db.admin().await.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn n22_a_link_sets_one_new_password_once_and_everything_signed_in_ends() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let elsewhere = app.sign_in("ada").await;
    let key = json!({ "name": "k", "scopes": ["read"], "expires_in_days": 1, "password": PASSWORD });
    let key = ada.post("/api/v1/me/api-keys", key).await.body["key"].as_str().unwrap().to_owned();
    let shared = [make_share(&ada, json!({})).await, make_share(&eve, json!({})).await];
    let [token, second] = [
        link(&app, &ada, "reset_password", &email("ada")).await,
        link(&app, &ada, "reset_password", &email("ada")).await,
    ];
    let verifying = link(&app, &ada, "verify_email", &email("ada")).await;

    for wrong in [MailToken::generate().text().expose_secret(), "short", verifying.as_str(), key.as_str()] {
        assert_eq!(reset(&app, wrong).await.refusal(), (400, "invalid_link"), "{wrong}");
    }
    let weak = app.post("/api/v1/auth/reset", json!({ "token": token, "new_password": "short" })).await;
    let done = reset(&app, &token).await;

    assert_eq!(weak.invalid_fields(), [("new_password".to_owned(), "too_short".to_owned())]);
    assert_eq!(done.status, 204, "{}", done.text);
    for used in [&token, &second, &verifying] {
        assert_eq!(reset(&app, used).await.refusal(), (400, "invalid_link"), "one link, one password");
        assert_eq!(verify(&app, used).await.refusal(), (400, "invalid_link"));
    }
    for session in [&ada, &elsewhere] {
        assert_eq!(session.get("/api/v1/me").await.status, 401);
        assert_eq!(session.refresh().await.refusal(), (401, "session_expired"));
    }
    let by_key = app.send(app.request("GET", "/api/v1/accounts").bearer_auth(&key)).await;
    assert_eq!(by_key.status, 401);
    assert_eq!([look(&app, &shared[0]).await.status, look(&app, &shared[1]).await.status], [404, 200]);
    assert_eq!(eve.get("/api/v1/me").await.status, 200, "nobody else is signed out");
    assert_eq!(app.try_sign_in("ada", PASSWORD).await.status, 401);
    let back = app.try_sign_in("ada", NEW_PASSWORD).await;
    assert_eq!((back.status, &back.body["user"]["email_verified"]), (200, &json!(true)));
    assert_eq!(app.try_sign_in("eve", PASSWORD).await.status, 200);
    assert_eq!(app.count("select count(*) from audit where action = 'password_reset'").await, 1);
    assert!(outbox(&app).await.contains(&"password_changed ada@example.test".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn n22_of_two_links_used_twenty_times_at_once_one_counts_and_old_ones_do_not() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let old = link(&app, &ada, "reset_password", &email("ada")).await;
    app.sql("update mail_tokens set expires_at = now()").await;
    let tokens = [
        link(&app, &ada, "reset_password", &email("ada")).await,
        link(&app, &ada, "reset_password", &email("ada")).await,
    ];

    assert_eq!(reset(&app, &old).await.refusal(), (400, "invalid_link"));
    let all = futures_util::future::join_all((0..20_usize).map(|at| reset(&app, &tokens[at % 2]))).await;

    let mut statuses: Vec<u16> = all.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![204], vec![400; 19]].concat());
    let disabled = link(&app, &ada, "reset_password", &email("ada")).await;
    app.sql("update users set is_active = false").await;
    assert_eq!(reset(&app, &disabled).await.refusal(), (400, "invalid_link"), "a disabled user stays out");
    for kind in ["verify_email", "confirm_email"] {
        let link = link(&app, &ada, kind, &email("ada")).await;
        assert_eq!(verify(&app, &link).await.refusal(), (400, "invalid_link"), "{kind}");
    }
    app.sql("update users set is_active = true").await;
    for kind in ["reset_password", "verify_email"] {
        let link = link(&app, &ada, kind, "countess@example.test").await;
        let refused =
            if kind == "verify_email" { verify(&app, &link).await } else { reset(&app, &link).await };
        assert_eq!(refused.refusal(), (400, "invalid_link"), "{kind} of an address that is not hers");
    }
    let changed = ada.app.count("select count(*) from audit where action = 'password_reset'").await;
    assert_eq!(changed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n93_a_forgotten_password_is_answered_alike_whoever_asks() {
    let app = TestApp::with(|config| flotilla_api::Config { limit_factor: 1, ..config }).await;
    let _ada = app.sign_up("ada").await;
    let forgot = async |address: &str| app.post("/api/v1/auth/forgot", json!({ "email": address })).await;

    let answers = [forgot(" ADA@example.test ").await, forgot("nobody@example.test").await];

    let shown = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers.remove("x-request-id");
        (answer.status, answer.text.clone(), format!("{headers:?}"))
    };
    assert_eq!(shown(&answers[0]), shown(&answers[1]));
    assert_eq!(answers[0].status, 202);
    let rows = "select count(*) from outbox where kind = 'reset_password' and user_id is null";
    assert_eq!(app.count(rows).await, 2, "the same row for both: nobody was looked up");
    for name in ["ada", "nobody"] {
        let mut refused = 0;
        for _ in 0..5 {
            refused += u16::from(forgot(&format!("{name}@EXAMPLE.test")).await.status == 429);
        }
        assert_eq!(refused, 3, "as many for {name} as for anybody, whatever the case of letters");
    }
    assert_eq!(forgot("no address").await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_proven_by_its_mail_and_changed_by_one_to_the_new_address() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let ask = async |address: &str, password: &str| {
        ada.post("/api/v1/me/email", json!({ "email": address, "password": password })).await
    };
    assert_eq!(outbox(&app).await, ["verify_email ada@example.test", "verify_email eve@example.test"]);

    let proof = link(&app, &ada, "verify_email", &email("ada")).await;
    assert_eq!(ada.post("/api/v1/me/email/verify", Value::Null).await.status, 202);
    let verified = verify(&app, &proof).await;
    assert_eq!((verified.status, &verified.body["email_verified"]), (200, &json!(true)), "{}", verified.text);
    assert_eq!(verify(&app, &proof).await.refusal(), (400, "invalid_link"));
    assert_eq!(ada.post("/api/v1/me/email/verify", Value::Null).await.refusal(), (409, "already_verified"));
    assert_eq!(eve.get("/api/v1/me").await.body["email_verified"], json!(false));

    assert_eq!(ask("countess@example.test", "a guess").await.refusal(), (403, "wrong_password"));
    assert_eq!(
        ask("ADA@example.test", PASSWORD).await.invalid_fields(),
        [("email".to_owned(), "unchanged".to_owned())]
    );
    assert_eq!(ask("eve@example.test", PASSWORD).await.status, 202, "nothing tells that it is taken");
    let taken = link(&app, &ada, "confirm_email", "Eve@example.test").await;
    assert_eq!(verify(&app, &taken).await.refusal(), (409, "email_taken"));
    assert_eq!(ask("countess@example.test", PASSWORD).await.status, 202);
    assert_eq!(verify(&app, &taken).await.refusal(), (400, "invalid_link"), "the last wish counts");
    let waiting = link(&app, &ada, "reset_password", &email("ada")).await;
    let confirmed = link(&app, &ada, "confirm_email", "countess@example.test").await;
    assert_eq!(
        ada.get("/api/v1/me").await.body["email"],
        json!("ada@example.test"),
        "not before it is proven"
    );
    let changed = verify(&app, &confirmed).await;

    assert_eq!((changed.status, &changed.body["email"]), (200, &json!("countess@example.test")));
    assert_eq!(reset(&app, &waiting).await.refusal(), (400, "invalid_link"), "old mailboxes open nothing");
    assert_eq!(app.try_sign_in("countess", PASSWORD).await.status, 200);
    assert_eq!(app.try_sign_in("ada", PASSWORD).await.status, 401);
    for told in ["email_change_asked", "email_changed"] {
        assert!(
            outbox(&app).await.contains(&format!("{told} ada@example.test")),
            "{told}: the old one is told"
        );
    }
    assert_eq!(app.count("select count(*) from audit where action = 'email_changed'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_whoever_knew_the_old_one_asked_for() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let wish = json!({ "email": "mallory@example.test", "password": PASSWORD });
    assert_eq!(ada.post("/api/v1/me/email", wish).await.status, 202);
    let links = [
        ("confirm_email", link(&app, &ada, "confirm_email", "mallory@example.test").await),
        ("reset_password", link(&app, &ada, "reset_password", &email("ada")).await),
        ("verify_email", link(&app, &ada, "verify_email", &email("ada")).await),
    ];

    let change = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
    assert_eq!(ada.post("/api/v1/me/password", change).await.status, 204);

    for (kind, link) in &links {
        assert_eq!(verify(&app, link).await.refusal(), (400, "invalid_link"), "{kind}");
        assert_eq!(reset(&app, link).await.refusal(), (400, "invalid_link"), "{kind}");
    }
    assert_eq!(app.try_sign_in("mallory", NEW_PASSWORD).await.status, 401);
    assert_eq!(app.try_sign_in("ada", NEW_PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn n22_what_was_begun_with_the_old_password_does_not_outlive_it() {
    // As many connections as wait below.
    let app = TestApp::pooled(4, |config| config).await;
    let ada = app.sign_up("ada").await;
    let admin = app.db.admin().await;
    // A new password, of which nobody can know before it is there.
    let change = "begin; update users set security_version = security_version + 1;
        update refresh_tokens set revoked_at = now()";
    admin.batch_execute(change).await.unwrap();
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    let commit = async {
        while app.count(waiting).await < 4 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        admin.batch_execute("commit").await.unwrap();
    };
    let wish = json!({ "email": "mallory@example.test", "password": PASSWORD });
    let key = json!({ "name": "k", "scopes": ["read"], "expires_in_days": 1, "password": PASSWORD });

    let (wished, keyed, shared, signed_in, ()) = tokio::join!(
        ada.post("/api/v1/me/email", wish),
        ada.post("/api/v1/me/api-keys", key),
        ada.post("/api/v1/shares", share(&json!({}))),
        app.try_sign_in("ada", PASSWORD),
        commit
    );

    assert_eq!(wished.refusal(), (401, "unauthenticated"));
    assert_eq!(keyed.refusal(), (401, "unauthenticated"));
    assert_eq!(shared.refusal(), (401, "unauthenticated"));
    assert_eq!(signed_in.refusal(), (401, "invalid_credentials"));
    assert_eq!(outbox(&app).await, ["verify_email ada@example.test"]);
    let left = "select (select count(*) from personal_keys) + (select count(*) from shares)
        + (select count(*) from refresh_tokens where revoked_at is null)";
    assert_eq!(app.count(left).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn n20_one_session_is_revoked_and_the_others_live() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let request = app.request("POST", "/api/v1/auth/login").header("user-agent", "Firefox/145.0 Windows");
    let phone = app.send(request.json(&json!({ "email": email("ada"), "password": PASSWORD }))).await;
    let phone = Person::signed_in(&app, &phone);
    assert_eq!(phone.refresh().await.status, 200, "a successor is the same session");

    let sessions = ada.get("/api/v1/me/sessions").await;
    let items = sessions.body["items"].as_array().unwrap().clone();
    let other = items.iter().find(|item| item["is_current"] == json!(false)).unwrap();
    let path = format!("/api/v1/me/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!((items.len(), &other["device"]), (2, &json!("Firefox on Windows")), "{}", sessions.text);
    assert_eq!(eve.delete(&path).await.status, 404);
    assert_eq!(phone.get("/api/v1/me").await.status, 200);
    assert_eq!(ada.delete(&path).await.status, 204);

    assert_eq!(ada.delete(&path).await.status, 404, "it is over");
    assert_eq!(phone.get("/api/v1/me").await.status, 401);
    assert_eq!(ada.get("/api/v1/me").await.status, 200);
    assert_eq!(ada.refresh().await.status, 200);
    assert_eq!(ada.get("/api/v1/me/sessions").await.column("device").len(), 1);
    assert_eq!(app.count("select count(*) from audit where action = 'session_ended'").await, 1);
}
