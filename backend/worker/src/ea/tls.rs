//! The encrypted port: its certificate is read again when the files change.

use std::sync::Arc;

use flotilla_security::tls::Certificate;
use tokio::time::MissedTickBehavior;

use crate::gateway::Gateway;

/// Looks whether the files changed, until the worker drains.
pub(crate) async fn watch(gateway: Arc<Gateway>, certificate: Arc<Certificate>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.reread_certificate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let certificate = Arc::clone(&certificate);
        // Files are read on a thread that may wait.
        match tokio::task::spawn_blocking(move || certificate.refresh()).await {
            Ok(Ok(true)) => tracing::info!("certificate of the EA gateway read again"),
            Ok(Err(error)) => tracing::warn!(?error, "the new certificate of the EA gateway is not usable"),
            Ok(Ok(false)) | Err(_) => {}
        }
    }
}
