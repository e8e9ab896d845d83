//! What `serve`, `work` and `all` begin with.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use flotilla_api::Stores;
use flotilla_security::TlsError;
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::Sealer;
use flotilla_security::tls::{Certificate, TlsFiles};
use flotilla_store::Db;
use flotilla_worker::exchange::ExchangeConfig;
use flotilla_worker::{Listeners, MailConfig, WorkerError};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::migrate;
use crate::metrics;
use crate::settings::{
    DatabaseUrls, EaSettings, Environment, ExchangeSettings, HttpSettings, Registration, SettingsError,
    read_keyring, read_mail, read_metrics_address, worker_connections,
};

/// Connections of the API under its own role.
const APP_CONNECTIONS: usize = 16;

/// Connections of the API for reading other owners' rows under a grant.
const READONLY_CONNECTIONS: usize = 4;

/// For an earlier worker to leave the gateway's address: it drains for five seconds at most.
const HANDED_OVER_WITHIN: Duration = Duration::from_secs(10);

/// For a renewal that is under way to bring the other file too.
const RENEWED_WITHIN: Duration = Duration::from_secs(3);

/// What the worker needs to know besides database and keys.
pub struct WorkerSettings {
    /// To the database.
    pub connections: usize,
    pub ea: EaSettings,
    pub exchange: ExchangeSettings,
    pub mail: MailConfig,
}

impl WorkerSettings {
    /// # Errors
    ///
    /// [`SettingsError`] names the variable and what it should be.
    pub fn read(environment: &Environment<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            connections: worker_connections(environment)?,
            ea: EaSettings::read(environment)?,
            exchange: ExchangeSettings::read(environment)?,
            mail: read_mail(environment)?,
        })
    }
}

/// What the API needs to know besides database and keys.
pub struct Site {
    settings: HttpSettings,
    certificate: Option<Arc<Certificate>>,
}

impl Site {
    /// Reads the certificate, where there is to be one: before anything begins, so that one that is not usable ends
    /// nothing that was begun.
    ///
    /// # Errors
    ///
    /// When it is not usable, and not a few seconds later either.
    pub async fn read(settings: HttpSettings) -> anyhow::Result<Self> {
        let certificate = match &settings.tls {
            Some(files) => {
                let read = read_certificate(files).await.context("cannot speak HTTPS");
                Some(Arc::new(read.context("check FLOTILLA_HTTP_TLS_CERT and FLOTILLA_HTTP_TLS_KEY")?))
            }
            None => None,
        };
        Ok(Self { settings, certificate })
    }
}

/// Keys that are usable, and a database whose schema is current.
pub struct Ground {
    keyring: Keyring,
    urls: DatabaseUrls,
}

/// Reads keys and addresses, then brings the schema up to date or makes sure that it is.
///
/// # Errors
///
/// Keys come first: without them nothing is touched.
pub async fn ground(environment: &Environment<'_>) -> anyhow::Result<Ground> {
    let keyring = read_keyring(environment)?;
    let urls = DatabaseUrls::read(environment)?;
    if let Some(address) = read_metrics_address(environment)? {
        metrics::start(address)?;
    }
    migrate::ensure_current(&urls).await?;
    Ok(Ground { keyring, urls })
}

/// Serves the API until `stop` is cancelled.
///
/// * `exchange`: how the worker reaches it.
///
/// # Errors
///
/// When the address is taken or the server fails.
pub async fn api(
    ground: &Ground,
    site: Site,
    exchange: &ExchangeSettings,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let Site { settings, certificate: tls } = site;
    let listener = listen(settings.address, "FLOTILLA_HTTP_ADDR").await?.into_std()?;
    let stores = Stores {
        app: Db::connect(ground.urls.app.expose(), APP_CONNECTIONS)?,
        readonly: Db::connect(ground.urls.readonly.expose(), READONLY_CONNECTIONS)?,
        changes_url: ground.urls.app.expose().to_owned(),
    };
    let (egress_addresses, simulated) = (exchange.public_addresses(), exchange.simulated());
    let config = flotilla_api::Config { egress_addresses, simulated, tls, ..api_config(settings)? };
    let ended = flotilla_api::run(config, stores, &ground.keyring, listener, stop.cancelled()).await;
    ended.context("the API ended")
}

