use serde_json::{Value, json};

use super::{Answer, TestApp};

/// Name of the refresh cookie on the local machine.
pub const COOKIE: &str = "__Host-flotilla_refresh";

/// Somebody who is signed in.
pub struct Person<'a> {
    pub app: &'a TestApp,
    pub id: String,
    pub token: String,
    /// Value of the refresh cookie.
    pub cookie: String,
}

impl<'a> Person<'a> {
    pub fn signed_in(app: &'a TestApp, answer: &Answer) -> Self {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        Self {
            app,
            id: text(&answer.body["user"]["id"]),
            token: text(&answer.body["access_token"]),
            cookie: cookie(answer).expect("a refresh cookie"),
        }
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.app.request(method, path).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.app.send(self.request("GET", path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.app.send(self.request("DELETE", path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.app.send(self.request("POST", path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.app.send(self.request("PATCH", path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.app.send(self.request("PUT", path).json(&body)).await
    }

    /// A request for another owner's rows.
    pub async fn get_of(&self, owner: &str, path: &str) -> Answer {
        self.app.send(self.request("GET", path).header("x-flotilla-owner", owner)).await
    }

    /// As the pages ask for it.
    pub async fn refresh(&self) -> Answer {
        refresh(self.app, &self.cookie).await
    }

    pub async fn sign_out(&self) -> Answer {
        let request = self.app.request("POST", "/api/v1/auth/logout");
        self.app.send(from_pages(request).header("cookie", format!("{COOKIE}={}", self.cookie))).await
    }

    /// Creates an account and returns it with its key.
    pub async fn open(&self, name: &str, copy_role: &str) -> Value {
        let body = json!({ "name": name, "platform": "mt5", "copy_role": copy_role });
        let answer = self.post("/api/v1/accounts", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body
    }

    /// Creates an account and returns its id.
    pub async fn open_id(&self, name: &str, copy_role: &str) -> String {
        self.open(name, copy_role).await["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a follower account follow a master and returns the subscription's id.
    pub async fn follow(&self, follower: &str, master: &Value) -> String {
        let body = json!({ "master_token": master["master_token"] });
        let answer = self.post(&format!("/api/v1/accounts/{follower}/subscriptions"), body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body["id"].as_str().expect("an id").to_owned()
    }
}

/// A refresh with a cookie, as the pages ask for it.
pub async fn refresh(app: &TestApp, cookie: &str) -> Answer {
    let request = app.request("POST", "/api/v1/auth/refresh");
    app.send(from_pages(request).header("cookie", format!("{COOKIE}={cookie}"))).await
}

/// What a browser and our own script add to a request.
pub fn from_pages(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request.header("x-flotilla", "1").header("sec-fetch-site", "same-origin")
}

/// The refresh cookie that an answer sets; `None` when it sets or keeps none.
pub fn cookie(answer: &Answer) -> Option<String> {
    let set = answer.header("set-cookie").strip_prefix(COOKIE)?.strip_prefix('=')?;
    set.split(';').next().filter(|value| !value.is_empty()).map(ToOwned::to_owned)
}
