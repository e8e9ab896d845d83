//! What `serve`, `work` and `all` begin with.

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use anyhow::Context as _;
use flotilla_api::Stores;
use flotilla_security::keyring::Keyring;
use flotilla_store::Db;
use flotilla_worker::Listeners;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::migrate;
use crate::settings::{DatabaseUrls, EaSettings, Environment, HttpSettings, Registration, read_keyring};

/// Connections of the API under its own role.
const APP_CONNECTIONS: usize = 16;

/// Connections of the API for reading other owners' rows under a grant.
const READONLY_CONNECTIONS: usize = 4;

/// Connections of the worker.
const WORKER_CONNECTIONS: usize = 16;

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
    migrate::ensure_current(&urls).await?;
    Ok(Ground { keyring, urls })
}

/// Serves the API until `stop` is cancelled.
///
/// # Errors
///
/// When the address is taken or the server fails.
pub async fn api(ground: &Ground, settings: HttpSettings, stop: CancellationToken) -> anyhow::Result<()> {
    let listener = listen(settings.address, "FLOTILLA_HTTP_ADDR").await?.into_std()?;
    let stores = Stores {
        app: Db::connect(ground.urls.app.expose(), APP_CONNECTIONS)?,
        readonly: Db::connect(ground.urls.readonly.expose(), READONLY_CONNECTIONS)?,
        changes_url: ground.urls.app.expose().to_owned(),
    };
    let config = api_config(settings)?;
    flotilla_api::run(config, stores, &ground.keyring, listener, stop.cancelled())
        .await
        .context("the API ended")
}

/// Runs the worker until `stop` is cancelled.
///
/// # Errors
///
/// When the address is taken or the worker fails.
pub async fn worker(ground: &Ground, settings: EaSettings, stop: CancellationToken) -> anyhow::Result<()> {
    let plain = listen(settings.address, "FLOTILLA_EA_ADDR").await?;
    let tls = match settings.tls {
        Some((address, files)) => Some((listen(address, "FLOTILLA_EA_TLS_ADDR").await?, files)),
        None => None,
    };
    let url = ground.urls.worker.expose();
    let db = Db::connect(url, WORKER_CONNECTIONS)?;
    let config = flotilla_worker::Config {
        limits: settings.limits,
        timing: settings.timing,
        ..flotilla_worker::Config::new(url.to_owned())
    };
    flotilla_worker::run(config, db, Listeners { plain, tls }, stop).await.context("the worker ended")
}

async fn listen(address: SocketAddr, variable: &'static str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{variable}: cannot listen on {address}"))?;
    tracing::info!(address = %listener.local_addr()?, variable, "listening");
    Ok(listener)
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
        web_dir: settings.web_dir,
        trusted_proxies: settings.trusted_proxies,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ea_port: settings.ea_port,
        threads: std::thread::available_parallelism().map_or(2, NonZeroUsize::get),
    })
}
