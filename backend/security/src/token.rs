//! Access tokens: short-lived JWTs signed with Ed25519.
//!
//! Rules of RFC 8725 and RFC 9068: one algorithm, keys found by name in memory only, type `at+jwt`,
//! issuer and audience fixed, nothing in the header that would make us fetch or trust a key.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use flotilla_domain::id::{LoginId, UserId};
use flotilla_domain::user::Role;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::TokenError;
use crate::keyring::Keyring;

/// Longest token that is looked at, in bytes. Ours have about 500.
pub const MAX_LENGTH: usize = 4096;

/// How far clocks may be apart, in seconds.
pub const LEEWAY_SECONDS: i64 = 5;

/// Tokens whose signatures are remembered, at most: two megabytes. One is used for minutes, by a user or two at a time.
const REMEMBERED: usize = 10_000;

const TYPE: &str = "at+jwt";
const ISSUER: &str = "flotilla";
const AUDIENCE: &str = "flotilla-api";

/// What an access token says. Times are whole seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The user.
    pub sub: UserId,
    /// The signed-in device whose refresh family this token came from.
    pub sid: LoginId,
    /// This token.
    pub jti: Uuid,
    /// The user's platform role when the token was issued.
    pub role: Role,
    /// The user's security version when the token was issued; an older one no longer counts.
    pub ver: i32,
    /// Time of issue.
    pub iat: i64,
    /// Time of expiry.
    pub exp: i64,
    /// Not valid before, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
}

/// What travels: the claims and the two that are the same in every token of ours.
#[derive(Serialize)]
struct Signed<'a> {
    iss: &'static str,
    aud: &'static str,
    #[serde(flatten)]
    claims: &'a AccessClaims,
}

/// The keys of access tokens, by name, and what tokens say that they were found to have signed.
#[derive(Clone)]
pub struct TokenKeys {
    current: String,
    signing: EncodingKey,
    verifying: HashMap<String, DecodingKey>,
    found_good: Arc<FoundGood>,
}

/// What tokens say whose signature and header were found good, by SHA-256 of the whole token: a signature takes as long
/// as all the rest of a small request, and the same token comes with each of them.
///
/// Only that is remembered. Whether its time has come and is not over is judged each time.
#[derive(Default)]
struct FoundGood {
    claims: Mutex<HashMap<[u8; 32], AccessClaims>>,
}

impl FoundGood {
    fn find(&self, digest: &[u8; 32]) -> Option<AccessClaims> {
        self.lock().get(digest).cloned()
    }

