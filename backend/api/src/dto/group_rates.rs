use chrono::{DateTime, Utc};
use flotilla_domain::group::{Group, GroupRate, RATE_HOLDS};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{CurrencyName, PositiveAmount};
use crate::dto::figure::Figure;

/// What a currency is worth to a group, as its owner says.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GroupRate)]
pub struct GroupRateDto {
    pub currency: String,
    /// Units of the base currency for one.
    pub rate: Figure,
    pub as_of: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Whether it holds; one that does not counts as missing.
    pub fresh: bool,
}

/// What currencies are worth to a group now. Those that are left out are worth
/// nothing known.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PutRates {
    #[garde(length(max = 50))]
    #[schema(max_items = 50)]
    pub rates: Vec<RateBody>,
}

/// What a currency is worth now.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutRate)]
pub struct RateBody {
    #[schema(value_type = CurrencyName)]
    pub currency: String,
    /// Units of the group's base currency for one; above zero.
    #[schema(value_type = PositiveAmount)]
    pub rate: Figure,
}

/// Rates of a group, each with whether it holds at `now`.
pub fn rates(group: &Group, now: DateTime<Utc>) -> Vec<GroupRateDto> {
    let known = group.rates();
    let rate = |rate: &GroupRate| GroupRateDto {
        currency: rate.currency.clone(),
        rate: rate.rate.into(),
        as_of: rate.at,
        expires_at: rate.at + RATE_HOLDS,
        fresh: known.of(&rate.currency, now).is_some(),
    };
    group.rates.iter().map(rate).collect()
}
