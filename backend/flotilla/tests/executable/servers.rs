//! The servers as processes: they start, answer, and end when they are told to.

use std::net::TcpStream;

use flotilla_testkit::db::TestDb;
use serde_json::Value;

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
