//! The servers as processes: they start, answer, and end when they are told to.

use std::net::TcpStream;
use std::sync::Arc;

use flotilla_testkit::db::TestDb;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::server::{EA, HTTP, Server};
use crate::support::{Folder, answer, flotilla};

#[tokio::test(flavor = "multi_thread")]
async fn all_serves_and_works_until_it_is_terminated() {
    let (db, folder) = (TestDb::new().await, Folder::new("all"));

    let server = Server::start(flotilla(&["all"]), &db, &folder);
    let (http, ea) = (server.address(HTTP), server.address(EA));
    let health = reqwest::get(format!("http://{http}/health")).await.unwrap();

    assert_eq!(health.status(), 200);
    assert!(TcpStream::connect(ea).is_ok());
    assert!(server.terminate().0.success());
    assert!(TcpStream::connect(http).is_err());
    assert!(TcpStream::connect(ea).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_and_work_are_two_processes() {
    let (db, folder, other) = (TestDb::new().await, Folder::new("serve"), Folder::new("work"));

    let api = Server::start(flotilla(&["serve"]), &db, &folder);
    let worker = Server::start(flotilla(&["work"]), &db, &other);
    let http = api.address(HTTP);
    let ea = worker.address(EA);

    assert_eq!(reqwest::get(format!("http://{http}/health")).await.unwrap().status(), 200);
    assert!(TcpStream::connect(ea).is_ok());
    assert!(worker.terminate().0.success());
    assert!(api.terminate().0.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn f29_an_api_that_is_ended_under_load_answers_what_it_has_accepted() {
    let (db, folder) = (TestDb::new().await, Folder::new("drained"));
    let server = Server::start(flotilla(&["serve"]), &db, &folder);
    let url = format!("http://{}/api/v1/status", server.address(HTTP));

    let heard = Arc::new(Semaphore::new(0));
    let ask = || tokio::spawn(ask_until_it_is_gone(url.clone(), Arc::clone(&heard)));
    let callers: Vec<_> = (0..8).map(|_| ask()).collect();
    let _under_load = heard.acquire_many(100).await.unwrap();
    let status = tokio::task::spawn_blocking(|| server.terminate().0).await.unwrap();

    assert!(status.success());
    for caller in callers {
        let heard = caller.await.unwrap();
        assert!(heard.iter().all(|status| *status < 500 || *status == 503), "{heard:?}");
    }
}

/// The statuses of all answers, each of them whole; a connection that was not accepted any more may be tried elsewhere.
async fn ask_until_it_is_gone(url: String, count: Arc<Semaphore>) -> Vec<u16> {
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
    let mut heard = Vec::new();
    loop {
        match client.get(&url).send().await {
            Ok(answer) => {
                heard.push(answer.status().as_u16());
                answer.bytes().await.expect("a whole answer");
                count.add_permits(1);
            }
            Err(_) => return heard,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_behind_is_refused_with_the_remedy() {
    let (db, folder) = (TestDb::new().await, Folder::new("behind"));
    let keys = folder.file("flotilla.keys");
    assert!(answer(flotilla(&["keys", "generate", "--file"]).arg(&keys)).success);
    let newest = "delete from __diesel_schema_migrations
        where version = (select max(version) from __diesel_schema_migrations)";
    db.admin().await.batch_execute(newest).await.unwrap();

    let refused = answer(
        flotilla(&["serve"])
            .env("FLOTILLA_KEYS_FILE", &keys)
            .env("FLOTILLA_APP_DATABASE_URL", &db.app_url)
            .env("FLOTILLA_WORKER_DATABASE_URL", &db.worker_url)
            .env("FLOTILLA_READONLY_DATABASE_URL", &db.readonly_url),
    );

    assert!(!refused.success);
    assert!(
        refused.err.contains("migrations of this version are pending: 1")
            && refused.err.contains("flotilla migrate"),
        "{}",
        refused.err
    );
}

#[test]
fn openapi_prints_the_document() {
    let printed = answer(&mut flotilla(&["openapi"]));

    assert!(printed.success, "{}", printed.err);
    let document: Value = serde_json::from_str(&printed.out).unwrap();
    assert!(document.pointer("/paths/~1api~1v1~1accounts/post").is_some());
}
