//! What is refused before anything starts.

use crate::support::{Folder, answer, flotilla};

/// Never connected to: the refusals below come first.
const DATABASE: &str = "postgres://nobody:canary-password@127.0.0.1:1/none";

#[test]
fn n55_nothing_starts_without_keys_and_the_remedy_is_named() {
    for command in ["serve", "work", "all"] {
        let refused = answer(flotilla(&[command]).env("DATABASE_URL", DATABASE));

        assert!(!refused.success, "{command}");
        assert!(refused.err.contains("flotilla keys generate --file"), "{command}: {}", refused.err);
        assert!(!refused.err.contains("canary"), "{command}: {}", refused.err);
    }
}

#[test]
fn a_keys_file_that_is_not_there_is_named() {
    let folder = Folder::new("absent");
    let path = folder.file("absent.keys");

    let refused = answer(flotilla(&["serve"]).env("DATABASE_URL", DATABASE).env("FLOTILLA_KEYS_FILE", &path));

    assert!(!refused.success);
    assert!(refused.err.contains(&path.display().to_string()), "{}", refused.err);
}

#[test]
fn n55_a_damaged_key_is_named_by_line_and_never_shown() {
    let keys = "token a Y2FuYXJ5LWNhbmFyeS1jYW5hcnk=";

    let refused = answer(flotilla(&["serve"]).env("DATABASE_URL", DATABASE).env("FLOTILLA_KEYS", keys));

    assert!(!refused.success);
    assert!(refused.err.contains("line 1: the token key is damaged"), "{}", refused.err);
    assert!(!refused.err.contains("Y2FuYXJ5"), "{}", refused.err);
}

#[test]
fn without_a_database_the_variable_is_named() {
    let refused = answer(&mut flotilla(&["migrate"]));

    assert!(!refused.success);
    assert!(refused.err.contains("DATABASE_URL"), "{}", refused.err);
}

#[test]
fn a_misspelt_variable_is_told_of_and_an_example_that_was_not_filled_in_is_refused() {
    let told = answer(flotilla(&["openapi"]).env("FLOTILLA_REGISTRATON", "closed"));
    let refused = answer(flotilla(&["openapi"]).env("FLOTILLA_INVITE_CODE", "CHANGE_ME_FINALLY"));

    assert!(told.success && told.err.contains("FLOTILLA_REGISTRATION"), "{}", told.err);
    assert!(!refused.success, "{}", refused.err);
    assert!(refused.err.contains("FLOTILLA_INVITE_CODE is not usable"), "{}", refused.err);
    assert!(!refused.err.contains("FINALLY"), "{}", refused.err);
}

#[test]
fn a_wrong_log_filter_is_refused() {
    let refused = answer(flotilla(&["migrate"]).env("FLOTILLA_LOG", "loud=very=much"));

    assert!(!refused.success);
    assert!(refused.err.contains("FLOTILLA_LOG is not usable"), "{}", refused.err);
}
