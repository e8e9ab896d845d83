use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use flotilla_domain::risk::change::DayTold;
use flotilla_domain::risk::observation::Frame;
use flotilla_store::risk_history::{Day, Sample};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::figure::Figure;

/// Which part of the history is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// A day before `to` unless given.
    pub from: Option<DateTime<Utc>>,
    /// Now unless given; at most seven days after `from`.
    pub to: Option<DateTime<Utc>>,
    /// At most 1000; 300 unless given.
    #[param(minimum = 2, maximum = 1000)]
    pub points: Option<i64>,
}

/// Equity of an account against its floors.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskHistory)]
pub struct HistoryDto {
    /// Oldest first, thinned: the extremes of each span are kept.
    pub points: Vec<HistoryPointDto>,
}

/// Figures of a span of time.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskHistoryPoint)]
pub struct HistoryPointDto {
    /// When its last figures were true.
    pub at: DateTime<Utc>,
    pub balance: Figure,
    pub equity: Figure,
    /// Lowest equity of the span.
    pub low: Figure,
    /// Highest equity of the span.
    pub high: Figure,
    /// Where the floors were, by rule, as they were judged then.
    pub floors: BTreeMap<String, Figure>,
}

/// A day of an account, by its own clock, without the cash that was moved.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskDayRow)]
pub struct DayRowDto {
    #[schema(value_type = String, format = Date)]
    pub label: NaiveDate,
    pub started_at: DateTime<Utc>,
    /// It has not ended: its end is that of the last figures.
    pub running: bool,
    pub start_balance: Figure,
    pub start_equity: Figure,
    pub end_balance: Figure,
    pub end_equity: Figure,
    pub low_equity: Figure,
    pub high_equity: Figure,
    /// Change of equity.
    pub change: Figure,
    /// Change of balance: closed results.
    pub closed: Figure,
}

impl From<Sample> for HistoryPointDto {
    fn from(sample: Sample) -> Self {
        Self {
            at: sample.at,
            balance: sample.balance.into(),
            equity: sample.equity.into(),
            low: sample.low.into(),
            high: sample.high.into(),
            floors: sample.floors.into_iter().map(|(rule, floor)| (rule, floor.into())).collect(),
        }
    }
}

impl From<Day> for DayRowDto {
    fn from(day: Day) -> Self {
        Self {
            label: day.label,
            started_at: day.started_at,
            running: false,
            start_balance: day.start_balance.into(),
            start_equity: day.start_equity.into(),
            end_balance: day.end_balance.into(),
            end_equity: day.end_equity.into(),
            low_equity: day.low_equity.into(),
            high_equity: day.high_equity.into(),
            change: (day.end_equity - day.start_equity).into(),
            closed: (day.end_balance - day.start_balance).into(),
        }
    }
}

impl DayRowDto {
    /// The day that has not ended.
    pub fn running(day: &DayTold, last: &Frame) -> Self {
        let (balance, equity) = (last.balance - last.cash, last.equity - last.cash);
        Self {
            label: day.label,
            started_at: day.start,
            running: true,
            start_balance: day.balance.into(),
            start_equity: day.equity.into(),
            end_balance: balance.into(),
            end_equity: equity.into(),
            low_equity: day.low.into(),
            high_equity: day.high.into(),
            change: (equity - day.equity).into(),
            closed: (balance - day.balance).into(),
        }
    }
}
