use flotilla_domain::risk::defaults::{DefaultsError, RiskDefaults};
use flotilla_domain::risk::form::RuleForm;
use flotilla_store::risk_defaults::Defaults;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::Percent;
use crate::dto::figure::Figure;
use crate::dto::marks::{OwnMarksDto, SetMarks};
use crate::dto::patched::Patched;
use crate::dto::risk_rules::RuleShape;
use crate::error::{ApiError, ApiResult};

/// What an owner lets new accounts begin with.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskDefaults)]
pub struct RiskDefaultsDto {
    pub max_open_positions: u32,
    /// Of the starting balance, as the others are.
    pub risk_per_trade_percent: Figure,
    pub daily_loss_percent: Figure,
    pub max_drawdown_percent: Figure,
    /// Marks of accounts for which neither they nor their groups set any; null:
    /// those that hold for everybody.
    pub thresholds: Option<OwnMarksDto>,
    /// Zero before the first edit.
    pub version: i32,
    /// The numbers as rules: offer these to an account that has none.
    #[schema(value_type = Vec<RuleShape>)]
    pub rules: Vec<RuleForm>,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PutRiskDefaults {
    /// 1 to 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    pub max_open_positions: u32,
    /// Above 0 to 100 with at most 4 decimals, as the others.
    #[schema(value_type = Percent)]
    pub risk_per_trade_percent: Figure,
    #[schema(value_type = Percent)]
    pub daily_loss_percent: Figure,
    #[schema(value_type = Percent)]
    pub max_drawdown_percent: Figure,
    /// Marks of accounts for which neither they nor their groups set any. Stay as they are unless given; null removes them.
    #[serde(default)]
    #[schema(value_type = Option<SetMarks>)]
    pub thresholds: Patched<SetMarks>,
    /// The version that was read.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub version: i32,
}

impl PutRiskDefaults {
    /// The numbers, when they make sense.
    ///
    /// # Errors
    ///
    /// 422.
    pub fn checked(&self) -> ApiResult<RiskDefaults> {
        let defaults = RiskDefaults {
            max_open_positions: self.max_open_positions,
            risk_per_trade_percent: self.risk_per_trade_percent.0,
            daily_loss_percent: self.daily_loss_percent.0,
            max_drawdown_percent: self.max_drawdown_percent.0,
        };
        defaults.checked().map_err(|error| {
            let field = match error {
                DefaultsError::MaxOpenPositions => "max_open_positions",
                DefaultsError::RiskPerTrade => "risk_per_trade_percent",
                DefaultsError::DailyLoss => "daily_loss_percent",
                DefaultsError::MaxDrawdown => "max_drawdown_percent",
            };
            ApiError::field(field, "out_of_range", &error.to_string())
        })
    }
}

impl From<Defaults> for RiskDefaultsDto {
    fn from(set: Defaults) -> Self {
        let Defaults { numbers: defaults, marks, version } = set;
        Self {
            max_open_positions: defaults.max_open_positions,
            risk_per_trade_percent: defaults.risk_per_trade_percent.into(),
            daily_loss_percent: defaults.daily_loss_percent.into(),
            max_drawdown_percent: defaults.max_drawdown_percent.into(),
            thresholds: (!marks.is_empty()).then(|| marks.into()),
            version,
            rules: defaults.rules().map(Into::into).into(),
        }
    }
}
