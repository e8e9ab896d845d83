//! API and worker in one process.

use super::{start, stop};
use crate::settings::{EaSettings, Environment, ExchangeSettings, HttpSettings};

/// Serves and works until a signal comes or one of the two ends; then the other one ends as well.
///
/// # Errors
///
/// As for `serve` and `work`.
pub async fn run(environment: &Environment<'_>) -> anyhow::Result<()> {
    let (http, ea) = (HttpSettings::read(environment)?, EaSettings::read(environment)?);
    let exchange = ExchangeSettings::read(environment)?;
    let addresses = exchange.public_addresses();
    let ground = start::ground(environment).await?;
    let stop = stop::on_signal()?;
    let api = async {
        // Dropped when the API ends, however it ends.
        let _ends = stop.clone().drop_guard();
        start::api(&ground, http, addresses, stop.clone()).await
    };
    let worker = async {
        let _ends = stop.clone().drop_guard();
        start::worker(&ground, ea, exchange, stop.clone()).await
    };
    let (api, worker) = tokio::join!(api, worker);
    api.and(worker)
}
