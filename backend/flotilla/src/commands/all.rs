//! API and worker in one process.

use super::start::WorkerSettings;
use super::{start, stop};
use crate::settings::{Environment, HttpSettings};

/// Serves and works until a signal comes or one of the two ends; then the other one ends as well.
///
/// # Errors
///
/// As for `serve` and `work`.
pub async fn run(environment: &Environment<'_>) -> anyhow::Result<()> {
    let (http, settings) = (HttpSettings::read(environment)?, WorkerSettings::read(environment)?);
    let exchange = settings.exchange.clone();
    let ground = start::ground(environment).await?;
    // Before the worker begins: without the API nobody could stop it from the pages, so it is not begun alone.
    let site = start::Site::read(http).await?;
    let stop = stop::on_signal()?;
    let api = async {
        // Dropped when the API ends, however it ends.
        let _ends = stop.clone().drop_guard();
        start::api(&ground, site, &exchange, stop.clone()).await
    };
    let worker = async {
        let _ends = stop.clone().drop_guard();
        start::worker(&ground, settings, stop.clone()).await
    };
    let (api, worker) = tokio::join!(api, worker);
    api.and(worker)
}
