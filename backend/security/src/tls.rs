//! The certificate of an encrypted port: read from files, and again when they change.
//!
//! Nothing is awaited here and nobody is listened to: whoever serves the port asks from time to time
//! whether the files changed.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use x509_cert::der::Decode as _;

use crate::error::TlsError;

/// So many days before its end a certificate is told of: renewals run earlier, so this one has failed.
const TOLD_DAYS: i64 = 14;

/// Where a certificate and its key are.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// PEM: the certificate, then those that lead to a root.
    pub certificate: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
}

/// When a file was last changed, and its length: one that is read while it is written has the
/// time of a whole one where clocks of file systems are coarse.
type Stamp = Option<(SystemTime, u64)>;

/// What was seen of the two files.
struct Looked {
    used: [Stamp; 2],
    refused: Option<[Stamp; 2]>,
}

/// The present certificate of a port, with its key.
pub struct Certificate {
    files: TlsFiles,
    present: Arc<Present>,
    config: Arc<ServerConfig>,
    looked: Mutex<Looked>,
}

impl Certificate {
    /// Reads the files for the first time.
    ///
    /// # Errors
    ///
    /// [`TlsError`] when a file cannot be read, or the two do not fit.
    pub fn read(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        // Before the files are read: what changes meanwhile is read again.
        let looked = Mutex::new(Looked { used: files.stamps(), refused: None });
        let present = Arc::new(Present(RwLock::new(files.load(&provider)?)));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Pair)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Present>::clone(&present));
        Ok(Self { files, present, config: Arc::new(config), looked })
    }

    /// Of a server that shows each new connection the certificate of that moment. A client that
    /// takes up an earlier session is shown none.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Reads the files again if they changed, and says whether there is a new certificate. May be
    /// called at any time, on a thread that may wait for a disk.
    ///
    /// # Errors
    ///
    /// [`TlsError`], once for each change, when the new files are not usable: perhaps only one of
    /// the two was replaced so far. The old certificate stays, and the next call tries again.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = self.files.stamps();
        if looked.used == stamps {
            return Ok(false);
        }
        match self.files.load(self.config.crypto_provider()) {
            Ok(key) => {
                *self.present.0.write().unwrap_or_else(PoisonError::into_inner) = key;
                *looked = Looked { used: stamps, refused: None };
                Ok(true)
            }
            Err(_) if looked.refused == Some(stamps) => Ok(false),
            Err(error) => {
                looked.refused = Some(stamps);
                Err(error)
            }
        }
    }

    /// From when on clients refuse the present certificate; `None` when it does not say so in a
    /// form that is understood here.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        let present = self.present.key();
        let certificate = x509_cert::Certificate::from_der(present.end_entity_cert().ok()?).ok()?;
        let since_1970 = certificate.tbs_certificate.validity.not_after.to_unix_duration();
        DateTime::from_timestamp(i64::try_from(since_1970.as_secs()).ok()?, 0)
    }

    /// [`Certificate::expires_at`], where that is less than two weeks from `now`, or has passed.
    pub fn ends_soon(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.expires_at().filter(|end| *end - now < TimeDelta::days(TOLD_DAYS))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("files", &self.files).finish_non_exhaustive()
    }
}

/// What handshakes are made with.
struct Present(RwLock<Arc<CertifiedKey>>);

impl Present {
    fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Present {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.key())
    }
}

impl fmt::Debug for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Present([redacted])")
    }
}

impl TlsFiles {
    fn stamps(&self) -> [Stamp; 2] {
        [&self.certificate, &self.key].map(|path| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.modified().ok()?, file.len()))
        })
    }

    fn load(&self, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
        let unusable = |path: &PathBuf| {
            let path = path.clone();
            move |error| TlsError::File(path, error)
        };
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(unusable(&self.certificate))?;
        if certificates.is_empty() {
            return Err(TlsError::File(self.certificate.clone(), pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(unusable(&self.key))?;
        CertifiedKey::from_der(certificates, key, provider).map(Arc::new).map_err(TlsError::Pair)
    }
}
