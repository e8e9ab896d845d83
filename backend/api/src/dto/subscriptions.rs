use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, SubscriptionId};
use flotilla_store::followers::{Follower, Lag};
use flotilla_store::masters::MasterName;
use flotilla_store::subscriptions::Subscription;
use garde::Validate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::bounds::{MasterSlug, MasterToken};
use crate::dto::copy_settings::{PatchSettings, SettingsDto};
use crate::dto::figure::Figure;
use crate::dto::rules;
use crate::dto::words::{SubscriptionSourceWord, SubscriptionStateWord};
use crate::error::{ApiError, ApiResult};

/// A follower account's subscription to a master.
#[derive(Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionDto {
    #[schema(value_type = Uuid)]
    pub id: SubscriptionId,
    #[schema(value_type = Uuid)]
    pub follower_account_id: AccountId,
    #[schema(value_type = Uuid)]
    pub master_account_id: AccountId,
    pub master_name: String,
    pub source: SubscriptionSourceWord,
    pub state: SubscriptionStateWord,
    pub settings: SettingsDto,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<Subscription> for SubscriptionDto {
    fn from(subscription: Subscription) -> Self {
        Self {
            id: subscription.id,
            follower_account_id: subscription.follower_id,
            master_account_id: subscription.master_id,
            master_name: subscription.master_name,
            source: subscription.source.into(),
            state: subscription.state.into(),
            settings: subscription.settings.into(),
            created_at: subscription.created_at,
            updated_at: subscription.updated_at,
            ended_at: subscription.ended_at,
        }
    }
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct Follow {
    #[garde(custom(rules::master_token))]
    #[schema(value_type = Option<MasterToken>)]
    pub master_token: Option<String>,
    /// Address of a master in the directory, instead of a token.
    #[garde(skip)]
    #[schema(value_type = Option<MasterSlug>)]
    pub master_slug: Option<String>,
    #[garde(dive)]
    pub settings: Option<PatchSettings>,
}

impl Follow {
    /// The master that is named.
    ///
    /// # Errors
    ///
    /// 422 unless exactly one of token and slug is there.
    pub fn master(&self) -> ApiResult<MasterName> {
        match (&self.master_token, &self.master_slug) {
            (Some(token), None) => Ok(MasterName::Token(token.clone())),
            (None, Some(slug)) => Ok(MasterName::Slug(slug.clone())),
            (None, None) => Err(ApiError::field("master_token", "required", "name the master to follow")),
            (Some(_), Some(_)) => {
                Err(ApiError::field("master_slug", "ambiguous", "name the master by one of token and slug"))
            }
        }
    }
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct PatchSubscription {
    /// `active`, `close_only` or `paused`.
    #[garde(custom(rules::settable))]
    pub state: Option<SubscriptionStateWord>,
    #[garde(dive)]
    pub settings: Option<PatchSettings>,
}

/// What becomes of open copies when a subscription ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenCopies {
    /// They are closed when the master closes.
    #[default]
    Keep,
    /// They are closed now.
    Close,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnfollowQuery {
    /// `keep` (default) or `close`.
    #[serde(default)]
    #[param(inline)]
    pub open_copies: OpenCopies,
}

/// A follower as the owner of its master sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Follower)]
pub struct FollowerDto {
    #[schema(value_type = Uuid)]
    pub subscription_id: SubscriptionId,
    /// Null unless the account is one's own.
    #[schema(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    /// The account's name if it is one's own, else `Follower` and four letters.
    pub name: String,
    pub state: SubscriptionStateWord,
    pub online: bool,
    pub open_copies: i32,
    /// Null until a copy was answered.
    pub lag_ms: Option<LagDto>,
    pub updated_at: DateTime<Utc>,
}

/// Milliseconds from the read of a signal to the follower's answer, over the
/// copies of the master's last hundred entries.
#[derive(Serialize, ToSchema)]
#[schema(as = Lag)]
pub struct LagDto {
    /// Half of the copies took at most this.
    pub p50: Figure,
    /// 99 in a hundred took at most this.
    pub p99: Figure,
    /// Number of copies it was measured with.
    pub copies: i32,
}

impl From<Lag> for LagDto {
    fn from(lag: Lag) -> Self {
        let ms = |us| Figure(Decimal::new(us, 3));
        Self { p50: ms(lag.p50_us), p99: ms(lag.p99_us), copies: lag.copies }
    }
}

impl From<Follower> for FollowerDto {
    fn from(follower: Follower) -> Self {
        Self {
            subscription_id: follower.subscription_id,
            account_id: follower.account_id,
            name: follower.name,
            state: follower.state.into(),
            online: follower.online,
            open_copies: follower.open_copies,
            lag_ms: follower.lag.map(LagDto::from),
            updated_at: follower.updated_at,
        }
    }
}
