use std::net::{IpAddr, Ipv4Addr};

use flotilla_api::Config;
use flotilla_security::opaque::PersonalKey;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::personal_keys::make;
use crate::support::{Answer, PASSWORD, TestApp};

async fn strict() -> TestApp {
    TestApp::with(|config| Config { limit_factor: 1, ..config }).await
}

async fn sign_in_as(app: &TestApp, address: &str, forwarded: &str) -> Answer {
    let body = json!({ "email": address, "password": "a guess at most" });
    let request = app.request("POST", "/api/v1/auth/login").json(&body);
    app.send(request.header("x-forwarded-for", forwarded)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn n82_guessing_is_limited_whatever_the_client_says_about_itself() {
    // Fewer than an address may make of all names.
    const GUESSES: u64 = 40;
    let app = strict().await;
    let began = tokio::time::Instant::now();

    let guesses = (0..GUESSES).map(|turn| {
        let address = if turn % 2 == 0 { "Ada@example.test" } else { "ada@EXAMPLE.test" };
        let app = &app;
        async move { sign_in_as(app, address, &format!("10.0.0.{turn}")).await }
    });
    let answers = futures_util::future::join_all(guesses).await;

    // Ten at once, and one more for each six seconds that a slow machine needs.
    let regained = began.elapsed().as_secs() / 6 + 1;
    let judged = u64::try_from(answers.iter().filter(|answer| answer.status != 429).count()).unwrap();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!((10..=10 + regained).contains(&judged), "{judged} were judged");
    assert_eq!(judged + u64::try_from(refused.len()).unwrap(), GUESSES);
    let answer = refused.first().unwrap();
    assert_eq!(answer.refusal(), (429, "rate_limited"));
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("10", "0"));
    let other = sign_in_as(&app, "ben@example.test", "10.0.0.1").await;
    assert_eq!(other.status, 401, "others are not affected");
}

#[tokio::test(flavor = "multi_thread")]
async fn n81_one_network_tries_few_passwords_on_whomever_and_shuts_nobody_out() {
    const GUESSES: u64 = 150;
    let proxies = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    let app = TestApp::with(|config| Config { limit_factor: 1, trusted_proxies: proxies, ..config }).await;
    let ada = app.sign_up("ada").await;
    let began = tokio::time::Instant::now();

    let guesses =
        (0..GUESSES).map(|turn| {
            let app = &app;
            async move {
                sign_in_as(app, &format!("name{turn}@example.test"), &format!("2001:db8:1:2::{turn}")).await
            }
        });
    let answers = futures_util::future::join_all(guesses).await;
    let ben = sign_in_as(&app, "ben@example.test", "2001:db8:1:3::1").await;
    let change = json!({ "current_password": PASSWORD, "new_password": "another horse entirely" });
    let changed = ada.post("/api/v1/me/password", change).await;

    // A minute's worth at once, and one more for each second that a slow machine needs.
    let regained = began.elapsed().as_secs() + 1;
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    let judged = GUESSES - u64::try_from(refused.len()).unwrap();
    assert!((60..=60 + regained).contains(&judged), "{judged} were judged");
    assert!(refused.iter().all(|answer| answer.header("ratelimit-limit") == "60"));
    assert_eq!((ben.status, changed.status), (401, 204), "others are not affected");
}

#[tokio::test(flavor = "multi_thread")]
async fn n82_guessed_keys_are_limited_by_network_and_a_good_one_goes_on() {
    const GUESSES: u64 = 200;
    let app = strict().await;
    let ada = app.sign_up("ada").await;
    let good = make(&ada, json!(["read"])).await;
    let ask = async |key: String| app.send(app.request("GET", "/api/v1/accounts").bearer_auth(key)).await;
    let good = || ask(good["key"].as_str().unwrap().to_owned());
    assert_eq!(good().await.status, 200);
    let began = tokio::time::Instant::now();

    let guess = || ask(format!("flt_{}", PersonalKey::generate().text().expose_secret()));
    let answers = futures_util::future::join_all((0..GUESSES).map(|_| guess())).await;

    // A minute's worth at once, less the good one, and one more for each second that a slow machine needs.
    let regained = began.elapsed().as_secs() + 1;
    let judged = u64::try_from(answers.iter().filter(|answer| answer.status == 401).count()).unwrap();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 401).collect();
    assert!((59..=60 + regained).contains(&judged), "{judged} were judged");
    assert!(refused.iter().all(|answer| answer.refusal() == (429, "rate_limited")));
    assert_eq!(good().await.status, 200, "a known key is no guess");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_clients_are_told_apart() {
    // As a port that also listens for IPv6 sees it.
    let proxies = vec![IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped())];
    let app = TestApp::with(|config| Config { limit_factor: 1, trusted_proxies: proxies, ..config }).await;

    for turn in 0..12 {
        let answer = sign_in_as(&app, "ada@example.test", &format!("10.0.0.{turn}:4711")).await;
        assert_eq!(answer.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_signed_in_users_tell_what_is_left() {
    let app = strict().await;
    let ada = app.sign_up("ada").await;

    let answer = ada.get("/api/v1/me").await;
    let nothing = ada.get(&format!("/api/v1/trades/{}", uuid::Uuid::now_v7())).await;

    let number = |answer: &Answer, name: &str| answer.header(name).parse::<u64>().unwrap();
    for answer in [&answer, &nothing] {
        assert_eq!(number(answer, "ratelimit-limit"), 200, "{}", answer.status);
        assert!((190..200).contains(&number(answer, "ratelimit-remaining")));
        assert!((1..=4).contains(&number(answer, "ratelimit-reset")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_in_users_have_a_burst_and_short_waits() {
    let app = strict().await;
    let ada = app.sign_up("ada").await;

    let answers = futures_util::future::join_all((0..400).map(|_| ada.get("/api/v1/me"))).await;

    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(answers.iter().filter(|answer| answer.status == 200).count() >= 200);
    assert!(!refused.is_empty(), "400 at once are more than the burst");
    assert!(refused.iter().all(|answer| answer.header("retry-after") == "1"));
}
