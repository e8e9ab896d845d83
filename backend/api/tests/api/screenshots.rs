use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::journal::{create, typed};
use crate::support::{Answer, Person, Rows, TestApp};

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR..\0\0\0\0IEND\xaeB`\x82";

async fn add(person: &Person<'_>, path: &str, file: impl Into<Vec<u8>>) -> Answer {
    // What it is said to be does not count.
    let request = person.request("POST", path).header("content-type", "image/svg+xml");
    person.app.send(request.body(file.into())).await
}

impl Person<'_> {
    /// Keeps a picture with a trade.
    pub async fn screenshot(&self, trade: Uuid) -> String {
        let added = add(self, &format!("/api/v1/trades/{trade}/screenshots"), PNG).await;
        added.body["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_stay_with_their_trade_and_go_with_it() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let account = ada.open_id("gold", "none").await;
    let made = create(&ada, typed(&account)).await;
    let trade = format!("/api/v1/trades/{}", made["id"].as_str().unwrap());
    let path = format!("{trade}/screenshots");
    let machine = Rows::of(&app, &ada).await.trade(&account, "XAUUSD", 5, Some(-1234)).await;

    let added = add(&ada, &path, PNG).await;
    let one = format!("{path}/{}", added.body["id"].as_str().unwrap_or_default());
    let shown = ada.get(&one).await;
    let vector = add(&ada, &path, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").await;
    let large = add(&ada, &path, vec![0; 5 * 1024 * 1024 + 1]).await;
    let foreign = [
        eve.get(&path).await,
        eve.get(&one).await,
        eve.delete(&one).await,
        add(&eve, &path, PNG).await,
        ada.get(&one.replace(made["id"].as_str().unwrap(), &machine.to_string())).await,
    ];
    let kept = add(&ada, &format!("/api/v1/trades/{machine}/screenshots"), PNG).await;
    for _ in 0..7 {
        assert_eq!(add(&ada, &path, PNG).await.status, 201);
    }
    let ninth = add(&ada, &path, PNG).await;
    let removed = ada.delete(&one).await;
    let left = ada.get(&path).await.column("id").len();
    let gone = ada.delete(&trade).await;

    assert_eq!((added.status, &added.body["media_type"]), (201, &json!("image/png")), "{}", added.text);
    assert_eq!((shown.status, shown.header("content-type")), (200, "image/png"));
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert_eq!(shown.header("content-disposition"), "attachment; filename=\"screenshot.png\"");
    assert_eq!(vector.invalid_fields(), [("file".to_owned(), "not_a_picture".to_owned())]);
    assert_eq!(large.status, 413);
    assert_eq!(foreign.map(|answer| answer.status), [404; 5]);
    assert_eq!((kept.status, removed.status, left, gone.status), (201, 204, 7, 204));
    assert_eq!(ninth.invalid_fields(), [("file".to_owned(), "too_many".to_owned())]);
    assert_eq!(app.count("select count(*) from screenshots").await, 1, "that of the machine's trade");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_an_owner_arrive_one_after_the_other() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let path = async |person: &Person<'_>| {
        let account = person.open_id("gold", "none").await;
        let made = create(person, typed(&account)).await;
        format!("/api/v1/trades/{}/screenshots", made["id"].as_str().unwrap())
    };
    let (mine, hers) = (path(&ada).await, path(&eve).await);
    let head = format!(
        "POST {mine} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: image/png\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        ada.token,
        PNG.len()
    );
    // Nothing tells that the first has begun, so it is tried again where the second overtook it.
    let mut first = loop {
        let mut first = TcpStream::connect(app.address).await.unwrap();
        first.write_all(&[head.as_bytes(), &PNG[..8]].concat()).await.unwrap();
        sleep(Duration::from_millis(50)).await;
        match timeout(Duration::from_millis(300), add(&ada, &mine, PNG)).await {
            Err(_) => break first,
            Ok(added) => assert_eq!(added.status, 201, "all of them came at once: {}", added.text),
        }
    };

    let other = add(&eve, &hers, PNG).await;
    let (next, answer) = tokio::join!(add(&ada, &mine, PNG), async {
        first.write_all(&PNG[8..]).await.unwrap();
        let mut answer = String::new();
        first.read_to_string(&mut answer).await.unwrap();
        answer
    });

    assert_eq!((other.status, next.status), (201, 201), "{}", next.text);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}
