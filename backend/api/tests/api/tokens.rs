use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Utc;
use flotilla_domain::user::Role;
use flotilla_security::keyring::Keyring;
use flotilla_security::token::{AccessClaims, TokenKeys};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Person, TestApp};

/// What the access token of a person says, to be signed again with a change.
fn claims(person: &Person<'_>) -> Value {
    let payload = person.token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn header_of(person: &Person<'_>) -> Value {
    let header = person.token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Private key of the line `token` of the keys file.
fn private_key(app: &TestApp) -> Vec<u8> {
    let line = app.keys.lines().find(|line| line.starts_with("token ")).unwrap();
    STANDARD.decode(line.split_whitespace().nth(2).unwrap()).unwrap()
}

/// A token with the server's own key, whatever it says.
fn signed(app: &TestApp, header: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(header, claims, &EncodingKey::from_ed_der(&private_key(app))).unwrap()
}

fn good_header(person: &Person<'_>) -> Header {
    let kid = header_of(person)["kid"].as_str().unwrap().to_owned();
    Header { typ: Some("at+jwt".to_owned()), kid: Some(kid), ..Header::new(Algorithm::EdDSA) }
}

async fn status_with(app: &TestApp, token: &str) -> u16 {
    app.send(app.request("GET", "/api/v1/me").header("authorization", format!("Bearer {token}"))).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_signed_by_us_with_good_claims_is_taken() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    assert_eq!(status_with(&app, &signed(&app, &good_header(&ada), &claims(&ada))).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn n1_no_algorithm_is_not_an_algorithm() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    for none in ["none", "None", "NONE", "nOnE"] {
        let mut header = header_of(&ada);
        header["alg"] = json!(none);
        let token = format!("{}.{}.", encoded(&header), encoded(&claims(&ada)));
        assert_eq!(status_with(&app, &token).await, 401, "{none}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n2_the_public_key_is_not_a_shared_secret() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    // The last 32 bytes of this form are the public key, when it is there; the private one is worse.
    let key = private_key(&app);
    let header = Header { alg: Algorithm::HS256, ..good_header(&ada) };
    let secret = EncodingKey::from_secret(&key[key.len() - 32..]);

    let token = jsonwebtoken::encode(&header, &claims(&ada), &secret).unwrap();

    assert_eq!(status_with(&app, &token).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn n3_n4_strange_key_names_are_unknown() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    for kid in [
        "token-unknown",
        "../../etc/passwd",
        "' or 1=1 --",
        "a\0b",
        "https://evil.example/keys",
        &"k".repeat(10_000),
    ] {
        let header = Header { kid: Some(kid.to_owned()), ..good_header(&ada) };
        assert_eq!(status_with(&app, &signed(&app, &header, &claims(&ada))).await, 401, "{kid}");
    }
    let nameless = Header { kid: None, ..good_header(&ada) };
    assert_eq!(status_with(&app, &signed(&app, &nameless, &claims(&ada))).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn n5_headers_that_bring_their_own_key_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    let strange = [
        Header { jku: Some("https://evil.example/keys".to_owned()), ..good_header(&ada) },
        Header { x5u: Some("https://evil.example/cert".to_owned()), ..good_header(&ada) },
        Header { crit: Some(vec!["exp".to_owned()]), ..good_header(&ada) },
        Header { cty: Some("JWT".to_owned()), ..good_header(&ada) },
    ];
    for header in strange {
        assert_eq!(status_with(&app, &signed(&app, &header, &claims(&ada))).await, 401, "{header:?}");
    }
}

/// Each change alone makes a good token useless.
#[tokio::test(flavor = "multi_thread")]
async fn n6_to_n10_wrong_claims_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let now = Utc::now().timestamp();

    let changes: [(&str, &str, Value); 11] = [
        ("N6", "exp", json!(now - 6)),
        ("N7", "nbf", json!(now + 60)),
        ("N7", "iat", json!(now + 60)),
        ("N8", "aud", json!("somebody-else")),
        ("N8", "aud", Value::Null),
        ("N9", "iss", json!("evil")),
        ("N9", "iss", Value::Null),
        ("", "sub", Value::Null),
        ("", "sub", json!(Uuid::now_v7())),
        ("", "sid", json!(Uuid::now_v7())),
        ("", "ver", json!(2)),
    ];
    for (number, claim, value) in changes {
        let mut claims = claims(&ada);
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
            value => claims[claim] = value,
        }
        let token = signed(&app, &good_header(&ada), &claims);
        assert_eq!(status_with(&app, &token).await, 401, "{number} {claim} {claims}");
    }
    for typ in [None, Some("JWT"), Some("rt+jwt")] {
        let header = Header { typ: typ.map(ToOwned::to_owned), ..good_header(&ada) };
        assert_eq!(status_with(&app, &signed(&app, &header, &claims(&ada))).await, 401, "N10 {typ:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n10_refresh_tokens_and_tickets_are_not_access_tokens() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let ticket = ada.post("/api/v1/ws-tickets", json!({})).await.body["ticket"].as_str().unwrap().to_owned();

    assert_eq!(status_with(&app, &ada.cookie).await, 401);
    assert_eq!(status_with(&app, &ticket).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn n11_changed_tokens_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let [header, payload, signature]: [&str; 3] =
        ada.token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[10] ^= 1;
    let mut promoted = claims(&ada);
    promoted["role"] = json!("admin");

    for token in [
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(flipped)),
        format!("{header}.{}.{signature}", encoded(&promoted)),
    ] {
        assert_eq!(status_with(&app, &token).await, 401, "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n12_a_disabled_or_changed_user_is_out_within_five_seconds() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.sign_up("ada").await, app.sign_up("ben").await);
    assert_eq!((ada.get("/api/v1/me").await.status, ben.get("/api/v1/me").await.status), (200, 200));
    app.sql(&format!("update users set is_active = false where id = '{}'", ada.id)).await;
    app.sql(&format!("update users set security_version = 2 where id = '{}'", ben.id)).await;

    let limit = tokio::time::Instant::now() + std::time::Duration::from_secs(5);
    while tokio::time::Instant::now() < limit {
        if (ada.get("/api/v1/me").await.status, ben.get("/api/v1/me").await.status) == (401, 401) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the tokens still work");
}

#[tokio::test(flavor = "multi_thread")]
async fn n12_a_deleted_user_is_out() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sql("delete from users").await;

    assert_eq!(ada.get("/api/v1/me").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn n13_one_header_holds_one_token() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);

    let twice = ada.request("GET", "/api/v1/me").bearer_auth(&eve.token);
    let in_query = app.request("GET", &format!("/api/v1/me?access_token={}", ada.token));
    let other_scheme =
        app.request("GET", "/api/v1/me").header("authorization", format!("Basic {}", ada.token));

    for request in [twice, in_query, other_scheme] {
        assert_eq!(app.send(request).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n14_doubled_keys_and_huge_claims_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let header = ada.token.split('.').next().unwrap();
    let doubled = claims(&ada).to_string().replacen('{', &format!("{{\"sub\":\"{}\",", Uuid::now_v7()), 1);
    let mut huge = claims(&ada);
    huge["padding"] = json!("x".repeat(20_000));

    let doubled = format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode(doubled), "A".repeat(86));

    assert_eq!(status_with(&app, &doubled).await, 401);
    let status = status_with(&app, &signed(&app, &good_header(&ada), &huge)).await;
    assert!(matches!(status, 400 | 401 | 431), "{status}");
}

/// The claims of `security` and those of the wire are the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_with_the_servers_keyring_is_judged_by_its_claims() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let keys = TokenKeys::new(&Keyring::parse(&app.keys).unwrap()).unwrap();
    let said = claims(&ada);
    let now = Utc::now().timestamp();
    let claims = AccessClaims {
        sub: ada.id.parse().unwrap(),
        sid: said["sid"].as_str().unwrap().parse().unwrap(),
        jti: Uuid::now_v7(),
        // A forged role is of no use: the database's counts.
        role: Role::Admin,
        ver: 1,
        iat: now,
        exp: now + 60,
        nbf: None,
    };

    let token = keys.sign(&claims).unwrap();

    assert_eq!(status_with(&app, &token).await, 200);
}
