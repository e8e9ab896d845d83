//! Decimals of the risk engine in JSON: plain text, bounded, never a float.
//!
//! The bounds keep every product of the engine within what a decimal holds, so
//! that no sum is rounded and none overflows.

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

use crate::number::plain_decimal;

/// Nothing that is traded is larger.
pub const MAX: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);
/// Most decimals of a number.
pub const MAX_SCALE: u32 = 12;

/// Whether `number` is one that the engine calculates with.
#[must_use]
pub fn is_bounded(number: Decimal) -> bool {
    number.abs() <= MAX && number.normalize().scale() <= MAX_SCALE
}

/// `number` as the engine calculates with it: rounded to [`MAX_SCALE`] decimals. `None` where it is larger than [`MAX`].
#[must_use]
pub fn bounded(number: Decimal) -> Option<Decimal> {
    let number = number.round_dp(MAX_SCALE);
    (number.abs() <= MAX).then_some(number)
}

struct Plain;

impl Visitor<'_> for Plain {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a plain decimal as text, at most {MAX} with {MAX_SCALE} decimals")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        let number = plain_decimal(text).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
        if is_bounded(number) { Ok(number) } else { Err(E::invalid_value(Unexpected::Str(text), &self)) }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Decimal, E> {
        self.visit_str(&number.to_string())
    }
}

/// Writes a number as text.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Reads a number from text or from a whole number.
///
/// # Errors
///
/// For anything else, and for numbers out of bounds.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    deserializer.deserialize_any(Plain)
}

/// A number that may be missing.
pub mod optional {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    struct Present(#[serde(with = "super")] Decimal);

    /// Writes a number as text, or null.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(number: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => super::serialize(number, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a number or null.
    ///
    /// # Errors
    ///
    /// As for a number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        Ok(Option::<Present>::deserialize(deserializer)?.map(|present| present.0))
    }
}

/// Numbers that were kept. Bounds are held where a number comes in: one that was kept all the same is read, for the
/// account it belongs to could not be judged any more without it.
pub mod kept {
    use std::fmt;

    use rust_decimal::Decimal;
    use serde::Deserializer;
    use serde::de::{Error, Unexpected, Visitor};

    use super::MAX_SCALE;
    pub use super::serialize;

    /// What is larger is read as this: far beyond all bounds, and any number of them can be added up.
    const MOST: Decimal = Decimal::from_parts(2_808_348_672, 232_830_643, 0, false, 0);

    struct Kept;

    impl Visitor<'_> for Kept {
        type Value = Decimal;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a plain decimal as text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
            let number =
                Decimal::from_str_exact(text).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
            let mut number = number.round_dp(MAX_SCALE).clamp(-MOST, MOST);
            if number.is_zero() {
                number.set_sign_positive(true);
            }
            Ok(number)
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
            Ok(Decimal::from(number).clamp(-MOST, MOST))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Decimal, E> {
            Ok(Decimal::from(number).min(MOST))
        }
    }

    /// Reads a number of any size from text or from a whole number, rounded to [`MAX_SCALE`] decimals.
    ///
    /// # Errors
    ///
    /// For anything else.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        deserializer.deserialize_any(Kept)
    }

    /// A number that may be missing.
    pub mod optional {
        use rust_decimal::Decimal;
        use serde::{Deserialize, Deserializer};

        pub use super::super::optional::serialize;

        #[derive(Deserialize)]
        struct Present(#[serde(deserialize_with = "super::deserialize")] Decimal);

        /// Reads a number or null.
        ///
        /// # Errors
        ///
        /// As for a number.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
            Ok(Option::<Present>::deserialize(deserializer)?.map(|present| present.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct One {
        #[serde(default, with = "optional")]
        n: Option<Decimal>,
    }

    fn read(json: &str) -> Result<Option<Decimal>, serde_json::Error> {
        serde_json::from_str::<One>(json).map(|one| one.n)
    }

    #[rstest]
    #[case::text(r#"{"n":"0.10"}"#, Some(Decimal::new(10, 2)))]
    #[case::whole(r#"{"n":3}"#, Some(Decimal::new(3, 0)))]
    #[case::null(r#"{"n":null}"#, None)]
    #[case::absent("{}", None)]
    #[case::largest(r#"{"n":"1000000000000000"}"#, Some(MAX))]
    fn plain_numbers_are_read(#[case] json: &str, #[case] number: Option<Decimal>) {
        assert_eq!(read(json).unwrap(), number);
    }

    #[rstest]
    #[case::float(r#"{"n":0.1}"#)]
    #[case::exponent(r#"{"n":"1e3"}"#)]
    #[case::not_a_number(r#"{"n":"NaN"}"#)]
    #[case::empty(r#"{"n":""}"#)]
    #[case::too_large(r#"{"n":"1000000000000001"}"#)]
    #[case::too_fine(r#"{"n":"0.0000000000001"}"#)]
    fn others_are_refused(#[case] json: &str) {
        assert!(read(json).is_err());
    }

    #[derive(Deserialize)]
    struct Stored {
        #[serde(with = "kept::optional")]
        n: Option<Decimal>,
    }

    #[rstest]
    #[case::too_fine(r#"{"n":"0.1744699982553"}"#, Decimal::new(174_469_998_255, 12))]
    #[case::too_large(r#"{"n":"-2000000000000000"}"#, -Decimal::TWO * MAX)]
    #[case::longest(r#"{"n":"-7.9228162514264337593543950335"}"#, Decimal::new(-7_922_816_251_426, 12))]
    #[case::beyond_all(r#"{"n":"-79228162514264337593543950335"}"#, -Decimal::ONE_THOUSAND * MAX)]
    #[case::whole(r#"{"n":3}"#, Decimal::new(3, 0))]
    fn what_was_kept_is_read_whatever_its_size(#[case] json: &str, #[case] number: Decimal) {
        assert_eq!(serde_json::from_str::<Stored>(json).unwrap().n, Some(number));
        assert!(serde_json::from_str::<Stored>(r#"{"n":"1e3"}"#).is_err());
    }

    #[test]
    fn a_number_that_comes_in_is_rounded_and_one_beyond_all_bounds_is_none() {
        assert_eq!(bounded(Decimal::new(1_744_699_982_553, 13)), Some(Decimal::new(174_469_998_255, 12)));
        assert_eq!(bounded(-MAX), Some(-MAX));
        assert_eq!(bounded(MAX + Decimal::ONE), None);
    }
}
