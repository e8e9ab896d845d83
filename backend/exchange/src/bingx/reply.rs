//! Replies: the envelope, and what it means for what was asked.

use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::error::{ErrorClass, VenueError};
use super::id::Credentials;
use super::number;
use crate::outcome::{Doubt, Outcome, ReadError};

/// A reply as it came: HTTP status, the headers about the limit, and the body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawReply {
    /// HTTP status.
    pub status: u16,
    /// Value of `X-RateLimit-Requests-Remain` where there is one: requests that the interface still takes.
    pub remaining: Option<u64>,
    /// Value of `X-RateLimit-Requests-Expire` where there is one: Unix milliseconds.
    pub limited_until_ms: Option<i64>,
    /// The body, all of it.
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default, deserialize_with = "number::optional_integer")]
    code: Option<i64>,
    #[serde(default, deserialize_with = "number::text")]
    msg: String,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

/// What a reply comes down to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning<'a> {
    /// `code` 0, or a body without envelope: the part that holds the result.
    Result(&'a str),
    /// Refused; it was not carried out.
    Refused(VenueError),
    /// It may have been carried out.
    Doubt(Doubt),
}

/// A shorter text names nothing secret, and may stand in any reply.
const SHORTEST_SECRET: usize = 8;

impl RawReply {
    /// The reply as it may be written down and shown: should the exchange repeat a key or its secret, this does not.
    pub(crate) fn without(self, credentials: &Credentials) -> Self {
        let mut hidden: Option<String> = None;
        for (secret, name) in [(&credentials.secret, "[secret]"), (&credentials.api_key, "[key]")] {
            let secret = secret.expose_secret();
            let text = hidden.as_deref().or_else(|| str::from_utf8(&self.body).ok()).unwrap_or_default();
            if secret.len() >= SHORTEST_SECRET && text.contains(secret) {
                hidden = Some(text.replace(secret, name));
            }
        }
        match hidden {
            Some(text) => Self { body: text.into_bytes(), ..self },
            None => self,
        }
    }

