//! The encrypted port beside the plain one.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flotilla_security::tls::TlsFiles;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Account, World};
use flotilla_testkit::ea_v7::{FollowerEa, OpenCommand, Wire};

/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A certificate for `localhost` in files of its own, removed with this value.
struct Issued {
    folder: PathBuf,
    certificate: CertificateDer<'static>,
}

impl Issued {
    fn new(name: &str) -> Self {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut issued = Self { folder, certificate: CertificateDer::from(Vec::new()) };
        issued.renew();
        issued
    }

    /// Another certificate under another key in the same files.
    fn renew(&mut self) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(self.files().certificate, cert.pem()).unwrap();
        std::fs::write(self.files().key, signing_key.serialize_pem()).unwrap();
        self.certificate = cert.der().clone();
    }

    fn files(&self) -> TlsFiles {
        TlsFiles { certificate: self.folder.join("ea.pem"), key: self.folder.join("ea.key") }
    }
}

impl Drop for Issued {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A client that trusts one certificate.
struct Encrypted {
    input: BufReader<ReadHalf<TlsStream<TcpStream>>>,
    output: WriteHalf<TlsStream<TcpStream>>,
}

impl Encrypted {
    async fn connect(address: SocketAddr, trusted: &CertificateDer<'static>) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let (input, output) = tokio::io::split(stream);
        Ok(Self { input: BufReader::new(input), output })
    }

    async fn send(&mut self, line: &str) {
        self.output.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// The next line; `None` at an orderly end.
    async fn read(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.input.read_line(&mut line)).await.unwrap()?;
        Ok((read > 0).then(|| line.trim_end().to_owned()))
    }

    async fn expect(&mut self, line: &str) {
        assert_eq!(self.read().await.unwrap().as_deref(), Some(line));
    }

    async fn log_in(address: SocketAddr, trusted: &CertificateDer<'static>, account: &Account) -> Self {
        let mut client = Self::connect(address, trusted).await.unwrap();
        client.send(&format!("AUTH:{}", account.key)).await;
        client.expect("AUTH_OK").await;
        client
    }
}

/// A world whose worker has an encrypted port too.
async fn encrypted_world(issued: &Issued, authenticate: Duration) -> (World, SocketAddr) {
    let mut world = World::start_with(|config| {
        config.timing.authenticate = authenticate;
        config.timing.reread_certificate = Duration::from_millis(50);
    })
    .await;
    world.stop().await;
    world.tls_files = Some(issued.files());
    world.run().await;
    let address = world.tls_address.unwrap();
    (world, address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_is_copied_over_the_encrypted_port_as_over_the_plain_one() {
    let issued = Issued::new("copied");
    let (mut world, address) = encrypted_world(&issued, Duration::from_secs(10)).await;
    let (master, follower, plain) = (world.master().await, world.follower().await, world.follower().await);
    let mut m = Encrypted::log_in(address, &issued.certificate, &master).await;
    let mut f = Encrypted::log_in(address, &issued.certificate, &follower).await;
    f.send(&format!("SUBSCRIBE:{}", master.token)).await;
    f.expect("SUBSCRIBE_OK").await;
    let mut other = world.follower_ea(&plain, &master).await;

    m.send("SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    let order = OpenCommand::read(&f.read().await.unwrap().unwrap()).unwrap();
    assert_eq!((order.master_ticket, other.expect_open().await.master_ticket), (1, 1));
    f.send("ACK_OPEN|1|51|0.10|BUY").await;
    world.await_copies(&follower, "open").await;
    // A worker that ends resets its connections, so that what was not read is sent again.
    world.stop().await;
    assert!(m.read().await.is_err(), "reset, not ended in good order");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_shake_hands_has_the_time_of_the_key_and_no_more() {
    let issued = Issued::new("silent");
    let (world, address) = encrypted_world(&issued, Duration::from_millis(300)).await;
    let master = world.master().await;

    let mut silent = Wire::connect(address).await.unwrap();
    let mut plain = Wire::connect(address).await.unwrap();
    plain.send(&format!("AUTH:{}", master.key)).await.unwrap();
    let mut keyless = Encrypted::connect(address, &issued.certificate).await.unwrap();

    silent.expect_close().await;
    plain.expect_close().await;
    assert!(!matches!(keyless.read().await, Ok(Some(_))));
    let online = "select count(*)::text from sessions where account_id = $1";
    assert_eq!(world.text(online, master.id).await, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_taken_up_and_a_broken_one_is_not() {
    let mut issued = Issued::new("renewed");
    let (world, address) = encrypted_world(&issued, Duration::from_secs(10)).await;
    let follower = world.follower().await;
    let old = issued.certificate.clone();
    let _connected = Encrypted::log_in(address, &old, &follower).await;
    std::fs::write(issued.files().certificate, "broken").unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(Encrypted::connect(address, &old).await.is_ok(), "the old one stays");

    issued.renew();

    let renewed = async {
        while Encrypted::connect(address, &issued.certificate).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, renewed).await.unwrap();
    assert!(Encrypted::connect(address, &old).await.is_err());
    // The plain port goes on beside it.
    FollowerEa::log_in(world.address, &follower.key).await;
}
