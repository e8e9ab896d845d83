use chrono::{DateTime, Utc};
use flotilla_domain::group::{Group, Member};
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_store::groups::GroupEdit;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::bounds::{CurrencyName, Line};
use crate::dto::guard::{GuardDto, GuardTripDto};
use crate::dto::marks::{OwnMarksDto, SetMarks};
use crate::dto::patched::Patched;
use crate::dto::required_rules::{RequireRulesBody, RequiredRulesDto};
use crate::dto::rules;

/// Accounts that are stopped together.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupDto {
    #[schema(value_type = Uuid)]
    pub id: GroupId,
    /// No other group of the owner has it, whatever its capitals.
    pub name: String,
    #[schema(value_type = Uuid)]
    pub user_id: OwnerId,
    #[schema(example = "USD")]
    pub base_currency: String,
    #[schema(value_type = Vec<Uuid>)]
    pub account_ids: Vec<AccountId>,
    /// By name.
    pub accounts: Vec<GroupAccountDto>,
    /// What happens by itself when one of them stands badly; null: nothing.
    pub guard: Option<GuardDto>,
    /// Rules that every account of it must have; null: nothing is required.
    pub required_rules: Option<RequiredRulesDto>,
    /// Marks of its accounts that set none of their own; an account in several
    /// groups has the strictest of them. Null: those of their owner hold.
    pub thresholds: Option<OwnMarksDto>,
    /// What its guard did and nobody has resumed: nothing new is copied for any
    /// account in the group, those that join it included.
    pub guard_trip: Option<GuardTripDto>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Grows with each edit of the group itself; accounts come and go without.
    pub version: i32,
}

/// An account of a group.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GroupAccount)]
pub struct GroupAccountDto {
    #[schema(value_type = Uuid)]
    pub id: AccountId,
    pub name: String,
}

/// A group that is gone.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeletedGroup)]
pub struct DeletedGroupDto {
    #[schema(value_type = Uuid)]
    pub id: GroupId,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    #[garde(custom(rules::name))]
    #[schema(value_type = Line)]
    pub name: String,
    /// USD unless given.
    #[garde(custom(rules::currency))]
    #[schema(value_type = Option<CurrencyName>)]
    pub base_currency: Option<String>,
    /// Begins the group with this master and the owner's accounts that copy
    /// from it; then the currency is the master's unless given.
    #[garde(skip)]
    #[schema(value_type = Option<Uuid>)]
    pub master_account_id: Option<AccountId>,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutGroup {
    #[garde(custom(rules::name))]
    #[schema(value_type = Line)]
    pub name: String,
    /// Stays as it is unless given.
    #[garde(custom(rules::currency))]
    #[schema(value_type = Option<CurrencyName>)]
    pub base_currency: Option<String>,
    /// Stays as it is unless given; null turns it off.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<GuardDto>)]
    pub guard: Patched<GuardDto>,
    /// Rules that every account must have. Stay as they are unless given; null removes them.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<RequireRulesBody>)]
    pub required_rules: Patched<RequireRulesBody>,
    /// Marks of its accounts that set none of their own. Stay as they are unless given; null removes them.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<SetMarks>)]
    pub thresholds: Patched<SetMarks>,
    /// The version that was read.
    #[garde(skip)]
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub version: i32,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAccount {
    #[garde(skip)]
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
}

impl From<Group> for GroupDto {
    fn from(group: Group) -> Self {
        Self {
            id: group.id,
            name: group.name,
            user_id: group.owner_id,
            base_currency: group.base_currency,
            account_ids: group.accounts.iter().map(|account| account.id).collect(),
            accounts: group.accounts.into_iter().map(Into::into).collect(),
            guard: group.guard.map(Into::into),
            required_rules: group.required.map(Into::into),
            thresholds: (!group.marks.is_empty()).then(|| group.marks.into()),
            guard_trip: group.trip.map(Into::into),
            created_at: group.created_at,
            updated_at: group.updated_at,
            version: group.version,
        }
    }
}

impl From<Member> for GroupAccountDto {
    fn from(account: Member) -> Self {
        Self { id: account.id, name: account.name }
    }
}

impl From<PutGroup> for GroupEdit {
    fn from(body: PutGroup) -> Self {
        Self { name: body.name.trim().to_owned(), base_currency: body.base_currency, version: body.version }
    }
}
