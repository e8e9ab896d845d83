//! Lines of two masters with several sockets each and of two followers in any order: signals, answers and lists of open
//! tickets, with takeovers, crashes, lost, doubled and swapped answers, and terminals that for a moment see nothing.

use flotilla_sim::{CHARTS, FOLLOWERS, Guards, MASTERS, Step, World};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (follower, master, chart, nth) = (0..FOLLOWERS, 0..MASTERS, 0..CHARTS, 0usize..8);
    let of_chart = (master.clone(), chart);
    let step = prop_oneof![
        4 => of_chart.clone().prop_map(|(master, chart)| Step::Enter(master, chart)),
        1 => of_chart.clone().prop_map(|(master, chart)| Step::EnterUnknown(master, chart)),
        3 => (master.clone(), nth.clone()).prop_map(|(master, which)| Step::Leave(master, which)),
        2 => of_chart.clone().prop_map(|(master, chart)| Step::Resend(master, chart)),
        3 => (of_chart, any::<bool>()).prop_map(|((master, chart), is_blind)| Step::ListChart(master, chart, is_blind)),
        12 => (master.clone(), nth.clone()).prop_map(|(master, socket)| Step::Read(master, socket)),
        1 => (master, nth).prop_map(|(master, socket)| Step::Cut(master, socket)),
        4 => follower.clone().prop_map(Step::Connect),
        1 => follower.clone().prop_map(Step::Lose),
        6 => follower.clone().prop_map(Step::Write),
        6 => follower.clone().prop_map(Step::Execute),
        3 => (follower.clone(), any::<bool>()).prop_map(|(follower, is_blind)| Step::List(follower, is_blind)),
        8 => follower.clone().prop_map(Step::Hear),
        1 => follower.clone().prop_map(Step::Double),
        1 => follower.clone().prop_map(Step::Swap),
        1 => follower.prop_map(Step::CloseByHand),
        2 => Just(Step::Sweep),
        2 => (0u8..4).prop_map(Step::Wait),
        3 => (10u8..50).prop_map(Step::Wait),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..120)
}

fn play(guards: Guards, steps: &[Step]) -> Result<World, String> {
    let mut world = World::new(guards);
    steps.iter().try_for_each(|step| world.step(*step))?;
    world.heal()?;
    Ok(world)
}

/// `CASES=100000` for a long run by hand.
fn cases() -> u32 {
    std::env::var("CASES").map_or(2_000, |text| text.parse().expect("a whole number"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn whatever_the_order_nothing_is_opened_twice_and_nothing_is_lost_without_a_word(steps in steps()) {
        if let Err(broken) = play(Guards::default(), &steps) {
            prop_assert!(false, "{}", broken);
        }
    }
}

/// A list that came before the position was known says nothing about it.
#[test]
fn a_list_before_the_answer_is_not_the_first_of_two() {
    let steps = [
        Step::Connect(1),
        Step::EnterUnknown(1, 0),
        Step::Read(1, 0),
        Step::List(1, false),
        Step::Write(1),
        Step::Wait(30),
        Step::Sweep,
        Step::Hear(1),
        Step::Execute(1),
        Step::List(1, true),
    ];
    play(Guards::default(), &steps).unwrap();
}

/// The steps are hard enough: without a guard one of these worlds breaks.
#[test]
fn without_any_one_of_its_guards_the_world_breaks() {
    let whole = Guards::default();
    let cases = [
        ("resends claims", Guards { resends_claims: true, ..whole }),
        ("ignores epochs", Guards { ignores_epochs: true, ..whole }),
        ("forgets lines", Guards { forgets_lines: true, ..whole }),
        ("sends before the commit", Guards { sends_before_commit: true, ..whole }),
        ("writes late", Guards { writes_late: true, ..whole }),
        ("believes one list", Guards { believes_one_list: true, ..whole }),
        ("ignores charts", Guards { ignores_charts: true, ..whole }),
    ];
    for (what, guards) in cases {
        let config =
            Config { cases: 5_000, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
        let outcome = TestRunner::new(config)
            .run(&steps(), |steps| play(guards, &steps).map(|_| ()).map_err(TestCaseError::fail));
        assert!(outcome.is_err(), "a worker that {what} was not caught");
    }
}

/// The steps are varied enough: whatever a list or a takeover may lead to happens in one of these worlds.
#[test]
fn every_corner_is_reached() {
    let mut missing: Vec<(&str, &str)> = vec![
        ("ack_open", "open"),
        ("ack_close", "closed"),
        ("takeover", "unconfirmed"),
        ("deadline", "unconfirmed"),
        ("not_written", "failed"),
        ("not_listed", "closed"),
        ("not_listed", "failed"),
        ("adopted", "open"),
        ("listed", "attention"),
        ("closed_by_other", "closed"),
        ("left_unseen", ""),
        ("missed", ""),
        ("orphan", ""),
    ];
    let mut runner = TestRunner::deterministic();
    for _ in 0..5_000 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let world = play(Guards::default(), &steps).unwrap();
        let moved: Vec<_> = world.moved().collect();
        missing.retain(|corner| !moved.contains(corner));
        if missing.is_empty() {
            return;
        }
    }
    assert!(missing.is_empty(), "never seen: {missing:?}");
}

#[test]
fn a_quiet_day_copies_every_trade() {
    let mut day = vec![Step::Connect(0), Step::Connect(1)];
    for master in [0, 1, 0] {
        day.extend([Step::Enter(master, 0), Step::Read(master, 0)]);
        day.extend((0..FOLLOWERS).flat_map(|f| [Step::Write(f), Step::Execute(f), Step::Hear(f)]));
    }

    let world = play(Guards::default(), &day).unwrap();

    assert_eq!((world.signals(), world.opened()), (3, 6));
}
