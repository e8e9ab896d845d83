//! The stop button: what it does, where, and how far it is.

use crate::id::{AccountId, GroupId};
use crate::text_enum::text_enum;

text_enum! {
    /// What is asked of the stop button.
    StopAction, "stop action" {
        /// Nothing new is copied until somebody resumes it; open copies stay.
        StopNew = "stop_new",
        /// As `stop_new`, and every open copy is closed.
        Flatten = "flatten",
        /// Copying goes on; what was missed is not made up for.
        Resume = "resume",
    }
}

text_enum! {
    /// Where it acts.
    StopScope, "stop scope" {
        /// Every account of the owner.
        All = "all",
        /// One account: of a follower its copies, of a master those of its owner's followers.
        Account = "account",
        /// The accounts of a group.
        Group = "group",
    }
}

/// A scope and what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopPlace {
    /// Every account of the owner.
    Everywhere,
    /// One account.
    Account(AccountId),
    /// The accounts that are in a group at the moment.
    Group(GroupId),
}

impl StopPlace {
    /// Its scope.
    #[must_use]
    pub const fn scope(self) -> StopScope {
        match self {
            Self::Everywhere => StopScope::All,
            Self::Account(_) => StopScope::Account,
            Self::Group(_) => StopScope::Group,
        }
    }

    /// The account, where it is one.
    #[must_use]
    pub const fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(id) => Some(id),
            Self::Everywhere | Self::Group(_) => None,
        }
    }

    /// The group, where it is one.
    #[must_use]
    pub const fn group(self) -> Option<GroupId> {
        match self {
            Self::Group(id) => Some(id),
            Self::Everywhere | Self::Account(_) => None,
        }
    }
}

text_enum! {
    /// What the worker was asked to do to many copies at once.
    OperationKind, "operation" {
        /// Nothing new is copied.
        StopNew = "stop_new",
        /// Nothing new is copied and every open copy is closed.
        Flatten = "flatten",
        /// Copying goes on.
        Resume = "resume",
        /// Every open copy of an account is closed; copying goes on.
        CloseAll = "close_account",
    }
}

text_enum! {
    /// How far something is that the worker was asked to do.
    OperationState, "operation state" {
        /// The worker has not looked at it.
        Pending = "pending",
        /// Begun; some copies have not ended.
        Running = "running",
        /// Every copy has ended, by evidence.
        Done = "done",
        /// It cannot be done.
        Failed = "failed",
    }
}

impl From<StopAction> for OperationKind {
    fn from(action: StopAction) -> Self {
        match action {
            StopAction::StopNew => Self::StopNew,
            StopAction::Flatten => Self::Flatten,
            StopAction::Resume => Self::Resume,
        }
    }
}

impl OperationKind {
    /// Whether open copies are closed.
    #[must_use]
    pub const fn closes(self) -> bool {
        matches!(self, Self::Flatten | Self::CloseAll)
    }
}
