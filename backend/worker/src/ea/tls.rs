//! The encrypted port: its certificate is read again when the files change.

use std::sync::Arc;
use std::time::Duration;

use flotilla_security::tls::Certificate;
use flotilla_store::transaction_time;
use tokio::time::MissedTickBehavior;

use crate::gateway::Gateway;

/// Between looks how long the certificate lasts.
const REMIND_OF_END: Duration = Duration::from_hours(24);

/// Looks whether the files changed, and once a day how long the certificate lasts, until the worker drains.
pub(crate) async fn watch(gateway: Arc<Gateway>, certificate: Arc<Certificate>) {
    let mut ticks = tokio::time::interval(gateway.config.timing.reread_certificate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut days = tokio::time::interval(REMIND_OF_END);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = days.tick() => {
                remind(&gateway, &certificate).await;
                continue;
            }
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

async fn remind(gateway: &Gateway, certificate: &Certificate) {
    // Where the database does not answer there is another day.
    let Ok(now) = gateway.db.open(transaction_time::read).await else { return };
    if let Some(end) = certificate.ends_soon(now) {
        let (until, days_left) = (end.format("%F"), (end - now).num_days());
        tracing::warn!(%until, days_left, "the certificate of the EA gateway ends soon; renew it");
    }
}