    /// Sorts the reply out.
    pub(crate) fn meaning(&self) -> Meaning<'_> {
        match self.status {
            200..=299 => self.success(),
            429 => Meaning::Refused(self.error_or("too many requests", ErrorClass::Rate)),
            418 => Meaning::Refused(self.error_or("banned for a while", ErrorClass::Rate)),
            // A firewall or a router answered; what trades never saw the request.
            403 => Meaning::Refused(self.error_or("turned away by the firewall", ErrorClass::Rate)),
            401 => meaning_of(self.error_or("not authorised", ErrorClass::Key)),
            400 | 404 | 405 => meaning_of(self.error_or("no such request", ErrorClass::Parameters)),
            status => Meaning::Doubt(Doubt::Status(status)),
        }
    }

    fn success(&self) -> Meaning<'_> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            // `PUT userDataStream` answers with nothing at all. What needs a result fails to read it.
            return Meaning::Result("null");
        }
        let Ok(text) = str::from_utf8(&self.body) else {
            return Meaning::Doubt(Doubt::Unreadable);
        };
        match serde_json::from_str::<Envelope<'_>>(text) {
            Ok(Envelope { code: Some(0), data, .. }) => Meaning::Result(data.map_or(text, RawValue::get)),
            Ok(Envelope { code: None, .. }) => Meaning::Result(text),
            Ok(Envelope { code: Some(code), msg, .. }) => meaning_of(VenueError::new(code, &msg)),
            Err(_) => Meaning::Doubt(Doubt::Unreadable),
        }
    }

    /// The error in the body if there is one, otherwise one of ours.
    fn error_or(&self, message: &str, class: ErrorClass) -> VenueError {
        let said =
            str::from_utf8(&self.body).ok().and_then(|text| serde_json::from_str::<Envelope<'_>>(text).ok());
        match said {
            Some(Envelope { code: Some(code), msg, .. }) if code != 0 => {
                let mut error = VenueError::new(code, &msg);
                if error.class == ErrorClass::Unknown || class == ErrorClass::Rate {
                    error.class = class;
                }
                error
            }
            _ => VenueError { code: i64::from(self.status), message: message.to_owned(), class },
        }
    }

    /// What a write came to. `read` is given the result; `None` from it means that the result says
    /// nothing, although the envelope said that all is well.
    pub(crate) fn outcome<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Outcome<T> {
        match self.meaning() {
            Meaning::Result(json) => {
                read(json).map_or(Outcome::Unknown(Doubt::Unreadable), Outcome::Accepted)
            }
            Meaning::Refused(error) => Outcome::Refused(error),
            Meaning::Doubt(doubt) => Outcome::Unknown(doubt),
        }
    }

    /// What the placing of an order came to: as [`RawReply::outcome`], but a refusal that may be about an order of the
    /// same name, which the exchange has then, leaves it in doubt.
    pub(crate) fn order_outcome<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Outcome<T> {
        match self.outcome(read) {
            Outcome::Refused(error) if error.means_same_order() => Outcome::Unknown(Doubt::AlreadyThere),
            Outcome::Refused(error) if error.may_mean_same_order() => Outcome::Unknown(Doubt::Venue(error)),
            outcome => outcome,
        }
    }

    /// What a read came to.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, ReadError> {
        match self.meaning() {
            Meaning::Result(json) => {
                serde_json::from_str(json).map_err(|_| ReadError::NoAnswer(Doubt::Unreadable))
            }
            Meaning::Refused(error) | Meaning::Doubt(Doubt::Venue(error)) => Err(ReadError::Refused(error)),
            Meaning::Doubt(doubt) => Err(ReadError::NoAnswer(doubt)),
        }
    }

    /// When the limit that is used up has room again: Unix milliseconds. `None` where nothing is said, or requests remain.
    pub(crate) fn full_until_ms(&self) -> Option<i64> {
        self.limited_until_ms.filter(|_| self.remaining.is_none_or(|remaining| remaining == 0))
    }

    /// Whether the venue complains about the time, and nothing else is wrong.
    pub(crate) fn is_about_time(&self) -> bool {
        matches!(self.meaning(), Meaning::Refused(error) if error.class == ErrorClass::Clock)
    }
}

