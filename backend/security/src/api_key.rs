//! Keys that an Expert Advisor presents, and tokens under which masters are found.

use std::fmt;

use flotilla_domain::id::{AccountId, OwnerId};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::error::ApiKeyError;
use crate::seal::SealContext;
use crate::secret_bytes::{hex, random};

const KEY_PREFIX: &str = "sk_live_";
const MASTER_PREFIX: &str = "MST-";
const DIGITS: usize = 32;

/// Characters of a key that may be shown: `sk_live_` and four digits.
const SHOWN_CHARS: usize = 12;

/// The API key of one trading account: `sk_live_` and 32 lower-case hexadecimal digits (128 bits).
///
/// It opens the EA socket of that account and nothing else. Its hash is stored for look-up, the text
/// only sealed.
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// A fresh one.
    #[must_use]
    pub fn generate() -> Self {
        Self(format!("{KEY_PREFIX}{}", hex(&random::<16>())).into())
    }

    /// Reads what an EA presents.
    ///
    /// # Errors
    ///
    /// [`ApiKeyError`] for anything but the exact form; nothing is trimmed or folded.
    pub fn parse(text: &str) -> Result<Self, ApiKeyError> {
        if has_digits_after(text, KEY_PREFIX) { Ok(Self(text.into())) } else { Err(ApiKeyError) }
    }

    /// The text itself, to be shown to the owner or sealed.
    #[must_use]
    pub const fn text(&self) -> &SecretString {
        &self.0
    }

    /// What may be stored and shown: the first 12 characters, as in `sk_live_ab12`.
    #[must_use]
    pub fn prefix(&self) -> String {
        self.0.expose_secret().chars().take(SHOWN_CHARS).collect()
    }

    /// SHA-256 of the text. A plain hash is enough: 128 random bits cannot be guessed.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose_secret()).into()
    }

    /// Whether this is the key with the stored hash; takes the same time wherever they differ.
    #[must_use]
    pub fn matches(&self, stored_hash: &[u8]) -> bool {
        self.hash().as_slice().ct_eq(stored_hash).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([redacted])")
    }
}

/// A new master token: `MST-` and 32 lower-case hexadecimal digits (128 bits).
///
/// Followers subscribe with it. Its owner sees it at any time, so it is stored as it is.
#[must_use]
pub fn generate_master_token() -> String {
    format!("{MASTER_PREFIX}{}", hex(&random::<16>()))
}

/// Whether a text has the form of a master token.
#[must_use]
pub fn is_master_token(text: &str) -> bool {
    has_digits_after(text, MASTER_PREFIX)
}

/// Where the sealed key of an account lives.
#[must_use]
pub const fn place(owner: OwnerId, account: AccountId) -> SealContext {
    SealContext { table: "api_keys", column: "sealed_key", row_id: account.uuid(), owner_id: owner }
}

fn has_digits_after(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}
