use chrono::{DateTime, Utc};
use flotilla_domain::copy::settings::CopySettings;
use flotilla_domain::id::{AccountId, SubscriptionId};
use flotilla_store::followers::Follower;
use flotilla_store::subscriptions::Subscription;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::figure::Figure;
use crate::dto::patched::Patched;
use crate::dto::rules;
use crate::dto::words::{SizingModeWord, SubscriptionSourceWord, SubscriptionStateWord};

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

/// How a follower copies one master.
#[derive(Serialize, ToSchema)]
#[schema(as = CopySettings)]
pub struct SettingsDto {
    pub sizing: SizingDto,
    pub min_lots: Option<Figure>,
    pub max_lots: Option<Figure>,
    pub lot_step: Option<Figure>,
    pub copy_sl_tp: bool,
    /// Seconds after which an open is not sent any more.
    pub max_age_s: i32,
}

/// How the size of a copy follows from the master's size.
#[derive(Serialize, ToSchema)]
#[schema(as = Sizing)]
pub struct SizingDto {
    pub mode: SizingModeWord,
    /// A factor (`multiplier`) or lots (`fixed`).
    pub value: Figure,
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

impl From<CopySettings> for SettingsDto {
    fn from(settings: CopySettings) -> Self {
        Self {
            sizing: SizingDto { mode: settings.sizing.into(), value: Figure(settings.value) },
            min_lots: settings.min_lots.map(Figure),
            max_lots: settings.max_lots.map(Figure),
            lot_step: settings.lot_step.map(Figure),
            copy_sl_tp: settings.copy_sl_tp,
            max_age_s: settings.max_age_s,
        }
    }
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct Follow {
    #[garde(custom(rules::master_token))]
    #[schema(value_type = String, example = "MST-0123456789abcdef0123456789abcdef")]
    pub master_token: Option<String>,
    #[garde(dive)]
    pub settings: Option<PatchSettings>,
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct PatchSubscription {
    /// `active`, `close_only` or `paused`.
    #[garde(custom(rules::settable))]
    pub state: Option<SubscriptionStateWord>,
    #[garde(dive)]
    pub settings: Option<PatchSettings>,
}

/// Absent fields stay; null means no limit.
#[derive(Default, Deserialize, Validate, ToSchema)]
pub struct PatchSettings {
    #[garde(dive)]
    pub sizing: Option<PatchSizing>,
    #[garde(custom(rules::patched_above_zero))]
    #[serde(default)]
    #[schema(value_type = Option<Figure>)]
    pub min_lots: Patched<Figure>,
    #[garde(custom(rules::patched_above_zero))]
    #[serde(default)]
    #[schema(value_type = Option<Figure>)]
    pub max_lots: Patched<Figure>,
    #[garde(custom(rules::patched_above_zero))]
    #[serde(default)]
    #[schema(value_type = Option<Figure>)]
    pub lot_step: Patched<Figure>,
    #[garde(skip)]
    pub copy_sl_tp: Option<bool>,
    #[garde(custom(rules::max_age))]
    pub max_age_s: Option<i32>,
}

#[derive(Deserialize, Validate, ToSchema)]
pub struct PatchSizing {
    #[garde(skip)]
    pub mode: SizingModeWord,
    /// Needed by `multiplier` and `fixed`.
    #[garde(custom(rules::above_zero))]
    pub value: Option<Figure>,
}

impl PatchSettings {
    /// `settings` with what this patch names.
    pub fn applied_to(self, settings: CopySettings) -> CopySettings {
        let (sizing, value) = match self.sizing {
            Some(sizing) => (sizing.mode.0, sizing.value.map_or(settings.value, |Figure(value)| value)),
            None => (settings.sizing, settings.value),
        };
        CopySettings {
            sizing,
            value,
            min_lots: self.min_lots.over(settings.min_lots, |figure| figure.0),
            max_lots: self.max_lots.over(settings.max_lots, |figure| figure.0),
            lot_step: self.lot_step.over(settings.lot_step, |figure| figure.0),
            copy_sl_tp: self.copy_sl_tp.unwrap_or(settings.copy_sl_tp),
            max_age_s: self.max_age_s.unwrap_or(settings.max_age_s),
        }
    }
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
    /// The account's name if it is one's own, else `Follower` and four letters.
    pub name: String,
    pub state: SubscriptionStateWord,
    pub online: bool,
    pub open_copies: i32,
    pub updated_at: DateTime<Utc>,
}

impl From<Follower> for FollowerDto {
    fn from(follower: Follower) -> Self {
        Self {
            subscription_id: follower.subscription_id,
            name: follower.name,
            state: follower.state.into(),
            online: follower.online,
            open_copies: follower.open_copies,
            updated_at: follower.updated_at,
        }
    }
}
