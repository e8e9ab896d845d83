//! Why a worker ends.

use std::path::PathBuf;

use flotilla_exchange::bingx::transport::TransportConfigError;
use flotilla_security::TlsError;
use flotilla_store::StoreError;

use crate::mail::MailError;

/// Failure that ends a worker. Everything else is handled where it happens.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The state that an earlier worker left could not be put in order.
    #[error("cannot settle what an earlier worker left")]
    TakeOver(#[source] StoreError),
    /// The inbound journal cannot be used; without it lines could be lost.
    #[error("cannot use {folder} for the inbound journal")]
    Journal {
        /// Where it should be.
        folder: PathBuf,
        /// What is wrong with it.
        #[source]
        source: std::io::Error,
    },
    /// A task without which nothing is copied or closed has panicked.
    #[error("a duty of the worker failed")]
    Duty,
    /// The listening socket has no address.
    #[error("cannot listen")]
    Listen(#[source] std::io::Error),
    /// The exchange cannot be called with these settings.
    #[error("cannot call the exchange")]
    Exchange(#[from] TransportConfigError),
    /// The certificate of the encrypted port is not usable.
    #[error("cannot serve the encrypted port")]
    Tls(#[from] TlsError),
    /// No mail can leave with these settings.
    #[error("cannot send mails")]
    Mail(#[from] MailError),
}
