//! Wiring: handlers, middleware, server.

use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, get, web};
use flotilla_security::keyring::Keyring;
use flotilla_security::tls::Certificate;
use flotilla_store::changes;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use utoipa::OpenApi as _;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::body::MAX_BODY;
use crate::config::{Config, Stores};
use crate::error::ApiError;
use crate::openapi::{self, Addresses, Preamble};
use crate::routes::{self, pages};
use crate::shared::{SetupError, Shared};
use crate::stream::risks;
use crate::{headers, limits, measured};

/// A client gets this long for its request line and headers, and before that for the handshake of TLS.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// Between looks whether the certificate was replaced.
const REREAD_CERTIFICATE: Duration = Duration::from_secs(2);
/// Between looks how long the certificate lasts.
const REMIND_OF_END: Duration = Duration::from_hours(24);
/// Requests in progress get this long when the server ends.
const FINISH_WITHIN_SECONDS: u64 = 3;

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("the keys are not usable: {0}")]
    Setup(#[from] SetupError),
    #[error("cannot serve: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves the API on `listener` until `shutdown` completes, then lets requests
/// in progress finish. With a certificate the port speaks HTTPS and nothing else.
///
/// # Errors
///
/// [`RunError`] when it cannot start.
pub async fn run(
    config: Config,
    stores: Stores,
    keyring: &Keyring,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), RunError> {
    let certificate = config.tls.clone();
    let hints = changes::listen(stores.changes_url.clone());
    let shared = Arc::new(Shared::new(config, stores, keyring)?);
    let mut tasks = JoinSet::new();
    let relaying = Arc::clone(&shared);
    tasks.spawn(async move { relaying.hub.relay(hints).await });
    let relaying = Arc::clone(&shared);
    tasks.spawn(async move { relaying.hub.relay_prices().await });
    let relaying = Arc::clone(&shared);
    tasks.spawn(async move { relaying.hub.relay_accounts().await });
    let relaying = Arc::clone(&shared);
    tasks.spawn(async move { risks::relay(&relaying.hub).await });
    tasks.spawn(sweep(Arc::clone(&shared)));
    if let Some(certificate) = &certificate {
        tasks.spawn(reread(Arc::clone(certificate)));
        tasks.spawn(remind(Arc::clone(certificate), Arc::clone(&shared)));
    }

    let server = serve(&shared, listener, certificate.as_deref())?;
    let handle = server.handle();
    let mut serving = std::pin::pin!(server);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        // The server acts on the order to stop only while it is polled.
        () = shutdown => tokio::join!(handle.stop(true), serving).1,
    };
    Ok(ended?)
}

fn serve(
    shared: &Arc<Shared>,
    listener: TcpListener,
    certificate: Option<&Certificate>,
) -> std::io::Result<actix_web::dev::Server> {
    let threads = shared.config.threads;
    let shared = web::Data::from(Arc::clone(shared));
    let document = openapi::document();
    let addresses = web::Data::new(Addresses::of(&document));
    let server = HttpServer::new(move || {
        let (shared, addresses, document) = (shared.clone(), addresses.clone(), document.clone());
        App::new()
            .into_utoipa_app()
            .openapi(Preamble::openapi())
            .map(|app| {
                app.wrap(Compress::default()).wrap(from_fn(headers::add)).wrap(from_fn(measured::measure))
            })
            .app_data(shared)
            .app_data(addresses)
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .app_data(web::PathConfig::default().error_handler(|_, _| ApiError::NotFound.into()))
            .configure(routes::configure)
            // Not the one that is collected here: it lacks what is marked in the whole.
            .openapi_service(|_| docs(document))
            .into_app()
            .service(docs_without_slash)
            .default_service(web::to(pages::fallback))
    });
    let server = server
        .workers(threads)
        .tls_handshake_timeout(HEADERS_WITHIN)
        .client_request_timeout(HEADERS_WITHIN)
        .shutdown_timeout(FINISH_WITHIN_SECONDS)
        .disable_signals();
    let server = match certificate {
        // HTTP/1.1 alone: limits and time-outs of connections are made for it, and WebSockets need it.
        Some(certificate) => {
            server.listen_rustls_0_23(listener, Arc::unwrap_or_clone(certificate.config()))?
        }
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Looks whether the files of the certificate changed.
async fn reread(certificate: Arc<Certificate>) {
    let mut turns = interval(REREAD_CERTIFICATE);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let certificate = Arc::clone(&certificate);
        // Files are read on a thread that may wait.
        match tokio::task::spawn_blocking(move || certificate.refresh()).await {
            Ok(Ok(true)) => tracing::info!("certificate of the API read again"),
            Ok(Err(error)) => tracing::warn!(?error, "the new certificate of the API is not usable"),
            Ok(Ok(false)) | Err(_) => {}
        }
    }
}

/// Says once a day that the certificate ends soon: whatever renews it has failed, and nothing else here would tell.
async fn remind(certificate: Arc<Certificate>, shared: Arc<Shared>) {
    let mut days = interval(REMIND_OF_END);
    loop {
        days.tick().await;
        let now = shared.clock.now();
        if let Some(end) = certificate.ends_soon(now) {
            let (until, days_left) = (end.format("%F"), (end - now).num_days());
            tracing::warn!(%until, days_left, "the certificate of the API ends soon; renew it");
        }
    }
}

/// Without a validator address the pages ask nobody outside.
fn docs(document: utoipa::openapi::OpenApi) -> SwaggerUi {
    let config = utoipa_swagger_ui::Config::default().validator_url("none");
    SwaggerUi::new("/docs/{_:.*}").config(config).url("/api/openapi.json", document)
}

#[get("/docs")]
async fn docs_without_slash(_: HttpRequest) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("location", "/docs/")).finish()
}

async fn sweep(shared: Arc<Shared>) {
    let mut turns = interval(limits::SWEEP);
    loop {
        turns.tick().await;
        shared.limits.sweep();
        shared.standings.sweep();
        shared.keys.sweep();
        shared.visitors.sweep(Instant::now());
        shared.clock.read(&shared.stores.app).await;
        let removed =
            shared.stores.app.open(async |tx| flotilla_store::refresh_tokens::remove_ended(tx).await).await;
        if let Err(error) = removed {
            tracing::warn!(%error, "tokens of ended logins cannot be removed");
        }
    }
}
