//! Why something here was refused. No variant carries a secret.

use std::path::PathBuf;

use crate::keyring::Purpose;

/// Why an access token is not accepted. All of them are one answer to a client: sign in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than any token issued here.
    #[error("token is longer than {max} bytes", max = crate::token::MAX_LENGTH)]
    TooLong,
    /// Not three parts of base64url with JSON inside, or a claim is missing or of the wrong kind.
    #[error("token is malformed")]
    Malformed,
    /// The header says something other than `EdDSA` and `at+jwt`, or more than it may.
    #[error("token header is not one of ours")]
    Header,
    /// No key has the name in the header.
    #[error("token names an unknown key")]
    UnknownKey,
    /// The signature does not belong to the content.
    #[error("token signature is wrong")]
    Signature,
    /// Issuer or audience is somebody else.
    #[error("token is meant for somebody else")]
    Audience,
    /// The time of expiry has passed.
    #[error("token has expired")]
    Expired,
    /// Issued or valid from a time to come.
    #[error("token is not valid yet")]
    NotYetValid,
    /// Signing failed; a fault of the key, not of the claims.
    #[error("token cannot be signed with the current key")]
    CannotSign,
}

/// Why a new password is not accepted; the texts are for the person choosing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Fewer characters than [`crate::password::MIN_CHARS`].
    #[error("use at least {min} characters", min = crate::password::MIN_CHARS)]
    TooShort,
    /// More characters than [`crate::password::MAX_CHARS`].
    #[error("use at most {max} characters", max = crate::password::MAX_CHARS)]
    TooLong,
    /// Among the first that anybody tries.
    #[error("this password is among the most common ones; choose another")]
    Common,
}

/// Why a password could not be hashed or compared; always a fault of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The stored text is not an Argon2 hash.
    #[error("stored password hash is malformed")]
    MalformedHash,
    /// Argon2 refused, for want of memory as a rule.
    #[error("password could not be hashed")]
    Hashing,
}

/// Why a text is not an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API key: `sk_live_` and 32 lower-case hexadecimal digits")]
pub struct ApiKeyError;

/// Why an envelope does not open. There is no fallback: report it, refuse the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not an envelope, or of an unknown format.
    #[error("sealed value is malformed")]
    Malformed,
    /// The key it names is not in the keys file, never was or was retired.
    #[error("sealed value names a key that is not in the keys file")]
    UnknownKey,
    /// Changed, moved to another place, or sealed under another key of the same name.
    #[error("sealed value does not belong here or was changed")]
    Rejected,
    /// The cipher refused to seal; the value is longer than it takes.
    #[error("value cannot be sealed")]
    CannotSeal,
}

/// Why a keys file is not usable. The texts name the line and what to do, never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// A line is not `<purpose> <kid> <base64>`.
    #[error(
        "keys file, line {line}: expected `<purpose> <kid> <base64 key>`; make a new file with `flotilla keys generate`"
    )]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// The first word is none of the purposes.
    #[error("keys file, line {line}: unknown purpose; use token, refresh, ea-key or exchange")]
    Purpose {
        /// Counted from 1.
        line: usize,
    },
    /// The name of a key is not 1 to 64 of `A-Z a-z 0-9 . _ -`.
    #[error("keys file, line {line}: a key's name is 1 to 64 of the characters A-Z a-z 0-9 . _ -")]
    Kid {
        /// Counted from 1.
        line: usize,
    },
    /// The name stands on an earlier line of the same purpose.
    #[error("keys file, line {line}: two {purpose} keys have the same name; give each its own")]
    Duplicate {
        /// Counted from 1.
        line: usize,
        /// Of both keys.
        purpose: Purpose,
    },
    /// The key is not base64 of 32 bytes, or not an Ed25519 key in PKCS#8.
    #[error("keys file, line {line}: the {purpose} key is damaged; restore it from your copy of the file")]
    Key {
        /// Counted from 1.
        line: usize,
        /// Of the key.
        purpose: Purpose,
    },
    /// No key has this purpose.
    #[error("keys file: no {purpose} key; add one, or make a new file with `flotilla keys generate`")]
    Missing {
        /// The one that is missing.
        purpose: Purpose,
    },
    /// A key could not be written down.
    #[error("a new key could not be encoded")]
    CannotEncode,
}

/// Why a port cannot be encrypted.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{0} is not usable")]
    File(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// Certificate and key do not make a server.
    #[error("certificate and key do not fit")]
    Pair(#[source] rustls::Error),
}
