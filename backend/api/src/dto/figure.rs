//! Decimals as text.

use std::borrow::Cow;

use flotilla_domain::number::plain_decimal;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type};

/// A decimal that travels as text, in the same strict form an EA must use:
/// digits, at most one point, no exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figure(pub Decimal);

impl From<Decimal> for Figure {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The database returns the scale of the column's computation ("0.1000000").
        serializer.collect_str(&self.0.normalize())
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        plain_decimal(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Figure {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("decimal".to_owned())))
            .pattern(Some(r"^-?[0-9]+(\.[0-9]+)?$"))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Figure {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Decimal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_text_without_trailing_zeros() {
        let figure = Figure(Decimal::new(1_000, 4));

        assert_eq!(serde_json::to_string(&figure).expect("serialises"), r#""0.1""#);
        for refused in ["0.1", r#""1e3""#, r#""NaN""#, r#""0x10""#, r#""1,5""#, r#""+1""#] {
            assert!(serde_json::from_str::<Figure>(refused).is_err(), "{refused}");
        }
    }
}
