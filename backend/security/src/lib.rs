//! Passwords, tokens, key hashes, sealed envelopes and certificates.
//!
//! Everything here is a computation: time is an argument, randomness comes from the operating
//! system, keys come from a [`keyring::Keyring`]; only [`tls`] reads files, which are replaced
//! while a server runs. Clear text of secrets lives in types without
//! `Serialize` and with a `Debug` that says nothing.
#![warn(missing_docs, clippy::missing_errors_doc)]
#![deny(clippy::expect_used)]

pub mod api_key;
mod error;
pub mod exchange_secret;
pub mod keyring;
pub mod opaque;
pub mod password;
pub mod refresh;
pub mod seal;
mod secret_bytes;
pub mod tls;
pub mod token;

pub use error::{ApiKeyError, KeyringError, PasswordError, PolicyError, SealError, TlsError, TokenError};
