use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, RequestId};
use flotilla_domain::stop::StopScope;
use flotilla_store::operations::{Operation, OperationAccount};
use flotilla_store::stops::Stop;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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
    pub group_id: Option<Uuid>,
    pub action: StopActionWord,
}

impl StopCopying {
    /// The account; `None`: all of them.
    ///
    /// # Errors
    ///
    /// 422 when the scope and the identifiers do not fit together, and for
    /// groups, which do not exist yet.
    pub fn account(&self) -> ApiResult<Option<AccountId>> {
        match (self.scope.0, self.account_id, self.group_id) {
            (StopScope::Group, ..) | (_, _, Some(_)) => Err(ApiError::field(
                "scope",
                "groups_not_available",
                "there are no groups yet; stop accounts",
            )),
            (StopScope::All, None, None) => Ok(None),
            (StopScope::All, Some(_), None) => {
                Err(ApiError::field("account_id", "not_allowed", "the scope `all` names no account"))
            }
            (StopScope::Account, Some(account), None) => Ok(Some(account)),
            (StopScope::Account, None, None) => {
                Err(ApiError::field("account_id", "required", "the scope `account` needs one"))
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
    pub since: DateTime<Utc>,
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
        Self { scope: scope(stop.account_id), account_id: stop.account_id, since: stop.since }
    }
}

impl From<Operation> for OperationDto {
    fn from(operation: Operation) -> Self {
        let sum =
            |of: fn(&OperationAccount) -> i32| operation.accounts.iter().map(of).fold(0, i32::saturating_add);
        Self {
            id: operation.id,
            action: operation.kind.into(),
            scope: scope(operation.account_id),
            account_id: operation.account_id,
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

fn scope(account: Option<AccountId>) -> StopScopeWord {
    if account.is_some() { StopScope::Account } else { StopScope::All }.into()
}
