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
    /// # Errors
    ///
    /// [`SymbolError`] when `text` is not a name as described above.
    pub fn new(text: impl Into<String>) -> Result<Self, SymbolError> {
        let text = text.into();
        if !(1..=32).contains(&text.len()) {
            return Err(SymbolError::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._#+&/!$^@-".contains(&byte)) {
            return Err(SymbolError::Character);
        }
        if PROTOCOL_WORDS.iter().any(|word| text.contains(word)) {
            return Err(SymbolError::ProtocolWord);
        }
        Ok(Self(text))
    }

    /// The bare text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = SymbolError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
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

impl<'de> serde::Deserialize<'de> for Symbol {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("XAUUSD")]
    #[case("XAUUSD-VIPc")]
    #[case("EURUSD.m")]
    #[case("#US500_H7")]
    #[case("BTC/USDT")]
    #[case("A")]
    #[case("a.b_c#d+e&f/g!h$i^j@k-l")]
    #[case::not_quite_a_word("AUTH_O")]
    #[case::other_case("auth_ok")]
    fn names_of_brokers_are_symbols(#[case] text: &str) {
        assert_eq!(text.parse::<Symbol>().unwrap().as_str(), text);
    }

    #[rstest]
    #[case::empty("", SymbolError::Length)]
    #[case::long("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456", SymbolError::Length)]
    #[case::bar("A|B", SymbolError::Character)]
    #[case::line_end("A\nB", SymbolError::Character)]
    #[case::carriage_return("A\r", SymbolError::Character)]
    #[case::nul("A\0", SymbolError::Character)]
    #[case::blank("A B", SymbolError::Character)]
    #[case::semicolon("A;B", SymbolError::Character)]
    #[case::equals("A=B", SymbolError::Character)]
    #[case::quote("A'B", SymbolError::Character)]
    #[case::double_quote("A\"B", SymbolError::Character)]
    #[case::right_to_left("A\u{202e}B", SymbolError::Character)]
    #[case::zero_width("A\u{200b}B", SymbolError::Character)]
    #[case::look_alike("\u{410}", SymbolError::Character)]
    #[case::auth_ok("XAUTH_OKX", SymbolError::ProtocolWord)]
    #[case::subscribe_ok("SUBSCRIBE_OK", SymbolError::ProtocolWord)]
    #[case::snapshot_ok("SNAPSHOT_OK", SymbolError::ProtocolWord)]
    #[case::command("ACMD_B", SymbolError::ProtocolWord)]
    fn other_texts_are_no_symbols(#[case] text: &str, #[case] error: SymbolError) {
        assert_eq!(text.parse::<Symbol>(), Err(error));
    }

    proptest! {
        #[test]
        fn what_passes_can_stand_in_a_line(text in "\\PC{0,34}") {
            if let Ok(symbol) = Symbol::new(text.clone()) {
                prop_assert_eq!(symbol.to_string(), text.clone());
                prop_assert!(text.is_ascii() && !text.contains(['|', ':', ',', '\n', '\r', ' ']));
                prop_assert!(PROTOCOL_WORDS.iter().all(|word| !text.contains(word)));
            }
        }
    }
}
