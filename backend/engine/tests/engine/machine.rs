//! Whatever comes in whatever order: only edges of the state machine, one open, no foreign close.

use std::collections::HashSet;

use crate::support::{close_refused, closed, closed_by_other, copy, open_refused, opened, start};
use chrono::TimeDelta;
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_engine::dispatch::{Command, command};
use flotilla_engine::settle::{Outcome, settle};
use flotilla_engine::{Transition, deadline, takeover};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Something that happens to a copy.
#[derive(Debug, Clone)]
enum Step {
    /// The dispatcher looks.
    Dispatch,
    /// The claim's line was not written.
    NotWritten,
    /// The master left.
    MasterClosed,
    /// Seconds pass.
    Wait(i64),
    /// A newer session takes over.
    TakeOver,
    /// The follower says something.
    Say(Evidence),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Dispatch),
        1 => Just(Step::NotWritten),
        1 => Just(Step::MasterClosed),
        2 => (1i64..40).prop_map(Step::Wait),
        1 => Just(Step::TakeOver),
        3 => (6001i64..6004).prop_map(|ticket| Step::Say(opened(ticket))),
        1 => Just(Step::Say(open_refused("not enough money"))),
        1 => Just(Step::Say(open_refused("Error:0"))),
        1 => Just(Step::Say(closed())),
        1 => Just(Step::Say(close_refused())),
        1 => Just(Step::Say(closed_by_other())),
    ];
    prop::collection::vec(step, 1..40)
}

/// A copy, the time, and what was sent about it.
struct Run {
    copy: CopyOrder,
    elapsed: TimeDelta,
    epoch: i64,
    opens_sent: usize,
    reported: HashSet<i64>,
}

impl Run {
    fn new() -> Self {
        let copy = copy(CopyState::Planned);
        Self { copy, elapsed: TimeDelta::zero(), epoch: 7, opens_sent: 0, reported: HashSet::new() }
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let now = start() + self.elapsed;
        match step {
            Step::Dispatch => return self.dispatch(),
            Step::NotWritten => self.take(deadline::not_written(&self.copy, ReasonCode::SessionLost))?,
            Step::MasterClosed => self.copy.desired_lots = Decimal::ZERO,
            Step::Wait(seconds) => {
                self.elapsed += TimeDelta::seconds(*seconds);
                self.take(deadline::overdue(&self.copy, now + TimeDelta::seconds(*seconds), false))?;
            }
            Step::TakeOver => {
                self.take(takeover::lost(&self.copy, self.epoch))?;
                self.epoch += 1;
            }
            Step::Say(evidence) => self.hear(evidence)?,
        }
        Ok(())
    }

    fn hear(&mut self, evidence: &Evidence) -> Result<(), TestCaseError> {
        if let Evidence::Opened { ticket, .. } = evidence {
            self.reported.insert(ticket.value());
        }
        let Outcome::Moves(edge) = settle(&self.copy, evidence) else { return Ok(()) };
        self.take(Some(edge))?;
        let again = settle(&self.copy, evidence);
        let is_close_refusal = matches!(evidence, Evidence::CloseRefused { .. });
        prop_assert!(matches!(again, Outcome::Ignored(_)) || is_close_refusal, "said twice: {again:?}");
        Ok(())
    }

    fn take(&mut self, edge: Option<Transition>) -> Result<(), TestCaseError> {
        let Some(edge) = edge else { return Ok(()) };
        prop_assert_eq!(edge.from, self.copy.state);
        prop_assert!(edge.is_note() || edge.from.may_become(edge.to), "{} → {}", edge.from, edge.to);
        self.copy = edge.applied(&self.copy);
        Ok(())
    }

    fn dispatch(&mut self) -> Result<(), TestCaseError> {
        match command(&self.copy, start() + self.elapsed) {
            Some(Command::Open { lots }) => {
                prop_assert_eq!(lots, self.copy.desired_lots);
                self.opens_sent += 1;
                self.copy.state = CopyState::Claimed;
                self.copy.claim_epoch = Some(self.epoch);
                self.copy.claimed_at = Some(start() + self.elapsed);
            }
            Some(Command::Close { ticket }) => {
                prop_assert!(self.copy.desired_lots.is_zero());
                prop_assert!(self.reported.contains(&ticket.value()), "closes what it never heard of");
                self.copy.state = CopyState::Closing;
            }
            None => {}
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn only_edges_are_taken_and_an_open_is_sent_at_most_once(steps in steps()) {
        let mut run = Run::new();
        for step in &steps {
            run.step(step)?;
            prop_assert!(run.opens_sent <= 1);
        }
    }

    #[test]
    fn after_the_master_left_a_known_position_is_always_being_closed(steps in steps()) {
        let mut run = Run::new();
        for step in &steps {
            run.step(step)?;
        }
        run.step(&Step::MasterClosed)?;
        run.step(&Step::Dispatch)?;
        prop_assert!(!matches!(run.copy.state, CopyState::Open | CopyState::Planned if run.copy.follower_ticket.is_some()));
        prop_assert_ne!(run.copy.state, CopyState::Open);
    }
}
