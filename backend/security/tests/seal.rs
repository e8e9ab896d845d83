//! Envelopes that must not open, and those that must.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use flotilla_domain::id::OwnerId;
use flotilla_security::SealError;
use flotilla_security::keyring::{Keyring, Purpose};
use flotilla_security::seal::{SealContext, SealPurpose, Sealer, kid_of};
use proptest::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

const SECRET: &[u8] = b"sk_live_0123456789abcdef0123456789abcdef";

fn keys() -> SecretString {
    Keyring::generate().unwrap()
}

fn sealer(files: &[&SecretString]) -> Sealer {
    let text: String = files.iter().map(|file| file.expose_secret()).collect();
    Sealer::new(&Keyring::parse(&text).unwrap())
}

fn place() -> SealContext {
    SealContext {
        table: "account_keys",
        column: "sealed_key",
        row_id: Uuid::from_u128(1),
        owner_id: OwnerId::from_uuid(Uuid::from_u128(2)),
    }
}

fn open(sealer: &Sealer, place: &SealContext, envelope: &[u8]) -> Result<Vec<u8>, SealError> {
    sealer.open(SealPurpose::EaKey, place, envelope).map(|value| value.expose_secret().to_vec())
}

#[test]
fn a_sealed_value_opens_where_it_was_sealed() {
    let sealer = sealer(&[&keys()]);

    let envelope = sealer.seal(SealPurpose::EaKey, &place(), SECRET).unwrap();

    assert_eq!(open(&sealer, &place(), &envelope), Ok(SECRET.to_vec()));
    assert!(!envelope.windows(8).any(|window| window == &SECRET[8..16]));
}

#[test]
fn the_same_value_is_sealed_differently_each_time() {
    let sealer = sealer(&[&keys()]);

    let first = sealer.seal(SealPurpose::EaKey, &place(), SECRET).unwrap();
    let second = sealer.seal(SealPurpose::EaKey, &place(), SECRET).unwrap();

    assert_ne!(first, second);
}

#[test]
fn n52_a_value_moved_to_another_place_does_not_open() {
    let sealer = sealer(&[&keys()]);
    let envelope = sealer.seal(SealPurpose::EaKey, &place(), SECRET).unwrap();
    let moved = [
        SealContext { row_id: Uuid::from_u128(9), ..place() },
        SealContext { owner_id: OwnerId::from_uuid(Uuid::from_u128(9)), ..place() },
        SealContext { column: "sealed_secret", ..place() },
        SealContext { table: "accounts", ..place() },
        // The same letters, cut elsewhere.
        SealContext { table: "account_keyss", column: "ealed_key", ..place() },
        // Row and owner changed places.
        SealContext {
            row_id: Uuid::from_u128(2),
            owner_id: OwnerId::from_uuid(Uuid::from_u128(1)),
            ..place()
        },
    ];

    for other in moved {
        assert_eq!(open(&sealer, &other, &envelope), Err(SealError::Rejected), "{other:?}");
    }
}

#[test]
fn n52_a_value_of_one_purpose_does_not_open_for_another() {
    let file = keys();
    // One key under one name for both purposes: the purpose itself must tell them apart.
    let text = file.expose_secret();
    let ea_line = text.lines().find(|line| line.starts_with("ea-key ")).unwrap();
    let shared: String = text
        .lines()
        .map(|line| {
            if line.starts_with("exchange ") { ea_line.replace("ea-key ", "exchange ") } else { line.into() }
        })
        .map(|line| line + "\n")
        .collect();
    let sealer = Sealer::new(&Keyring::parse(&shared).unwrap());
    let envelope = sealer.seal(SealPurpose::EaKey, &place(), SECRET).unwrap();

    let opened = sealer.open(SealPurpose::Exchange, &place(), &envelope);

    assert_eq!(opened.err(), Some(SealError::Rejected));
}

#[test]
fn n52_no_bit_may_change() {
    let sealer = sealer(&[&keys()]);
    let envelope = sealer.seal(SealPurpose::EaKey, &place(), SECRET).unwrap();

    for bit in 0..envelope.len() * 8 {
        let mut flipped = envelope.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&sealer, &place(), &flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn n52_a_kid_changed_to_that_of_another_key_does_not_open() {
    let (old, new) = (keys(), keys());
    let both = sealer(&[&new, &old]);
    let envelope = sealer(&[&old]).seal(SealPurpose::EaKey, &place(), SECRET).unwrap();
    let other = both.seal(SealPurpose::EaKey, &place(), SECRET).unwrap();
    let (kid, other_kid) = (kid_of(&envelope).unwrap(), kid_of(&other).unwrap());
    assert_eq!(kid.len(), other_kid.len());

    let mut renamed = envelope.clone();
    renamed[2..2 + kid.len()].copy_from_slice(other_kid.as_bytes());

    assert_eq!(open(&both, &place(), &renamed), Err(SealError::Rejected));
    assert_eq!(open(&both, &place(), &envelope), Ok(SECRET.to_vec()));
}

#[test]
fn n52_a_cut_value_does_not_open() {
    let sealer = sealer(&[&keys()]);
    let envelope = sealer.seal(SealPurpose::EaKey, &place(), SECRET).unwrap();

    for length in 0..envelope.len() {
        assert!(open(&sealer, &place(), &envelope[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn n53_an_unknown_or_retired_kid_fails_closed() {
    let (old, new) = (keys(), keys());
    let envelope = sealer(&[&old]).seal(SealPurpose::EaKey, &place(), SECRET).unwrap();

    let while_kept = sealer(&[&new, &old]);
    let retired = sealer(&[&new]);

    assert_eq!(open(&while_kept, &place(), &envelope), Ok(SECRET.to_vec()));
    assert_eq!(while_kept.is_outdated(SealPurpose::EaKey, &envelope), Ok(true));
    assert_eq!(open(&retired, &place(), &envelope), Err(SealError::UnknownKey));
}

#[test]
fn n53_a_key_that_took_over_a_retired_name_does_not_open() {
    let (old, new) = (keys(), keys());
    let kid = |file: &SecretString| {
        Keyring::parse(file.expose_secret()).unwrap().kids(Purpose::EaKey).first().unwrap().to_string()
    };
    let renamed = SecretString::from(new.expose_secret().replace(&kid(&new), &kid(&old)));
    let envelope = sealer(&[&old]).seal(SealPurpose::EaKey, &place(), SECRET).unwrap();

    assert_eq!(open(&sealer(&[&renamed]), &place(), &envelope), Err(SealError::Rejected));
}

proptest! {
    #[test]
    fn any_value_survives_sealing(value in proptest::collection::vec(any::<u8>(), 0..500)) {
        let sealer = sealer(&[&keys()]);

        let envelope = sealer.seal(SealPurpose::EaKey, &place(), &value).unwrap();

        prop_assert_eq!(open(&sealer, &place(), &envelope), Ok(value));
    }

    #[test]
    fn arbitrary_bytes_never_open_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let sealer = sealer(&[&keys()]);

        prop_assert!(open(&sealer, &place(), &bytes).is_err());
        let _ = kid_of(&bytes);
    }
}
