//! The servers as processes: they start, answer, and end when they are told to.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

use crate::support::{Folder, answer, flotilla};
use flotilla_testkit::db::TestDb;
use serde_json::Value;

/// A running server and what it logs.
struct Server {
    process: Child,
    log: BufReader<ChildStderr>,
    addresses: HashMap<String, SocketAddr>,
}

impl Server {
    fn start(command: &str, db: &TestDb, folder: &Folder) -> Self {
        let keys = folder.file("flotilla.keys");
        assert!(answer(flotilla(&["keys", "generate", "--file"]).arg(&keys)).success);
        let mut process = flotilla(&[command])
            .env("FLOTILLA_KEYS_FILE", &keys)
            .env("FLOTILLA_APP_DATABASE_URL", &db.app_url)
            .env("FLOTILLA_WORKER_DATABASE_URL", &db.worker_url)
            .env("FLOTILLA_READONLY_DATABASE_URL", &db.readonly_url)
            .env("FLOTILLA_HTTP_ADDR", "127.0.0.1:0")
            .env("FLOTILLA_EA_ADDR", "127.0.0.1:0")
            .env("FLOTILLA_LOG_FORMAT", "json")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        Self { process, log, addresses: HashMap::new() }
    }

    /// Where the server listens that `variable` told where to; reads the log until it says so.
    fn address(&mut self, variable: &str) -> SocketAddr {
        let mut log = String::new();
        loop {
            if let Some(address) = self.addresses.get(variable) {
                return *address;
            }
            let mut line = String::new();
            assert_ne!(self.log.read_line(&mut line).unwrap(), 0, "the server ended: {log}");
            self.addresses.extend(listening(&line));
            log.push_str(&line);
        }
    }

    fn terminate(mut self) -> ExitStatus {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        // A full pipe must not keep the server from ending.
        std::io::copy(&mut self.log, &mut std::io::sink()).unwrap();
        self.process.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

/// Variable and address of a log line that names both.
fn listening(line: &str) -> Option<(String, SocketAddr)> {
    let event: Value = serde_json::from_str(line).ok()?;
    let text = |field| event.get(field).and_then(Value::as_str);
    Some((text("variable")?.to_owned(), text("address")?.parse().ok()?))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_serves_and_works_until_it_is_terminated() {
    let (db, folder) = (TestDb::new().await, Folder::new("all"));

    let mut server = Server::start("all", &db, &folder);
    let (http, ea) = (server.address("FLOTILLA_HTTP_ADDR"), server.address("FLOTILLA_EA_ADDR"));
    let health = reqwest::get(format!("http://{http}/health")).await.unwrap();

    assert_eq!(health.status(), 200);
    assert!(TcpStream::connect(ea).is_ok());
    assert!(server.terminate().success());
    assert!(TcpStream::connect(http).is_err());
    assert!(TcpStream::connect(ea).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_and_work_are_two_processes() {
    let (db, folder, other) = (TestDb::new().await, Folder::new("serve"), Folder::new("work"));

    let mut api = Server::start("serve", &db, &folder);
    let mut worker = Server::start("work", &db, &other);
    let http = api.address("FLOTILLA_HTTP_ADDR");
    let ea = worker.address("FLOTILLA_EA_ADDR");

    assert_eq!(reqwest::get(format!("http://{http}/health")).await.unwrap().status(), 200);
    assert!(TcpStream::connect(ea).is_ok());
    assert!(worker.terminate().success());
    assert!(api.terminate().success());
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
