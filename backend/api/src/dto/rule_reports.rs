use chrono::{DateTime, NaiveDate, Utc};
use flotilla_domain::risk::marks::Source;
use flotilla_domain::risk::objective::{Figures, Objective};
use flotilla_domain::risk::preview::AfterReset;
use flotilla_domain::risk::report::RuleRisk;
use flotilla_domain::risk::rule::RuleId;
use flotilla_domain::risk::status::{Status, Thresholds};
use flotilla_domain::risk::violation::{Line, Violation};
use flotilla_domain::risk::what_if::AtEquity;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;
use crate::dto::marks::MarksSourceDto;
use crate::dto::words::{
    DayStartQualityWord, ObjectiveStateWord, RiskStatusWord, RiskUnitWord, RuleKindWord, ViolationSourceWord,
};

/// Where a limit stands. What does not apply, or is not known, is null.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RuleRisk)]
pub struct RuleRiskDto {
    pub rule_id: String,
    pub kind: RuleKindWord,
    pub unit: RiskUnitWord,
    /// Room there is in all, or the cap.
    pub limit: Option<Figure>,
    /// The line, of floors.
    pub floor: Option<Figure>,
    /// What the floor is derived from.
    pub reference: Option<Figure>,
    /// The value that is held against the line.
    pub current: Option<Figure>,
    /// What is left; negative is overshoot.
    pub buffer: Option<Figure>,
    /// Percent of the limit that is left, four places.
    pub buffer_percent: Option<Figure>,
    pub status: RiskStatusWord,
    /// By the last known figures.
    pub last_known_status: Option<RiskStatusWord>,
    /// Whether a violation is recorded and stands.
    pub latched: bool,
    pub violation: Option<EvidenceDto>,
    /// Whether a trailing floor has stopped.
    pub locked: Option<bool>,
    /// The line may have been crossed since the observation before the last.
    pub suspected_breach: bool,
    /// A position has no stop.
    pub missing_stop: Option<bool>,
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<NaiveDate>,
    pub day_start_quality: Option<DayStartQualityWord>,
    pub next_reset_at: Option<DateTime<Utc>>,
    /// Of a crossed line that only pauses: when the pause ends.
    pub pause_ends_at: Option<DateTime<Utc>>,
    /// Marks in percent of the limit, inclusive.
    pub thresholds: ThresholdsDto,
    /// Who set these marks.
    pub thresholds_from: MarksSourceDto,
    /// Marks in money; they only make a result worse.
    pub thresholds_money: Option<ThresholdsDto>,
}

/// Marks at which a rule becomes caution and critical, both inclusive.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = RiskThresholds)]
pub struct ThresholdsDto {
    pub caution: Figure,
    pub critical: Figure,
}

/// What is known of a crossed line, by our measurement: the firm decides.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ViolationEvidence)]
pub struct EvidenceDto {
    /// When the figures were true, or the line moved.
    pub at: DateTime<Utc>,
    /// When we learnt of it.
    pub detected_at: DateTime<Utc>,
    pub source: ViolationSourceWord,
    /// The value that was held against the line.
    pub measured: Figure,
    /// The line, where it is a floor.
    pub floor: Option<Figure>,
    /// The line, where it is a cap.
    pub cap: Option<Figure>,
    /// What was left; negative is overshoot.
    pub buffer: Figure,
    pub reference: Option<Figure>,
    #[schema(value_type = String, format = Date)]
    pub day: NaiveDate,
    /// The last observation that was still good: it happened after this.
    pub not_before: Option<DateTime<Utc>>,
    /// Something later had been received before.
    pub late: bool,
    /// The least that was left since.
    pub worst_buffer: Figure,
}

/// Something to be reached; never violated. What does not apply is null.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskObjective)]
pub struct ObjectiveDto {
    pub rule_id: String,
    pub kind: RuleKindWord,
    pub state: ObjectiveStateWord,
    pub target: Option<Figure>,
    pub current: Option<Figure>,
    pub remaining: Option<Figure>,
    /// May be negative and above a hundred.
    pub progress_percent: Option<Figure>,
    pub best_day: Option<Figure>,
    pub denominator: Option<Figure>,
    pub ratio_percent: Option<Figure>,
    /// The most that the best day may be.
    pub allowed: Option<Figure>,
    pub buffer: Option<Figure>,
    /// Profit that would make the best day small enough.
    pub extra_profit_needed: Option<Figure>,
}

/// Where a floor will be after its next reset if balance and equity stay.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AfterReset)]
pub struct AfterResetDto {
    pub rule_id: String,
    pub at: DateTime<Utc>,
    pub floor: Figure,
    /// Negative is overshoot.
    pub buffer: Figure,
    pub status: RiskStatusWord,
}

