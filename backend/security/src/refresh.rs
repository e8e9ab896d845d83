//! Refresh tokens: one use each; the next one follows from the one before.
//!
//! The successor is an HMAC of the predecessor under a key of the server. So a client that lost the
//! answer to a refresh can be given the *same* successor again within the grace, although the
//! database holds hashes only.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::keyring::{KeySet, Keyring};
use crate::opaque::{Kind, OpaqueToken};
use crate::secret_bytes::Key256;

/// Keeps a browser signed in.
#[derive(Clone, Copy)]
pub struct Refresh;

impl Kind for Refresh {
    const NAME: &'static str = "flotilla refresh token 1";
}

/// A refresh token: 256 bits, one use.
pub type RefreshToken = OpaqueToken<Refresh>;

/// Derives successors of refresh tokens.
#[derive(Clone)]
pub struct RefreshKeys(KeySet<Key256>);

impl RefreshKeys {
    /// Takes the keys meant for refresh tokens.
    #[must_use]
    pub fn new(keyring: &Keyring) -> Self {
        Self(keyring.refresh.clone())
    }

    /// The token that replaces `used`, derived under the current key.
    ///
    /// `None` only when there is no key, which a parsed [`Keyring`] rules out.
    #[must_use]
    pub fn successor(&self, used: &RefreshToken) -> Option<RefreshToken> {
        self.0.current().and_then(|(_, key)| derive(key, used))
    }
}

fn derive(key: &Key256, used: &RefreshToken) -> Option<RefreshToken> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).ok()?;
    mac.update(b"flotilla refresh successor 1");
    mac.update(used.bytes());
    Some(RefreshToken::from_bytes(mac.finalize().into_bytes().into()))
}
