use chrono::{DateTime, Utc};
use flotilla_domain::id::AccountId;
use flotilla_store::risk_history::Sample;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::figure::Figure;

/// Which part of the series is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EquityQuery {
    /// Thirty days before `to` unless given.
    pub from: Option<DateTime<Utc>>,
    /// Now unless given; at most two years after `from`.
    pub to: Option<DateTime<Utc>>,
    /// At most 1000; 300 unless given.
    #[param(minimum = 2, maximum = 1000)]
    pub points: Option<i64>,
}

/// Balance and equity of an account in the course of time.
#[derive(Serialize, ToSchema)]
#[schema(as = Equity)]
pub struct EquityDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub currency: String,
    /// Oldest first, thinned: the extremes of each span are kept. Of more than
    /// a week there is one for each day of the account at most.
    pub points: Vec<EquityPointDto>,
}

/// Figures of a span of time.
#[derive(Serialize, ToSchema)]
#[schema(as = EquityPoint)]
pub struct EquityPointDto {
    /// When its last figures were true.
    pub at: DateTime<Utc>,
    pub balance: Figure,
    pub equity: Figure,
    /// Lowest equity of the span.
    pub low: Figure,
    /// Highest equity of the span.
    pub high: Figure,
}

impl From<Sample> for EquityPointDto {
    fn from(sample: Sample) -> Self {
        Self {
            at: sample.at,
            balance: sample.balance.into(),
            equity: sample.equity.into(),
            low: sample.low.into(),
            high: sample.high.into(),
        }
    }
}
