//! Ending well.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled by the first SIGINT (Ctrl-C) or SIGTERM. A second signal ends the
/// process at once, for whoever does not want to wait.
///
/// # Errors
///
/// When the signals cannot be listened to.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        for last in [false, true] {
            let name = tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
            };
            if last {
                tracing::warn!(signal = name, "second signal, ending at once");
                std::process::exit(1);
            }
            tracing::info!(signal = name, "stopping");
            stopping.cancel();
        }
    });
    Ok(stop)
}
