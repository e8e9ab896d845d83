//! Passwords: what may be chosen, and Argon2id.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::error::{PasswordError, PolicyError};

/// Fewest characters of a password.
pub const MIN_CHARS: usize = 12;

/// Most characters of a password.
pub const MAX_CHARS: usize = 128;

/// Memory of one hash in KiB (19 MiB), the least OWASP recommends with two passes.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The passwords tried first by anybody, as far as they are long enough for [`MIN_CHARS`]; lower
/// case, one per line.
const COMMON: &str = include_str!("common_passwords.txt");

/// Hash of a random password nobody knows, with the cost above. Comparing with it takes as long
/// as comparing with a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$eVK8QYo1LKpYRnyaYqebVw$LHqAKsEgApBgXR4Zq8RRDarACd2hDaT3eOIzKeQBpsU";

/// Says whether a password may be chosen.
///
/// # Errors
///
/// [`PolicyError`]: 12 to 128 characters, and none of the common ones in any letter case.
pub fn check_policy(password: &str) -> Result<(), PolicyError> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Err(PolicyError::TooShort);
    }
    if chars > MAX_CHARS {
        return Err(PolicyError::TooLong);
    }
    if is_common(password) {
        return Err(PolicyError::Common);
    }
    Ok(())
}

fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    let first = folded.chars().next();
    COMMON.lines().any(|common| common == folded) || folded.chars().all(|char| Some(char) == first)
}

/// Hashes and compares passwords, and counts how often it did.
///
/// One hash takes 19 MiB and tens of milliseconds of one core: callers run it off the
/// async threads and bound how many run at once.
pub struct Hasher {
    argon2: Argon2<'static>,
    hashes: AtomicU64,
}

impl Hasher {
    /// A hasher with the cost named above.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Hashing`] when Argon2 does not take the parameters; they are constants.
    pub fn new() -> Result<Self, PasswordError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Hashing)?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            hashes: AtomicU64::new(0),
        })
    }

    /// Hashes a password under a random salt; the text (PHC format) goes to the database.
    ///
    /// # Errors
    ///
    /// [`PasswordError::Hashing`] when Argon2 fails.
    pub fn hash(&self, password: &str) -> Result<String, PasswordError> {
        self.count();
        let hash = self.argon2.hash_password(password.as_bytes()).map_err(|_| PasswordError::Hashing)?;
        Ok(hash.to_string())
    }

    /// Compares a password with a stored hash; one hash, whether it fits or not.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] when the stored text is not a hash or Argon2 fails. A wrong password is
    /// `Ok(false)`.
    pub fn verify(&self, password: &str, stored: &str) -> Result<bool, PasswordError> {
        let stored = PasswordHash::new(stored).map_err(|_| PasswordError::MalformedHash)?;
        self.count();
        match self.argon2.verify_password(password.as_bytes(), &stored) {
            Ok(()) => Ok(true),
            Err(Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(PasswordError::Hashing),
        }
    }

    /// Does the work of [`Self::verify`] for a user who does not exist, so that the time of the
    /// answer does not tell.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] when Argon2 fails.
    pub fn verify_unknown(&self, password: &str) -> Result<(), PasswordError> {
        self.verify(password, NOBODY).map(|_| ())
    }

    /// Whether a stored hash was made at another cost than today's: hash again after the next
    /// successful sign-in.
    #[must_use]
    pub fn needs_rehash(&self, stored: &str) -> bool {
        let Ok(stored) = PasswordHash::new(stored) else { return true };
        let Ok(params) = Params::try_from(&stored) else { return true };
        stored.algorithm != Algorithm::Argon2id.ident()
            || (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY_KIB, PASSES, LANES)
    }

    /// How many hashes this hasher has computed; a sign-in costs one, known user or not.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.hashes.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("hashes", &self.hashes()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Hasher, NOBODY};

    #[test]
    fn comparing_with_nobody_costs_as_much_as_with_anybody() {
        let hasher = Hasher::new().expect("constant parameters");

        assert!(!hasher.needs_rehash(NOBODY));
    }
}
