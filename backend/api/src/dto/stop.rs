use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, GroupId, RequestId};
use flotilla_domain::stop::{StopPlace, StopScope};
use flotilla_store::operations::{Operation, OperationAccount};
use flotilla_store::stops::Stop;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::guard::GuardTripDto;
use crate::dto::words::{OperationKindWord, OperationStateWord, StopActionWord, StopScopeWord};
use crate::error::{ApiError, ApiResult};

/// What the stop button shall do, and where.
#[derive(Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct StopCopying {
    pub scope: StopScopeWord,
    /// With the scope `account`.
    #[schema(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    /// With the scope `group`.
    #[schema(value_type = Option<Uuid>)]
    pub group_id: Option<GroupId>,
    pub action: StopActionWord,
}

impl StopCopying {
    /// Where.
    ///
    /// # Errors
    ///
    /// 422 when the scope and the identifiers do not fit together.
    pub fn place(&self) -> ApiResult<StopPlace> {
        match (self.scope.0, self.account_id, self.group_id) {
            (StopScope::All, None, None) => Ok(StopPlace::Everywhere),
            (StopScope::Account, Some(account), None) => Ok(StopPlace::Account(account)),
            (StopScope::Group, None, Some(group)) => Ok(StopPlace::Group(group)),
            (StopScope::Account, None, None) => {
                Err(ApiError::field("account_id", "required", "the scope `account` needs one"))
            }
            (StopScope::Group, None, None) => {
                Err(ApiError::field("group_id", "required", "the scope `group` needs one"))
            }
            (StopScope::All | StopScope::Group, Some(_), _) => {
                Err(ApiError::field("account_id", "not_allowed", "only the scope `account` names an account"))
            }
            (StopScope::All | StopScope::Account, _, Some(_)) => {
                Err(ApiError::field("group_id", "not_allowed", "only the scope `group` names a group"))
            }
        }
    }
}

/// Where copying is stopped, and what is being done about many copies.
#[derive(Serialize, ToSchema)]
#[schema(as = StopState)]
pub struct StopStateDto {
    /// Oldest first.
    pub stops: Vec<StopDto>,
    /// Not done yet, or done a moment ago; oldest first.
    pub operations: Vec<OperationDto>,
}

/// Nothing new is copied here.
#[derive(Serialize, ToSchema)]
#[schema(as = Stop)]
pub struct StopDto {
    pub scope: StopScopeWord,
    #[schema(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    #[schema(value_type = Option<Uuid>)]
    pub group_id: Option<GroupId>,
    pub since: DateTime<Utc>,
    /// What a guard did it for; null when a person did.
    pub guard_trip: Option<GuardTripDto>,
}

/// How far something is that concerns many copies.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StopProgress)]
pub struct OperationDto {
    #[schema(value_type = Uuid)]
    pub id: RequestId,
    pub action: OperationKindWord,
    pub scope: StopScopeWord,
    #[schema(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
    #[schema(value_type = Option<Uuid>)]
    pub group_id: Option<GroupId>,
    pub state: OperationStateWord,
    /// Copies that have ended, by evidence.
    pub done: i32,
    /// Copies to be closed.
    pub total: i32,
    /// Follower accounts with copies to close, by name.
    pub accounts: Vec<OperationAccountDto>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// How far it is in one account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = StopAccountProgress)]
pub struct OperationAccountDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub name: String,
    pub done: i32,
    pub total: i32,
    /// False: its terminal is not connected; its closes wait for it.
    pub reachable: bool,
}

impl From<Stop> for StopDto {
    fn from(stop: Stop) -> Self {
        Self {
            scope: stop.place.scope().into(),
            account_id: stop.place.account(),
            group_id: stop.place.group(),
            since: stop.since,
            guard_trip: stop.trip.map(Into::into),
        }
    }
}

impl From<Operation> for OperationDto {
    fn from(operation: Operation) -> Self {
        let sum =
            |of: fn(&OperationAccount) -> i32| operation.accounts.iter().map(of).fold(0, i32::saturating_add);
        Self {
            id: operation.id,
            action: operation.kind.into(),
            scope: operation.place.scope().into(),
            account_id: operation.place.account(),
            group_id: operation.place.group(),
            state: operation.state.into(),
            done: sum(|account| account.done),
            total: sum(|account| account.total),
            accounts: operation.accounts.into_iter().map(Into::into).collect(),
            created_at: operation.created_at,
            updated_at: operation.updated_at,
        }
    }
}

impl From<OperationAccount> for OperationAccountDto {
    fn from(account: OperationAccount) -> Self {
        Self {
            account_id: account.id,
            name: account.name,
            done: account.done,
            total: account.total,
            reachable: account.is_reachable,
        }
    }
}
