//! Sealed values: AES-256-GCM under a key of their own, which is itself sealed under a key of the
//! server.
//!
//! Layout of a sealed value:
//!
//! ```text
//! 1 byte    format, 1
//! 1 byte    length of the name of the server's key, 1 to 64
//! n bytes   that name
//! 12 bytes  nonce      } the value's own key
//! 48 bytes  ciphertext } under the server's key, tag included
//! 12 bytes  nonce      } the value
//! rest      ciphertext } under its own key, tag included (16 bytes longer than the value)
//! ```
//!
//! Both ciphertexts are bound to where the value lives: format, layer, purpose, table, column, row,
//! owner and key name are authenticated, each with its length before it. Moved to another row, owner
//! or column, or changed in a single bit, it does not open.

use std::fmt;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit as _, Nonce};
use flotilla_domain::id::OwnerId;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::SealError;
use crate::keyring::{KeySet, Keyring};
use crate::secret_bytes::{Key256, random};

const FORMAT: u8 = 1;
const NONCE_LENGTH: usize = 12;
const WRAPPED_LENGTH: usize = 32 + 16;

/// What kind of secret is sealed; each kind has server keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealPurpose {
    /// The API key of an EA account, opened for its owner's reveal and for the challenge of EA v8.
    EaKey,
    /// Key and secret of an exchange account, opened by the worker only.
    Exchange,
}

impl SealPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::EaKey => "ea-key",
            Self::Exchange => "exchange",
        }
    }
}

/// Where a sealed value lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext {
    /// Table of the row.
    pub table: &'static str,
    /// Column that holds the value.
    pub column: &'static str,
    /// Primary key of the row.
    pub row_id: Uuid,
    /// Tenant of the row.
    pub owner_id: OwnerId,
}

/// Seals and opens values.
#[derive(Clone)]
pub struct Sealer {
    ea_key: KeySet<Key256>,
    exchange: KeySet<Key256>,
}

/// The parts of a sealed value, still closed.
struct Envelope<'a> {
    kid: &'a str,
    key_nonce: &'a [u8],
    wrapped_key: &'a [u8],
    nonce: &'a [u8],
    ciphertext: &'a [u8],
}

/// Which of the two ciphertexts is meant.
#[derive(Clone, Copy)]
enum Layer {
    Key,
    Value,
}

impl Sealer {
    /// Takes the keys meant for sealing.
    #[must_use]
    pub fn new(keyring: &Keyring) -> Self {
        Self { ea_key: keyring.ea_key.clone(), exchange: keyring.exchange.clone() }
    }

    /// Seals `value` for one place, under the current key of its purpose.
    ///
    /// # Errors
    ///
    /// [`SealError::CannotSeal`] when the cipher refuses.
    pub fn seal(
        &self,
        purpose: SealPurpose,
        place: &SealContext,
        value: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let (kid, server_key) = self.keys(purpose).current().ok_or(SealError::CannotSeal)?;
        let own_key = Key256::generate();
        let kid_length = u8::try_from(kid.len()).map_err(|_| SealError::CannotSeal)?;
        let bound = |layer| associated_data(layer, purpose, place, kid);

        let mut sealed = vec![FORMAT, kid_length];
        sealed.extend_from_slice(kid.as_bytes());
        encrypt(server_key, own_key.bytes(), &bound(Layer::Key), &mut sealed)?;
        encrypt(&own_key, value, &bound(Layer::Value), &mut sealed)?;
        Ok(sealed)
    }

    /// Opens a value that was sealed for the same place.
    ///
    /// # Errors
    ///
    /// [`SealError`]; raise an alert and refuse the operation, there is nothing to fall back to.
    pub fn open(
        &self,
        purpose: SealPurpose,
        place: &SealContext,
        sealed: &[u8],
    ) -> Result<SecretSlice<u8>, SealError> {
        let envelope = Envelope::parse(sealed).ok_or(SealError::Malformed)?;
        let server_key = self.keys(purpose).find(envelope.kid).ok_or(SealError::UnknownKey)?;
        let bound = |layer| associated_data(layer, purpose, place, envelope.kid);

        let own_key = decrypt(server_key, envelope.key_nonce, envelope.wrapped_key, &bound(Layer::Key))?;
        let own_key = <[u8; 32]>::try_from(own_key.as_slice()).map_err(|_| SealError::Rejected)?;
        let value =
            decrypt(&Key256::new(own_key), envelope.nonce, envelope.ciphertext, &bound(Layer::Value))?;
        Ok(value.to_vec().into())
    }

