//! Parameters of a request, what is signed of them and what is sent.
//!
//! Signed are the *raw* values, sent are the *encoded* ones, and both come from
//! the same list in the same order.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Everything but the characters that need no encoding by RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Named values of one request, sorted by name when they are signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one. Values are checked where they are made: see [`crate::bingx::id`].
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.push(name, value);
        self
    }

    /// Adds one if there is a value.
    #[must_use]
    pub fn with_some<T: ToString>(self, name: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds one in place.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers and words are written as they are at the calls"
    )]
    pub fn push(&mut self, name: &str, value: impl ToString) {
        self.0.push((name.to_owned(), value.to_string()));
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Sorted by name in ASCII order, which satisfies every published variant of the rule.
    fn sorted(&self) -> Vec<&(String, String)> {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        sorted
    }

    /// The string that is signed: raw values.
    #[must_use]
    pub fn to_sign(&self) -> String {
        let pairs: Vec<_> = self.sorted().iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    /// The string that is sent: encoded values, no signature.
    #[must_use]
    pub fn query(&self) -> String {
        let pairs: Vec<_> = self
            .sorted()
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, ENCODED)))
            .collect();
        pairs.join("&")
    }

    /// The query string of a signed request; the signature comes last.
    #[must_use]
    pub fn signed_query(&self, secret: &SecretString) -> String {
        let signature = signature(secret, &self.to_sign());
        let query = self.query();
        if query.is_empty() {
            format!("signature={signature}")
        } else {
            format!("{query}&signature={signature}")
        }
    }
}

/// HMAC-SHA256 of `text` in small hexadecimal digits.
#[must_use]
pub fn signature(secret: &SecretString, text: &str) -> String {
    // A key of any length will do for HMAC, so there is no error to meet.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str =
        "mheO6dR8ovSsxZQCOYEFCtelpuxcWGTfHw7te326y6jOwq5WpvFQ9JNljoTwBXZGv5It07m9RXSPpDQEK2w";

    #[test]
    fn raw_values_are_signed_and_encoded_ones_are_sent() {
        let params = Params::new()
            .with("symbol", "BTC-USDT")
            .with("timestamp", 1_700_000_000_000_i64)
            .with("clientOrderId", "a b+c");

        assert_eq!(params.to_sign(), "clientOrderId=a b+c&symbol=BTC-USDT&timestamp=1700000000000");
        let query = params.signed_query(&SECRET.into());
        assert!(query.starts_with(
            "clientOrderId=a%20b%2Bc&symbol=BTC-USDT&timestamp=1700000000000&signature=7db9bb68a9d3f9d0"
        ));
    }

    #[test]
    fn the_published_example_gives_the_published_signature() {
        let text = "symbol=BTC-USDT&timestamp=1667872120843&side=LONG&leverage=6";
        assert_eq!(
            signature(&SECRET.into(), text),
            "4f581ecdb1fa09b9d6e57886b6f70cffed17f82b93399722939e49a38edec2bf"
        );
    }

    #[test]
    fn a_request_without_parameters_is_its_signature_alone() {
        assert!(Params::new().signed_query(&SECRET.into()).starts_with("signature="));
    }
}
