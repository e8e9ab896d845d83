//! The few REST calls the fleet makes.

use anyhow::{Context, bail};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cast::{Restriction, STARTING_BALANCE};
use super::exchange::ExchangeKey;

/// Who owns the fleet.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Address to sign in with.
    pub email: String,
    /// Its password.
    pub password: String,
}

/// The server cannot answer now; asking again later may help.
#[derive(Debug, thiserror::Error)]
#[error("the API is not ready: {0}")]
pub struct Unready(String);

impl Unready {
    pub(super) fn new(error: &reqwest::Error) -> Self {
        Self(error.to_string())
    }
}

/// What the fleet needs to know about an account.
#[derive(Debug, Clone, Deserialize)]
pub struct ListedAccount {
    pub id: Uuid,
    pub name: String,
    pub api_key_prefix: String,
    pub master_token: Option<String>,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
}

/// A row of which only the identifier counts.
#[derive(Deserialize)]
struct Named {
    id: Uuid,
}

#[derive(Deserialize)]
struct Rules {
    version: i64,
}

#[derive(Deserialize)]
struct SignedIn {
    access_token: String,
}

#[derive(Deserialize)]
struct ClearKey {
    api_key: String,
}

/// An account and its key in clear text.
#[derive(Deserialize)]
pub struct OpenedAccount {
    #[serde(flatten)]
    pub account: ListedAccount,
    /// None where no EA speaks for the account.
    pub api_key: Option<String>,
}

/// A signed-in owner.
pub struct Session<'a> {
    http: Client,
    base: &'a str,
    owner: &'a Credentials,
    token: String,
}

impl<'a> Session<'a> {
    /// Signs in at `base`, and registers first where the owner is unknown.
    ///
    /// # Errors
    ///
    /// [`Unready`] when it may work later; anything else is final.
    pub async fn open(base: &'a str, owner: &'a Credentials) -> anyhow::Result<Self> {
        let http = Client::new();
        let login = json!({ "email": owner.email, "password": owner.password });
        let answer = http.post(format!("{base}/api/v1/auth/login")).json(&login).send().await;
        let signed_in: SignedIn = if is_unknown(&answer) {
            let register = json!({ "email": owner.email, "password": owner.password, "name": "Demo trader" });
            read(http.post(format!("{base}/api/v1/auth/register")).json(&register).send().await).await?
        } else {
            read(answer).await?
        };
        Ok(Self { http, base, owner, token: signed_in.access_token })
    }

    /// Accounts that are not archived.
    pub async fn list_accounts(&self) -> anyhow::Result<Vec<ListedAccount>> {
        let url = format!("{}/api/v1/accounts?limit=200", self.base);
        let page: Page<ListedAccount> =
            read(self.http.get(url).bearer_auth(&self.token).send().await).await?;
        Ok(page.items)
    }

    pub async fn open_account(
        &self,
        name: &str,
        role: &str,
        platform: &str,
    ) -> anyhow::Result<OpenedAccount> {
        let body = json!({
            "name": name, "platform": platform, "copy_role": role, "currency": "USD",
            "starting_balance": STARTING_BALANCE.to_string(),
        });
        self.post("accounts", &body).await.with_context(|| format!("cannot open {name}"))
    }

    pub async fn reveal_key(&self, account: Uuid) -> anyhow::Result<String> {
        let body = json!({ "password": self.owner.password });
        let key: ClearKey = self.post(&format!("accounts/{account}/api-key/reveal"), &body).await?;
        Ok(key.api_key)
    }

    /// Follows the master as its owner would who wants less than everything, unless the account follows already: what
    /// he changes later stands.
    pub async fn restrict(
        &self,
        follower: Uuid,
        master_token: &str,
        restriction: Restriction,
    ) -> anyhow::Result<()> {
        let path = format!("accounts/{follower}/subscriptions");
        let url = format!("{}/api/v1/{path}", self.base);
        let page: Page<Named> = read(self.http.get(url).bearer_auth(&self.token).send().await).await?;
        if !page.items.is_empty() {
            return Ok(());
        }
        let least = (restriction == Restriction::LargeTradesOnly).then_some("0.10");
        let body = json!({ "master_token": master_token, "settings": { "min_lots": least } });
        let subscription: Named = self.post(&path, &body).await?;
        if restriction == Restriction::Paused {
            let url = format!("{}/api/v1/{path}/{}", self.base, subscription.id);
            let body = json!({ "state": "paused" });
            read::<Value>(self.http.patch(url).bearer_auth(&self.token).json(&body).send().await).await?;
        }
        Ok(())
    }

