//! What is audited, in the words of the audit trail.

use flotilla_domain::id::{AccountId, CopyId, GroupId, LoginId, SubscriptionId, TradeId, UserId};
use flotilla_store::audit::{self, NewAudit};
use flotilla_store::{Scope, StoreResult, Tx};
use serde_json::Value;
use uuid::Uuid;

/// The thing an action was done to.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    User(UserId),
    Login(LoginId),
    Account(AccountId),
    Group(GroupId),
    Subscription(SubscriptionId),
    Copy(CopyId),
    Trade(TradeId),
}

impl Target {
    const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Login(_) => "login",
            Self::Account(_) => "account",
            Self::Group(_) => "group",
            Self::Subscription(_) => "subscription",
            Self::Copy(_) => "copy",
            Self::Trade(_) => "trade",
        }
    }

    const fn id(self) -> Uuid {
        match self {
            Self::User(id) => id.uuid(),
            Self::Login(id) => id.uuid(),
            Self::Account(id) => id.uuid(),
            Self::Group(id) => id.uuid(),
            Self::Subscription(id) => id.uuid(),
            Self::Copy(id) => id.uuid(),
            Self::Trade(id) => id.uuid(),
        }
    }
}

/// Appends to the chain of the scope's owner. Make it the last thing a
/// transaction does: appends of one owner wait for one another.
///
/// # Errors
///
/// When the row cannot be written; then nothing of the transaction is kept.
pub async fn record(
    tx: &mut Tx,
    scope: Scope,
    action: &'static str,
    target: Target,
    detail: Value,
) -> StoreResult<()> {
    let (target_kind, target_id) = (target.kind(), Some(target.id()));
    let new = NewAudit { actor: Some(scope.actor), action, target_kind, target_id, detail };
    audit::append(tx, scope.owner, new).await
}
