use chrono::{DateTime, NaiveDate, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::change::ChangeKind;
use flotilla_domain::risk::guard::Trip;
use flotilla_domain::risk::report::Unit;
use flotilla_domain::risk::rule::{Kind, Severity};
use flotilla_domain::risk::status::Status;
use flotilla_domain::risk::violation::Violation;
use flotilla_store::risk_events::Event;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::figure::Figure;
use crate::dto::guard::GuardTripDto;
use crate::dto::rule_reports::EvidenceDto;
use crate::dto::stream::StreamEvent;
use crate::dto::words::{RiskStatusWord, RiskUnitWord, RuleKindWord, RuleSeverityWord};

/// A rule, or an account as a whole, has another status.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskTransition)]
pub struct RiskTransitionDto {
    /// Of the event: it may be told twice.
    pub id: Uuid,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    /// Null: the account as a whole.
    pub rule_id: Option<String>,
    pub kind: Option<RuleKindWord>,
    pub from: RiskStatusWord,
    pub to: RiskStatusWord,
    pub buffer: Option<Figure>,
    pub buffer_percent: Option<Figure>,
    pub unit: Option<RiskUnitWord>,
    pub currency: Option<String>,
    pub at: DateTime<Utc>,
}

/// A line was crossed, and that was recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskViolationTold)]
pub struct RiskViolationToldDto {
    /// Of the event: it may be told twice.
    pub id: Uuid,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub violation_id: Uuid,
    pub rule_id: Option<String>,
    pub kind: Option<RuleKindWord>,
    pub severity: Option<RuleSeverityWord>,
    pub currency: String,
    pub evidence: EvidenceDto,
    pub at: DateTime<Utc>,
}

/// The figures of an account became too old.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskStale)]
pub struct RiskStaleDto {
    /// Of the event: it may be told twice.
    pub id: Uuid,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub as_of: Option<DateTime<Utc>>,
    pub last_known_status: Option<RiskStatusWord>,
    pub at: DateTime<Utc>,
}

/// A day of an account began.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RiskReset)]
pub struct RiskResetDto {
    /// Of the event: it may be told twice.
    pub id: Uuid,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    #[schema(value_type = String, format = Date)]
    pub day: NaiveDate,
    pub next_reset_at: Option<DateTime<Utc>>,
    pub at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct TransitionDetail {
    currency: Option<String>,
    kind: Option<Kind>,
    unit: Option<Unit>,
    buffer: Option<Decimal>,
    buffer_percent: Option<Decimal>,
}

#[derive(Deserialize)]
struct ViolationDetail {
    violation_id: Uuid,
    kind: Option<Kind>,
    severity: Option<Severity>,
    currency: String,
    evidence: Violation,
}

#[derive(Deserialize)]
struct StaleDetail {
    as_of: Option<DateTime<Utc>>,
    last_known_status: Option<Status>,
}

#[derive(Deserialize)]
struct ResetDetail {
    day: NaiveDate,
    next_reset_at: Option<DateTime<Utc>>,
}

/// The message that tells of `event`; `None` when another version wrote what this one does not know.
pub fn message(event: Event) -> Option<StreamEvent> {
    match event.kind {
        ChangeKind::Transition => transition(event),
        ChangeKind::Violation => violation(event),
        ChangeKind::Stale => stale(&event),
        ChangeKind::Reset => reset(&event),
        ChangeKind::GuardTripped => Some(StreamEvent::GuardTripped(trip(&event)?)),
        ChangeKind::GuardResumed => Some(StreamEvent::GuardResumed(trip(&event)?)),
    }
}

fn detail<T: DeserializeOwned>(event: &Event) -> Option<T> {
    let read = serde_json::from_value(event.detail.clone());
    read.inspect_err(|error| tracing::error!(%error, event.id = %event.id, "an event cannot be read")).ok()
}

fn trip(event: &Event) -> Option<Box<GuardTripDto>> {
    Some(Box::new(detail::<Trip>(event)?.into()))
}

fn transition(event: Event) -> Option<StreamEvent> {
    let (said, (from, to)) = (detail::<TransitionDetail>(&event)?, event.statuses?);
    Some(StreamEvent::RiskTransition(Box::new(RiskTransitionDto {
        id: event.id,
        account_id: event.account_id,
        rule_id: event.rule.map(|rule| rule.0),
        kind: said.kind.map(Into::into),
        from: from.into(),
        to: to.into(),
        buffer: said.buffer.map(Figure),
        buffer_percent: said.buffer_percent.map(Figure),
        unit: said.unit.map(Into::into),
        currency: said.currency,
        at: event.at,
    })))
}

fn violation(event: Event) -> Option<StreamEvent> {
    let said: ViolationDetail = detail(&event)?;
    Some(StreamEvent::RiskViolation(Box::new(RiskViolationToldDto {
        id: event.id,
        account_id: event.account_id,
        violation_id: said.violation_id,
        rule_id: event.rule.map(|rule| rule.0),
        kind: said.kind.map(Into::into),
        severity: said.severity.map(Into::into),
        currency: said.currency,
        evidence: said.evidence.into(),
        at: event.at,
    })))
}

fn stale(event: &Event) -> Option<StreamEvent> {
    let said: StaleDetail = detail(event)?;
    Some(StreamEvent::RiskStale(RiskStaleDto {
        id: event.id,
        account_id: event.account_id,
        as_of: said.as_of,
        last_known_status: said.last_known_status.map(Into::into),
        at: event.at,
    }))
}

fn reset(event: &Event) -> Option<StreamEvent> {
    let said: ResetDetail = detail(event)?;
    Some(StreamEvent::RiskReset(RiskResetDto {
        id: event.id,
        account_id: event.account_id,
        day: said.day,
        next_reset_at: said.next_reset_at,
        at: event.at,
    }))
}
