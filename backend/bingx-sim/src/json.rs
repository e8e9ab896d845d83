//! JSON as the exchange writes it: fields in order, and numbers digit by digit.
//!
//! A library would sort the fields and turn numbers into floats, and a client
//! that does so too would never be found out.

use std::fmt;

use rust_decimal::Decimal;

/// A JSON value to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, its characters as they are.
    Number(String),
    /// Text, escaped when written.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// Fields in this order.
    Object(Vec<(String, Json)>),
}

/// Text.
pub fn text(value: impl fmt::Display) -> Json {
    Json::Text(value.to_string())
}

/// A number, by its own digits.
pub fn number(value: impl fmt::Display) -> Json {
    Json::Number(value.to_string())
}

/// A decimal as a JSON number without needless zeros.
pub fn plain(value: Decimal) -> Json {
    Json::Number(value.normalize().to_string())
}

/// A decimal as text with so many decimals.
pub fn fixed(value: Decimal, decimals: u32) -> Json {
    let mut rounded = value.round_dp(decimals);
    rounded.rescale(decimals);
    Json::Text(rounded.to_string())
}

/// An object of these fields.
pub fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

impl Json {
    /// Adds a field to an object; nothing to anything else.
    pub fn push(&mut self, name: &str, value: Self) {
        if let Self::Object(fields) = self {
            fields.push((name.to_owned(), value));
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(digits) => f.write_str(digits),
            Self::Text(value) => f.write_str(&serde_json::to_string(value).map_err(|_| fmt::Error)?),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}{}:{value}", Self::Text(name.clone()))?;
                }
                f.write_str("}")
            }
        }
    }
}
