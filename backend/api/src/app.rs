//! Wiring: handlers, middleware, server.

use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, get, web};
use flotilla_security::keyring::Keyring;
use flotilla_store::changes;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};
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

/// A client gets this long for its request line and headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
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
/// in progress finish.
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

    let server = serve(&shared, listener)?;
    let handle = server.handle();
    let mut serving = std::pin::pin!(server);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        // The server acts on the order to stop only while it is polled.
        () = shutdown => tokio::join!(handle.stop(true), serving).1,
    };
    Ok(ended?)
}

fn serve(shared: &Arc<Shared>, listener: TcpListener) -> std::io::Result<actix_web::dev::Server> {
    let threads = shared.config.threads;
    let shared = web::Data::from(Arc::clone(shared));
    let addresses = web::Data::new(Addresses::of(&openapi::document()));
    let server = HttpServer::new(move || {
        let (shared, addresses) = (shared.clone(), addresses.clone());
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
            .openapi_service(docs)
            .into_app()
            .service(docs_without_slash)
            .default_service(web::to(pages::fallback))
    });
    Ok(server
        .workers(threads)
        .client_request_timeout(HEADERS_WITHIN)
        .shutdown_timeout(FINISH_WITHIN_SECONDS)
        .disable_signals()
        .listen(listener)?
        .run())
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