/// What an error comes down to, whatever status it came with: some may come after the deed.
fn meaning_of(error: VenueError) -> Meaning<'static> {
    match error.class {
        ErrorClass::Duplicate => Meaning::Doubt(Doubt::AlreadyThere),
        class if class.leaves_doubt() => Meaning::Doubt(Doubt::Venue(error)),
        _ => Meaning::Refused(error),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn reply(status: u16, body: &str) -> RawReply {
        RawReply { status, body: body.as_bytes().to_vec(), ..RawReply::default() }
    }

    #[test]
    fn a_reply_repeats_neither_key_nor_secret() {
        let credentials = Credentials { api_key: "key-of-ada".into(), secret: "secret-of-ada".into() };
        let said = r#"{"code":100413,"msg":"key-of-ada, key-of-ada and secret-of-ada are not good"}"#;
        let Meaning::Refused(error) = reply(200, said).without(&credentials).meaning() else {
            panic!("not refused")
        };
        assert_eq!(error.message, "[key], [key] and [secret] are not good");

        let short = Credentials { api_key: "code".into(), secret: "msg".into() };
        assert_eq!(reply(200, said).without(&short), reply(200, said));
    }

    #[rstest]
    #[case::usual(r#"{"code":0,"msg":"","data":{"a":1}}"#, r#"{"a":1}"#)]
    #[case::code_as_text(r#"{"code":"0","msg":"","data":[1]}"#, "[1]")]
    #[case::no_envelope(r#"{"listenKey":"ab"}"#, r#"{"listenKey":"ab"}"#)]
    #[case::result_at_the_top(r#"{"code":0,"amount":3}"#, r#"{"code":0,"amount":3}"#)]
    #[case::empty("", "null")]
    fn a_result_is_found_wherever_it_is(#[case] body: &str, #[case] result: &str) {
        assert_eq!(reply(200, body).meaning(), Meaning::Result(result));
    }

    #[rstest]
    #[case::business(200, r#"{"code":101204,"msg":"Insufficient margin","data":{}}"#, ErrorClass::Margin)]
    #[case::no_data(
        200,
        r#"{"code":100419,"msg":"IP does not match IP whitelist","success":false}"#,
        ErrorClass::Key
    )]
    #[case::code_as_text(200, r#"{"code":"100001","msg":"mismatch"}"#, ErrorClass::Signature)]
    #[case::firewall(403, "<html>no</html>", ErrorClass::Rate)]
    #[case::limited(429, "", ErrorClass::Rate)]
    #[case::gone(404, "", ErrorClass::Parameters)]
    #[case::no_margin_by_status_too(
        400,
        r#"{"code":101204,"msg":"Insufficient margin"}"#,
        ErrorClass::Margin
    )]
    #[case::new_code_before_the_deed(400, r#"{"code":987654,"msg":"what is this"}"#, ErrorClass::Parameters)]
    fn a_refusal_says_what_it_is_about(#[case] status: u16, #[case] body: &str, #[case] class: ErrorClass) {
        let Meaning::Refused(error) = reply(status, body).meaning() else { panic!("not refused") };
        assert_eq!(error.class, class);
    }

    #[rstest]
    #[case::gateway(504, "")]
    #[case::failed(500, r#"{"code":100400,"msg":"invalid"}"#)]
    #[case::html(200, "<html>busy</html>")]
    #[case::half(200, r#"{"code":0,"msg":"","data":{"ord"#)]
    #[case::busy(200, r#"{"code":101500,"msg":"rpc timeout"}"#)]
    #[case::busy_by_status_too(400, r#"{"code":101500,"msg":"rpc timeout"}"#)]
    #[case::busy_by_its_words(401, r#"{"code":80001,"msg":"service has some errors"}"#)]
    #[case::used_name_by_status_too(400, r#"{"code":101481,"msg":"clientOrderID cannot be repeated"}"#)]
    #[case::new_code(200, r#"{"code":987654,"msg":"what is this"}"#)]
    #[case::used_name(200, r#"{"code":101481,"msg":"clientOrderID cannot be repeated"}"#)]
    fn an_order_is_in_doubt_after(#[case] status: u16, #[case] body: &str) {
        assert!(matches!(reply(status, body).outcome(|_| Some(())), Outcome::Unknown(_)));
    }

    #[rstest]
    #[case::twice_within_a_second(
        r#"{"code":109201,"msg":"The same order number is only allowed once per second"}"#
    )]
    #[case::being_processed(r#"{"code":80019,"msg":"order is being processed, please ask the history"}"#)]
    #[case::filled(r#"{"code":80018,"msg":"order is already filled"}"#)]
    #[case::filled_renumbered(r#"{"code":109422,"msg":"order is already filled"}"#)]
    #[case::renumbered(r#"{"code":101400,"msg":"what is this"}"#)]
    #[case::without_words(r#"{"code":101400,"msg":""}"#)]
    #[case::in_words(r#"{"code":101400,"msg":"the clientOrderId already exists"}"#)]
    #[case::old_number(r#"{"code":109400,"msg":"clientOrderID cannot be repeated"}"#)]
    fn an_order_that_may_be_there_already_is_in_doubt(#[case] body: &str) {
        assert!(matches!(reply(200, body).order_outcome(|_| Some(())), Outcome::Unknown(_)));
    }

    #[rstest]
    #[case::too_small(101_400, "The minimum order amount is 0.0001 BTC")]
    #[case::wrong_field(101_400, "Invalid parameters, err:side: This field is required.")]
    #[case::no_margin(101_400, "Insufficient margin")]
    #[case::other_mode(109_400, "In the Hedge mode, the 'ReduceOnly' field can not be filled.")]
    fn an_order_that_is_refused_for_another_reason_is_not(#[case] code: i64, #[case] text: &str) {
        let body = format!(r#"{{"code":{code},"msg":"{text}"}}"#);
        assert!(matches!(reply(200, &body).order_outcome(|_| Some(())), Outcome::Refused(_)));
    }
}
