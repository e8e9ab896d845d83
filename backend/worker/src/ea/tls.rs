//! The encrypted port: certificates from files, read again when they change.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsAcceptor;

use crate::gateway::Gateway;

/// Where the certificate and its key are.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// PEM: the certificate, then those that lead to a root.
    pub certificate: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
}

/// Why the encrypted port cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{0} is not usable")]
    File(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// Certificate and key do not make a server.
    #[error("certificate and key do not fit")]
    Pair(#[source] rustls::Error),
}

/// When the two files were last changed.
type Stamps = [Option<SystemTime>; 2];

/// The present certificate.
pub(crate) struct Certificate {
    files: TlsFiles,
    present: RwLock<(Arc<ServerConfig>, Stamps)>,
}

impl Certificate {
    /// Reads the files for the first time.
    pub fn read(files: TlsFiles) -> Result<Self, TlsError> {
        let stamps = files.stamps();
        let present = RwLock::new((files.config()?, stamps));
        Ok(Self { files, present })
    }

    /// Shakes hands under the present certificate.
    pub fn acceptor(&self) -> TlsAcceptor {
        let present = self.present.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&present.0))
    }

    /// Reads the files again if they changed; the old certificate stays when
    /// the new one is not usable.
    fn refresh(&self) {
        let stamps = self.files.stamps();
        if self.present.read().unwrap_or_else(PoisonError::into_inner).1 == stamps {
            return;
        }
        match self.files.config() {
            Ok(config) => {
                *self.present.write().unwrap_or_else(PoisonError::into_inner) = (config, stamps);
                tracing::info!("certificate of the EA gateway read again");
            }
            // Perhaps only one of the two files was replaced so far: the next look tries again.
            Err(error) => tracing::warn!(%error, "the new certificate of the EA gateway is not usable"),
        }
    }
}

impl TlsFiles {
    fn stamps(&self) -> Stamps {
        [&self.certificate, &self.key]
            .map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
    }

    fn config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let unusable = |path: &PathBuf| {
            let path = path.clone();
            move |error| TlsError::File(path, error)
        };
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(unusable(&self.certificate))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(unusable(&self.key))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, key))
            .map_err(TlsError::Pair)?;
        Ok(Arc::new(config))
    }
}

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
        let _ = tokio::task::spawn_blocking(move || certificate.refresh()).await;
    }
}
