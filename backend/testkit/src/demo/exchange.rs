//! The demo's accounts at a simulated exchange.

use std::path::Path;

use anyhow::{Context as _, bail};
use reqwest::Client;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::api::Unready;
use crate::market::Market;

/// An account at the exchange: what it is called, whom it follows, and with which share of its size.
#[derive(Debug, Clone, Copy)]
pub struct ExchangePart {
    /// Name of the account.
    pub name: &'static str,
    /// `follower` or `none`.
    pub role: &'static str,
    /// Position of its master among [`MASTERS`](super::MASTERS).
    pub master: Option<usize>,
    /// Factor of the master's size.
    pub factor: &'static str,
}

/// Accounts at the exchange. A lot of gold is 100 ounces, and the accounts are small.
pub const EXCHANGE_CAST: [ExchangePart; 3] = [
    ExchangePart { name: "Demo BingX follower", role: "follower", master: Some(0), factor: "0.05" },
    ExchangePart { name: "Demo BingX cautious", role: "follower", master: Some(1), factor: "0.01" },
    ExchangePart { name: "Demo BingX journal", role: "none", master: None, factor: "1" },
];

/// Instruments of the demo's market and the contracts that follow their prices.
const CONTRACTS: [(&str, &str); 2] = [("XAUUSD", "XAUT-USDT"), ("BTCUSD", "BTC-USDT")];
/// What every account has there.
const DEPOSIT: u32 = 10_000;

/// A simulated exchange, by its control port.
#[derive(Debug, Clone)]
pub struct Exchange {
    http: Client,
    control: String,
}

/// A key of the simulated exchange: worth nothing anywhere else.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ExchangeKey {
    /// Key.
    pub key: String,
    /// Secret.
    pub secret: String,
}

impl Exchange {
    /// The exchange whose control API is at this address.
    #[must_use]
    pub fn at(control: &str) -> Self {
        Self { http: Client::new(), control: control.to_owned() }
    }

    /// Opens an account for every key, always in this order, so that each has its number again after a restart.
    ///
    /// # Errors
    ///
    /// [`Unready`] when the exchange does not answer; anything else is final.
    pub async fn open_accounts(&self, keys: &[ExchangeKey]) -> anyhow::Result<()> {
        for ExchangeKey { key, secret } in keys {
            let order =
                json!({ "op": "open_account", "key": key, "secret": secret, "deposit": DEPOSIT.to_string() });
            self.order(&order).await?;
        }
        Ok(())
    }

    /// Moves the prices of contracts to those of the demo's market.
    ///
    /// # Errors
    ///
    /// As [`Exchange::open_accounts`].
    pub async fn follow(&self, market: &Market) -> anyhow::Result<()> {
        for (symbol, contract) in CONTRACTS {
            let (bid, ask) = market.quote(symbol);
            let price = ((bid + ask) / Decimal::TWO).round_dp(1);
            for host in ["live", "demo"] {
                let order =
                    json!({ "op": "price", "host": host, "symbol": contract, "price": price.to_string() });
                self.order(&order).await?;
            }
        }
        Ok(())
    }

    async fn order(&self, order: &Value) -> anyhow::Result<()> {
        let answer = self.http.post(&self.control).json(order).send().await;
        let answer = answer.map_err(|error| Unready::new(&error))?;
        if !answer.status().is_success() {
            bail!("the simulated exchange: {}", answer.text().await?);
        }
        Ok(())
    }
}

/// Keys of the accounts, kept beside the fleet's.
///
/// # Errors
///
/// When they cannot be kept.
pub fn keys_beside(state: &Path) -> anyhow::Result<Vec<ExchangeKey>> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let path = state.with_extension("exchange.json");
    let kept = std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok());
    if let Some(keys) = kept.filter(|keys: &Vec<ExchangeKey>| keys.len() == EXCHANGE_CAST.len()) {
        return Ok(keys);
    }
    let word = || format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let keys: Vec<ExchangeKey> =
        EXCHANGE_CAST.iter().map(|_| ExchangeKey { key: word(), secret: word() }).collect();
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
    serde_json::to_writer_pretty(file.context("keep keys of the simulated exchange")?, &keys)?;
    Ok(keys)
}

/// How a follower at the exchange copies.
pub(super) fn settings(part: &ExchangePart) -> Value {
    let map: Value = CONTRACTS.iter().map(|(symbol, contract)| (*symbol, json!(contract))).collect();
    json!({
        "sizing": { "mode": "multiplier", "value": part.factor },
        "symbol_map": map,
        "allow_symbols": CONTRACTS.iter().map(|(symbol, _)| symbol).collect::<Vec<_>>(),
        // Two simulated markets are never quite at one.
        "max_deviation": "0.01",
    })
}