/// What a floor would say.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RuleStatus)]
pub struct RuleStatusDto {
    pub rule_id: String,
    pub status: RiskStatusWord,
}

/// Where an account would stand with another equity.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskAtEquity)]
pub struct AtEquityDto {
    pub equity: Figure,
    /// The worst of the floors; null when it has none.
    pub status: Option<RiskStatusWord>,
    pub rules: Vec<RuleStatusDto>,
}

impl RuleRiskDto {
    /// With who set its marks.
    pub fn of(rule: &RuleRisk, source: Source) -> Self {
        Self {
            rule_id: rule.rule.0.clone(),
            kind: rule.kind.into(),
            unit: rule.unit.into(),
            limit: rule.limit.map(Figure),
            floor: rule.floor.map(Figure),
            reference: rule.reference.map(Figure),
            current: rule.current.map(Figure),
            buffer: rule.buffer.map(Figure),
            buffer_percent: rule.buffer_percent.map(Figure),
            status: rule.status.into(),
            last_known_status: rule.last_known_status.map(Into::into),
            latched: rule.violation.is_some(),
            violation: rule.violation.clone().map(Into::into),
            locked: rule.locked,
            suspected_breach: rule.suspected_breach,
            missing_stop: rule.missing_stop,
            day: rule.day,
            day_start_quality: rule.day_start_quality.map(Into::into),
            next_reset_at: rule.next_reset_at,
            pause_ends_at: rule.pause_ends_at,
            thresholds: rule.thresholds.into(),
            thresholds_from: source.into(),
            thresholds_money: rule.money_thresholds.map(Into::into),
        }
    }
}

impl From<Thresholds> for ThresholdsDto {
    fn from(marks: Thresholds) -> Self {
        Self { caution: marks.caution().into(), critical: marks.critical().into() }
    }
}

impl From<Violation> for EvidenceDto {
    fn from(found: Violation) -> Self {
        let (floor, cap) = match found.line {
            Line::Floor(floor) => (Some(Figure(floor)), None),
            Line::Cap(cap) => (None, Some(Figure(cap))),
        };
        Self {
            at: found.at,
            detected_at: found.detected_at,
            source: found.source.into(),
            measured: found.measured.into(),
            floor,
            cap,
            buffer: found.buffer.into(),
            reference: found.reference.map(Figure),
            day: found.day,
            not_before: found.not_before,
            late: found.is_late,
            worst_buffer: found.worst_buffer.into(),
        }
    }
}

impl From<&Objective> for ObjectiveDto {
    fn from(objective: &Objective) -> Self {
        let mut dto = Self {
            rule_id: objective.rule.0.clone(),
            kind: objective.kind.into(),
            state: objective.state.into(),
            target: None,
            current: None,
            remaining: None,
            progress_percent: None,
            best_day: None,
            denominator: None,
            ratio_percent: None,
            allowed: None,
            buffer: None,
            extra_profit_needed: None,
        };
        match objective.figures {
            Figures::Progress { target, current, remaining, progress_percent } => {
                (dto.target, dto.current) = (Some(Figure(target)), Some(Figure(current)));
                (dto.remaining, dto.progress_percent) =
                    (Some(Figure(remaining)), progress_percent.map(Figure));
            }
            Figures::Share { best_day, denominator, ratio_percent, allowed, buffer, extra_profit_needed } => {
                (dto.best_day, dto.denominator) = (Some(Figure(best_day)), Some(Figure(denominator)));
                (dto.ratio_percent, dto.allowed) = (ratio_percent.map(Figure), allowed.map(Figure));
                dto.buffer = buffer.map(Figure);
                dto.extra_profit_needed = extra_profit_needed.map(Figure);
            }
        }
        dto
    }
}

impl From<AfterReset> for AfterResetDto {
    fn from(after: AfterReset) -> Self {
        Self {
            rule_id: after.rule.0,
            at: after.at,
            floor: after.floor.into(),
            buffer: after.buffer.into(),
            status: after.status.into(),
        }
    }
}

impl From<AtEquity> for AtEquityDto {
    fn from(at: AtEquity) -> Self {
        let worst = at.rules.iter().map(|(_, status)| *status).reduce(Status::or_worse);
        let rule =
            |(rule, status): (RuleId, Status)| RuleStatusDto { rule_id: rule.0, status: status.into() };
        Self {
            equity: at.equity.into(),
            status: worst.map(Into::into),
            rules: at.rules.into_iter().map(rule).collect(),
        }
    }
}
