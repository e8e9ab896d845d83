//! Names of things at BingX, each checked before it can reach a signed string.
//!
//! The string that is signed has no escaping: a value with `&` or `=` in it
//! would be further parameters. So nothing becomes a value that is not one of
//! these types, a number, or a word of ours.

use std::fmt;

use flotilla_domain::id::CopyId;
use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Why a text names nothing at BingX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not `BASE-QUOTE` in capitals and digits, at most 20 characters.
    #[error("not the symbol of a contract")]
    Symbol,
    /// Not 1 to 40 small letters and digits.
    #[error("not a client order id")]
    ClientOrderId,
    /// Not a whole number of at most 24 digits.
    #[error("not an order id")]
    OrderId,
    /// Not 64 hexadecimal digits or similar.
    #[error("not a listen key")]
    ListenKey,
}

/// The symbol of a perpetual contract, such as `BTC-USDT`.
///
/// Capitals, digits and one hyphen, at most 20 characters. Other spellings
/// (`OTHR#99961-USDT`) exist; they enter through [`Symbol::listed`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Symbol(String);

impl Symbol {
    /// # Errors
    ///
    /// [`IdError::Symbol`] for anything else than described above.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let is_word = |word: &str, digits: bool| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_uppercase() || (digits && byte.is_ascii_digit()))
        };
        match text.split_once('-') {
            Some((base, quote)) if text.len() <= 20 && is_word(base, true) && is_word(quote, false) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(IdError::Symbol),
        }
    }

    /// Takes a symbol over from the exchange's own list, where odd ones occur.
    ///
    /// # Errors
    ///
    /// [`IdError::Symbol`] when it could be mistaken for another parameter, is
    /// empty, or is longer than 40 bytes.
    pub fn listed(text: &str) -> Result<Self, IdError> {
        let is_unsafe =
            |c: char| matches!(c, '&' | '=' | '?' | '%' | '+') || c.is_control() || c.is_whitespace();
        if text.is_empty() || text.len() > 40 || text.contains(is_unsafe) {
            return Err(IdError::Symbol);
        }
        Ok(Self(text.to_owned()))
    }

    /// As sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Symbol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::listed(&text).map_err(D::Error::custom)
    }
}

/// What an order of a copy is for. Part of the order's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Opens the copy's position.
    Open,
    /// Closes it, or a part.
    Close,
    /// Its stop.
    Stop,
    /// Its target.
    Target,
}

impl Purpose {
    const fn letter(self) -> char {
        match self {
            Self::Open => 'o',
            Self::Close => 'c',
            Self::Stop => 's',
            Self::Target => 't',
        }
    }
}

/// Our name of an order: 1 to 40 small letters and digits.
///
/// BingX turns capitals into small letters and never lets a name be used
/// again, even after a cancel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientOrderId(String);

impl ClientOrderId {
    /// # Errors
    ///
    /// [`IdError::ClientOrderId`] for anything else than described above.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if text.is_empty() || text.len() > 40 || !is_plain {
            return Err(IdError::ClientOrderId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name of one logical order of a copy.
    ///
    /// The same copy, purpose and attempt always give the same name, so an order
    /// whose fate is unknown can be asked for after a crash. `attempt` counts
    /// logical orders, not sendings: it grows only once the one before is known dead.
    #[must_use]
    pub fn of_copy(copy: CopyId, purpose: Purpose, attempt: u16) -> Self {
        Self(format!("{}{attempt}", Self::prefix_of(copy, purpose)))
    }

    /// How the names of all orders of a copy begin that are for this.
    #[must_use]
    pub fn prefix_of(copy: CopyId, purpose: Purpose) -> String {
        format!("f{}{}", copy.uuid().simple(), purpose.letter())
    }

    /// Whether this is the name of an order of a copy.
    #[must_use]
    pub fn is_of_copy(name: &str) -> bool {
        let copy = name.strip_prefix('f').and_then(|rest| rest.split_at_checked(32));
        copy.is_some_and(|(copy, leg)| copy.bytes().all(|byte| byte.is_ascii_hexdigit()) && !leg.is_empty())
    }

    /// Copy, purpose and attempt of an order of a copy, by its name; `None` for any other name.
    #[must_use]
    pub fn parts(name: &str) -> Option<(CopyId, Purpose, u16)> {
        let (copy, leg) = name.strip_prefix('f')?.split_at_checked(32)?;
        let all = [Purpose::Open, Purpose::Close, Purpose::Stop, Purpose::Target];
        let purpose = all.into_iter().find(|purpose| leg.starts_with(purpose.letter()))?;
        let attempt = leg.strip_prefix(purpose.letter())?.parse().ok()?;
        Some((copy.parse().ok()?, purpose, attempt))
    }

    /// Whether `text`, from a reply, is this name. Letters count alike in both sizes.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.0.eq_ignore_ascii_case(text)
    }