/// Runs the worker until `stop` is cancelled.
///
/// # Errors
///
/// When the address is taken or the worker fails.
pub async fn worker(
    ground: &Ground,
    settings: WorkerSettings,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let WorkerSettings { connections, ea: settings, exchange, mail } = settings;
    if let Some((_, files)) = &settings.tls {
        // The gateway reads it once more; this waits for a renewal that is under way.
        read_certificate(files).await.context("check FLOTILLA_EA_TLS_CERT and FLOTILLA_EA_TLS_KEY")?;
    }
    let plain = listen_after(settings.address, "FLOTILLA_EA_ADDR").await?;
    let tls = match settings.tls {
        Some((address, files)) => Some((listen_after(address, "FLOTILLA_EA_TLS_ADDR").await?, files)),
        None => None,
    };
    let url = ground.urls.worker.expose();
    let db = Db::connect_worker(url, connections)?;
    let config = flotilla_worker::Config {
        limits: settings.limits,
        timing: settings.timing,
        exchange: Some(exchange_config(ground, exchange)),
        mail: Some(mail),
        ..flotilla_worker::Config::new(url.to_owned(), settings.journal_dir)
    };
    let ended = Box::pin(flotilla_worker::run(config, db, Listeners { plain, tls }, stop)).await;
    ended.map_err(|error| match error {
        WorkerError::Journal { .. } => anyhow::Error::new(error).context(
            "FLOTILLA_JOURNAL_DIR: set it to a folder that this user may write to and no other worker uses",
        ),
        WorkerError::Tls(_) => {
            anyhow::Error::new(error).context("check FLOTILLA_EA_TLS_CERT and FLOTILLA_EA_TLS_KEY")
        }
        WorkerError::Mail(_) => {
            anyhow::Error::new(error).context("check FLOTILLA_MAIL_FROM and FLOTILLA_SMTP_HOST")
        }
        error => anyhow::Error::new(error).context("the worker ended"),
    })
}

fn exchange_config(ground: &Ground, settings: ExchangeSettings) -> ExchangeConfig {
    ExchangeConfig {
        egresses: settings.worker_egresses(),
        orders_per_second: settings.orders_per_second,
        streams_per_address: settings.streams_per_address,
        hosts: settings.hosts,
        ..ExchangeConfig::new(Sealer::new(&ground.keyring))
    }
}

/// Reads a certificate, and again for a while where it is not usable: a renewal replaces two files one after the other,
/// and whatever restarts the process may do so in between.
async fn read_certificate(files: &TlsFiles) -> Result<Certificate, TlsError> {
    let until = Instant::now() + RENEWED_WITHIN;
    loop {
        match Certificate::read(files.clone()) {
            Err(error) if Instant::now() < until => {
                tracing::warn!(
                    ?error,
                    "a certificate is not usable; it is read again, should it be renewed just now"
                );
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            done => return done,
        }
    }
}

async fn listen(address: SocketAddr, variable: &'static str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{variable}: cannot listen on {address}"))?;
    tracing::info!(address = %listener.local_addr()?, variable, "listening");
    Ok(listener)
}

/// Waits for an earlier worker that ends and still holds the address: EAs that come meanwhile are
/// in the queue of the one or of the other, and none is turned away for long.
async fn listen_after(address: SocketAddr, variable: &'static str) -> anyhow::Result<TcpListener> {
    let until = Instant::now() + HANDED_OVER_WITHIN;
    loop {
        match listen(address, variable).await {
            Err(error) if is_taken(&error) && Instant::now() < until => {
                tracing::info!(%address, variable, "taken; waiting for an earlier worker to leave it");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            done => return done,
        }
    }
}

fn is_taken(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

fn api_config(settings: HttpSettings) -> anyhow::Result<flotilla_api::Config> {
    Ok(flotilla_api::Config {
        public_url: settings.public_url.parse().context("FLOTILLA_PUBLIC_URL is not usable")?,
        registration: match settings.registration {
            Registration::Open => flotilla_api::Registration::Open,
            Registration::Invite(code) => flotilla_api::Registration::Invite(code),
            Registration::Closed => flotilla_api::Registration::Closed,
        },
        limit_factor: settings.limit_factor.get(),
        sockets_per_user: settings.sockets_per_user.get(),
        largest_import: settings.largest_import.get(),
        web_dir: settings.web_dir,
        trusted_proxies: settings.trusted_proxies,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ea_port: settings.ea_port,
        threads: std::thread::available_parallelism().map_or(2, NonZeroUsize::get),
        ..flotilla_api::Config::local()
    })
}
