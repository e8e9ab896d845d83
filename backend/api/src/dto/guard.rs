use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, GroupId};
use flotilla_domain::risk::guard::{Guard, Trip};
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::stop::{StopPlace, StopScope};
use flotilla_store::guard_trips::PastTrip;
use flotilla_store::guards::AccountGuard;
use flotilla_store::risk_marks::{Guarded, MarksPlace};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dto::patched::Patched;
use crate::dto::words::{GuardActionWord, RiskStatusWord, RuleKindWord, StopScopeWord};
use crate::error::{ApiError, ApiResult};

/// From which status on a guard acts, and what it does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Guard)]
pub struct GuardDto {
    /// `caution`, `critical` or `violated`.
    pub status: RiskStatusWord,
    /// Each one includes those before it.
    pub action: GuardActionWord,
}

#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
#[schema(as = PutAccountGuard)]
pub struct PutAccountGuard {
    /// Null turns it off; it must be said.
    #[serde(default)]
    #[schema(value_type = Option<GuardDto>, required = true)]
    pub guard: Patched<GuardDto>,
    /// The version that was read; 0 the first time.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    pub version: i32,
}

/// Whose marks: those of the owner unless one is named.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GuardedQuery {
    /// Those of a group.
    #[param(value_type = Option<Uuid>)]
    pub group_id: Option<GroupId>,
    /// Those of an account.
    #[param(value_type = Option<Uuid>)]
    pub account_id: Option<AccountId>,
}

impl From<GuardedQuery> for MarksPlace {
    fn from(query: GuardedQuery) -> Self {
        Self { group: query.group_id, account: query.account_id }
    }
}

/// Accounts for which marks decide when a guard of theirs stops copying.
#[derive(Serialize, ToSchema)]
#[schema(as = GuardedAccounts)]
pub struct GuardedDto {
    pub accounts: i64,
    /// Those of them of which a guard also closes what is open.
    pub closing: i64,
}

impl From<Guarded> for GuardedDto {
    fn from(guarded: Guarded) -> Self {
        Self { accounts: guarded.accounts, closing: guarded.closing }
    }
}

/// A guard acted, and a person has to resume.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GuardTrip)]
pub struct GuardTripDto {
    pub id: Uuid,
    pub scope: StopScopeWord,
    /// The group or account whose guard it is.
    pub scope_id: Uuid,
    /// Names are those of that moment.
    pub scope_name: String,
    /// The account that tripped it.
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub account_name: String,
    /// The rule of that account which stood worst.
    pub rule_id: Option<String>,
    pub kind: Option<RuleKindWord>,
    pub status: RiskStatusWord,
    pub action: GuardActionWord,
    pub at: DateTime<Utc>,
}

/// What a guard did once.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PastGuardTrip)]
pub struct PastGuardTripDto {
    #[serde(flatten)]
    pub trip: GuardTripDto,
    /// Null: it stands.
    #[schema(required = true)]
    pub resumed_at: Option<DateTime<Utc>>,
    /// Null although it was ended: a stronger action of the same guard took its place.
    #[schema(required = true)]
    pub resumed_by_name: Option<String>,
}

/// A guard, what it did, and whether it holds back new copies.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GuardState)]
pub struct GuardStateDto {
    /// Null: it is off.
    pub guard: Option<GuardDto>,
    /// What stands until a person resumes.
    pub trip: Option<GuardTripDto>,
    /// Nothing new is copied now, because figures that it needs are old or not
    /// known. It ends by itself. Open copies are closed as ever.
    pub holding: bool,
    /// The accounts of which it knows too little.
    #[schema(value_type = Vec<Uuid>)]
    pub holding_accounts: Vec<AccountId>,
    /// The accounts that stand where it acts, now: to resume changes nothing of that.
    #[schema(value_type = Vec<Uuid>)]
    pub crossed_accounts: Vec<AccountId>,
}

/// The guard of an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AccountGuard)]
pub struct AccountGuardDto {
    #[serde(flatten)]
    pub state: GuardStateDto,
    /// Grows with each edit; 0 before the first.
    pub version: i32,
}

impl GuardDto {
    /// The guard, if there is one with this status.
    ///
    /// # Errors
    ///
    /// 422.
    pub fn checked(self) -> ApiResult<Guard> {
        let error = |error| ApiError::field("guard.status", "out_of_range", &format!("{error}"));
        Guard::new(self.status.0, self.action.0).map_err(error)
    }
}

/// What a body says of a guard.
///
/// # Errors
///
/// 422.
pub fn asked(guard: &Patched<GuardDto>) -> ApiResult<Patched<Guard>> {
    Ok(match guard {
        Patched::Kept => Patched::Kept,
        Patched::Removed => Patched::Removed,
        Patched::Set(guard) => Patched::Set(guard.checked()?),
    })
}

impl From<Guard> for GuardDto {
    fn from(guard: Guard) -> Self {
        Self { status: guard.status().into(), action: guard.action().into() }
    }
}

impl GuardStateDto {
    /// `members`: the accounts it looks at.
    pub fn of<'a>(
        guard: Option<Guard>,
        trip: Option<Trip>,
        members: impl IntoIterator<Item = (AccountId, &'a AccountRisk)>,
    ) -> Self {
        let is_holding = guard.is_some_and(|guard| guard.action().holds());
        let (mut holding_accounts, mut crossed_accounts) = (Vec::new(), Vec::new());
        for (id, risk) in members {
            holding_accounts.extend((is_holding && risk.is_blind()).then_some(id));
            crossed_accounts.extend(guard.and_then(|guard| guard.reached(risk)).map(|_| id));
        }
        Self {
            guard: guard.map(Into::into),
            trip: trip.map(Into::into),
            holding: !holding_accounts.is_empty(),
            holding_accounts,
            crossed_accounts,
        }
    }

    /// The same of an account's own guard.
    pub fn of_account(guard: AccountGuard, own: [(AccountId, &AccountRisk); 1]) -> Self {
        Self::of(guard.guard, guard.trip, own)
    }
}

impl GuardTripDto {
    /// The group whose guard it is.
    pub fn group(&self) -> Option<GroupId> {
        (self.scope.0 == StopScope::Group).then(|| self.scope_id.into())
    }
}

impl From<Trip> for GuardTripDto {
    fn from(trip: Trip) -> Self {
        let place = trip.place();
        let scope_id = match place {
            StopPlace::Group(group) => group.uuid(),
            StopPlace::Account(account) => account.uuid(),
            StopPlace::Everywhere => Uuid::nil(),
        };
        Self {
            id: trip.id,
            scope: place.scope().into(),
            scope_id,
            scope_name: trip.scope_name,
            account_id: trip.account_id,
            account_name: trip.account_name,
            rule_id: trip.rule.map(|rule| rule.0),
            kind: trip.kind.map(Into::into),
            status: trip.status.into(),
            action: trip.action.into(),
            at: trip.at,
        }
    }
}

impl From<PastTrip> for PastGuardTripDto {
    fn from(past: PastTrip) -> Self {
        Self { resumed_at: past.trip.resumed_at, resumed_by_name: past.resumed_by, trip: past.trip.into() }
    }
}