    /// Connects an account to the exchange's demo and lets it trade, unless it is connected.
    pub async fn connect(&self, account: Uuid, key: &ExchangeKey) -> anyhow::Result<()> {
        let path = format!("{}/api/v1/accounts/{account}", self.base);
        let present = self.http.get(format!("{path}/exchange-key")).bearer_auth(&self.token).send().await;
        if present.as_ref().is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        let body = json!({ "api_key": key.key, "api_secret": key.secret, "environment": "demo" });
        let put = self.http.put(format!("{path}/exchange-key")).bearer_auth(&self.token).json(&body);
        read::<Value>(put.send().await).await.context("connect an account to the exchange")?;
        let trades = self.http.patch(path).bearer_auth(&self.token).json(&json!({ "trading_enabled": true }));
        read::<Value>(trades.send().await).await.context("let an account trade")?;
        Ok(())
    }

    /// Follows a master with these settings, unless the account follows one already.
    pub async fn follow(&self, follower: Uuid, master_token: &str, settings: &Value) -> anyhow::Result<()> {
        let path = format!("accounts/{follower}/subscriptions");
        let url = format!("{}/api/v1/{path}", self.base);
        let page: Page<Named> = read(self.http.get(url).bearer_auth(&self.token).send().await).await?;
        if page.items.is_empty() {
            let body = json!({ "master_token": master_token, "settings": settings });
            self.post::<Value>(&path, &body).await?;
        }
        Ok(())
    }

    /// Lists a new master in the directory, under its name.
    pub async fn publish(&self, master: Uuid, name: &str) -> anyhow::Result<()> {
        let body = json!({
            "is_public": true, "slug": name.to_lowercase().replace(' ', "-"),
            "description": "Trades gold, euros, bitcoin and the Nikkei in a simulated market.",
        });
        let url = format!("{}/api/v1/accounts/{master}", self.base);
        let answer = self.http.patch(url).bearer_auth(&self.token).json(&body).send().await;
        // The address may be another's already; the fleet trades unlisted, too.
        if answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::CONFLICT) {
            return Ok(());
        }
        read::<Value>(answer).await?;
        Ok(())
    }

    /// Gives an account the rules of a firm, unless it has any: what its owner changes later stands.
    pub async fn begin_phase(&self, account: Uuid, template: &str) -> anyhow::Result<()> {
        let url = format!("{}/api/v1/accounts/{account}/rules", self.base);
        let rules: Rules = read(self.http.get(url).bearer_auth(&self.token).send().await).await?;
        if rules.version > 0 {
            return Ok(());
        }
        let body = json!({ "template_id": template, "size": STARTING_BALANCE });
        self.post::<Value>(&format!("accounts/{account}/phases"), &body).await?;
        Ok(())
    }

    /// Makes groups of accounts, unless the owner has any: what he changes later stands.
    pub async fn group_up(&self, groups: &[(&str, &[Uuid])]) -> anyhow::Result<()> {
        let url = format!("{}/api/v1/groups", self.base);
        let page: Page<Value> = read(self.http.get(url).bearer_auth(&self.token).send().await).await?;
        if !page.items.is_empty() {
            return Ok(());
        }
        for (name, accounts) in groups {
            let group: Named = self.post("groups", &json!({ "name": name })).await?;
            for account in *accounts {
                let path = format!("groups/{}/accounts", group.id);
                self.post::<Value>(&path, &json!({ "account_id": account })).await?;
            }
        }
        Ok(())
    }

    async fn post<T: for<'de> Deserialize<'de>>(&self, path: &str, body: &Value) -> anyhow::Result<T> {
        let url = format!("{}/api/v1/{path}", self.base);
        read(self.http.post(url).bearer_auth(&self.token).json(body).send().await).await
    }
}

fn is_unknown(answer: &reqwest::Result<Response>) -> bool {
    answer.as_ref().is_ok_and(|answer| answer.status() == StatusCode::UNAUTHORIZED)
}

async fn read<T: for<'de> Deserialize<'de>>(answer: reqwest::Result<Response>) -> anyhow::Result<T> {
    let answer = answer.map_err(|error| Unready(error.to_string()))?;
    let status = answer.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Unready(status.to_string()).into());
    }
    if !status.is_success() {
        bail!("{status}: {}", answer.text().await?);
    }
    Ok(answer.json().await?)
}
