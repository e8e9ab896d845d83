use chrono::{DateTime, Utc};
use flotilla_store::risk_violations::StoredViolation;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::bounds::{Amount, Grounds, Note, RuleName};
use crate::dto::figure::Figure;
use crate::dto::risk::RoomUnit;
use crate::dto::rule_reports::EvidenceDto;
use crate::dto::rules;
use crate::dto::words::{RuleKindWord, RuleSeverityWord};

/// What a day began with, as the firm's dashboard says.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PutDayStart {
    #[schema(value_type = Amount)]
    pub balance: Figure,
    #[schema(value_type = Amount)]
    pub equity: Figure,
}

/// A floor that the firm has set, as at a first payout.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SetFloor {
    #[schema(value_type = RuleName)]
    pub rule_id: String,
    /// From when on; now unless given.
    pub at: Option<DateTime<Utc>>,
    #[schema(value_type = Amount)]
    pub floor: Figure,
    #[garde(custom(rules::reason))]
    #[schema(value_type = Grounds)]
    pub reason: String,
}

/// Money that was moved: never profit or loss.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct NoteCashFlow {
    pub kind: CashFlowKind,
    /// Above zero; of a correction it may be below.
    #[schema(value_type = Amount)]
    pub amount: Figure,
    /// Now unless given.
    pub at: Option<DateTime<Utc>>,
    #[garde(custom(rules::optional_note))]
    #[schema(value_type = Option<Note>)]
    pub note: Option<String>,
}

/// Which way money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CashFlowKind {
    Deposit,
    Withdrawal,
    Payout,
    /// The balance was wrong, or the broker gave or took a credit.
    Correction,
}

/// What made a balance another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BalanceChange {
    /// Closed trades.
    Trading,
    Deposit,
    Withdrawal,
    Payout,
    /// The balance was wrong, or the broker gave or took a credit.
    Correction,
}

impl BalanceChange {
    /// How money was moved; `None`: it was not.
    pub const fn flow(self) -> Option<CashFlowKind> {
        match self {
            Self::Trading => None,
            Self::Deposit => Some(CashFlowKind::Deposit),
            Self::Withdrawal => Some(CashFlowKind::Withdrawal),
            Self::Payout => Some(CashFlowKind::Payout),
            Self::Correction => Some(CashFlowKind::Correction),
        }
    }
}

/// Why a violation is taken back.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearViolation {
    #[garde(custom(rules::reason))]
    #[schema(value_type = Grounds)]
    pub reason: String,
}

/// A line that was crossed, by our measurement; the firm decides.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskViolation)]
pub struct ViolationDto {
    pub id: Uuid,
    pub phase_id: Uuid,
    pub rule_id: String,
    pub kind: RuleKindWord,
    /// Of the amounts in the evidence.
    pub unit: RoomUnit,
    pub severity: RuleSeverityWord,
    pub evidence: EvidenceDto,
    pub cleared_at: Option<DateTime<Utc>>,
    pub clear_reason: Option<String>,
}

impl From<StoredViolation> for ViolationDto {
    fn from(stored: StoredViolation) -> Self {
        Self {
            id: stored.id,
            phase_id: stored.phase_id,
            rule_id: stored.rule.0,
            kind: stored.kind.into(),
            unit: stored.unit.into(),
            severity: stored.severity.into(),
            evidence: stored.violation.into(),
            cleared_at: stored.cleared_at,
            clear_reason: stored.clear_reason,
        }
    }
}
