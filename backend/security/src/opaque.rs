//! Opaque 256-bit tokens: random, stored only as a hash, meaningless without the row.

use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::secret_bytes::{Key256, random};

/// Length of the text of a token: 256 bits as base64url without padding.
const TEXT_LENGTH: usize = 43;

/// What a token is good for. Each kind hashes under its own name, so that the text of one kind
/// finds no row of another.
pub trait Kind {
    /// Enters the hash.
    const NAME: &'static str;
}

/// A ticket that opens one WebSocket, once.
#[derive(Clone, Copy)]
pub struct WebSocket;

impl Kind for WebSocket {
    const NAME: &'static str = "flotilla ws ticket 1";
}

/// A ticket for one WebSocket: 256 bits, one use, seconds of life.
pub type WsTicket = OpaqueToken<WebSocket>;

/// The key with which an integrator acts as one user.
#[derive(Clone, Copy)]
pub struct Personal;

impl Kind for Personal {
    const NAME: &'static str = "flotilla personal key 1";
}

/// A key of an integrator: 256 bits, until it expires or is revoked.
pub type PersonalKey = OpaqueToken<Personal>;

/// What a link in a mail proves: that its reader gets mail at an address.
#[derive(Clone, Copy)]
pub struct Mailed;

impl Kind for Mailed {
    const NAME: &'static str = "flotilla mailed token 1";
}

/// The token of a link in a mail: 256 bits, one use, minutes or hours of life.
pub type MailToken = OpaqueToken<Mailed>;

/// What a link shows to whoever has it.
#[derive(Clone, Copy)]
pub struct Shared;

impl Kind for Shared {
    const NAME: &'static str = "flotilla share 1";
}

/// The token of a link that shows figures: 256 bits, until it expires or is revoked.
pub type ShareToken = OpaqueToken<Shared>;

/// A secret of 256 bits that a client presents; only its SHA-256 is stored.
pub struct OpaqueToken<K> {
    bytes: Key256,
    kind: PhantomData<K>,
}

impl<K: Kind> OpaqueToken<K> {
    /// A fresh one.
    #[must_use]
    pub fn generate() -> Self {
        Self::from_bytes(random())
    }

    /// Reads what a client presents; `None` for anything that is not the text of a token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != TEXT_LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        <[u8; 32]>::try_from(bytes).ok().map(Self::from_bytes)
    }

    /// The text for the client: 43 characters that need no escaping in a cookie or in JSON.
    #[must_use]
    pub fn text(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.bytes.bytes()).into()
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::new().chain_update(K::NAME).chain_update(self.bytes.bytes()).finalize().into()
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self { bytes: Key256::new(bytes), kind: PhantomData }
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.bytes.bytes()
    }
}

impl<K> Clone for OpaqueToken<K> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), kind: PhantomData }
    }
}

impl<K> fmt::Debug for OpaqueToken<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpaqueToken([redacted])")
    }
}
