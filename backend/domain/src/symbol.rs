//! Instruments.

use std::fmt;
use std::str::FromStr;

/// Name of an instrument at a broker: 1 to 32 of `A-Z a-z 0-9 . _ # + & / ! $ ^ @ -`.
///
/// Words that EAs recognise anywhere in a line (`AUTH_OK` …) are refused: a
/// follower would drop the order and act on the word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(String);

/// Why a text is not the name of an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SymbolError {
    /// Empty or longer than 32 characters.
    #[error("a symbol has 1 to 32 characters")]
    Length,
    /// A character no broker uses.
    #[error("a symbol holds letters, digits and . _ # + & / ! $ ^ @ - only")]
    Character,
    /// A word of the protocol.
    #[error("a symbol may not contain a word of the protocol")]
    ProtocolWord,
}

/// Words that must not be relayed in any field.
pub const PROTOCOL_WORDS: [&str; 5] =
    ["AUTH_OK", "SUBSCRIBE_OK", "SNAPSHOT_OK", "CMD_", "ERROR:INVALID_TOKEN"];

impl Symbol {
    /// The bare text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = SymbolError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !(1..=32).contains(&text.len()) {
            return Err(SymbolError::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._#+&/!$^@-".contains(&byte)) {
            return Err(SymbolError::Character);
        }
        if PROTOCOL_WORDS.iter().any(|word| text.contains(word)) {
            return Err(SymbolError::ProtocolWord);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Symbol {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
