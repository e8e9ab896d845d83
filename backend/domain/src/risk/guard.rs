//! What happens by itself when an account stands too badly. Guards only stop and
//! close; none ever opens, and none ever keeps a position from being closed.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::change::CLEAR_BY;
use super::report::{AccountRisk, RuleRisk};
use super::rule::{Kind, RuleId};
use super::status::{Status, Thresholds};
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

    /// How an account stands that has come where the guard acts, as far as it is known; `None`: it has not.
    #[must_use]
    pub fn reached(self, risk: &AccountRisk) -> Option<Status> {
        risk.worst_known().filter(|known| known.rank() >= self.status.rank())
    }

    /// What an account is to it, when it has answered to `latched` already.
    /// `violated_anew`: a line was just crossed.
    ///
    /// It acts on the worst of what is known, though something else is not. An
    /// account that it has answered to is better only when all is known again and
    /// clear of the mark by some points: one that swings around a mark trips it once.
    #[must_use]
    pub fn judge(self, risk: &AccountRisk, latched: Option<Status>, violated_anew: bool) -> Verdict {
        let reached = self.reached(risk);
        let rises_from = |latched: Status, known: Status| latched.rank() < known.rank();
        match (reached, latched) {
            (Some(known), None) => Verdict::Crossed(known),
            (Some(known), Some(latched)) if violated_anew || rises_from(latched, known) => {
                Verdict::Crossed(known)
            }
            (Some(known), Some(latched)) if rises_from(known, latched) && !risk.is_clearly_past(latched) => {
                Verdict::Answered(latched)
            }
            (Some(known), Some(_)) => Verdict::Answered(known),
            // Not known: neither is the account better, nor did it become worse.
            (None, _) if risk.is_blind() => Verdict::Unseen,
            (None, Some(_)) if !risk.is_clearly_past(self.status) => Verdict::Near,
            (None, _) => Verdict::Better,
        }
    }
}

/// What an account is to a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stands better than where the guard acts.
    Better,
    /// Better, but hardly: it was there, and may be again with the next figures.
    Near,
    /// It came there, or became worse: how it stands.
    Crossed(Status),
    /// It came there before: how it stands, or stood a little ago.
    Answered(Status),
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

/// Whether a status says how far a line is.
const fn is_line(status: Status) -> bool {
    matches!(status, Status::Safe | Status::Caution | Status::Critical | Status::Violated)
}