    /// Opens a value that is text.
    ///
    /// # Errors
    ///
    /// As [`Self::open`]; [`SealError::Malformed`] when it is not UTF-8.
    pub fn open_text(
        &self,
        purpose: SealPurpose,
        place: &SealContext,
        sealed: &[u8],
    ) -> Result<SecretString, SealError> {
        let value = self.open(purpose, place, sealed)?;
        let text = str::from_utf8(value.expose_secret()).map_err(|_| SealError::Malformed)?;
        Ok(text.into())
    }

    /// Seals a value anew under the current key, if it is sealed under an older one.
    ///
    /// # Errors
    ///
    /// As [`Self::open`] and [`Self::seal`].
    pub fn renew(
        &self,
        purpose: SealPurpose,
        place: &SealContext,
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, SealError> {
        if !self.is_outdated(purpose, sealed)? {
            return Ok(None);
        }
        let value = self.open(purpose, place, sealed)?;
        self.seal(purpose, place, value.expose_secret()).map(Some)
    }

    /// Whether a value is sealed under an older key and should be sealed anew.
    ///
    /// # Errors
    ///
    /// [`SealError::Malformed`] when it is not a sealed value.
    pub fn is_outdated(&self, purpose: SealPurpose, sealed: &[u8]) -> Result<bool, SealError> {
        let kid = kid_of(sealed)?;
        Ok(self.keys(purpose).current().is_none_or(|(current, _)| current != kid))
    }

    const fn keys(&self, purpose: SealPurpose) -> &KeySet<Key256> {
        match purpose {
            SealPurpose::EaKey => &self.ea_key,
            SealPurpose::Exchange => &self.exchange,
        }
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([redacted])")
    }
}

/// Name of the server's key under which a value is sealed.
///
/// # Errors
///
/// [`SealError::Malformed`] when it is not a sealed value.
pub fn kid_of(sealed: &[u8]) -> Result<&str, SealError> {
    Envelope::parse(sealed).map(|envelope| envelope.kid).ok_or(SealError::Malformed)
}

impl<'a> Envelope<'a> {
    fn parse(sealed: &'a [u8]) -> Option<Self> {
        let (&[format, kid_length], rest) = sealed.split_first_chunk()?;
        if format != FORMAT {
            return None;
        }
        let (kid, rest) = rest.split_at_checked(usize::from(kid_length))?;
        let (key_nonce, rest) = rest.split_at_checked(NONCE_LENGTH)?;
        let (wrapped_key, rest) = rest.split_at_checked(WRAPPED_LENGTH)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LENGTH)?;
        Some(Self { kid: str::from_utf8(kid).ok()?, key_nonce, wrapped_key, nonce, ciphertext })
    }
}

fn associated_data(layer: Layer, purpose: SealPurpose, place: &SealContext, kid: &str) -> Vec<u8> {
    let layer: &[u8] = match layer {
        Layer::Key => b"key",
        Layer::Value => b"value",
    };
    let fields: [&[u8]; 8] = [
        &[FORMAT],
        layer,
        purpose.as_str().as_bytes(),
        place.table.as_bytes(),
        place.column.as_bytes(),
        place.row_id.as_bytes(),
        &place.owner_id.uuid().into_bytes(),
        kid.as_bytes(),
    ];
    let mut bytes = Vec::with_capacity(192);
    for field in fields {
        // Names of tables and columns are short; a length that does not fit would only merge two of them.
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

/// Appends a fresh nonce and the ciphertext of `value` to `out`.
fn encrypt(key: &Key256, value: &[u8], bound: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
    let nonce: [u8; NONCE_LENGTH] = random();
    let payload = Payload { msg: value, aad: bound };
    let ciphertext = cipher(key).encrypt(&Nonce::from(nonce), payload).map_err(|_| SealError::CannotSeal)?;
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&ciphertext);
    Ok(())
}

fn decrypt(
    key: &Key256,
    nonce: &[u8],
    ciphertext: &[u8],
    bound: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let nonce = Nonce::try_from(nonce).map_err(|_| SealError::Malformed)?;
    let payload = Payload { msg: ciphertext, aad: bound };
    cipher(key).decrypt(&nonce, payload).map(Zeroizing::new).map_err(|_| SealError::Rejected)
}

fn cipher(key: &Key256) -> Aes256Gcm {
    Aes256Gcm::new(<&Key<Aes256Gcm>>::from(key.bytes()))
}
