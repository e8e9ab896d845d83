//! A field of a patch that may be removed.

use serde::{Deserialize, Deserializer};

/// What a patch says about one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patched<T> {
    /// It is absent: the value stays.
    #[default]
    Kept,
    /// It is null: there is no value any more.
    Removed,
    /// The new value.
    Set(T),
}

impl<T> Patched<T> {
    /// The new value, if there is one.
    pub const fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Kept | Self::Removed => None,
        }
    }

    /// Whether the patch names the field.
    pub const fn is_named(&self) -> bool {
        !matches!(self, Self::Kept)
    }

    /// What becomes of `old`.
    pub fn over<O>(self, old: Option<O>, convert: impl FnOnce(T) -> O) -> Option<O> {
        match self {
            Self::Kept => old,
            Self::Removed => None,
            Self::Set(value) => Some(convert(value)),
        }
    }
}

/// Needs `#[serde(default)]` on the field: serde asks only about fields that are there.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patched<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            Some(value) => Self::Set(value),
            None => Self::Removed,
        })
    }
}
