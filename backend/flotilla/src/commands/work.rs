//! The worker alone.

use super::start::WorkerSettings;
use super::{start, stop};
use crate::settings::Environment;

/// Runs the worker until a signal comes.
///
/// # Errors
///
/// When keys, settings, database or address are not usable, or the worker fails.
pub async fn run(environment: &Environment<'_>) -> anyhow::Result<()> {
    let settings = WorkerSettings::read(environment)?;
    let ground = start::ground(environment).await?;
    start::worker(&ground, settings, stop::on_signal()?).await
}
