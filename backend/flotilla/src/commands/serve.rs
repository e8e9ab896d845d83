//! The API alone.

use super::{start, stop};
use crate::settings::{Environment, ExchangeSettings, HttpSettings};

/// Serves the API and the pages until a signal comes.
///
/// # Errors
///
/// When keys, settings, database, certificate or address are not usable, or the server fails.
pub async fn run(environment: &Environment<'_>) -> anyhow::Result<()> {
    let settings = HttpSettings::read(environment)?;
    let exchange = ExchangeSettings::read(environment)?;
    let ground = start::ground(environment).await?;
    let site = start::Site::read(settings).await?;
    start::api(&ground, site, &exchange, stop::on_signal()?).await
}
