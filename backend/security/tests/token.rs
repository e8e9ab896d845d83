//! Access tokens that must be refused, and the one that must not.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step is a failed test")]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _, spki::der::pem::LineEnding};
use ed25519_dalek::{Signer as _, SigningKey};
use flotilla_domain::id::{LoginId, UserId};
use flotilla_domain::user::Role;
use flotilla_security::TokenError;
use flotilla_security::keyring::Keyring;
use flotilla_security::opaque::WsTicket;
use flotilla_security::refresh::RefreshToken;
use flotilla_security::token::{AccessClaims, LEEWAY_SECONDS, TokenKeys};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rstest::rstest;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

/// A server, and an attacker's workbench that knows how its tokens are built.
struct Bench {
    keys: TokenKeys,
    kid: String,
    signing: SigningKey,
}

impl Bench {
    fn new() -> Self {
        let file = Keyring::generate().unwrap();
        let keyring = Keyring::parse(file.expose_secret()).unwrap();
        let (kid, signing) = token_key(&file);
        Self { keys: TokenKeys::new(&keyring).unwrap(), kid, signing }
    }

    fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": self.kid })
    }

    /// Signs anything with the server's own key.
    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.signing.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn verify(&self, token: &str) -> Result<AccessClaims, TokenError> {
        self.keys.verify(token, now())
    }

    /// Verdict on a correctly signed token with one header field changed.
    fn with_header(&self, field: &str, value: Value) -> Result<AccessClaims, TokenError> {
        let mut header = self.header();
        header[field] = value;
        self.verify(&self.sign(&header.to_string(), &wire_claims().to_string()))
    }

    /// Verdict on a correctly signed token with one claim changed or, with `None`, left out.
    fn with_claim(&self, claim: &str, value: Option<Value>) -> Result<AccessClaims, TokenError> {
        let mut claims = wire_claims();
        match value {
            Some(value) => claims[claim] = value,
            None => drop(claims.as_object_mut().unwrap().remove(claim)),
        }
        self.verify(&self.sign(&self.header().to_string(), &claims.to_string()))
    }
}

fn token_key(file: &SecretString) -> (String, SigningKey) {
    let line = file.expose_secret().lines().find(|line| line.starts_with("token ")).unwrap();
    let mut words = line.split(' ').skip(1);
    let kid = words.next().unwrap().to_owned();
    let der = STANDARD.decode(words.next().unwrap()).unwrap();
    (kid, SigningKey::from_pkcs8_der(&der).unwrap())
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        sub: UserId::from_uuid(Uuid::from_u128(1)),
        sid: LoginId::from_uuid(Uuid::from_u128(2)),
        jti: Uuid::from_u128(3),
        role: Role::Trader,
        ver: 4,
        iat: now().timestamp(),
        exp: now().timestamp() + 600,
        nbf: None,
    }
}

fn wire_claims() -> Value {
    let mut wire = serde_json::to_value(claims()).unwrap();
    wire["iss"] = json!("flotilla");
    wire["aud"] = json!("flotilla-api");
    wire
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn a_token_of_ours_is_accepted() {
    let bench = Bench::new();

    let signed = bench.keys.sign(&claims()).unwrap();
    let built_by_hand = bench.sign(&bench.header().to_string(), &wire_claims().to_string());

    assert_eq!(bench.verify(&signed), Ok(claims()));
    assert_eq!(bench.verify(&built_by_hand), Ok(claims()));
}

#[test]
fn an_older_key_verifies_until_it_is_removed() {
    let bench = Bench::new();
    let token = bench.keys.sign(&claims()).unwrap();
    let (old, new) = (Keyring::generate().unwrap(), Keyring::generate().unwrap());
    let with_older = format!("{}{}", new.expose_secret(), old.expose_secret());

    let rotated = TokenKeys::new(&Keyring::parse(&with_older).unwrap()).unwrap();
    let by_old = TokenKeys::new(&Keyring::parse(old.expose_secret()).unwrap()).unwrap();
    let old_token = by_old.sign(&claims()).unwrap();

    assert_eq!(rotated.verify(&old_token, now()), Ok(claims()));
    assert_eq!(by_old.verify(&rotated.sign(&claims()).unwrap(), now()), Err(TokenError::UnknownKey));
    assert_eq!(rotated.verify(&token, now()), Err(TokenError::UnknownKey));
}

#[test]
fn a_token_that_was_good_is_judged_again() {
    let bench = Bench::new();
    let token = bench.keys.sign(&claims()).unwrap();
    let other_keys = Bench::new().keys;
    let at = |seconds: i64| now() + TimeDelta::seconds(seconds);
    assert_eq!(bench.verify(&token), Ok(claims()));

    assert_eq!(bench.verify(&token), Ok(claims()), "the same token, again");
    assert_eq!(bench.keys.verify(&token, at(600 + LEEWAY_SECONDS + 1)), Err(TokenError::Expired));
    assert_eq!(bench.keys.verify(&token, at(-LEEWAY_SECONDS - 1)), Err(TokenError::NotYetValid));
    assert_eq!(
        bench.verify(&format!("{token}A")),
        Err(TokenError::Signature),
        "a signature with more behind it"
    );
    assert_eq!(other_keys.verify(&token, now()), Err(TokenError::UnknownKey));
    assert_eq!(bench.verify(&token), Ok(claims()), "good still");
}

#[rstest]
#[case("none")]
#[case("None")]
#[case("NONE")]
#[case("nOnE")]
fn n1_alg_none_is_refused(#[case] spelling: &str) {
    let bench = Bench::new();
    let mut header = bench.header();
    header["alg"] = json!(spelling);
    let message = format!("{}.{}", encode(&header.to_string()), encode(&wire_claims().to_string()));
    let signed = bench.sign(&header.to_string(), &wire_claims().to_string());

    for token in [format!("{message}."), message, signed] {
        assert!(bench.verify(&token).is_err(), "{token}");
    }
}

#[test]
fn n2_hs256_signed_with_the_public_key_is_refused() {
    let bench = Bench::new();
    let public = bench.signing.verifying_key();
    let mut header = bench.header();
    header["alg"] = json!("HS256");
    let message = format!("{}.{}", encode(&header.to_string()), encode(&wire_claims().to_string()));
    let secrets = [
        public.as_bytes().to_vec(),
        public.to_public_key_der().unwrap().into_vec(),
        public.to_public_key_pem(LineEnding::LF).unwrap().into_bytes(),
    ];

    for secret in secrets {
        let mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap().chain_update(&message).finalize();
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes()));
        assert_eq!(bench.verify(&token), Err(TokenError::Header));
    }
}

