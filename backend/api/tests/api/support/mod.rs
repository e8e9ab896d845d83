//! A running API, and people who use it.

mod documented;
mod person;
mod rows;

use std::net::{SocketAddr, TcpListener};

use flotilla_api::{Config, Stores};
use flotilla_security::keyring::Keyring;
use flotilla_store::Db;
use flotilla_testkit::db::TestDb;
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::{OnceCell, oneshot};
use tokio_postgres::Client;

pub use person::{Person, cookie as cookie_of, from_pages, refresh};
pub use rows::Rows;

/// Good enough for the policy, for everybody.
pub const PASSWORD: &str = "seven ships left at dawn";

/// An API of its own with a database of its own.
pub struct TestApp {
    pub db: TestDb,
    pub address: SocketAddr,
    /// The keys file, for tests that sign tokens of their own.
    pub keys: String,
    http: reqwest::Client,
    /// Opened by the first who asks.
    admin: OnceCell<Client>,
    _stop: oneshot::Sender<()>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Null when there is none or it is not JSON.
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// Status and problem code, for one comparison.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// Field and code of each invalid field.
    pub fn invalid_fields(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The text of an array of the body, by field.
    pub fn column(&self, field: &str) -> Vec<String> {
        let items = self.body["items"].as_array().expect("a page");
        items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|config| config).await
    }

    /// An API whose settings differ from the usual ones.
    pub async fn with(change: impl FnOnce(Config) -> Config) -> Self {
        Self::pooled(3, change).await
    }

    /// An API with a pool of up to `connections` of its own, for measuring.
    pub async fn pooled(connections: usize, change: impl FnOnce(Config) -> Config) -> Self {
        let db = TestDb::new().await;
        let keys = Keyring::generate().unwrap().expose_secret().to_owned();
        let keyring = Keyring::parse(&keys).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let config = change(Config { threads: 1, limit_factor: 100, ..Config::local() });
        let stores = Stores {
            app: Db::connect(&db.app_url, connections).unwrap(),
            readonly: Db::connect(&db.readonly_url, 1).unwrap(),
            changes_url: db.app_url.clone(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            flotilla_api::run(config, stores, &keyring, listener, shutdown).await.expect("the API runs");
        });
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { db, address, keys, http, admin: OnceCell::new(), _stop: stop }
    }

    /// A request without anything but what is given.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("http://{}{path}", self.address))
    }

    /// Sends it, and fails where the document does not name how it is refused.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        documented::check(&method, &path, status);
        let text = response.text().await.expect("a text");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, body, text }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request("POST", path).json(&body)).await
    }

    /// Signs up `name`, whose address is made of it.
    pub async fn sign_up(&self, name: &str) -> Person<'_> {
        let body = json!({ "email": email(name), "password": PASSWORD, "name": name });
        let answer = self.post("/api/v1/auth/register", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        Person::signed_in(self, &answer)
    }

    /// Signs `name` in once more, as on another device.
    pub async fn sign_in(&self, name: &str) -> Person<'_> {
        let answer = self.try_sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        Person::signed_in(self, &answer)
    }

    pub async fn try_sign_in(&self, name: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", json!({ "email": email(name), "password": password })).await
    }

    /// Runs SQL as the superuser.
    pub async fn sql(&self, statement: &str) {
        self.admin().await.batch_execute(statement).await.unwrap();
    }

    /// One number, asked as the superuser.
    pub async fn count(&self, query: &str) -> i64 {
        self.admin().await.query_one(query, &[]).await.unwrap().get(0)
    }

    async fn admin(&self) -> &Client {
        self.admin.get_or_init(|| self.db.admin()).await
    }
}

pub fn email(name: &str) -> String {
    format!("{name}@example.test")
}
