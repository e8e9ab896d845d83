//! What a stop-out alert says, and when it begins anew.

use std::time::Duration;

/// An episode ends when no alert came for this long: EAs repeat theirs up to ten times a second.
pub const EPISODE_ENDS_AFTER: Duration = Duration::from_mins(1);

/// How long a stop-out is a reason to close anything: whoever hears of it later may find that it was averted.
pub const HOLDS_FOR: Duration = Duration::from_mins(15);

/// Whether the text of an `ALERT_STOP_OUT` line means a stop-out.
///
/// A margin level always does. A comment does when it begins with the word `so`
/// or with `stop out`; EAs send every comment that merely holds these letters.
#[must_use]
pub fn is_stop_out(text: &str) -> bool {
    let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
    match kind.trim() {
        "MarginLevel" => true,
        "Comment" => is_comment(&rest.trim_start().to_lowercase()),
        _ => false,
    }
}

fn is_comment(comment: &str) -> bool {
    let is_word = |rest: &str| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    comment.strip_prefix("so").is_some_and(is_word)
        || comment
            .strip_prefix("stop")
            .is_some_and(|rest| rest.strip_prefix(char::is_whitespace).unwrap_or(rest).starts_with("out"))
}

/// Whether an alert begins an episode; `since_last`: time since the account's
/// last alert, if there was one.
#[must_use]
pub fn begins_episode(since_last: Option<Duration>) -> bool {
    since_last.is_none_or(|since| since >= EPISODE_ENDS_AFTER)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("MarginLevel:30.00", true)]
    #[case("Comment:so 49.9%", true)]
    #[case("Comment: SO", true)]
    #[case("Comment:so: 48.6%/1.2|x", true)]
    #[case("Comment:Stop Out", true)]
    #[case("Comment:stopout 20%", true)]
    #[case("Comment:some copy", false)]
    #[case("Comment:also", false)]
    #[case("Comment:so_long", false)]
    #[case("Comment:stop loss", false)]
    #[case("Comment:", false)]
    #[case("so 49.9%", false)]
    fn only_what_begins_like_one_is_a_stop_out(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_stop_out(text), expected);
    }

    #[test]
    fn an_episode_ends_a_minute_after_its_last_alert() {
        assert!(begins_episode(None));
        assert!(!begins_episode(Some(Duration::from_millis(100))));
        assert!(!begins_episode(Some(EPISODE_ENDS_AFTER.saturating_sub(Duration::from_millis(1)))));
        assert!(begins_episode(Some(EPISODE_ENDS_AFTER)));
    }
}
