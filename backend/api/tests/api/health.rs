use std::time::Duration;

use tokio::time::sleep;

use crate::support::TestApp;

/// Longer than an answer is kept for others who ask.
const ANEW: Duration = Duration::from_millis(600);

#[tokio::test(flavor = "multi_thread")]
async fn ready_means_database_schema_and_worker() {
    let app = TestApp::start().await;

    let alive = app.get("/health").await;
    let lonely = app.get("/ready").await;
    app.sql("insert into workers (node_id) values (uuid_v7())").await;
    sleep(ANEW).await;
    let complete = app.get("/ready").await;
    app.sql("update workers set last_seen_at = now() - interval '31 seconds'").await;
    sleep(ANEW).await;
    let silent = app.get("/ready").await;

    assert_eq!(alive.status, 200);
    assert_eq!((lonely.status, lonely.body["components"]["worker"].as_str()), (503, Some("down")));
    assert_eq!((complete.status, complete.body["status"].as_str()), (200, Some("up")), "{}", complete.text);
    assert_eq!(silent.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_tells_everybody_the_same() {
    let app = TestApp::start().await;

    let answer = app.get("/api/v1/status").await;

    let parts =
        ["database", "migrations", "worker"].map(|part| answer.body["components"][part].as_str().unwrap());
    assert_eq!((answer.status, parts), (200, ["up", "up", "down"]));
    assert_eq!(answer.body["version"], env!("CARGO_PKG_VERSION"));
}
