//! What happens by itself when an account stands too badly. Guards only stop and
//! close; none ever opens, and none ever keeps a position from being closed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::report::AccountRisk;
use super::rule::{Kind, RuleId};
use super::status::Status;
use crate::id::{AccountId, GroupId};
use crate::stop::{OperationKind, StopPlace};
use crate::text_enum::text_enum;

text_enum! {
    /// What a guard does. Each one includes those before it.
    GuardAction, "guard action" {
        /// Its owner is told.
        Notify = "notify",
        /// Nothing new is copied until a person resumes.
        StopNew = "stop_new",
        /// Every open copy is closed, too.
        CloseAll = "close_all",
    }
}

impl GuardAction {
    /// What the worker is asked to do; `None`: nothing.
    #[must_use]
    pub const fn operation(self) -> Option<OperationKind> {
        match self {
            Self::Notify => None,
            Self::StopNew => Some(OperationKind::StopNew),
            Self::CloseAll => Some(OperationKind::Flatten),
        }
    }

    /// Whether it keeps new copies from being opened. Then it also does while it cannot see.
    #[must_use]
    pub const fn holds(self) -> bool {
        self.operation().is_some()
    }
}

/// What cannot be the status a guard acts at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a guard acts at caution, critical or violated")]
pub struct GuardError;

/// From which status on, and what then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    status: Status,
    action: GuardAction,
}

impl Guard {
    /// # Errors
    ///
    /// [`GuardError`] for a status that says nothing of a line: to act at
    /// `stale` would be to close because nothing is known.
    pub const fn new(status: Status, action: GuardAction) -> Result<Self, GuardError> {
        match status {
            Status::Caution | Status::Critical | Status::Violated => Ok(Self { status, action }),
            Status::Empty | Status::Safe | Status::Stale | Status::Unknown => Err(GuardError),
        }
    }

    /// From this one on it acts.
    #[must_use]
    pub const fn status(self) -> Status {
        self.status
    }

    /// What it does.
    #[must_use]
    pub const fn action(self) -> GuardAction {
        self.action
    }

    /// What an account that stands at `status` is to it, when it has answered
    /// to `latched` already. `violated_anew`: a line was just crossed.
    #[must_use]
    pub fn judge(self, status: Status, latched: Option<Status>, violated_anew: bool) -> Verdict {
        match status {
            // Nothing is known: neither is the account better, nor did it become worse.
            Status::Empty | Status::Stale | Status::Unknown => Verdict::Unseen,
            _ if status.rank() < self.status.rank() => Verdict::Better,
            _ if violated_anew || latched.is_none_or(|latched| latched.rank() < status.rank()) => {
                Verdict::Crossed
            }
            _ => Verdict::Answered,
        }
    }
}

/// What an account is to a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stands better than where the guard acts.
    Better,
    /// It came there, or became worse.
    Crossed,
    /// It came there before.
    Answered,
    /// It is not known.
    Unseen,
}

/// Each time a guard acted. Names are those of that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// Identifier.
    pub id: Uuid,
    /// The group whose guard it was.
    pub group_id: Option<GroupId>,
    /// The account whose guard it was.
    pub guarded_id: Option<AccountId>,
    /// Name of that group or account.
    pub scope_name: String,
    /// The account that tripped it.
    pub account_id: AccountId,
    /// Its name.
    pub account_name: String,
    /// The rule of it that stood worst.
    pub rule: Option<RuleId>,
    /// What that rule is about.
    pub kind: Option<Kind>,
    /// How it stood.
    pub status: Status,
    /// What the guard did.
    pub action: GuardAction,
    /// When.
    pub at: DateTime<Utc>,
    /// When that was ended.
    pub resumed_at: Option<DateTime<Utc>>,
}

impl Trip {
    /// Where it stopped.
    #[must_use]
    pub fn place(&self) -> StopPlace {
        match (self.group_id, self.guarded_id) {
            (Some(group), _) => StopPlace::Group(group),
            (None, Some(account)) => StopPlace::Account(account),
            (None, None) => StopPlace::Account(self.account_id),
        }
    }
}

/// How a trip is named where a copy was skipped because of it.
#[must_use]
pub fn title(group: Option<&str>, account: &str, rule: Option<&RuleId>) -> String {
    let rule = rule.map(|rule| rule.0.as_str());
    let of_account = [Some(account), rule].into_iter().flatten().collect::<Vec<_>>().join(", ");
    group.map_or(of_account.clone(), |group| format!("{group}: {of_account}"))
}

impl AccountRisk {
    /// Whether a guard cannot judge by this: figures are old, or a limit is not known.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        let is_unseen = |status| matches!(status, Status::Stale | Status::Unknown | Status::Empty);
        self.stale || is_unseen(self.status) || self.rules.iter().any(|rule| is_unseen(rule.status))
    }

    /// Until when a guard can judge by this, if nothing more comes in.
    #[must_use]
    pub fn sees_until(&self) -> Option<DateTime<Utc>> {
        self.fresh_until.filter(|_| !self.is_blind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn critical() -> Guard {
        Guard::new(Status::Critical, GuardAction::CloseAll).unwrap()
    }

    #[test]
    fn a_guard_acts_at_lines_and_never_because_nothing_is_known() {
        for status in [Status::Empty, Status::Safe, Status::Stale, Status::Unknown] {
            assert_eq!(Guard::new(status, GuardAction::StopNew), Err(GuardError));
        }
        for status in [Status::Empty, Status::Stale, Status::Unknown] {
            assert_eq!(critical().judge(status, None, false), Verdict::Unseen);
            assert_eq!(critical().judge(status, Some(Status::Critical), false), Verdict::Unseen);
        }
    }

    #[test]
    fn an_account_that_stays_where_it_is_was_answered() {
        let judge = |status, latched, anew| critical().judge(status, latched, anew);

        assert_eq!(judge(Status::Caution, None, false), Verdict::Better);
        assert_eq!(judge(Status::Critical, None, false), Verdict::Crossed);
        assert_eq!(judge(Status::Critical, Some(Status::Critical), false), Verdict::Answered);
        assert_eq!(judge(Status::Violated, Some(Status::Critical), false), Verdict::Crossed);
        assert_eq!(judge(Status::Violated, Some(Status::Violated), false), Verdict::Answered);
        assert_eq!(judge(Status::Violated, Some(Status::Violated), true), Verdict::Crossed);
        assert_eq!(judge(Status::Critical, Some(Status::Violated), false), Verdict::Answered);
    }

    #[test]
    fn a_guard_of_violations_lets_critical_pass() {
        let guard = Guard::new(Status::Violated, GuardAction::StopNew).unwrap();

        assert_eq!(guard.judge(Status::Critical, None, false), Verdict::Better);
        assert_eq!(guard.judge(Status::Violated, None, false), Verdict::Crossed);
    }

    #[test]
    fn a_trip_is_named_by_group_account_and_rule() {
        let daily = RuleId("daily".to_owned());

        assert_eq!(title(Some("Funded"), "FTMO-3", Some(&daily)), "Funded: FTMO-3, daily");
        assert_eq!(title(None, "FTMO-3", None), "FTMO-3");
    }
}
