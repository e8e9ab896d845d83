//! Accounts that are handled together. An account may be in several groups of
//! its owner.

use chrono::{DateTime, Utc};

use crate::id::{AccountId, GroupId, OwnerId};
use crate::risk::guard::{Guard, Trip};

/// A group of an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Identifier.
    pub id: GroupId,
    /// Tenant, of the accounts too.
    pub owner_id: OwnerId,
    /// Shown name, 1 to 100 characters; no other group of the owner has it.
    pub name: String,
    /// In which money of several accounts is compared.
    pub base_currency: String,
    /// Its accounts, by name.
    pub accounts: Vec<Member>,
    /// What happens by itself when one of them stands badly.
    pub guard: Option<Guard>,
    /// What that did and nobody has ended.
    pub trip: Option<Trip>,
    /// Grows with each edit.
    pub version: i32,
    /// Creation time.
    pub created_at: DateTime<Utc>,
    /// Time of the last edit.
    pub updated_at: DateTime<Utc>,
}

/// An account of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
}

/// Why a group cannot be what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// Another group of the owner has the name, whatever its capitals.
    #[error("another group has this name")]
    NameTaken,
    /// Somebody edited it in between.
    #[error("the group was changed in the meantime; read it again")]
    Stale,
    /// Deleting it would let its accounts copy again.
    #[error("copying is stopped for this group; resume it before the group is deleted")]
    Stopped,
}
