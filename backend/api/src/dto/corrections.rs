use chrono::{DateTime, NaiveDate, Utc};
use flotilla_store::risk_corrections::{NotedFlow, NotedStart, SetFloor};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::bounds::Grounds;
use crate::dto::figure::Figure;
use crate::dto::risk_corrections::CashFlowKind;
use crate::dto::rules;

/// What was corrected in the running phase of an account, each list newest first and of 200 entries at most.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RiskCorrections)]
pub struct CorrectionsDto {
    /// Those that were taken back are among them.
    pub floor_overrides: Vec<FloorOverrideDto>,
    pub cash_flows: Vec<CashFlowDto>,
    pub day_starts: Vec<DayStartDto>,
}

/// A floor that the firm has set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FloorOverride)]
pub struct FloorOverrideDto {
    pub id: Uuid,
    pub rule_id: String,
    /// From when on.
    pub at: DateTime<Utc>,
    pub floor: Figure,
    pub reason: String,
    /// Name of who set it; null when it is not yours to know.
    pub set_by: Option<String>,
    pub set_at: DateTime<Utc>,
    /// It does not hold any more, not even in the past.
    pub taken_back_at: Option<DateTime<Utc>>,
    pub taken_back_by: Option<String>,
    pub take_back_reason: Option<String>,
}

/// Money that was moved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CashFlow)]
pub struct CashFlowDto {
    pub id: Uuid,
    pub kind: CashFlowKind,
    pub at: DateTime<Utc>,
    /// Negative when it left.
    pub amount: Figure,
    pub note: Option<String>,
    /// The account's terminal told of it; nobody noted it.
    pub is_reported: bool,
    pub set_by: Option<String>,
    pub set_at: DateTime<Utc>,
}

/// What a day began with, as the firm's dashboard says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DayStart)]
pub struct DayStartDto {
    #[schema(value_type = String, format = Date)]
    pub label: NaiveDate,
    pub balance: Figure,
    pub equity: Figure,
    pub set_by: Option<String>,
    pub set_at: DateTime<Utc>,
}

/// Why a floor is taken back.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBackFloor {
    #[garde(custom(rules::reason))]
    #[schema(value_type = Grounds)]
    pub reason: String,
}

impl From<SetFloor> for FloorOverrideDto {
    fn from(set: SetFloor) -> Self {
        Self {
            id: set.id,
            rule_id: set.rule_id,
            at: set.at,
            floor: set.floor.into(),
            reason: set.reason,
            set_by: set.set_by,
            set_at: set.set_at,
            taken_back_at: set.taken_back_at,
            taken_back_by: set.taken_back_by,
            take_back_reason: set.take_back_reason,
        }
    }
}

impl From<NotedFlow> for CashFlowDto {
    fn from(flow: NotedFlow) -> Self {
        let kind = match flow.kind.as_str() {
            "deposit" => CashFlowKind::Deposit,
            "withdrawal" => CashFlowKind::Withdrawal,
            "payout" => CashFlowKind::Payout,
            // Credits of brokers are corrections to whoever reads them.
            _ => CashFlowKind::Correction,
        };
        Self {
            id: flow.id,
            kind,
            at: flow.at,
            amount: flow.amount.into(),
            note: flow.note,
            is_reported: flow.is_reported,
            set_by: flow.set_by,
            set_at: flow.set_at,
        }
    }
}

impl From<NotedStart> for DayStartDto {
    fn from(start: NotedStart) -> Self {
        Self {
            label: start.label,
            balance: start.balance.into(),
            equity: start.equity.into(),
            set_by: start.set_by,
            set_at: start.set_at,
        }
    }
}
