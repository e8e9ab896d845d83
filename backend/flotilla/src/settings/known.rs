//! Variables that are set and mean nothing, or mean what nobody wants.

use std::ffi::{OsStr, OsString};

use super::SettingsError;

const PREFIX: &str = "FLOTILLA_";
/// Of what is built or run beside the executable.
const OTHERS: [&str; 4] = ["FLOTILLA_BIN", "FLOTILLA_BLESS", "FLOTILLA_CHROMIUM", "FLOTILLA_WITHOUT_CXX"];
const TESTS: &str = "FLOTILLA_TEST_";
/// What the examples of settings have where a secret belongs.
const PLACEHOLDER: &str = "CHANGE_ME";
/// Most letters that a misspelling differs in.
const NEAR: usize = 4;

/// Every variable that some command reads. The README explains them.
const KNOWN: [&str; 60] = [
    "DATABASE_URL",
    "FLOTILLA_APP_DATABASE_URL",
    "FLOTILLA_BINGX_DEMO_STREAM_URL",
    "FLOTILLA_BINGX_DEMO_URL",
    "FLOTILLA_BINGX_LIVE_STREAM_URL",
    "FLOTILLA_BINGX_LIVE_URL",
    "FLOTILLA_BINGX_ORDERS_PER_SECOND",
    "FLOTILLA_BINGX_STREAMS_PER_ADDRESS",
    "FLOTILLA_EA_ABSENT_SECONDS",
    "FLOTILLA_EA_ADDR",
    "FLOTILLA_EA_AUTH_SECONDS",
    "FLOTILLA_EA_DOUBT_SECONDS",
    "FLOTILLA_EA_HOLD_AFTER_TAKEOVERS_SECONDS",
    "FLOTILLA_EA_HOLD_AFTER_WRONG_KEY_SECONDS",
    "FLOTILLA_EA_IDLE_SECONDS",
    "FLOTILLA_EA_LINES_PER_SECOND",
    "FLOTILLA_EA_LINE_BURST",
    "FLOTILLA_EA_LINE_BYTES",
    "FLOTILLA_EA_LINE_BYTES_BEFORE_AUTH",
    "FLOTILLA_EA_LINE_SECONDS",
    "FLOTILLA_EA_QUEUED_COMMANDS",
    "FLOTILLA_EA_SNAPSHOT_BYTES",
    "FLOTILLA_EA_STRANGERS",
    "FLOTILLA_EA_STRANGERS_PER_ADDRESS",
    "FLOTILLA_EA_TAKEOVERS_PER_MINUTE",
    "FLOTILLA_EA_TLS_ADDR",
    "FLOTILLA_EA_TLS_CERT",
    "FLOTILLA_EA_TLS_KEY",
    "FLOTILLA_EA_WRITE_SECONDS",
    "FLOTILLA_EA_WRONG_KEYS_PER_MINUTE",
    "FLOTILLA_EGRESS",
    "FLOTILLA_HTTP_ADDR",
    "FLOTILLA_HTTP_TLS_CERT",
    "FLOTILLA_HTTP_TLS_KEY",
    "FLOTILLA_INVITE_CODE",
    "FLOTILLA_JOURNAL_DIR",
    "FLOTILLA_KEYS",
    "FLOTILLA_KEYS_FILE",
    "FLOTILLA_LARGEST_IMPORT",
    "FLOTILLA_LIMIT_FACTOR",
    "FLOTILLA_LOG",
    "FLOTILLA_LOG_FORMAT",
    "FLOTILLA_MAIL_DIR",
    "FLOTILLA_MAIL_FROM",
    "FLOTILLA_METRICS_ADDR",
    "FLOTILLA_PG_BIN",
    "FLOTILLA_PUBLIC_URL",
    "FLOTILLA_READONLY_DATABASE_URL",
    "FLOTILLA_REGISTRATION",
    "FLOTILLA_SMTP_HOST",
    "FLOTILLA_SMTP_PASSWORD",
    "FLOTILLA_SMTP_PASSWORD_FILE",
    "FLOTILLA_SMTP_PORT",
    "FLOTILLA_SMTP_TLS",
    "FLOTILLA_SMTP_USER",
    "FLOTILLA_SOCKETS_PER_USER",
    "FLOTILLA_TRUSTED_PROXIES",
    "FLOTILLA_WEB_DIR",
    "FLOTILLA_WORKER_CONNECTIONS",
    "FLOTILLA_WORKER_DATABASE_URL",
];

