//! Keys file, API keys, opaque tokens: what they accept and what they never show.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flotilla_security::KeyringError;
use flotilla_security::api_key::{ApiKey, generate_master_token, is_master_token};
use flotilla_security::keyring::{Keyring, Purpose};
use flotilla_security::opaque::WsTicket;
use flotilla_security::password::Hasher;
use flotilla_security::refresh::{RefreshKeys, RefreshToken};
use flotilla_security::seal::Sealer;
use flotilla_security::token::TokenKeys;
use rstest::rstest;
use secrecy::{ExposeSecret as _, SecretString};

fn file() -> SecretString {
    Keyring::generate().unwrap()
}

/// A generated file with the line of one purpose replaced.
fn with_line(purpose: &str, line: &str) -> String {
    let file = file();
    file.expose_secret()
        .lines()
        .map(|old| if old.starts_with(&format!("{purpose} ")) { line } else { old })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_generated_file_has_one_key_per_purpose_and_no_two_files_are_alike() {
    let (one, other) = (file(), file());

    let keyring = Keyring::parse(one.expose_secret()).unwrap();

    for purpose in Purpose::ALL {
        assert_eq!(keyring.kids(purpose).len(), 1, "{purpose}");
    }
    assert_ne!(one.expose_secret(), other.expose_secret());
}

#[test]
fn the_first_key_of_a_purpose_is_the_current_one() {
    let (new, old) = (file(), file());
    let both = format!("{}\n\r\n  # older\n{}", new.expose_secret(), old.expose_secret());

    let keyring = Keyring::parse(&both).unwrap();

    let newest = Keyring::parse(new.expose_secret()).unwrap();
    assert_eq!(keyring.kids(Purpose::Exchange).len(), 2);
    assert_eq!(keyring.kids(Purpose::Exchange).first(), newest.kids(Purpose::Exchange).first());
}

#[rstest]
#[case("", "no token key")]
#[case("token", "line 1: expected")]
#[case("token a b c", "line 1: expected")]
#[case("\npassword a YQ==", "line 2: unknown purpose")]
#[case("refresh ../a YQ==", "line 1: a key's name")]
#[case("refresh a YQ==", "line 1: the refresh key is damaged")]
#[case("token a YQ==", "line 1: the token key is damaged")]
#[case("refresh a !!!", "line 1: the refresh key is damaged")]
fn a_bad_file_is_refused_with_the_line_and_what_to_do(#[case] text: &str, #[case] says: &str) {
    let error = Keyring::parse(text).unwrap_err();

    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn two_keys_of_one_name_are_refused() {
    let file = file();
    let twice = format!("{0}{0}", file.expose_secret());

    let error = Keyring::parse(&twice).unwrap_err();

    assert!(matches!(error, KeyringError::Duplicate { purpose: Purpose::Token, .. }), "{error}");
}

#[test]
fn each_purpose_must_have_a_key() {
    for purpose in Purpose::ALL {
        let without = with_line(purpose.as_str(), "");
        assert_eq!(Keyring::parse(&without).unwrap_err(), KeyringError::Missing { purpose });
    }
}

#[test]
fn errors_do_not_repeat_the_key() {
    let canary = STANDARD.encode("canary-canary-canary");
    let text = with_line("exchange", &format!("exchange kid {canary}"));

    let error = Keyring::parse(&text).unwrap_err();

    assert!(!format!("{error} {error:?}").contains(&canary));
}

#[test]
fn n55_debug_shows_no_secret() {
    let file = file();
    let keyring = Keyring::parse(file.expose_secret()).unwrap();
    let key = ApiKey::generate();
    let (refresh, ticket) = (RefreshToken::generate(), WsTicket::generate());

    let shown = format!(
        "{keyring:?} {file:?} {key:?} {:?} {refresh:?} {ticket:?} {:?} {:?} {:?} {:?}",
        key.text(),
        refresh.text(),
        TokenKeys::new(&keyring).unwrap(),
        Sealer::new(&keyring),
        Hasher::new().unwrap(),
    );

    let secrets = file
        .expose_secret()
        .lines()
        .filter_map(|line| line.split(' ').nth(2).map(str::to_owned))
        .filter(|word| word.len() >= 40)
        .chain([key.text(), &refresh.text(), &ticket.text()].map(|text| text.expose_secret().to_owned()));
    for secret in secrets {
        assert!(!shown.contains(&secret), "{shown}");
        let bytes = STANDARD.decode(&secret).unwrap_or_default();
        assert!(bytes.len() < 8 || !shown.contains(&format!("{:?}", &bytes[..8])), "{shown}");
    }
    assert!(shown.contains(keyring.kids(Purpose::Token)[0]));
}

#[test]
fn api_keys_have_the_promised_form() {
    let (key, other) = (ApiKey::generate(), ApiKey::generate());
    let text = key.text().expose_secret();

    assert_eq!(ApiKey::parse(text).unwrap().hash(), key.hash());
    assert_eq!((text.len(), text.strip_prefix("sk_live_").map(str::len)), (40, Some(32)));
    assert_eq!(key.prefix(), text.split_at(12).0);
    assert_ne!(text, other.text().expose_secret());
    assert!(key.matches(&key.hash()));
    assert!(!key.matches(&other.hash()));
    assert!(!key.matches(&key.hash()[..31]));
}

#[rstest]
#[case("")]
#[case("sk_live_")]
#[case("sk_live_0123456789abcdef0123456789abcde")]
#[case("sk_live_0123456789abcdef0123456789abcdef0")]
#[case("sk_live_0123456789ABCDEF0123456789ABCDEF")]
#[case("SK_LIVE_0123456789abcdef0123456789abcdef")]
#[case(" sk_live_0123456789abcdef0123456789abcdef")]
#[case("sk_live_0123456789abcdef0123456789abcde\n")]
#[case("sk_test_0123456789abcdef0123456789abcdef")]
fn other_texts_are_not_api_keys(#[case] text: &str) {
    assert!(ApiKey::parse(text).is_err());
}

#[test]
fn master_tokens_have_the_promised_form() {
    let token = generate_master_token();

    assert!(is_master_token(&token));
    assert_eq!((token.len(), token.strip_prefix("MST-").map(str::len)), (36, Some(32)));
    assert_ne!(token, generate_master_token());
    assert!(!is_master_token(&token.to_uppercase()));
    assert!(!is_master_token(token.split_at(35).0));
}

#[test]
fn opaque_tokens_read_back_and_hash_by_kind() {
    let token = RefreshToken::generate();
    let text = token.text();

    let read = RefreshToken::parse(text.expose_secret()).unwrap();
    let as_ticket = WsTicket::parse(text.expose_secret()).unwrap();

    assert_eq!(read.hash(), token.hash());
    assert_ne!(as_ticket.hash(), token.hash());
    assert_eq!(text.expose_secret().len(), 43);
}

#[rstest]
#[case("")]
#[case("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
#[case("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+")]
#[case("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
fn other_texts_are_not_opaque_tokens(#[case] text: &str) {
    assert!(RefreshToken::parse(text).is_none());
}

#[test]
fn a_refresh_token_always_has_the_same_successor() {
    let keys = RefreshKeys::new(&Keyring::parse(file().expose_secret()).unwrap());
    let used = RefreshToken::generate();

    let first = keys.successor(&used).unwrap();
    let again = keys.successor(&used).unwrap();

    assert_eq!(first.hash(), again.hash());
    assert_ne!(first.hash(), used.hash());
    assert_ne!(first.hash(), keys.successor(&RefreshToken::generate()).unwrap().hash());
}
