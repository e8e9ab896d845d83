//! What the API is told at its start.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Uri;
use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_security::tls::Certificate;
use flotilla_store::Db;
use secrecy::SecretString;

/// Settings of the API. Plain data; the executable reads them from the environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address of the site as browsers see it, as in `https://fleet.example`.
    pub public_url: Uri,
    /// Certificate and key with which it speaks HTTPS itself; plain HTTP without, for a proxy.
    pub tls: Option<Arc<Certificate>>,
    /// Who may sign up.
    pub registration: Registration,
    /// Multiplies every rate limit; 1 is normal.
    pub limit_factor: u32,
    /// Sockets that one user may have at once: as many pages, or programs.
    pub sockets_per_user: usize,
    /// Largest file of trades that is taken in, in bytes.
    pub largest_import: usize,
    /// Folder of the built pages; none are served without it.
    pub web_dir: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Shown by `/api/v1/status`.
    pub version: String,
    /// Port on which EAs reach the gateway; shown by `/api/v1/status`.
    pub ea_port: u16,
    /// Threads that serve requests.
    pub threads: usize,
    /// Addresses that exchanges see: what owners put into the whitelists of their keys.
    pub egress_addresses: Vec<IpAddr>,
    /// Worlds of the exchange in whose place there is a simulator.
    pub simulated: Vec<ExchangeEnvironment>,
    /// How long a request waits for what the worker does about an exchange key.
    pub key_answer: Duration,
}

/// Who may sign up.
#[derive(Debug, Clone)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Whoever has this code.
    Invite(SecretString),
    /// Nobody.
    Closed,
}

/// The database as the API sees it.
#[derive(Clone)]
pub struct Stores {
    /// Pool of the role `flotilla_app`.
    pub app: Db,
    /// Pool of the role `flotilla_readonly`, for another owner's rows under a grant.
    pub readonly: Db,
    /// URL of the role `flotilla_app`, for sending and hearing hints.
    pub changes_url: String,
}

impl Config {
    /// Settings for one machine: everybody may sign up, no proxy, no pages.
    #[must_use]
    pub fn local() -> Self {
        Self {
            public_url: Uri::from_static("http://localhost:8080"),
            tls: None,
            registration: Registration::Open,
            limit_factor: 1,
            sockets_per_user: 64,
            largest_import: 100 * 1024 * 1024,
            web_dir: None,
            trusted_proxies: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ea_port: 5001,
            threads: 2,
            egress_addresses: Vec::new(),
            simulated: Vec::new(),
            key_answer: Duration::from_secs(10),
        }
    }

    /// Whether browsers keep `Secure` cookies of this site: over https, and on
    /// the local machine.
    #[must_use]
    pub fn keeps_secure_cookies(&self) -> bool {
        let host = self.public_url.host().unwrap_or_default();
        self.is_https() || matches!(host, "localhost" | "127.0.0.1" | "[::1]")
    }

    /// Whether the site is reached over https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.tls.is_some() || self.public_url.scheme_str() == Some("https")
    }
}
