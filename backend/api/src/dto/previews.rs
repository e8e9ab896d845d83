use flotilla_domain::copy::pace::Pace;
use flotilla_domain::copy::settings::CopySettings;
use flotilla_store::masters::NamedMaster;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::copy_settings::SettingsDto;
use crate::dto::figure::Figure;

/// Decimals of a share.
const SHARE_DECIMALS: u32 = 4;

/// What following a master would mean.
#[derive(Serialize, ToSchema)]
#[schema(as = SubscriptionPreview)]
pub struct PreviewDto {
    pub master_name: String,
    /// Whether the master's owner has to approve first.
    pub needs_approval: bool,
    /// The settings that would apply.
    pub settings: SettingsDto,
    /// How long a signal takes. Null where orders do not wait for each other:
    /// an EA has its line at once, and no worker has told of limits.
    #[schema(required = true)]
    pub pace: Option<PaceDto>,
}

/// How long a signal takes at an exchange that counts orders by source address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FollowingPace)]
pub struct PaceDto {
    /// Accounts at the exchange that follow, this one among them.
    pub followers: u32,
    /// Seconds until the last order of a signal leaves, if all of them open.
    #[schema(example = "79.2")]
    pub last_order_after_s: Figure,
    /// Share of the orders whose turn comes after `settings.max_age_s`: these
    /// are skipped as too old.
    #[schema(example = "0.25")]
    pub too_old_share: Figure,
}

impl PreviewDto {
    pub fn new(
        master: NamedMaster,
        needs_approval: bool,
        settings: CopySettings,
        pace: Option<Pace>,
    ) -> Self {
        Self {
            master_name: master.name,
            needs_approval,
            settings: settings.into(),
            pace: pace.map(PaceDto::from),
        }
    }
}

impl From<Pace> for PaceDto {
    fn from(pace: Pace) -> Self {
        let seconds = i64::try_from(pace.last_after_ms).unwrap_or(i64::MAX);
        let share = Decimal::from(pace.too_late).checked_div(Decimal::from(pace.followers));
        Self {
            followers: pace.followers,
            last_order_after_s: Decimal::new(seconds, 3).into(),
            too_old_share: share.unwrap_or_default().round_dp(SHARE_DECIMALS).into(),
        }
    }
}