/// Looks through all variables of the process: tells of those that nobody reads, with what may have been meant.
///
/// # Errors
///
/// [`SettingsError`] for one that is no text, or has what the examples have where a secret belongs.
pub fn examine(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<(), SettingsError> {
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| is_ours(name)) else { continue };
        match KNOWN.into_iter().find(|known| *known == name) {
            Some(variable) => refuse_placeholder(variable, &value)?,
            None if OTHERS.contains(&name) || name.starts_with(TESTS) => {}
            None => {
                let meant = nearest(name).unwrap_or("none of those that are read");
                tracing::warn!(
                    variable = name,
                    nearest = meant,
                    "nothing reads this variable; is it misspelt?"
                );
            }
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX) || name == "DATABASE_URL"
}

fn refuse_placeholder(variable: &'static str, value: &OsStr) -> Result<(), SettingsError> {
    match value.to_str() {
        None => Err(SettingsError::Invalid { variable, expected: "a text in UTF-8" }),
        Some(text) if text.contains(PLACEHOLDER) => Err(SettingsError::Invalid {
            variable,
            expected: "a value of your own in place of the example's CHANGE_ME",
        }),
        Some(_) => Ok(()),
    }
}

/// The variable that differs least, if it is near enough to be meant.
fn nearest(name: &str) -> Option<&'static str> {
    let near = KNOWN.into_iter().map(|known| (distance(known, name), known));
    near.filter(|(distance, _)| *distance <= NEAR)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// How many letters have to be put in, taken out or changed.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (taken, letter) in one.bytes().enumerate() {
        let mut left = taken + 1;
        let mut next = vec![left];
        for ((diagonal, above), theirs) in row.iter().zip(row.iter().skip(1)).zip(other.bytes()) {
            left = (above + 1).min(left + 1).min(diagonal + usize::from(letter != theirs));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The names in a text.
    fn names(text: &str) -> BTreeSet<&str> {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        words.filter(|word| is_ours(word) && word.len() > PREFIX.len()).collect()
    }

    #[test]
    fn every_variable_of_the_readme_is_known_and_the_other_way_round() {
        let readme = include_str!("../../../../README.md");
        let tables: Vec<_> = readme.lines().filter(|line| line.starts_with("| `")).collect();
        let tables = tables.join("\n");
        let explained = names(&tables);

        assert_eq!(explained, KNOWN.into_iter().collect::<BTreeSet<_>>());
    }

    #[test]
    fn the_examples_are_refused_until_they_are_filled_in_and_name_nothing_unknown() {
        for text in [
            include_str!("../../../../scripts/deploy/flotilla.env.example"),
            include_str!("../../../../scripts/deploy/admin.env.example"),
        ] {
            let set: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).collect();
            for (name, value) in set {
                let name = name.trim_start_matches('#');
                if !is_ours(name) {
                    continue;
                }
                assert!(KNOWN.contains(&name), "{name}");
                let examined = examine([(name.into(), value.into())].into_iter());
                assert_eq!(examined.is_err(), value.contains("CHANGE_ME"), "{name}");
            }
        }
    }

    #[test]
    fn a_misspelt_variable_is_near_the_one_that_was_meant() {
        assert_eq!(nearest("FLOTILLA_REGISTRATON"), Some("FLOTILLA_REGISTRATION"));
        assert_eq!(nearest("FLOTILLA_TRUSTED_PROXY"), Some("FLOTILLA_TRUSTED_PROXIES"));
        assert_eq!(nearest("FLOTILLA_SMTP_HOSTNAME"), Some("FLOTILLA_SMTP_HOST"));
        assert_eq!(nearest("FLOTILLA_COLOUR_OF_THE_SEA"), None);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
