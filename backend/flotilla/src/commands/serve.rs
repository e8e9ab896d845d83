//! The API alone.

use super::{start, stop};
use crate::settings::{Environment, ExchangeSettings, HttpSettings};

/// Serves the API and the pages until a signal comes.
///
/// # Errors
///
/// When keys, settings, database or address are not usable, or the server fails.
pub async fn run(environment: &Environment<'_>) -> anyhow::Result<()> {
    let settings = HttpSettings::read(environment)?;
    let exchange = ExchangeSettings::read(environment)?;
    let ground = start::ground(environment).await?;
    start::api(&ground, settings, &exchange, stop::on_signal()?).await
}
