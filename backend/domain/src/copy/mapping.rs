//! Names of instruments: the master's broker and the follower's may differ.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::symbol::{Symbol, SymbolError};

/// What precedes or follows the name of an instrument at a broker: 1 to 16 of
/// the characters of a [`Symbol`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Suffix(String);

/// Longest suffix. Brokers use one to five characters.
const LONGEST_SUFFIX: usize = 16;

impl Suffix {
    /// # Errors
    ///
    /// [`SymbolError`] when `text` could not be part of a symbol.
    pub fn new(text: impl Into<String>) -> Result<Self, SymbolError> {
        let text = text.into();
        if text.len() > LONGEST_SUFFIX {
            return Err(SymbolError::Length);
        }
        // A part of a symbol is made of what a whole one is made of.
        Symbol::new(text).map(|symbol| Self(symbol.as_str().to_owned()))
    }

    /// The bare text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Suffix {
    type Err = SymbolError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

/// Which instruments a follower copies, and how it names them.
///
/// Names of keys and lists are kept in capitals, because they match without
/// regard to case: a denied `xauusd` must not let `XAUUSD` through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SymbolRules {
    /// The follower's name by the master's, with or without the suffix that is
    /// stripped. A mapped name is final: nothing is stripped from or added to it.
    pub map: BTreeMap<String, Symbol>,
    /// Taken off the end of the master's name, where it stands there.
    pub strip_suffix: Option<Suffix>,
    /// Put at the end of a name that is not mapped.
    pub add_suffix: Option<Suffix>,
    /// Only these are copied, by the master's or the follower's name. `None`: all.
    pub allow: Option<BTreeSet<String>>,
    /// These are not copied, by the master's or the follower's name.
    pub deny: Option<BTreeSet<String>>,
}

impl SymbolRules {
    /// The follower's name of what the master names `symbol`.
    ///
    /// # Errors
    ///
    /// [`SymbolError`] when the name that results may not be sent: too long, or
    /// a word of the protocol came about by joining.
    pub fn renamed(&self, symbol: &Symbol) -> Result<Symbol, SymbolError> {
        let whole = symbol.as_str();
        let suffix = self.strip_suffix.as_ref().map_or("", Suffix::as_str);
        let base = whole.strip_suffix(suffix).filter(|base| !base.is_empty()).unwrap_or(whole);
        let mapped = |name: &str| self.map.get(&name.to_ascii_uppercase());
        if let Some(name) = mapped(whole).or_else(|| mapped(base)) {
            return Ok(name.clone());
        }
        let added = self.add_suffix.as_ref().map_or("", Suffix::as_str);
        Symbol::new(format!("{base}{added}"))
    }

    /// Whether the instrument is copied that the master names `masters` and the
    /// follower `own`. What is denied is not copied, even where it is allowed.
    #[must_use]
    pub fn is_wanted(&self, masters: &Symbol, own: &Symbol) -> bool {
        let names = [masters, own].map(|symbol| symbol.as_str().to_ascii_uppercase());
        let holds = |list: &BTreeSet<String>| names.iter().any(|name| list.contains(name));
        self.allow.as_ref().is_none_or(holds) && !self.deny.as_ref().is_some_and(holds)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn suffix(text: &str) -> Option<Suffix> {
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    fn list(names: &[&str]) -> Option<BTreeSet<String>> {
        (!names.is_empty()).then(|| names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[rstest]
    #[case::unchanged("XAUUSD", "", "", "XAUUSD")]
    #[case::stripped("XAUUSD.m", ".m", "", "XAUUSD")]
    #[case::exchanged("XAUUSD.m", ".m", ".pro", "XAUUSD.pro")]
    #[case::not_there("XAUUSD", ".m", ".pro", "XAUUSD.pro")]
    #[case::suffixes_have_a_case("XAUUSD.M", ".m", "", "XAUUSD.M")]
    #[case::nothing_would_be_left(".m", ".m", "", ".m")]
    #[case::taken_off_once("EURUSD.m.m", ".m", "", "EURUSD.m")]
    #[case::mapped("NAS100", "", ".pro", "USTEC")]
    #[case::mapped_without_its_suffix("nas100.m", ".m", ".pro", "USTEC")]
    #[case::mapped_with_its_suffix("GER40.m", ".m", "", "DE40cash")]
    fn names_follow_the_rules(
        #[case] masters: &str,
        #[case] strip: &str,
        #[case] add: &str,
        #[case] own: &str,
    ) {
        let map = [("NAS100", "USTEC"), ("GER40.M", "DE40cash"), ("GER40", "DE40")];
        let rules = SymbolRules {
            map: map.map(|(from, to)| (from.to_owned(), to.parse().unwrap())).into(),
            strip_suffix: suffix(strip),
            add_suffix: suffix(add),
            ..SymbolRules::default()
        };

        assert_eq!(rules.renamed(&masters.parse().unwrap()).unwrap().as_str(), own);
    }

    #[rstest]
    #[case::a_word_of_the_protocol("AUTH", "_OK")]
    #[case::too_long("ABCDEFGHIJKLMNOPQRSTUVWXYZ", ".1234567")]
    fn names_that_may_not_be_sent_are_refused(#[case] masters: &str, #[case] add: &str) {
        let rules = SymbolRules { add_suffix: suffix(add), ..SymbolRules::default() };

        assert!(rules.renamed(&masters.parse().unwrap()).is_err());
    }

    #[rstest]
    #[case::no_lists(&[], &[], true)]
    #[case::allowed_by_the_masters_name(&["XAUUSD.M"], &[], true)]
    #[case::allowed_by_the_followers_name(&["GOLD"], &[], true)]
    #[case::not_on_the_list(&["EURUSD"], &[], false)]
    #[case::denied_by_the_masters_name(&[], &["XAUUSD.M"], false)]
    #[case::denied_by_the_followers_name(&[], &["GOLD"], false)]
    #[case::denied_and_allowed(&["GOLD"], &["GOLD"], false)]
    #[case::another_is_denied(&[], &["EURUSD"], true)]
    fn lists_name_either_name(#[case] allow: &[&str], #[case] deny: &[&str], #[case] wanted: bool) {
        let rules = SymbolRules { allow: list(allow), deny: list(deny), ..SymbolRules::default() };

        assert_eq!(rules.is_wanted(&"XAUUSD.m".parse().unwrap(), &"Gold".parse().unwrap()), wanted);
    }

    #[test]
    fn a_suffix_is_part_of_a_symbol() {
        for refused in ["", "a b", "|", "12345678901234567", "CMD_"] {
            assert!(refused.parse::<Suffix>().is_err(), "{refused}");
        }
    }
}
