//! Where the test databases live.

use anyhow::{Context, ensure};
use tokio::process::Command;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

/// A PostgreSQL server on which the tests may create databases, and a superuser's way into it.
#[derive(Debug, Clone)]
pub struct Cluster {
    user: String,
    /// With its leading colon, or empty where the server trusts the loopback.
    password: String,
    address: String,
}

impl Cluster {
    /// The cluster of `FLOTILLA_TEST_DATABASE_URL`, or this checkout's own, started if need be. Looked up once per process.
    ///
    /// # Errors
    ///
    /// When the URL cannot be read or the start script fails; its words are in the error.
    pub async fn connect() -> anyhow::Result<Self> {
        CLUSTER.get_or_try_init(find).await.cloned()
    }

    /// URL of `database` for `user`, who has the superuser's password if there is one (`None`: the superuser).
    #[must_use]
    pub fn url(&self, user: Option<&str>, database: &str) -> String {
        let user = user.unwrap_or(&self.user);
        format!("postgres://{user}{}@{}/{database}", self.password, self.address)
    }

    /// Host and port.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn password(&self) -> Option<&str> {
        self.password.strip_prefix(':')
    }

    pub(super) async fn admin(&self) -> anyhow::Result<Client> {
        open(&self.url(None, "postgres")).await
    }

    fn parse(url: &str) -> Option<Self> {
        let (_, rest) = url.trim().split_once("://")?;
        let (login, place) = rest.rsplit_once('@')?;
        let (address, _) = place.split_once('/').unwrap_or((place, ""));
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, format!(":{password}")),
            None => (login, String::new()),
        };
        Some(Self { user: user.to_owned(), password, address: address.to_owned() })
    }
}

async fn find() -> anyhow::Result<Cluster> {
    let url = match std::env::var("FLOTILLA_TEST_DATABASE_URL") {
        Ok(url) => url,
        Err(_) => start_own().await?,
    };
    Cluster::parse(&url)
        .context("FLOTILLA_TEST_DATABASE_URL must look like postgres://user@host:port/database")
}

async fn start_own() -> anyhow::Result<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres");
    let out = Command::new(script).args(["start", "test"]).output().await.context("scripts/postgres")?;
    ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Ok(String::from_utf8(out.stdout)?)
}

/// Opens a session and drives it in the background until it is dropped.
pub(super) async fn open(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
