//! Accounts that are handled together. An account may be in several groups of
//! its owner.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::id::{AccountId, GroupId, OwnerId};
use crate::risk::group::{Rate, Rates};
use crate::risk::guard::{Guard, Trip};
use crate::risk::marks::Marks;
use crate::risk::rule::Rule;

/// A rate that a person gave holds for a week; an older one counts as missing.
pub const RATE_HOLDS: TimeDelta = TimeDelta::days(7);

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
    /// Rules that every account of it must have.
    pub required: Option<RequiredRules>,
    /// Marks of its accounts that set none of their own.
    pub marks: Marks,
    /// What other currencies are worth in its own, by currency.
    pub rates: Vec<GroupRate>,
    /// Grows with each edit.
    pub version: i32,
    /// Creation time.
    pub created_at: DateTime<Utc>,
    /// Time of the last edit.
    pub updated_at: DateTime<Utc>,
}

/// Rules that every account of a group must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredRules {
    /// The rules; amounts are in the group's currency.
    pub rules: Vec<Rule>,
    /// Template they were taken from, and the size chosen there.
    pub template: Option<(String, Option<i32>)>,
}

/// What a currency is worth to a group, as its owner says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRate {
    /// The currency.
    pub currency: String,
    /// Units of the group's currency for one.
    pub rate: Decimal,
    /// When that was so.
    pub at: DateTime<Utc>,
}

impl Group {
    /// In which money of its accounts is compared, and by which rates.
    #[must_use]
    pub fn rates(&self) -> Rates {
        let each = self.rates.iter();
        let rate = |rate: &GroupRate| (rate.currency.clone(), Rate { value: rate.rate, at: Some(rate.at) });
        Rates { base: self.base_currency.clone(), rates: each.map(rate).collect(), max_age: Some(RATE_HOLDS) }
    }
}

/// An account of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
}

/// Most groups of an owner: each is worked out anew when one of its accounts changes, and read with each signal while
/// it is stopped.
pub const MOST_GROUPS: i64 = 100;

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
    /// The owner has [`MOST_GROUPS`] already.
    #[error("there are at most {most} groups; delete one first", most = MOST_GROUPS)]
    TooMany,
}
