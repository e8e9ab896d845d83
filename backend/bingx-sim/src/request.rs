//! Requests as they arrive: parameters from the query, a form or JSON, and the string that must have been signed.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use sha2::Sha256;

/// Which of the two hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostName {
    /// Real money, were it not a simulator.
    Live,
    /// `VST`.
    Demo,
}

impl HostName {
    /// As in the control API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Demo => "demo",
        }
    }

    /// The one of this name.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "live" => Some(Self::Live),
            "demo" => Some(Self::Demo),
            _ => None,
        }
    }
}

/// A request, as the socket gave it.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Which host it was sent to.
    pub host: HostName,
    /// From which address.
    pub ip: String,
    /// `GET` and so on.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Query string as sent, without the question mark.
    pub query: String,
    /// `X-BX-APIKEY`, if it was sent.
    pub key: Option<String>,
    /// `Content-Type`, in small letters; empty where none was sent.
    pub content_type: String,
    /// Body as sent.
    pub body: String,
}

/// Parameters with decoded values, and what must have been signed.
#[derive(Debug, Clone, Default)]
pub struct Params {
    values: Vec<(String, String)>,
    signature: Option<String>,
    to_sign: String,
}

impl Params {
    /// Takes a request apart.
    ///
    /// The signed string is made of the *decoded* values in the order of arrival: query, directly followed by a form;
    /// a JSON body sorted by name. A plus is a plus and no space.
    pub fn of(request: &Incoming) -> Self {
        let query = pairs(&request.query);
        let body = if request.content_type.starts_with("application/json") && !request.body.trim().is_empty()
        {
            json_pairs(&request.body)
        } else {
            pairs(&request.body)
        };
        let mut params = Self::default();
        for part in [&query, &body] {
            let signed: Vec<_> = part
                .iter()
                .filter(|(name, _)| name != "signature")
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            params.to_sign.push_str(&signed.join("&"));
        }
        for (name, value) in query.into_iter().chain(body) {
            if name == "signature" {
                params.signature.get_or_insert(value);
            } else if params.get(&name).is_none() {
                // A name in both counts from the query.
                params.values.push((name, value));
            }
        }
        params
    }

    /// Parameters of an order inside another parameter.
    pub fn of_values(values: Vec<(String, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// The value of a name; an empty one counts as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// The signature that came with it.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// Whether it was signed with this secret; digits of both sizes.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        self.signature.as_deref().is_some_and(|sent| sent.eq_ignore_ascii_case(&sign(secret, &self.to_sign)))
    }
}

/// HMAC-SHA256 in hexadecimal digits.
pub fn sign(secret: &str, text: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Fields of an object, sorted; nested values as compact JSON text.
pub fn json_pairs(text: &str) -> Vec<(String, String)> {
    use serde_json::value::RawValue;
    let fields: std::collections::BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(text).unwrap_or_default();
    fields
        .into_iter()
        .map(|(name, raw)| {
            let raw = raw.get();
            let value = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
            (name, value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str =
        "mheO6dR8ovSsxZQCOYEFCtelpuxcWGTfHw7te326y6jOwq5WpvFQ9JNljoTwBXZGv5It07m9RXSPpDQEK2w";

    fn request(query: &str, content_type: &str, body: &str) -> Params {
        Params::of(&Incoming {
            host: HostName::Live,
            ip: "127.0.0.1".to_owned(),
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: query.to_owned(),
            key: None,
            content_type: content_type.to_owned(),
            body: body.to_owned(),
        })
    }

    #[test]
    fn the_published_string_is_taken_as_query_and_as_form() {
        let signed = "symbol=BTC-USDT&timestamp=1667872120843&side=LONG&leverage=6&signature=4f581ecdb1fa09b9d6e57886b6f70cffed17f82b93399722939e49a38edec2bf";
        assert!(request(signed, "", "").is_signed_with(SECRET));
        assert!(request("", "application/x-www-form-urlencoded", signed).is_signed_with(SECRET));
        // What is in both is signed without a sign between them, whichever brings the signature.
        let signature = sign(SECRET, "symbol=BTC-USDT&timestamp=1667872120843side=LONG&leverage=6");
        let (query, form) = (
            "symbol=BTC-USDT&timestamp=1667872120843",
            format!("side=LONG&leverage=6&signature={signature}"),
        );
        assert!(request(query, "application/x-www-form-urlencoded", &form).is_signed_with(SECRET));
        assert!(!request(&format!("{query}&{form}"), "", "").is_signed_with(SECRET));
        assert!(request(&signed.to_uppercase().replace("SYMBOL=", "symbol="), "", "").signature.is_none());
    }

    #[test]
    fn decoded_values_are_signed_and_a_plus_is_a_plus() {
        let signature = sign(SECRET, "clientOrderId=a b+c&symbol=BTC-USDT&timestamp=1700000000000");
        assert!(signature.starts_with("7db9bb68a9d3f9d0"));
        let sent =
            format!("clientOrderId=a%20b%2Bc&symbol=BTC-USDT&timestamp=1700000000000&signature={signature}");
        assert!(request(&sent, "", "").is_signed_with(SECRET));
        assert!(!request(&sent.replace("%20", "+"), "", "").is_signed_with(SECRET));
    }

    #[test]
    fn json_is_signed_sorted() {
        let signature = sign(SECRET, "a=1&b={\"x\":2}&timestamp=3");
        let body = format!(r#"{{"timestamp":3,"b":{{"x":2}},"a":"1","signature":"{signature}"}}"#);
        assert!(request("", "application/json", &body).is_signed_with(SECRET));
    }
}
