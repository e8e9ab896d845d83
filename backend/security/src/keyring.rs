//! The server's own keys, by purpose and name.
//!
//! A keys file has one key per line, `<purpose> <kid> <base64>`, and may have blank lines and
//! lines that begin with `#`. The first key of a purpose is the current one, under which new values
//! are made; the others are still accepted for what was made earlier. Removing a line retires
//! its key: whatever still needs it fails closed.
//!
//! ```text
//! token    <kid> <base64 of an Ed25519 private key, PKCS#8 DER>
//! refresh  <kid> <base64 of 32 bytes>
//! ea-key   <kid> <base64 of 32 bytes>
//! exchange <kid> <base64 of 32 bytes>
//! ```

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::KeyringError;
use crate::secret_bytes::{Key256, hex, random};

/// Longest name of a key, in bytes.
pub const MAX_KID_LENGTH: usize = 64;

/// What a key is for; keys of one purpose are never used for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signs access tokens.
    Token,
    /// Derives the successor of a refresh token.
    Refresh,
    /// Seals the API keys of EA accounts, for the owner's reveal.
    EaKey,
    /// Seals the keys of exchange accounts.
    Exchange,
}

impl Purpose {
    /// Every purpose, in the order of a generated file.
    pub const ALL: [Self; 4] = [Self::Token, Self::Refresh, Self::EaKey, Self::Exchange];

    /// The word that stands for it in a keys file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Refresh => "refresh",
            Self::EaKey => "ea-key",
            Self::Exchange => "exchange",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Keys of one purpose: at least one, the current one first.
#[derive(Clone)]
pub(crate) struct KeySet<K> {
    keys: Vec<(String, K)>,
}

impl<K> KeySet<K> {
    pub(crate) fn current(&self) -> Option<(&str, &K)> {
        self.iter().next()
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&K> {
        self.iter().find(|(name, _)| *name == kid).map(|(_, key)| key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &K)> {
        self.keys.iter().map(|(kid, key)| (kid.as_str(), key))
    }

    const fn empty() -> Self {
        Self { keys: Vec::new() }
    }
}

/// All keys of the server. Its `Debug` shows their names only.
#[derive(Clone)]
pub struct Keyring {
    pub(crate) token: KeySet<SigningKey>,
    pub(crate) refresh: KeySet<Key256>,
    pub(crate) ea_key: KeySet<Key256>,
    pub(crate) exchange: KeySet<Key256>,
}

impl Keyring {
    /// Reads the text of a keys file.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] names the first line that is not usable, or the purpose without a key.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let mut ring = Self {
            token: KeySet::empty(),
            refresh: KeySet::empty(),
            ea_key: KeySet::empty(),
            exchange: KeySet::empty(),
        };
        for (index, content) in text.lines().enumerate() {
            let content = content.trim();
            if !content.is_empty() && !content.starts_with('#') {
                ring.add(index.saturating_add(1), content)?;
            }
        }
        match Purpose::ALL.into_iter().find(|purpose| ring.kids(*purpose).is_empty()) {
            Some(purpose) => Err(KeyringError::Missing { purpose }),
            None => Ok(ring),
        }
    }

    /// Text of a new keys file: one fresh key for each purpose.
    ///
    /// # Errors
    ///
    /// [`KeyringError::CannotEncode`] when a key has no PKCS#8 form, which no Ed25519 key lacks.
    pub fn generate() -> Result<SecretString, KeyringError> {
        let mut text = String::from(
            "# Keys of one Flotilla installation. Whoever has them can sign in as anybody: keep this file\n\
             # readable by the server only, and keep a copy elsewhere. Without it sealed keys are lost.\n\
             # First line of a purpose: current key. Further lines: older keys, still accepted.\n",
        );
        for purpose in Purpose::ALL {
            let key = encoded_key(purpose)?;
            let line = Zeroizing::new(format!("{purpose} {purpose}-{} {}\n", hex(&random::<4>()), *key));
            text.push_str(&line);
        }
        Ok(text.into())
    }

    /// Names of the keys of a purpose, the current one first.
    #[must_use]
    pub fn kids(&self, purpose: Purpose) -> Vec<&str> {
        match purpose {
            Purpose::Token => self.token.iter().map(|(kid, _)| kid).collect(),
            Purpose::Refresh => self.refresh.iter().map(|(kid, _)| kid).collect(),
            Purpose::EaKey => self.ea_key.iter().map(|(kid, _)| kid).collect(),
            Purpose::Exchange => self.exchange.iter().map(|(kid, _)| kid).collect(),
        }
    }

    /// What a sealing key is recognised by, 32 hexadecimal digits; the key does not follow from it.
    ///
    /// `None`: there is no such key, or nothing is sealed under keys of this purpose.
    #[must_use]
    pub fn fingerprint(&self, purpose: Purpose, kid: &str) -> Option<String> {
        let key = match purpose {
            Purpose::EaKey => self.ea_key.find(kid)?,
            Purpose::Exchange => self.exchange.find(kid)?,
            Purpose::Token | Purpose::Refresh => return None,
        };
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"flotilla key fingerprint\0")
            .chain_update(purpose.as_str())
            .chain_update([0])
            .chain_update(key.bytes())
            .finalize()
            .into();
        let (half, _) = digest.split_at(16);
        Some(hex(half))
    }

    fn add(&mut self, line: usize, content: &str) -> Result<(), KeyringError> {
        let mut words = content.split_ascii_whitespace();
        let (Some(purpose), Some(kid), Some(key), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(KeyringError::Line { line });
        };
        let purpose = Purpose::parse(purpose).ok_or(KeyringError::Purpose { line })?;
        if !is_kid(kid) {
            return Err(KeyringError::Kid { line });
        }
        if self.kids(purpose).contains(&kid) {
            return Err(KeyringError::Duplicate { line, purpose });
        }
        self.put(purpose, kid, key).ok_or(KeyringError::Key { line, purpose })
    }

    fn put(&mut self, purpose: Purpose, kid: &str, key: &str) -> Option<()> {
        let bytes = Zeroizing::new(STANDARD.decode(key).ok()?);
        let kid = kid.to_owned();
        match purpose {
            Purpose::Token => self.token.keys.push((kid, SigningKey::from_pkcs8_der(&bytes).ok()?)),
            Purpose::Refresh => self.refresh.keys.push((kid, key_256(&bytes)?)),
            Purpose::EaKey => self.ea_key.keys.push((kid, key_256(&bytes)?)),
            Purpose::Exchange => self.exchange.keys.push((kid, key_256(&bytes)?)),
        }
        Some(())
    }
}

impl FromStr for Keyring {
    type Err = KeyringError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_struct("Keyring");
        for purpose in Purpose::ALL {
            map.field(purpose.as_str(), &self.kids(purpose));
        }
        map.finish_non_exhaustive()
    }
}

fn is_kid(text: &str) -> bool {
    (1..=MAX_KID_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn key_256(bytes: &[u8]) -> Option<Key256> {
    <[u8; 32]>::try_from(bytes).ok().map(Key256::new)
}

fn encoded_key(purpose: Purpose) -> Result<Zeroizing<String>, KeyringError> {
    let key = Key256::generate();
    let text = match purpose {
        Purpose::Token => {
            let der =
                SigningKey::from_bytes(key.bytes()).to_pkcs8_der().map_err(|_| KeyringError::CannotEncode)?;
            STANDARD.encode(der.as_bytes())
        }
        Purpose::Refresh | Purpose::EaKey | Purpose::Exchange => STANDARD.encode(key.bytes()),
    };
    Ok(Zeroizing::new(text))
}
