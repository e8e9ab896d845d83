//! Copies in doubt against positions that may be theirs.

use flotilla_domain::copy::order::CopyState::{self, *};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::CopyId;
use flotilla_domain::money::Money;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::dispatch::{Command, command};
use flotilla_engine::reconcile::doubt::{Baseline, Doubt, Gone, Scene, resolve};
use flotilla_engine::reconcile::{Finding, List};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::reconcile::{apart, at, list};
use crate::support::{copy, start, ticket};

/// Claimed under this epoch.
const CLAIMED: i64 = 7;

/// Unconfirmed copies, claimed after a list of ticket 50.
fn doubts(count: u128) -> Vec<Doubt> {
    (0..count)
        .map(|number| {
            let mut order = copy(Unconfirmed);
            order.id = CopyId::from_uuid(Uuid::from_u128(number));
            let baseline = Baseline { listed: [ticket(50)].into(), highest: Some(ticket(60)) };
            Doubt { order, baseline: Some(baseline), missing_since: None }
        })
        .collect()
}

struct Stage {
    list: List,
    unknown: Vec<Ticket>,
    gone: Vec<Gone>,
    siblings: Vec<Ticket>,
    epoch: i64,
    is_in_flight: bool,
    is_doubtful: bool,
    adopts: bool,
}

impl Stage {
    /// A newer connection lists 50 and `unknown`.
    fn new(unknown: &[i64]) -> Self {
        Self {
            list: list(&[&[50], unknown].concat(), 100),
            unknown: unknown.iter().map(|&number| ticket(number)).collect(),
            gone: Vec::new(),
            siblings: Vec::new(),
            epoch: CLAIMED + 1,
            is_in_flight: false,
            is_doubtful: false,
            adopts: true,
        }
    }

    fn gone(mut self, tickets: &[i64]) -> Self {
        let gone = |&number: &i64| Gone {
            ticket: ticket(number),
            at: at(50),
            price: Some(Decimal::TEN),
            profit: Money::from(Decimal::NEGATIVE_ONE),
        };
        self.gone = tickets.iter().map(gone).collect();
        self
    }

    fn resolve(&self, doubts: &[Doubt]) -> Vec<Finding> {
        let scene = Scene {
            list: &self.list,
            unknown: &self.unknown,
            gone: &self.gone,
            siblings: &self.siblings,
            epoch: self.epoch,
            is_in_flight: self.is_in_flight,
            is_doubtful: self.is_doubtful,
            adopts: self.adopts,
            apart: apart(),
        };
        resolve(doubts, &scene)
    }

    fn verdicts(&self, doubts: &[Doubt]) -> Vec<Option<(CopyState, ReasonCode)>> {
        let verdict = |finding: &Finding| match finding {
            Finding::Moves(edge) => edge.reason.map(|reason| (edge.to, reason)),
            _ => None,
        };
        self.resolve(doubts).iter().map(verdict).collect()
    }
}

#[test]
fn the_table_of_copies_in_doubt_and_positions_that_may_be_theirs() {
    let failed = Some((Failed, ReasonCode::NotOpened));
    let adopted = Some((Open, ReasonCode::Inferred));
    let asked = Some((Attention, ReasonCode::Ambiguous));
    let cases: [(u128, &[i64], _); 7] = [
        (1, &[], failed),
        (2, &[], failed),
        (1, &[70], adopted),
        (1, &[70, 71], asked),
        (2, &[70], asked),
        (2, &[70, 71], asked),
        // Known before: listed in the baseline, or lower than what was reported.
        (1, &[55], failed),
    ];
    for (count, unknown, expected) in cases {
        let verdicts = Stage::new(unknown).verdicts(&doubts(count));
        assert!(verdicts.iter().all(|verdict| *verdict == expected), "{count} {unknown:?}: {verdicts:?}");
    }
}

#[test]
fn without_an_earlier_list_no_position_is_new() {
    let mut unknown_past = doubts(1);
    unknown_past[0].baseline = None;

    assert_eq!(Stage::new(&[70]).verdicts(&unknown_past), [Some((Attention, ReasonCode::NoBaseline))]);
    assert_eq!(Stage::new(&[]).verdicts(&unknown_past), [Some((Failed, ReasonCode::NotOpened))]);
}

#[test]
fn an_adopted_position_nobody_wants_any_more_is_closed() {
    let mut unwanted = doubts(1);
    unwanted[0].order.desired_lots = Decimal::ZERO;

    let findings = Stage::new(&[70]).resolve(&unwanted);

    let [Finding::Moves(edge)] = findings.as_slice() else { panic!("{findings:?}") };
    let close = Command::Close { ticket: ticket(70) };
    assert_eq!(command(&edge.applied(&unwanted[0].order), start()), Some(close));
}

#[test]
fn an_owner_who_wants_to_decide_himself_is_asked() {
    let mut stage = Stage::new(&[70]);
    stage.adopts = false;

    assert_eq!(stage.verdicts(&doubts(1)), [Some((Attention, ReasonCode::OwnerDecides))]);
}

