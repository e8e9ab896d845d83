//! The worker alone.

use super::{start, stop};
use crate::settings::{EaSettings, Environment, ExchangeSettings};

/// Runs the worker until a signal comes.
///
/// # Errors
///
/// When keys, settings, database or address are not usable, or the worker fails.
pub async fn run(environment: &Environment<'_>) -> anyhow::Result<()> {
    let (ea, exchange) = (EaSettings::read(environment)?, ExchangeSettings::read(environment)?);
    let ground = start::ground(environment).await?;
    start::worker(&ground, ea, exchange, stop::on_signal()?).await
}
