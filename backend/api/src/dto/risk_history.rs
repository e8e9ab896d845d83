use std::collections::BTreeMap;

use chrono::{DateTime, Months, NaiveDate, Utc};
use flotilla_domain::risk::change::DayTold;
use flotilla_domain::risk::observation::Frame;
use flotilla_domain::risk::status::Status;
use flotilla_store::risk_history::{Crossed, Day, Sample, Stood};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dto::figure::Figure;
use crate::dto::words::{RiskStatusWord, RuleKindWord};
use crate::error::{ApiError, ApiResult};

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

/// Which days are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DaysQuery {
    /// At most 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
    /// Only days that carry a date of this month.
    #[param(example = "2026-11", pattern = r"^\d{4}-\d{2}$")]
    pub month: Option<String>,
}

impl DaysQuery {
    /// First date of the month, and of the next.
    ///
    /// # Errors
    ///
    /// 422.
    pub fn dates(&self) -> ApiResult<Option<(NaiveDate, NaiveDate)>> {
        let Some(month) = self.month.as_deref() else { return Ok(None) };
        let is_formed = month.len() == 7 && month.is_ascii();
        let first = is_formed.then(|| NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").ok());
        let dates =
            first.flatten().and_then(|first| Some((first, first.checked_add_months(Months::new(1))?)));
        let wrong = || ApiError::field("month", "invalid", "is no month such as 2026-11");
        dates.map(Some).ok_or_else(wrong)
    }
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
    /// The worst that was known of it as a whole; old figures count only while nothing else was known. Null: changes of
    /// that day are not kept any more.
    pub worst_status: Option<RiskStatusWord>,
    /// What the rules are about whose lines were crossed, and not taken back.
    pub violations: Vec<RuleKindWord>,
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
            worst_status: None,
            violations: Vec::new(),
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
            worst_status: None,
            violations: Vec::new(),
        }
    }

    /// With how the account stood in its phase from its beginning to before `end`.
    pub fn standing(self, end: DateTime<Utc>, phase: Uuid, stood: &[Stood], crossed: &[Crossed]) -> Self {
        let started_at = self.started_at;
        let is_of_day = |at: DateTime<Utc>| at >= started_at && at < end;
        let of_phase = || stood.iter().filter(|stood| stood.phase_id == phase);
        let carried = of_phase().rfind(|stood| stood.at < started_at);
        let statuses = || carried.into_iter().chain(of_phase().filter(|stood| is_of_day(stood.at)));
        let is_known = |status: &Status| !matches!(status, Status::Stale | Status::Unknown | Status::Empty);
        let all = || statuses().map(|stood| stood.status);
        let worst =
            all().filter(is_known).reduce(Status::or_worse).or_else(|| all().reduce(Status::or_worse));
        let of_day = crossed.iter().filter(|crossed| crossed.phase_id == phase && is_of_day(crossed.at));
        Self {
            worst_status: worst.map(Into::into),
            violations: of_day.map(|crossed| crossed.kind.into()).collect(),
            ..self
        }
    }
}