    /// Nobody fills it with what he made up: only tokens of ours come here.
    fn insert(&self, digest: [u8; 32], claims: AccessClaims, now: i64) {
        let mut known = self.lock();
        if known.len() >= REMEMBERED {
            known.retain(|_, claims| check_times(claims, now).is_ok());
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(digest, claims);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], AccessClaims>> {
        // Entries are whole before they are inserted, whatever panicked.
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenKeys {
    /// Takes the keys meant for tokens; the current one signs, all of them verify.
    ///
    /// # Errors
    ///
    /// [`TokenError::CannotSign`] when there is none, which a parsed [`Keyring`] rules out.
    pub fn new(keyring: &Keyring) -> Result<Self, TokenError> {
        let (current, key) = keyring.token.current().ok_or(TokenError::CannotSign)?;
        let verifying = keyring.token.iter().map(|(kid, key)| (kid.to_owned(), verifying_key(key))).collect();
        let found_good = Arc::default();
        Ok(Self { current: current.to_owned(), signing: signing_key(key)?, verifying, found_good })
    }

    /// Signs `claims` with the current key.
    ///
    /// # Errors
    ///
    /// [`TokenError::CannotSign`] when the key is not usable.
    pub fn sign(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(self.current.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let signed = Signed { iss: ISSUER, aud: AUDIENCE, claims };
        jsonwebtoken::encode(&header, &signed, &self.signing).map_err(|_| TokenError::CannotSign)
    }

    /// Returns what `token` says, if it is ours and good at `now`.
    ///
    /// * `token`: the text after `Bearer `.
    /// * Whether the user still exists and the version still counts is for the caller to ask.
    ///
    /// # Errors
    ///
    /// [`TokenError`]; whichever it is, the client gets the same answer.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<AccessClaims, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::TooLong);
        }
        let (digest, now) = (Sha256::digest(token).into(), now.timestamp());
        if let Some(claims) = self.found_good.find(&digest) {
            check_times(&claims, now)?;
            return Ok(claims);
        }
        let key = self.key_named_by(token)?;
        let claims = decode(token, key)?;
        check_times(&claims, now)?;
        self.found_good.insert(digest, claims.clone(), now);
        Ok(claims)
    }

    fn key_named_by(&self, token: &str) -> Result<&DecodingKey, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
        let kid = header.kid.clone().ok_or(TokenError::Header)?;
        let ours =
            Header { typ: Some(TYPE.to_owned()), kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
        // Whole-header comparison: `jku`, `x5u`, `jwk`, `crit` and anything unheard of is refused
        // without a list that could forget one.
        if header != ours {
            return Err(TokenError::Header);
        }
        self.verifying.get(&kid).ok_or(TokenError::UnknownKey)
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKeys").field("current", &self.current).finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that decodes a JWT")]
fn decode(token: &str, key: &DecodingKey) -> Result<AccessClaims, TokenError> {
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The library knows the system's clock only; `check_times` judges by the caller's.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    match jsonwebtoken::decode::<AccessClaims>(token, key, &rules) {
        Ok(data) => Ok(data.claims),
        Err(error) => Err(match error.kind() {
            ErrorKind::InvalidSignature => TokenError::Signature,
            ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenError::Audience,
            ErrorKind::MissingRequiredClaim(claim) if claim != "exp" && claim != "sub" => {
                TokenError::Audience
            }
            _ => TokenError::Malformed,
        }),
    }
}

fn check_times(claims: &AccessClaims, now: i64) -> Result<(), TokenError> {
    if claims.exp < now.saturating_sub(LEEWAY_SECONDS) {
        return Err(TokenError::Expired);
    }
    let latest_start = now.saturating_add(LEEWAY_SECONDS);
    if claims.iat > latest_start || claims.nbf.is_some_and(|start| start > latest_start) {
        return Err(TokenError::NotYetValid);
    }
    Ok(())
}

fn signing_key(key: &SigningKey) -> Result<EncodingKey, TokenError> {
    let der = key.to_pkcs8_der().map_err(|_| TokenError::CannotSign)?;
    Ok(EncodingKey::from_ed_der(der.as_bytes()))
}

fn verifying_key(key: &SigningKey) -> DecodingKey {
    // Despite its name this constructor takes the 32 bytes of the point.
    DecodingKey::from_ed_der(key.verifying_key().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_tokens_are_remembered_and_no_more_ended_ones_first() {
        let claims = |exp: i64| AccessClaims {
            sub: UserId::from_uuid(Uuid::nil()),
            sid: LoginId::from_uuid(Uuid::nil()),
            jti: Uuid::nil(),
            role: Role::Trader,
            ver: 1,
            iat: 0,
            exp,
            nbf: None,
        };
        let digest = |nth: usize| -> [u8; 32] { Sha256::digest(nth.to_be_bytes()).into() };
        let found_good = FoundGood::default();

        (0..REMEMBERED)
            .for_each(|nth| found_good.insert(digest(nth), claims(if nth == 0 { 600 } else { 100 }), 0));
        assert_eq!(found_good.lock().len(), REMEMBERED);

        found_good.insert(digest(REMEMBERED), claims(600), 300);
        assert_eq!(found_good.lock().len(), 2, "those that have not ended");
        assert_eq!(found_good.find(&digest(0)), Some(claims(600)));
        assert_eq!(found_good.find(&digest(1)), None);

        (0..REMEMBERED).for_each(|nth| found_good.insert(digest(nth), claims(600), 300));
        assert!(found_good.lock().len() <= REMEMBERED);
    }
}