#[test]
fn n3_an_unknown_kid_is_refused() {
    let bench = Bench::new();

    assert_eq!(bench.with_header("kid", json!("token-00000000")), Err(TokenError::UnknownKey));
    assert_eq!(bench.with_header("kid", Value::Null), Err(TokenError::Header));
}

#[rstest]
#[case("../../../../etc/passwd")]
#[case("/dev/null")]
#[case("x' or '1'='1")]
#[case("token\0")]
#[case("http://127.0.0.1:9/key")]
#[case("file:///etc/passwd")]
fn n4_a_kid_that_is_a_path_a_query_or_an_address_is_only_a_name(#[case] kid: &str) {
    let bench = Bench::new();

    assert_eq!(bench.with_header("kid", json!(kid)), Err(TokenError::UnknownKey));
}

#[test]
fn n4_a_kid_of_ten_kilobytes_is_not_even_parsed() {
    let bench = Bench::new();

    assert_eq!(bench.with_header("kid", json!("k".repeat(10_240))), Err(TokenError::TooLong));
}

#[rstest]
#[case("jku", json!("https://evil.example/jwks.json"))]
#[case("x5u", json!("https://evil.example/cert.pem"))]
#[case("x5c", json!(["MAA="]))]
#[case("jwk", json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }))]
#[case("crit", json!(["exp"]))]
#[case("crit", json!("exp"))]
#[case("b64", json!(false))]
#[case("zip", json!("DEF"))]
#[case("unheard_of", json!(1))]
fn n5_headers_that_would_bring_a_key_or_a_rule_are_refused(#[case] field: &str, #[case] value: Value) {
    let bench = Bench::new();

    let verdict = bench.with_header(field, value);

    assert!(matches!(verdict, Err(TokenError::Header | TokenError::Malformed)), "{verdict:?}");
}

#[test]
fn n6_expired_by_the_leeway_and_one_second_is_refused() {
    let bench = Bench::new();
    let token = bench.keys.sign(&claims()).unwrap();
    let expiry = now() + TimeDelta::seconds(600);

    let last_moment = bench.keys.verify(&token, expiry + TimeDelta::seconds(LEEWAY_SECONDS));
    let after = bench.keys.verify(&token, expiry + TimeDelta::seconds(LEEWAY_SECONDS + 1));

    assert_eq!(last_moment, Ok(claims()));
    assert_eq!(after, Err(TokenError::Expired));
    assert_eq!(bench.with_claim("exp", None), Err(TokenError::Malformed));
    assert_eq!(bench.with_claim("exp", Some(json!("9999999999"))), Err(TokenError::Malformed));
    assert_eq!(bench.with_claim("exp", Some(json!(i64::MIN))), Err(TokenError::Malformed));
}

#[test]
fn n7_not_before_or_issued_in_the_future_is_refused() {
    let bench = Bench::new();
    let soon = now().timestamp() + LEEWAY_SECONDS;

    assert!(bench.with_claim("nbf", Some(json!(soon))).is_ok());
    assert_eq!(bench.with_claim("nbf", Some(json!(soon + 1))), Err(TokenError::NotYetValid));
    assert_eq!(bench.with_claim("iat", Some(json!(soon + 1))), Err(TokenError::NotYetValid));
    assert_eq!(bench.with_claim("nbf", Some(json!("tomorrow"))), Err(TokenError::Malformed));
}

