//! Whether a refusal to open means that no position exists.

/// What a terminal's refusal says about the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is none.
    Definite,
    /// There may be one: the broker did not answer, or the code was lost.
    Unclear,
}

/// Words that stand for "the broker may have executed it" in texts of MetaTrader's
/// return codes (timeout, connection lost) in any language-independent spelling.
const UNCLEAR_WORDS: [&str; 6] =
    ["timeout", "timed out", "time out", "no connection", "connection lost", "no result"];

/// MetaTrader 4 codes after which the state of the order is unknown: 0 no error
/// (the 7.x EAs read the code twice, so every refusal looks like it), 1 no
/// error but result unknown, 6 no connection, 128 timeout, 141 too many requests
/// is a refusal and not listed.
const UNCLEAR_CODES: [i64; 4] = [0, 1, 6, 128];

/// Reads the reason of an `ACK_OPEN_FAIL`.
///
/// An empty reason is unclear. Source: the v7 EAs print the English phrase of the return code (MT5)
/// or `Error:<code>` (MT4).
#[must_use]
pub fn classify(reason: &str) -> Refusal {
    let reason = reason.trim().to_lowercase();
    let code = reason.strip_prefix("error:").and_then(|code| code.trim().parse::<i64>().ok());
    let unclear = reason.is_empty()
        || code.is_some_and(|code| UNCLEAR_CODES.contains(&code))
        || UNCLEAR_WORDS.iter().any(|word| reason.contains(word));
    if unclear { Refusal::Unclear } else { Refusal::Definite }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("not enough money", Refusal::Definite)]
    #[case("market closed", Refusal::Definite)]
    #[case("Error:134", Refusal::Definite)]
    #[case("a|b", Refusal::Definite)]
    #[case("Error:0", Refusal::Unclear)]
    #[case("Error: 128", Refusal::Unclear)]
    #[case("Error:6", Refusal::Unclear)]
    #[case("Request canceled by TIMEOUT", Refusal::Unclear)]
    #[case("No connection with the trade server", Refusal::Unclear)]
    #[case("  ", Refusal::Unclear)]
    fn only_a_clear_refusal_means_that_nothing_was_opened(#[case] reason: &str, #[case] expected: Refusal) {
        assert_eq!(classify(reason), expected);
    }
}
