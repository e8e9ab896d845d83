//! The accounts of the demo fleet, made over the REST API as a user would.

use std::path::Path;

use anyhow::{Context, bail};
use reqwest::{Client, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How many followers the fleet has.
const FOLLOWERS: usize = 3;

/// Who owns the fleet.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Address to sign in with.
    pub email: String,
    /// Its password.
    pub password: String,
}

/// Keys of the fleet's accounts. Written to a file, because a key is shown once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fleet {
    /// API key of the master.
    pub master_key: String,
    /// Token with which followers subscribe.
    pub master_token: String,
    /// API keys of the followers.
    pub follower_keys: Vec<String>,
}

impl Fleet {
    /// Reads the fleet from `state`, or signs in at `api` and makes it.
    ///
    /// # Errors
    ///
    /// When the API cannot be reached or refuses.
    pub async fn prepare(api: &str, owner: &Credentials, state: &Path) -> anyhow::Result<Self> {
        let http = Client::new();
        let token = sign_in(&http, api, owner).await?;
        if let Ok(text) = std::fs::read_to_string(state)
            && let Ok(fleet) = serde_json::from_str::<Self>(&text)
            && fleet.is_known(&http, api, &token).await?
        {
            return Ok(fleet);
        }
        let fleet = Self::create(&http, api, &token).await?;
        std::fs::write(state, serde_json::to_string_pretty(&fleet)?).context("write the fleet's keys")?;
        Ok(fleet)
    }

    /// A file from before the database was made anew names accounts that do not exist.
    async fn is_known(&self, http: &Client, api: &str, token: &str) -> anyhow::Result<bool> {
        let accounts: Value = http
            .get(format!("{api}/api/v1/accounts?limit=200"))
            .bearer_auth(token)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        let items = accounts.get("items").and_then(Value::as_array).context("a list of accounts")?;
        Ok(items
            .iter()
            .any(|account| text(account, "master_token").ok().as_deref() == Some(&self.master_token)))
    }

    async fn create(http: &Client, api: &str, token: &str) -> anyhow::Result<Self> {
        let master = open_account(http, api, token, "Demo master", "master").await?;
        let mut follower_keys = Vec::with_capacity(FOLLOWERS);
        for number in 1..=FOLLOWERS {
            let follower =
                open_account(http, api, token, &format!("Demo follower {number}"), "follower").await?;
            follower_keys.push(text(&follower, "api_key")?);
        }
        Ok(Self {
            master_key: text(&master, "api_key")?,
            master_token: text(&master, "master_token")?,
            follower_keys,
        })
    }
}

async fn sign_in(http: &Client, api: &str, owner: &Credentials) -> anyhow::Result<String> {
    let login = json!({ "email": owner.email, "password": owner.password });
    let answer = http.post(format!("{api}/api/v1/auth/login")).json(&login).send().await?;
    if answer.status().is_success() {
        return text(&answer.json().await?, "access_token");
    }
    let register = json!({ "email": owner.email, "password": owner.password, "name": "Demo trader" });
    let answer = http.post(format!("{api}/api/v1/auth/register")).json(&register).send().await?;
    if answer.status() != StatusCode::CREATED {
        bail!("cannot sign in or register as {}: {}", owner.email, answer.text().await?);
    }
    text(&answer.json().await?, "access_token")
}

async fn open_account(
    http: &Client,
    api: &str,
    token: &str,
    name: &str,
    role: &str,
) -> anyhow::Result<Value> {
    let account = json!({ "name": name, "platform": "mt5", "copy_role": role, "currency": "USD", "starting_balance": "10000" });
    let answer = http.post(format!("{api}/api/v1/accounts")).bearer_auth(token).json(&account).send().await?;
    if !answer.status().is_success() {
        bail!("cannot create {name}: {}", answer.text().await?);
    }
    Ok(answer.json().await?)
}

fn text(value: &Value, field: &str) -> anyhow::Result<String> {
    value
        .get(field)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .with_context(|| format!("no {field} in the answer"))
}
