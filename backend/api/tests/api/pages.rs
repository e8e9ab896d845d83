use std::path::PathBuf;
use std::time::Duration;

use flotilla_api::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::TestApp;

/// A folder as the build makes it, removed with this value.
struct Site(PathBuf);

impl Site {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("flotilla-site-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        for (file, content) in [
            ("index.html", "<!doctype html><title>Flotilla</title>"),
            ("favicon.svg", "<svg/>"),
            (".env", "SECRET"),
            ("assets/app-1a2b.js", "console.log(1)"),
            ("assets/app-1a2b.js.map", "{}"),
        ] {
            std::fs::write(folder.join(file), content).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn app_with(site: &Site) -> TestApp {
    let web_dir = Some(site.0.clone());
    TestApp::with(|config| Config { web_dir, ..config }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_with_headers_that_bind_the_browser() {
    let site = Site::new();
    let app = app_with(&site).await;

    let page = app.get("/accounts/0190").await;
    let script = app.get("/assets/app-1a2b.js").await;
    let api = app.get("/api/v1/status").await;

    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!((page.header("cache-control"), api.header("cache-control")), ("no-cache", "no-store"));
    assert!(script.header("cache-control").contains("immutable"));
    for answer in [page, script, api] {
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(policy.contains("img-src 'self' data: blob:;"), "pictures of trades: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("strict-transport-security"), "", "not over plain http");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn https_is_kept_and_foreign_origins_get_nothing() {
    let app =
        TestApp::with(|config| Config { public_url: "https://fleet.example".parse().unwrap(), ..config })
            .await;

    let request = app.request("GET", "/api/v1/status").header("origin", "https://fleet.example.evil.example");
    let answer = app.send(request).await;

    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000", "of this host alone");
    assert_eq!(answer.header("access-control-allow-origin"), "", "N69");
}

/// Sends a path as it is: clients tidy paths up before they send them.
async fn raw_status(app: &TestApp, path: &str) -> u16 {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(!answer.contains("SECRET") && !answer.contains("root:"), "{path}: {answer}");
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn n75_nothing_outside_the_folder_is_served() {
    let site = Site::new();
    let app = app_with(&site).await;

    for path in [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e/etc/passwd",
        "/..%5c..%5cetc",
        "/assets/..%00/index.html",
        "//etc/passwd.txt",
        "/.env",
        "/assets/app-1a2b.js.map",
    ] {
        let status = raw_status(&app, path).await;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    assert_eq!(raw_status(&app, "/favicon.svg").await, 200);
}

/// Sends a request with these headers and another behind it, and counts the answers. The first must begin with `status`.
async fn raw_answers(app: &TestApp, headers: &str, status: &str) -> usize {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let request = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\n{headers}\r\n\r\n0\r\n\r\n\
         GET /api/v1/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answers = String::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_string(&mut answers)).await;
    assert!(read.is_ok() && answers.starts_with(&format!("HTTP/1.1 {status}")), "{headers}: {answers}");
    answers.matches("HTTP/1.1 ").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn n91_whoever_leaves_two_readings_of_a_length_is_refused_and_nothing_behind_it_is_read() {
    let app = TestApp::start().await;

    for headers in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5\r\ncontent-length: 5",
        "content-length: 5, 5",
        "content-length: +5",
        "transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: xchunked",
        "transfer-encoding : chunked",
    ] {
        assert_eq!(raw_answers(&app, headers, "400").await, 1, "{headers}");
    }
    // With one reading they are two requests.
    assert_eq!(raw_answers(&app, "transfer-encoding: chunked", "415").await, 2);
    assert_eq!(raw_answers(&app, "content-length: 5", "415").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_docs_ask_nobody_outside() {
    let app = TestApp::start().await;

    let bare = app.get("/docs").await;
    let docs = app.get("/docs/").await;
    let initializer = app.get("/docs/swagger-initializer.js").await;
    let document = app.get("/api/openapi.json").await;

    assert_eq!((bare.status, bare.header("location")), (308, "/docs/"));
    assert_eq!((docs.status, document.status), (200, 200));
    assert!(initializer.text.contains("\"none\""), "{}", initializer.text);
    for answer in [&docs, &initializer] {
        assert!(!answer.text.contains("https://"), "{}", answer.text);
    }
    let written = flotilla_api::openapi::document().to_json().unwrap();
    let written: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert!(document.body == written, "what is shown is what is written down");
}