#[rstest]
#[case(None)]
#[case(Some(json!("flotilla-worker")))]
#[case(Some(json!("FLOTILLA-API")))]
#[case(Some(json!("")))]
#[case(Some(json!([])))]
#[case(Some(json!(["somebody-else"])))]
#[case(Some(json!(7)))]
fn n8_a_wrong_or_missing_audience_is_refused(#[case] audience: Option<Value>) {
    assert_eq!(Bench::new().with_claim("aud", audience), Err(TokenError::Audience));
}

#[rstest]
#[case(None)]
#[case(Some(json!("https://flotilla")))]
#[case(Some(json!("")))]
#[case(Some(json!(null)))]
fn n9_a_wrong_or_missing_issuer_is_refused(#[case] issuer: Option<Value>) {
    assert_eq!(Bench::new().with_claim("iss", issuer), Err(TokenError::Audience));
}

#[rstest]
#[case(json!("JWT"))]
#[case(json!("rt+jwt"))]
#[case(json!("AT+JWT"))]
#[case(Value::Null)]
fn n10_another_type_of_token_is_refused(#[case] typ: Value) {
    assert_eq!(Bench::new().with_header("typ", typ), Err(TokenError::Header));
}

#[test]
fn n10_refresh_token_and_ticket_are_not_access_tokens() {
    let bench = Bench::new();

    for text in [RefreshToken::generate().text(), WsTicket::generate().text()] {
        assert_eq!(bench.verify(text.expose_secret()), Err(TokenError::Malformed));
    }
}

#[test]
fn n11_a_stripped_signature_is_refused() {
    let bench = Bench::new();
    let token = bench.keys.sign(&claims()).unwrap();
    let (message, _) = token.rsplit_once('.').unwrap();

    assert!(bench.verify(message).is_err());
    assert_eq!(bench.verify(&format!("{message}.")), Err(TokenError::Signature));
    assert_eq!(bench.verify(&format!("{token}.{token}")).ok(), None);
}

#[test]
fn n11_one_flipped_bit_of_the_signature_is_refused() {
    let bench = Bench::new();
    let token = bench.keys.sign(&claims()).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();

    for bit in 0..signature.len() * 8 {
        let mut flipped = signature.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(flipped));
        assert_eq!(bench.verify(&token), Err(TokenError::Signature), "bit {bit}");
    }
}

#[test]
fn n11_an_edited_payload_is_refused() {
    let bench = Bench::new();
    let token = bench.keys.sign(&claims()).unwrap();
    let mut parts = token.split('.');
    let (header, _, signature) = (parts.next().unwrap(), parts.next(), parts.next().unwrap());
    let mut promoted = wire_claims();
    promoted["role"] = json!("admin");

    let verdict = bench.verify(&format!("{header}.{}.{signature}", encode(&promoted.to_string())));

    assert_eq!(verdict, Err(TokenError::Signature));
}

#[rstest]
#[case("sub", "\"00000000-0000-0000-0000-000000000009\"")]
#[case("exp", "9999999999")]
#[case("aud", "\"flotilla-api\"")]
#[case("iss", "\"flotilla\"")]
#[case("role", "\"admin\"")]
#[case("ver", "5")]
fn n14_a_claim_given_twice_is_refused(#[case] claim: &str, #[case] second: &str) {
    let bench = Bench::new();
    let claims = wire_claims().to_string();
    let doubled = format!("{},\"{claim}\":{second}}}", claims.strip_suffix('}').unwrap());

    let verdict = bench.verify(&bench.sign(&bench.header().to_string(), &doubled));

    assert_eq!(verdict, Err(TokenError::Malformed));
}

#[rstest]
#[case("alg", "\"none\"")]
#[case("kid", "\"other\"")]
#[case("typ", "\"JWT\"")]
fn n14_a_header_field_given_twice_is_refused(#[case] field: &str, #[case] second: &str) {
    let bench = Bench::new();
    let header = bench.header().to_string();
    let doubled = format!("{},\"{field}\":{second}}}", header.strip_suffix('}').unwrap());

    let verdict = bench.verify(&bench.sign(&doubled, &wire_claims().to_string()));

    assert_eq!(verdict, Err(TokenError::Malformed));
}

#[test]
fn n14_claims_of_a_megabyte_are_not_even_parsed() {
    let bench = Bench::new();

    let verdict = bench.with_claim("padding", Some(json!("x".repeat(1_000_000))));

    assert_eq!(verdict, Err(TokenError::TooLong));
}

#[rstest]
#[case("")]
#[case(".")]
#[case("..")]
#[case("...")]
#[case("a.b.c")]
#[case("\u{0}.\u{ffff}.é")]
#[case("e30.e30.e30")]
fn n14_rubbish_is_refused(#[case] token: &str) {
    assert_eq!(Bench::new().verify(token), Err(TokenError::Malformed));
}
