use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{PASSWORD, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_replaces_the_old_one_at_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open("gold", "follower").await;
    let path = format!("/api/v1/accounts/{}/api-key/rotate", account["id"].as_str().unwrap());

    let rotated = ada.post(&path, json!({})).await;

    let key = rotated.body["api_key"].as_str().unwrap();
    assert_ne!(key, account["api_key"].as_str().unwrap());
    let hash: Vec<u8> =
        app.db.admin().await.query_one("select key_hash from api_keys", &[]).await.unwrap().get(0);
    assert_eq!(hash, Sha256::digest(key).to_vec());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_revealed_to_whoever_knows_the_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = ada.open("gold", "follower").await;
    let path = format!("/api/v1/accounts/{}/api-key/reveal", account["id"].as_str().unwrap());

    let guessed = ada.post(&path, json!({ "password": "a guess" })).await;
    let revealed = ada.post(&path, json!({ "password": PASSWORD })).await;

    assert_eq!(guessed.refusal(), (403, "wrong_password"));
    assert_eq!(revealed.body["api_key"], account["api_key"]);
    assert_eq!(app.count("select count(*) from audit where action = 'api_key_revealed'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn n52_a_sealed_key_moved_to_another_account_does_not_open() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (one, other) = (ada.open_id("one", "follower").await, ada.open_id("other", "follower").await);
    app.sql(&format!(
        "update api_keys set sealed_key = (select sealed_key from api_keys where account_id = '{one}')
         where account_id = '{other}'"
    ))
    .await;

    let answer =
        ada.post(&format!("/api/v1/accounts/{other}/api-key/reveal"), json!({ "password": PASSWORD })).await;

    assert_eq!(answer.refusal(), (500, "internal"));
    assert!(!answer.text.contains("sk_live_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_for_which_no_ea_speaks_show_no_key() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;

    for platform in ["bingx", "paper"] {
        let body = json!({ "name": platform, "platform": platform, "copy_role": "follower" });
        let opened = ada.post("/api/v1/accounts", body).await;
        assert_eq!((opened.status, &opened.body["api_key"]), (201, &json!(null)));
        let path = format!("/api/v1/accounts/{}/api-key", opened.body["id"].as_str().unwrap());

        let rotated = ada.post(&format!("{path}/rotate"), json!({})).await;
        let revealed = ada.post(&format!("{path}/reveal"), json!({ "password": PASSWORD })).await;

        assert_eq!((rotated.refusal(), revealed.refusal()), ((409, "no_ea"), (409, "no_ea")));
    }
    assert_eq!(app.count("select count(*) from audit where action like 'api_key_%'").await, 0);
}
