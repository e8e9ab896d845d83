//! The API that speaks HTTPS itself.

use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use flotilla_security::tls::{Certificate, TlsFiles};
use flotilla_testkit::db::TestDb;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::server::{EA, HTTP, Server};
use crate::support::{Answer, Folder, answer, flotilla};

/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A certificate for `localhost` under a key of its own, in the files of before.
fn issue(folder: &Folder) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.file("site.pem"), cert.pem()).unwrap();
    std::fs::write(folder.file("site.key"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

/// The executable with that certificate.
fn encrypted(arguments: &[&str], folder: &Folder) -> Command {
    let mut command = flotilla(arguments);
    command
        .env("FLOTILLA_HTTP_TLS_CERT", folder.file("site.pem"))
        .env("FLOTILLA_HTTP_TLS_KEY", folder.file("site.key"))
        .env("FLOTILLA_PUBLIC_URL", "https://fleet.example.com");
    command
}

/// The same beside a server that was started with `folder`.
fn beside(arguments: &[&str], db: &TestDb, folder: &Folder) -> Command {
    let mut command = encrypted(arguments, folder);
    command
        .env("FLOTILLA_KEYS_FILE", folder.file("flotilla.keys"))
        .env("FLOTILLA_APP_DATABASE_URL", &db.app_url)
        .env("FLOTILLA_WORKER_DATABASE_URL", &db.worker_url)
        .env("FLOTILLA_READONLY_DATABASE_URL", &db.readonly_url)
        .env("FLOTILLA_MAIL_DIR", folder.file("mail"))
        .env("FLOTILLA_JOURNAL_DIR", folder.file("inbox"))
        .env(EA, "127.0.0.1:0")
        .env(HTTP, "127.0.0.1:0");
    command
}

/// How such a server ends by itself.
async fn end(command: &str, db: &TestDb, folder: &Folder) -> Answer {
    let mut command = beside(&[command], db, folder);
    tokio::task::spawn_blocking(move || answer(&mut command)).await.unwrap()
}

/// Shakes hands as a client that trusts one certificate and has never been here.
async fn connect(address: SocketAddr, trusted: &CertificateDer<'static>) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// The whole answer to one request, with headers in lower case as they are sent.
async fn ask(address: SocketAddr, trusted: &CertificateDer<'static>, request: &str, body: &str) -> String {
    let mut stream = connect(address, trusted).await.unwrap();
    let length = body.len();
    let request = format!(
        "{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that ends without a last word of TLS has said everything all the same.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_speaks_https_by_itself_and_takes_up_a_renewed_certificate() {
    let (db, folder) = (TestDb::new().await, Folder::new("https"));
    // A renewal is under way: the certificate has come, its key has not.
    issue(&folder);
    let outdated = std::fs::read(folder.file("site.key")).unwrap();
    let first = issue(&folder);
    let key = std::fs::read(folder.file("site.key")).unwrap();
    std::fs::write(folder.file("site.key"), outdated).unwrap();
    let server = Server::start(encrypted(&["serve"], &folder), &db, &folder);
    tokio::time::sleep(Duration::from_secs(1)).await;
    std::fs::write(folder.file("site.key"), key).unwrap();
    let address = server.address(HTTP);

    // Whatever a browser does is encrypted, and stays so.
    let health = ask(address, &first, "GET /health", "").await;
    assert!(health.starts_with("HTTP/1.1 200 "), "{health}");
    assert!(health.contains("\r\nstrict-transport-security: max-age="), "{health}");
    let ada = json!({ "email": "ada@example.com", "password": "a long and sound phrase", "name": "Ada" });
    let session = ask(address, &first, "POST /api/v1/auth/register", &ada.to_string()).await;
    assert!(session.starts_with("HTTP/1.1 201 "), "{session}");
    assert!(session.contains("\r\nset-cookie: __Host-flotilla_refresh="), "{session}");
    assert!(session.contains("; Secure;"), "{session}");
    let stream = connect(address, &first).await.unwrap();
    let (_socket, upgraded) =
        tokio_tungstenite::client_async("wss://localhost/api/v1/ws", stream).await.unwrap();
    assert_eq!(upgraded.status(), 101);
    assert!(reqwest::get(format!("http://{address}/health")).await.is_err(), "plain HTTP is no way in");
    let told = answer(&mut beside(&["doctor"], &db, &folder));
    assert!(told.out.contains("certificate of the API: until 4096-01-01"), "{}{}", told.out, told.err);

    // The old one stays while the files are of no use, and nothing starts with them.
    std::fs::write(folder.file("site.pem"), "broken").unwrap();
    let (serve, all) = tokio::join!(end("serve", &db, &folder), end("all", &db, &folder));
    let certificate = folder.file("site.pem").display().to_string();
    for refused in [serve, all] {
        let named = ["FLOTILLA_HTTP_TLS_CERT", &certificate].map(|name| refused.err.contains(name));
        assert_eq!((refused.success, named), (false, [true, true]), "{}", refused.err);
        assert!(!refused.err.contains(EA), "no worker was begun: {}", refused.err);
    }
    let told = answer(&mut beside(&["doctor"], &db, &folder));
    assert!(!told.success && told.out.contains("certificate of the API: not usable"), "{}", told.out);
    assert!(connect(address, &first).await.is_ok());

    let second = issue(&folder);
    let renewed = async {
        while connect(address, &second).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, renewed).await.unwrap();
    assert!(connect(address, &first).await.is_err());
}

#[test]
fn a_certificate_is_told_of_in_its_last_two_weeks() {
    let folder = Folder::new("ending");
    issue(&folder);
    let files = TlsFiles { certificate: folder.file("site.pem"), key: folder.file("site.key") };
    let certificate = Certificate::read(files).unwrap();
    let end = certificate.expires_at().unwrap();

    let told = |days| certificate.ends_soon(end - TimeDelta::days(days));

    assert_eq!((told(15), told(13), told(-1)), (None, Some(end), Some(end)));
}
