use futures_util::future::join_all;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, email};

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_is_a_problem() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let raw = |kind: &'static str, body: String| {
        ada.request("POST", "/api/v1/accounts").header("content-type", kind).body(body)
    };

    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, &vec![b' '; 4 * 1024 * 1024]).unwrap();
    let bomb = ada
        .request("POST", "/api/v1/accounts")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(packed.finish().unwrap());

    for (request, expected) in [
        (bomb, (413, "payload_too_large")),
        (raw("application/json", "{".to_owned()), (400, "malformed_json")),
        (raw("application/json", "{\"x\":".repeat(10_000)), (400, "malformed_json")),
        (raw("application/json", "{}".to_owned()), (422, "invalid")),
        (
            raw("application/json", format!("{{\"name\": \"{}\"}}", "x".repeat(300_000))),
            (413, "payload_too_large"),
        ),
        (raw("text/plain", "{}".to_owned()), (415, "unsupported_media_type")),
        (ada.request("GET", "/api/v1/nothing"), (404, "not_found")),
        (ada.request("GET", "/nothing"), (404, "not_found")),
        (ada.request("GET", "/api/v1/accounts/not-an-id"), (404, "not_found")),
        (ada.request("PUT", "/api/v1/accounts"), (405, "method_not_allowed")),
        (ada.request("GET", "/api/v1/accounts?limit=many"), (422, "invalid")),
        (ada.request("GET", "/api/v1/accounts?limit=0"), (422, "invalid")),
        (app.request("GET", "/api/v1/accounts"), (401, "unauthenticated")),
    ] {
        let answer = app.send(request).await;
        assert_eq!(answer.refusal(), expected, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["type"], format!("/problems/{}", expected.1));
        assert_eq!(answer.body["status"], expected.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = TestApp::start().await;

    let answer = app.send(app.request("PUT", "/api/v1/accounts")).await;

    assert_eq!(answer.header("allow"), "GET, POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn n92_a_server_error_tells_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sql("alter table accounts rename column platform to lost").await;

    let answer =
        ada.post("/api/v1/accounts", json!({ "name": "x", "platform": "mt5", "copy_role": "none" })).await;

    assert_eq!(answer.refusal(), (500, "internal"));
    for told in ["column", "platform", "sql", "diesel", ".rs", env!("CARGO_PKG_VERSION")] {
        assert!(!answer.text.contains(told), "{told}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_no_connection_is_told_to_come_again() {
    let app = TestApp::pooled(1, |config| config).await;
    let ada = app.sign_up("ada").await;
    let admin = app.db.admin().await;
    admin.batch_execute("begin; lock table workers in access exclusive mode").await.unwrap();
    let login = json!({ "email": email("ada"), "password": PASSWORD });
    let asked = [
        ada.request("GET", "/api/v1/accounts"),
        ada.request("PATCH", "/api/v1/me").json(&json!({ "name": "Ada" })),
        app.request("POST", "/api/v1/auth/login").json(&login),
        app.request("POST", "/api/v1/auth/forgot").json(&json!({ "email": email("ada") })),
        app.request("GET", "/api/v1/market/BTC-USDT"),
        app.request("GET", &format!("/api/v1/shared/{}", "A".repeat(43))),
    ];

    let refused = async {
        let waiting = "select count(*) from pg_locks where relation = 'workers'::regclass and not granted
            and database = (select oid from pg_database where datname = current_database())";
        while app.count(waiting).await == 0 {
            tokio::task::yield_now().await;
        }
        let refused = join_all(asked.map(|request| app.send(request))).await;
        admin.batch_execute("rollback").await.unwrap();
        refused
    };
    // It has the only connection, and waits.
    let (status, refused) = tokio::join!(app.get("/api/v1/status"), refused);

    assert_eq!(status.status, 200);
    for answer in refused {
        assert_eq!((answer.refusal(), answer.header("retry-after")), ((503, "unavailable"), "1"));
    }
}
