//! Key and secret of an exchange account, as they are sealed together.

use std::fmt;

use flotilla_domain::exchange_key::ExchangeEnvironment;
use flotilla_domain::id::{AccountId, OwnerId};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::error::SealError;
use crate::seal::{SealContext, SealPurpose, Sealer};

/// Longest key and longest secret, in bytes.
pub const MAX_LENGTH: usize = 256;

/// Key and secret of an exchange account. The environment is sealed with them: whoever changes it in the database
/// gets a key that does not open, and no order for play money is ever sent to the real exchange.
#[derive(Clone)]
pub struct ExchangeSecret {
    /// Real money or demo.
    pub environment: ExchangeEnvironment,
    /// Sent with each request.
    pub api_key: SecretString,
    /// Signs; never sent.
    pub api_secret: SecretString,
}

impl ExchangeSecret {
    /// Seals it for the key of `account`.
    ///
    /// # Errors
    ///
    /// [`SealError::CannotSeal`], also for a key or secret that is none, see [`is_secret`].
    pub fn seal(&self, sealer: &Sealer, owner: OwnerId, account: AccountId) -> Result<Vec<u8>, SealError> {
        let (key, secret) = (self.api_key.expose_secret(), self.api_secret.expose_secret());
        if !is_secret(key) || !is_secret(secret) {
            return Err(SealError::CannotSeal);
        }
        let environment = self.environment.as_str();
        let mut text =
            Zeroizing::new(String::with_capacity(environment.len() + key.len() + secret.len() + 2));
        for part in [environment, "\n", key, "\n", secret] {
            text.push_str(part);
        }
        sealer.seal(SealPurpose::Exchange, &place(owner, account), text.as_bytes())
    }

    /// Opens the key of `account`, which is connected to `environment`.
    ///
    /// # Errors
    ///
    /// [`SealError`]; [`SealError::Rejected`] also for a key of the other environment.
    pub fn open(
        keys: &Sealer,
        (owner, account): (OwnerId, AccountId),
        environment: ExchangeEnvironment,
        sealed: &[u8],
    ) -> Result<Self, SealError> {
        let text = keys.open_text(SealPurpose::Exchange, &place(owner, account), sealed)?;
        let mut lines = text.expose_secret().split('\n');
        let (Some(word), Some(key), Some(secret), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(SealError::Malformed);
        };
        if word != environment.as_str() {
            return Err(SealError::Rejected);
        }
        Ok(Self { environment, api_key: key.into(), api_secret: secret.into() })
    }
}

impl fmt::Debug for ExchangeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExchangeSecret({}, [redacted])", self.environment)
    }
}

/// Whether a text can be an exchange's key or secret: 8 to [`MAX_LENGTH`] letters, digits, `-`, `_`, `.`, `~`, `+`,
/// `/`, `=`.
#[must_use]
pub fn is_secret(text: &str) -> bool {
    (8..=MAX_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte))
}

/// Where the key of an account lives.
#[must_use]
pub const fn place(owner: OwnerId, account: AccountId) -> SealContext {
    SealContext { table: "exchange_keys", column: "sealed", row_id: account.uuid(), owner_id: owner }
}
