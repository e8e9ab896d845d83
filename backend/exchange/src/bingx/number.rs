//! Numbers, ids and flags as BingX writes them: sometimes text, sometimes JSON numbers, sometimes nothing.
//!
//! Each is read from the reply's own characters. A JSON number never becomes a
//! float on its way: ids are above 2^53, and money is money.

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Longest text that is taken for a number.
const MAX_LENGTH: usize = 60;

/// What stands in a JSON field: its text without quotes, or nothing (`null`, `""`, blanks).
///
/// `None` also for an object or a list.
fn scalar(raw: &RawValue) -> Option<String> {
    let text = raw.get().trim();
    let text = match text.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(text).ok()?,
        b'{' | b'[' => return None,
        _ if text == "null" => return None,
        _ => text.to_owned(),
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads a decimal: digits with an optional minus, fraction and exponent.
///
/// More than 28 significant digits are rounded there, which no amount of money
/// reaches. `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    if text.len() > MAX_LENGTH || text.starts_with('+') || text.contains('_') {
        return None;
    }
    let parsed = if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { text.parse() };
    parsed.ok().map(|mut number: Decimal| {
        if number.is_zero() {
            number.set_sign_positive(true);
        }
        number
    })
}

/// A decimal that has to be there.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    optional(deserializer)?.ok_or_else(|| D::Error::custom("an empty number"))
}

/// A decimal, or nothing where the field is empty.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    scalar(&raw)
        .map(|text| parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no decimal number"))))
        .transpose()
}

/// A decimal, zero where the field is empty.
pub(crate) fn or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    Ok(optional(deserializer)?.unwrap_or_default())
}

/// A decimal before an `X`, as in `"15X"`; nothing where the field is empty or something else.
pub(crate) fn leverage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(scalar(&raw).and_then(|text| parse(text.trim_end_matches(['x', 'X']))))
}

/// A whole number, written as number or text.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    optional_integer(deserializer)?.ok_or_else(|| D::Error::custom("an empty number"))
}

/// A whole number, or nothing where the field is empty.
pub(crate) fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    scalar(&raw)
        .map(|text| text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no whole number"))))
        .transpose()
}

/// Text, also where a number stands; empty where there is nothing.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(scalar(&raw).unwrap_or_default())
}

/// Text, or nothing where the field is empty.
pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(scalar(&raw))
}

/// True or false, written as such or as text; `None` where it is neither.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(match scalar(&raw).as_deref() {
        Some("true" | "True" | "TRUE" | "1") => Some(true),
        Some("false" | "False" | "FALSE" | "0") => Some(false),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[derive(Deserialize)]
    struct Field {
        #[serde(default, deserialize_with = "optional")]
        value: Option<Decimal>,
    }

    fn read(json: &str) -> Option<Decimal> {
        serde_json::from_str::<Field>(json).unwrap().value
    }

    #[rstest]
    #[case::text(r#"{"value":"0.0001"}"#, Some("0.0001"))]
    #[case::number(r#"{"value":42211.1}"#, Some("42211.1"))]
    #[case::exponent(r#"{"value":9e-05}"#, Some("0.00009"))]
    #[case::beyond_a_double(r#"{"value":294.16914617776246}"#, Some("294.16914617776246"))]
    #[case::empty(r#"{"value":""}"#, None)]
    #[case::null(r#"{"value":null}"#, None)]
    #[case::missing("{}", None)]
    #[case::negative_zero(r#"{"value":"-0.00"}"#, Some("0.00"))]
    fn a_number_is_read_from_its_characters(#[case] json: &str, #[case] expected: Option<&str>) {
        assert_eq!(read(json).map(|number| number.to_string()), expected.map(str::to_owned));
    }

    #[rstest]
    #[case("NaN")]
    #[case("+1")]
    #[case("1_000")]
    #[case("0x10")]
    #[case("1,5")]
    fn other_text_is_no_number(#[case] text: &str) {
        assert_eq!(parse(text), None);
    }

    proptest! {
        #[test]
        fn text_and_number_mean_the_same(digits in "(0|[1-9][0-9]{0,9})\\.[0-9]{1,8}") {
            prop_assert_eq!(read(&format!(r#"{{"value":"{digits}"}}"#)), read(&format!(r#"{{"value":{digits}}}"#)));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,70}") {
            let _ = parse(&text);
        }
    }
}