#[test]
fn a_position_that_came_and_went_is_closed_and_not_called_never_opened() {
    let closed = Some((Closed, ReasonCode::ClosedExternally));
    let asked = Some((Attention, ReasonCode::Ambiguous));
    let cases: [(u128, &[i64], &[i64], _); 6] = [
        (1, &[], &[70], closed),
        (2, &[], &[70, 71], closed),
        (2, &[], &[70], asked),
        (1, &[], &[50], Some((Failed, ReasonCode::NotOpened))),
        (1, &[], &[55], Some((Failed, ReasonCode::NotOpened))),
        (1, &[71], &[70], asked),
    ];
    for (count, unknown, gone, expected) in cases {
        let verdicts = Stage::new(unknown).gone(gone).verdicts(&doubts(count));
        assert!(
            verdicts.iter().all(|verdict| *verdict == expected),
            "{count} {unknown:?} {gone:?}: {verdicts:?}"
        );
    }
}

#[test]
fn an_odd_list_or_one_of_the_same_connection_needs_a_second() {
    let mut odd = Stage::new(&[]);
    odd.is_doubtful = true;
    let mut same = Stage::new(&[]);
    same.epoch = CLAIMED;
    for stage in [odd, same] {
        let mut one = doubts(1);
        assert_eq!(stage.resolve(&one), [Finding::Missing]);
        one[0].missing_since = Some(at(71));
        assert_eq!(stage.resolve(&one), [Finding::Known]);
        one[0].missing_since = Some(at(70));
        assert_eq!(stage.verdicts(&one), [Some((Failed, ReasonCode::NotOpened))]);
    }
}

#[test]
fn while_an_order_waits_for_its_answer_a_new_position_may_be_its() {
    let mut stage = Stage::new(&[70]);
    stage.is_in_flight = true;

    assert_eq!(stage.resolve(&doubts(1)), [Finding::Known]);
}

#[test]
fn what_may_be_another_accounts_is_neither_taken_nor_proof_of_anything() {
    let asked = [Some((Attention, ReasonCode::Ambiguous))];
    let mut open = Stage::new(&[70]);
    let mut gone = Stage::new(&[]).gone(&[70]);
    let mut several = Stage::new(&[]).gone(&[70, 71]);
    for stage in [&mut open, &mut gone, &mut several] {
        stage.siblings = vec![ticket(70)];
        assert_eq!(stage.verdicts(&doubts(1)), asked);
    }
    let mut failed = doubts(1);
    failed[0].order.state = Failed;
    assert_eq!(open.resolve(&failed), [Finding::Known]);
}

#[test]
fn what_one_list_called_never_opened_the_next_may_show() {
    let mut failed = doubts(1);
    failed[0].order.state = Failed;

    assert_eq!(Stage::new(&[70]).verdicts(&failed), [Some((Open, ReasonCode::Inferred))]);
    assert_eq!(Stage::new(&[]).resolve(&failed), [Finding::Known]);
    failed[0].missing_since = Some(at(71));
    assert_eq!(Stage::new(&[]).resolve(&failed), [Finding::Known], "too soon after the first");
    failed[0].missing_since = Some(at(70));
    assert_eq!(Stage::new(&[]).resolve(&failed), [Finding::Agreed]);
    assert_eq!(Stage::new(&[]).gone(&[70]).resolve(&failed), [Finding::Known], "it may have been that one");
    assert_eq!(Stage::new(&[70]).verdicts(&failed), [Some((Open, ReasonCode::Inferred))]);
    assert_eq!(Stage::new(&[70, 71]).resolve(&failed), [Finding::Known]);
}

proptest! {
    /// Whatever is listed: only edges, at most one copy per position, and never a
    /// position that was there before the order.
    #[test]
    fn no_position_is_taken_that_cannot_be_the_copys(
        count in 0u128..4,
        unknown in prop::collection::hash_set(40i64..80, 0..4),
        gone in prop::collection::vec(40i64..80, 0..3),
        siblings in prop::collection::vec(40i64..80, 0..3),
        epoch in 6i64..9,
        flags in prop::array::uniform4(any::<bool>()),
    ) {
        let unknown: Vec<i64> = unknown.into_iter().collect();
        let mut stage = Stage::new(&unknown).gone(&gone);
        stage.epoch = epoch;
        stage.siblings = siblings.into_iter().map(ticket).collect();
        [stage.is_in_flight, stage.is_doubtful, stage.adopts] = [flags[0], flags[1], flags[2]];
        let mut doubts = doubts(count);
        if flags[3] && let Some(first) = doubts.first_mut() {
            first.baseline = None;
        }
        let findings = stage.resolve(&doubts);

        prop_assert_eq!(findings.len(), doubts.len());
        let mut taken = 0;
        for finding in &findings {
            let Finding::Moves(edge) = finding else { continue };
            prop_assert!(edge.from.may_become(edge.to));
            if edge.to == Open {
                taken += 1;
                let ticket = edge.ticket.map(Ticket::value).unwrap();
                prop_assert!(ticket > 60 && unknown.contains(&ticket) && !stage.is_in_flight);
                prop_assert!(!stage.siblings.iter().any(|sibling| sibling.value() == ticket));
            }
        }
        prop_assert!(taken <= 1);
    }
}
