//! Password policy and hashing.

use flotilla_security::password::{Hasher, check_policy};
use flotilla_security::{PasswordError, PolicyError};
use rstest::rstest;

const PASSWORD: &str = "a quiet harbour at dawn";

#[test]
fn a_password_fits_its_own_hash_only() {
    let hasher = Hasher::new().unwrap();

    let stored = hasher.hash(PASSWORD).unwrap();

    assert_eq!(hasher.verify(PASSWORD, &stored), Ok(true));
    assert_eq!(hasher.verify("a quiet harbour at dusk", &stored), Ok(false));
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
}

#[test]
fn the_same_password_is_hashed_under_another_salt_each_time() {
    let hasher = Hasher::new().unwrap();

    assert_ne!(hasher.hash(PASSWORD), hasher.hash(PASSWORD));
}

#[test]
fn n80_known_and_unknown_users_cost_one_hash_each() {
    let hasher = Hasher::new().unwrap();
    let stored = hasher.hash(PASSWORD).unwrap();
    let cost = |attempt: &dyn Fn(&Hasher)| {
        let before = hasher.hashes();
        attempt(&hasher);
        hasher.hashes() - before
    };

    let known = cost(&|hasher| assert_eq!(hasher.verify(PASSWORD, &stored), Ok(true)));
    let wrong = cost(&|hasher| assert_eq!(hasher.verify("wrong", &stored), Ok(false)));
    let unknown = cost(&|hasher| assert_eq!(hasher.verify_unknown(PASSWORD), Ok(())));

    assert_eq!((known, wrong, unknown), (1, 1, 1));
}

#[test]
fn a_damaged_hash_is_a_fault_not_a_wrong_password() {
    let hasher = Hasher::new().unwrap();

    assert_eq!(hasher.verify(PASSWORD, "plain text"), Err(PasswordError::MalformedHash));
    assert_eq!(hasher.hashes(), 0);
}

#[rstest]
#[case("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$Y2hlYXBjaGVhcGNoZWFwY2hlYXBjaGVhcGNoZWFwY2g", false)]
#[case("$argon2id$v=19$m=8192,t=2,p=1$c2FsdHNhbHRzYWx0$Y2hlYXBjaGVhcGNoZWFwY2hlYXBjaGVhcGNoZWFwY2g", true)]
#[case("$argon2id$v=19$m=19456,t=1,p=1$c2FsdHNhbHRzYWx0$Y2hlYXBjaGVhcGNoZWFwY2hlYXBjaGVhcGNoZWFwY2g", true)]
#[case("$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$Y2hlYXBjaGVhcGNoZWFwY2hlYXBjaGVhcGNoZWFwY2g", true)]
#[case("rubbish", true)]
fn hashes_of_another_cost_need_a_new_one(#[case] stored: &str, #[case] needed: bool) {
    assert_eq!(Hasher::new().unwrap().needs_rehash(stored), needed);
}

#[rstest]
#[case("elevenchars", Err(PolicyError::TooShort))]
#[case("twelve chars", Ok(()))]
#[case("สิบสองอักษรพอดี", Ok(()))]
#[case("password1234", Err(PolicyError::Common))]
#[case("PassWord1234", Err(PolicyError::Common))]
#[case("qwertyuiop123", Err(PolicyError::Common))]
#[case("zzzzzzzzzzzzzz", Err(PolicyError::Common))]
fn the_policy_counts_characters_and_knows_the_common_ones(
    #[case] password: &str,
    #[case] verdict: Result<(), PolicyError>,
) {
    assert_eq!(check_policy(password), verdict);
}

#[test]
fn the_longest_password_has_128_characters() {
    let longest = "é-".repeat(64);

    assert_eq!(check_policy(&longest), Ok(()));
    assert_eq!(check_policy(&(longest + "x")), Err(PolicyError::TooLong));
}
