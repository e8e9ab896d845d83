use std::net::IpAddr;

use chrono::{DateTime, Utc};
use flotilla_domain::exchange_key::{ExchangeKey, KeyTrouble, Margin};
use flotilla_domain::id::AccountId;
use garde::Validate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::Config;
use crate::dto::bounds::ExchangeSecretText;
use crate::dto::figure::Figure;
use crate::dto::rules;
use crate::dto::session::secret;
use crate::dto::words::{
    ExchangeAccountTypeWord, ExchangeEnvironmentWord, ExchangePositionModeWord, KeyFaultWord,
    KeyPermissionWord, KeyStatusWord,
};

/// The key of an account at an exchange, without the key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ExchangeKey)]
pub struct ExchangeKeyDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    /// Real money or demo; chosen when the account is connected, and kept.
    pub environment: ExchangeEnvironmentWord,
    /// There is a simulator in the exchange's place: no money of any kind.
    pub simulated: bool,
    /// `failed`: it worked once. Nothing is opened with it, closes are tried on.
    pub status: KeyStatusWord,
    /// Another key is being verified, to take its place.
    pub is_replacing: bool,
    pub permissions: Vec<KeyPermissionWord>,
    /// Whether the key works from listed addresses only. False is a reason to warn.
    pub ip_restricted: Option<bool>,
    /// End of the account's number at the exchange.
    #[schema(example = "…4821")]
    pub uid_hint: Option<String>,
    /// `spot`: recognised and verified, not traded.
    pub account_type: Option<ExchangeAccountTypeWord>,
    pub position_mode: Option<ExchangePositionModeWord>,
    /// What its owner wants; set at the exchange once he said so.
    pub leverage: i32,
    /// Null: he never did, and the exchange keeps what it has.
    pub leverage_set_at: Option<DateTime<Utc>>,
    /// Money of the account, when it was looked at last.
    pub margin: Option<MarginDto>,
    /// When everything about the key was last found in order.
    pub last_verified_at: Option<DateTime<Utc>>,
    /// When the exchange last took the key.
    pub last_checked_at: Option<DateTime<Utc>>,
    pub last_error: Option<KeyTroubleDto>,
    /// This server has as many live connections as the exchange takes, so the account is read every so many seconds.
    /// Null: it is told live, or not listened to.
    pub polled_every_s: Option<i32>,
    /// Addresses of this server, for the key's whitelist; empty where nobody said.
    #[schema(value_type = Vec<String>, example = json!(["203.0.113.7"]))]
    pub egress_addresses: Vec<IpAddr>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What is wrong with a key.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = KeyTrouble)]
pub struct KeyTroubleDto {
    pub code: KeyFaultWord,
    /// The exchange's own words.
    pub text: Option<String>,
    pub at: DateTime<Utc>,
}

/// Money of an account at an exchange.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ExchangeMargin)]
pub struct MarginDto {
    #[schema(example = "USDT")]
    pub asset: String,
    /// Without open profit.
    pub balance: Figure,
    /// What new positions may use.
    pub available: Figure,
}

/// Every key of an owner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExchangeKeys)]
pub struct ExchangeKeysDto {
    pub items: Vec<ExchangeKeyDto>,
    /// Addresses of this server, for the whitelist of a key that is about to be connected.
    #[schema(value_type = Vec<String>, example = json!(["203.0.113.7"]))]
    pub egress_addresses: Vec<IpAddr>,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutExchangeKey {
    #[garde(custom(secret(rules::exchange_secret)))]
    #[schema(value_type = ExchangeSecretText)]
    pub api_key: SecretString,
    #[garde(custom(secret(rules::exchange_secret)))]
    #[schema(value_type = ExchangeSecretText)]
    pub api_secret: SecretString,
    /// Cannot be changed later.
    #[garde(skip)]
    pub environment: ExchangeEnvironmentWord,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchExchangeKey {
    /// 1 to 150; at most what the contract takes.
    #[garde(range(min = 1, max = 150))]
    #[schema(minimum = 1, maximum = 150)]
    pub leverage: i32,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemoveExchangeKey {
    /// `keep`: although copies are open. They stay open at the exchange, and nobody closes them from here.
    #[param(inline)]
    pub open_copies: Option<OpenCopiesWord>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenCopiesWord {
    Keep,
}

impl ExchangeKeyDto {
    /// `config`: of this server.
    pub fn of(key: ExchangeKey, config: &Config) -> Self {
        Self {
            account_id: key.account_id,
            environment: key.environment.into(),
            simulated: config.simulated.contains(&key.environment),
            status: key.status.into(),
            is_replacing: key.is_replacing,
            permissions: key.permissions.into_iter().map(Into::into).collect(),
            ip_restricted: key.ip_restricted,
            uid_hint: key.uid_hint,
            account_type: key.account_type.map(Into::into),
            position_mode: key.position_mode.map(Into::into),
            leverage: key.leverage,
            leverage_set_at: key.leverage_set_at,
            margin: key.margin.map(Into::into),
            last_verified_at: key.last_verified_at,
            last_checked_at: key.last_checked_at,
            last_error: key.trouble.map(Into::into),
            polled_every_s: key.polled_every_s,
            egress_addresses: config.egress_addresses.clone(),
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

impl From<KeyTrouble> for KeyTroubleDto {
    fn from(trouble: KeyTrouble) -> Self {
        Self { code: trouble.fault.into(), text: trouble.text, at: trouble.at }
    }
}

impl From<Margin> for MarginDto {
    fn from(margin: Margin) -> Self {
        Self { asset: margin.asset, balance: Figure(margin.balance), available: Figure(margin.available) }
    }
}