    /// As sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The exchange's name of an order: digits, kept as text.
///
/// A number above 2^53, which a float (and JavaScript) would round to that of
/// another order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderId(String);

impl OrderId {
    /// # Errors
    ///
    /// [`IdError::OrderId`] unless `text` is 1 to 24 digits and not zero.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        if text.is_empty() || text.len() > 24 || !is_number || text.bytes().all(|byte| byte == b'0') {
            return Err(IdError::OrderId);
        }
        Ok(Self(text.to_owned()))
    }

    /// As sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When the exchange made it, in Unix milliseconds.
    ///
    /// Source: ids are snowflakes; checked against recorded replies.
    #[must_use]
    pub fn made_at_ms(&self) -> Option<i64> {
        let id: u64 = self.0.parse().ok()?;
        i64::try_from(id >> 22).ok()?.checked_add(1_288_834_974_657)
    }

    /// Reads the id in a reply: a JSON number or text. `None` where there is none (0, `""`).
    pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self::new(raw.get().trim().trim_matches('"')).ok())
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for OrderId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OrderId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::new(raw.get().trim().trim_matches('"')).map_err(D::Error::custom)
    }
}

/// The name of a user stream, valid for an hour. As good as a password: not shown, not logged.
#[derive(Clone, PartialEq, Eq)]
pub struct ListenKey(String);

impl ListenKey {
    /// # Errors
    ///
    /// [`IdError::ListenKey`] unless `text` is 1 to 128 letters and digits.
    pub fn new(text: &str) -> Result<Self, IdError> {
        if text.is_empty() || text.len() > 128 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(IdError::ListenKey);
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ListenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListenKey(…)")
    }
}

/// An API key and its secret. Neither is shown by `Debug`.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Sent in the header of each signed request.
    pub api_key: SecretString,
    /// Signs; never sent.
    pub secret: SecretString,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("BTC-USDT", true)]
    #[case("1000PEPE-USDT", true)]
    #[case("BTC-USDT&side=SELL", false)]
    #[case("BTC=USDT", false)]
    #[case("btc-usdt", false)]
    #[case("BTCUSDT", false)]
    #[case("-USDT", false)]
    #[case("BTC-USDT\n", false)]
    #[case("AVERYVERYLONGCOIN-USDT", false)]
    fn a_symbol_is_two_words(#[case] text: &str, #[case] is_one: bool) {
        assert_eq!(Symbol::new(text).is_ok(), is_one);
    }

    #[test]
    fn a_listed_symbol_may_be_odd_but_not_another_parameter() {
        assert!(Symbol::listed("OTHR#99961-USDT").is_ok());
        assert!(Symbol::listed("X&a=b-USDT").is_err());
    }

    #[rstest]
    #[case("f0123abc", true)]
    #[case("Upper", false)]
    #[case("a&b=c", false)]
    #[case("", false)]
    #[case("a123456789a123456789a123456789a123456789x", false)]
    fn a_client_order_id_is_small_letters_and_digits(#[case] text: &str, #[case] is_one: bool) {
        assert_eq!(ClientOrderId::new(text).is_ok(), is_one);
    }

    #[test]
    fn orders_of_a_copy_have_names_of_their_own_that_fit() {
        let copy = CopyId::from_uuid("018f3c5e-7d2a-7b1c-9e3f-0123456789ab".parse().unwrap());
        let open = ClientOrderId::of_copy(copy, Purpose::Open, 1);
        let last = ClientOrderId::of_copy(copy, Purpose::Close, u16::MAX);

        assert_eq!(open.as_str(), "f018f3c5e7d2a7b1c9e3f0123456789abo1");
        assert_eq!(ClientOrderId::new(last.as_str()), Ok(last.clone()));
        assert_ne!(open, ClientOrderId::of_copy(copy, Purpose::Open, 2));
        assert!(open.is(&open.as_str().to_uppercase()));
        assert_eq!(ClientOrderId::parts(open.as_str()), Some((copy, Purpose::Open, 1)));
        assert_eq!(ClientOrderId::parts(last.as_str()), Some((copy, Purpose::Close, u16::MAX)));
        for other in
            ["", "f", "fund", "f018f3c5e7d2a7b1c9e3f0123456789abx1", "f018f3c5e7d2a7b1c9e3f0123456789abo"]
        {
            assert_eq!(ClientOrderId::parts(other), None, "{other}");
        }
    }

    #[test]
    fn an_order_id_keeps_all_its_digits() {
        let id: OrderId = serde_json::from_str("1745839584339562497").unwrap();
        assert_eq!(id.as_str(), "1745839584339562497");
        assert_eq!(id.made_at_ms(), Some(1_705_075_567_694));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"1745839584339562497\"");
    }

    #[rstest]
    #[case("1.7458395843395625e18")]
    #[case("-5")]
    #[case("0")]
    #[case("\"\"")]
    fn a_rounded_order_id_is_none(#[case] json: &str) {
        assert!(serde_json::from_str::<OrderId>(json).is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        let key = ListenKey::new("abcdef").unwrap();
        let both = Credentials { api_key: "theapikey".into(), secret: "thesecret".into() };
        let shown = format!("{key:?} {both:?}");
        assert!(!shown.contains("abcdef") && !shown.contains("theapikey") && !shown.contains("thesecret"));
    }
}