impl AccountRisk {
    /// Whether a guard cannot judge by this: figures are old, or a limit is not known.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.stale || !is_line(self.status) || !self.rules.iter().all(|rule| is_line(rule.status))
    }

    /// The worst of its limits of which it is known how they stand.
    #[must_use]
    pub fn worst_known(&self) -> Option<Status> {
        let known = self.rules.iter().map(|rule| rule.status).filter(|status| is_line(*status));
        known.reduce(Status::or_worse)
    }

    /// The limit that decides among those of which it is known how they stand.
    #[must_use]
    pub fn weakest_known(&self) -> Option<&RuleRisk> {
        self.weakest_where(|rule| is_line(rule.status))
    }

    /// Whether all is known, and nothing hardly past the mark of `status`.
    fn is_clearly_past(&self, status: Status) -> bool {
        let is_clear =
            |mark: fn(&Thresholds) -> Decimal| self.rules.iter().all(|rule| rule.is_clear_of(mark, CLEAR_BY));
        !self.is_blind()
            && match status {
                Status::Caution => is_clear(Thresholds::caution),
                Status::Critical => is_clear(Thresholds::critical),
                _ => true,
            }
    }

    /// Until when a guard can judge by this, if nothing more comes in.
    #[must_use]
    pub fn sees_until(&self) -> Option<DateTime<Utc>> {
        self.fresh_until.filter(|_| !self.is_blind())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::phase::Phase;
    use super::super::state::assess;
    use super::*;

    fn critical() -> Guard {
        Guard::new(Status::Critical, GuardAction::CloseAll).unwrap()
    }

    /// An account of 10,000 with this much left of 1,000, and of a limit on positions
    /// that is not known.
    fn stands(left: i64, is_blind: bool) -> AccountRisk {
        let at = DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::days(1);
        let total =
            json!({"id": "total", "kind": "max_total_loss", "limit": {"type": "amount", "value": "1000"}});
        let open = json!({"id": "open", "kind": "max_open_positions", "cap": 5});
        let phase: Phase = serde_json::from_value(json!({
            "currency": "USD", "starting_balance": "10000", "phase_started_at": at,
            "day": {"tz": "UTC", "reset": "00:00"}, "rules": [open, total],
        }))
        .unwrap();
        let equity = 9_000 + left;
        let positions = if is_blind { Value::Null } else { json!([]) };
        let seen = json!({ "at": at, "balance": equity, "equity": equity, "positions": positions });
        assess(&phase, [serde_json::from_value(seen).unwrap()], &[], at).unwrap()
    }

    /// Verdicts of a guard that is resumed after each crossing, as it follows an account.
    fn followed(guard: Guard, each: &[(i64, bool)]) -> Vec<Verdict> {
        let mut latched = None;
        let judge = |(left, is_blind): &(i64, bool)| {
            let verdict = guard.judge(&stands(*left, *is_blind), latched, false);
            latched = match verdict {
                Verdict::Better => None,
                Verdict::Crossed(status) | Verdict::Answered(status) => Some(status),
                Verdict::Near | Verdict::Unseen => latched,
            };
            verdict
        };
        each.iter().map(judge).collect()
    }

    #[test]
    fn a_guard_acts_at_lines_and_never_because_nothing_is_known() {
        for status in [Status::Empty, Status::Safe, Status::Stale, Status::Unknown] {
            assert_eq!(Guard::new(status, GuardAction::StopNew), Err(GuardError));
        }
        let unknown = stands(900, true);

        assert_eq!(unknown.status, Status::Unknown);
        assert_eq!(critical().judge(&unknown, None, false), Verdict::Unseen);
        assert_eq!(critical().judge(&unknown, Some(Status::Critical), false), Verdict::Unseen);
    }

    #[test]
    fn what_is_not_known_hides_no_line_that_is() {
        let guard = Guard::new(Status::Caution, GuardAction::StopNew).unwrap();
        let risk = stands(400, true);

        assert_eq!((risk.status, risk.is_blind()), (Status::Unknown, true));
        assert_eq!(guard.judge(&risk, None, false), Verdict::Crossed(Status::Caution));
        assert_eq!(guard.judge(&risk, Some(Status::Caution), false), Verdict::Answered(Status::Caution));
        assert_eq!(critical().judge(&risk, None, false), Verdict::Unseen);
        assert_eq!(risk.weakest_known().map(|rule| rule.rule.0.as_str()), Some("total"));
    }

    #[test]
    fn an_account_that_stays_where_it_is_was_answered() {
        use Status::{Critical, Violated};
        use Verdict::{Answered, Better, Crossed};
        let judge = |left, latched, anew| critical().judge(&stands(left, false), latched, anew);

        assert_eq!(judge(400, None, false), Better);
        assert_eq!(judge(150, None, false), Crossed(Critical));
        assert_eq!(judge(150, Some(Critical), false), Answered(Critical));
        assert_eq!(judge(-10, Some(Critical), false), Crossed(Violated));
        assert_eq!(judge(-10, Some(Violated), false), Answered(Violated));
        assert_eq!(judge(-10, Some(Violated), true), Crossed(Violated));
        assert_eq!(judge(150, Some(Violated), false), Answered(Critical));
    }

    #[test]
    fn who_swings_around_a_mark_trips_a_guard_once() {
        use Status::{Caution, Critical};
        use Verdict::{Answered, Better, Crossed, Near, Unseen};
        let seen = |left| (left, false);
        let at_critical = [201, 200, 201, 219, 200, 220, 200].map(seen);
        let unseen_between = [seen(200), (210, true), seen(210), (900, true), seen(900), seen(200)];
        let at_caution = [500, 200, 210, 200, 220, 200].map(seen);
        let guard = Guard::new(Caution, GuardAction::StopNew).unwrap();

        assert_eq!(
            followed(critical(), &at_critical),
            [Better, Crossed(Critical), Near, Near, Answered(Critical), Better, Crossed(Critical)]
        );
        assert_eq!(
            followed(critical(), &unseen_between),
            [Crossed(Critical), Unseen, Near, Unseen, Better, Crossed(Critical)]
        );
        assert_eq!(
            followed(guard, &at_caution),
            [
                Crossed(Caution),
                Crossed(Critical),
                Answered(Critical),
                Answered(Critical),
                Answered(Caution),
                Crossed(Critical)
            ]
        );
    }

    #[test]
    fn a_guard_of_violations_lets_critical_pass() {
        let guard = Guard::new(Status::Violated, GuardAction::StopNew).unwrap();

        assert_eq!(guard.judge(&stands(150, false), None, false), Verdict::Better);
        assert_eq!(guard.judge(&stands(-10, false), None, false), Verdict::Crossed(Status::Violated));
    }

    #[test]
    fn a_trip_is_named_by_group_account_and_rule() {
        let daily = RuleId("daily".to_owned());

        assert_eq!(title(Some("Funded"), "FTMO-3", Some(&daily)), "Funded: FTMO-3, daily");
        assert_eq!(title(None, "FTMO-3", None), "FTMO-3");
    }
}
