//! Keys of exchange accounts, sealed and opened.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use flotilla_domain::exchange_key::ExchangeEnvironment::{Demo, Live};
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_security::SealError;
use flotilla_security::exchange_secret::{ExchangeSecret, is_secret};
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::Sealer;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

fn vault() -> Sealer {
    Sealer::new(&Keyring::parse(Keyring::generate().unwrap().expose_secret()).unwrap())
}

fn secret() -> ExchangeSecret {
    ExchangeSecret { environment: Demo, api_key: "canaryapikey".into(), api_secret: "canaryapisecret".into() }
}

fn places() -> [(OwnerId, AccountId); 2] {
    [1, 2].map(|_| (OwnerId::from_uuid(Uuid::now_v7()), AccountId::from_uuid(Uuid::now_v7())))
}

#[test]
fn what_was_sealed_opens_where_it_belongs() {
    let (vault, [here, _]) = (vault(), places());

    let sealed = secret().seal(&vault, here.0, here.1).unwrap();
    let opened = ExchangeSecret::open(&vault, here, Demo, &sealed).unwrap();

    assert_eq!(opened.api_key.expose_secret(), "canaryapikey");
    assert_eq!(opened.api_secret.expose_secret(), "canaryapisecret");
    assert!(!sealed.windows(6).any(|bytes| bytes == b"canary"));
}

#[test]
fn n52_an_exchange_key_opens_in_no_other_place_and_no_other_environment() {
    let (vault, [here, there]) = (vault(), places());

    let sealed = secret().seal(&vault, here.0, here.1).unwrap();

    for (place, environment) in
        [(there, Demo), ((there.0, here.1), Demo), ((here.0, there.1), Demo), (here, Live)]
    {
        let refused = ExchangeSecret::open(&vault, place, environment, &sealed);
        assert_eq!(refused.map(|_| ()), Err(SealError::Rejected));
    }
}

#[test]
fn n53_an_exchange_key_under_a_retired_key_stays_closed() {
    let [here, _] = places();

    let sealed = secret().seal(&vault(), here.0, here.1).unwrap();

    let refused = ExchangeSecret::open(&vault(), here, Demo, &sealed);
    assert_eq!(refused.map(|_| ()), Err(SealError::UnknownKey));
}

#[test]
fn n55_an_exchange_secret_does_not_show_itself() {
    assert_eq!(format!("{:?}", secret()), "ExchangeSecret(demo, [redacted])");
}

#[test]
fn n90_what_could_become_a_header_or_a_parameter_is_no_secret() {
    assert!(is_secret("hO6oQotzTE0S5FRYze2Jx2wGx7eVnJGMolpA1nZyehsoMgCcgKNWQHd4QgTFZuwl4Zt4xMe2PqGBegWXO4A"));
    for text in
        ["", "short", "with blank", "line\nbreakinside", "ümlautkeyhere", "a&signature=123", &"a".repeat(257)]
    {
        assert!(!is_secret(text), "{text:?}");
        let odd = ExchangeSecret { api_key: text.into(), ..secret() };
        assert_eq!(odd.seal(&vault(), places()[0].0, places()[0].1), Err(SealError::CannotSeal));
    }
}
