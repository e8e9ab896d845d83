//! Lines of two masters and two followers in any order, with crashes, lost, doubled and swapped answers.

use flotilla_sim::{FOLLOWERS, Guards, MASTERS, Step, World};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (follower, master) = (0..FOLLOWERS, 0..MASTERS);
    let step = prop_oneof![
        4 => master.clone().prop_map(Step::Enter),
        1 => master.clone().prop_map(Step::EnterUnknown),
        3 => (master.clone(), any::<usize>()).prop_map(|(master, which)| Step::Leave(master, which)),
        2 => master.prop_map(Step::Resend),
        4 => follower.clone().prop_map(Step::Connect),
        1 => follower.clone().prop_map(Step::Lose),
        6 => follower.clone().prop_map(Step::Write),
        6 => follower.clone().prop_map(Step::Execute),
        6 => follower.clone().prop_map(Step::Hear),
        1 => follower.clone().prop_map(Step::Double),
        1 => follower.clone().prop_map(Step::Swap),
        1 => follower.prop_map(Step::CloseByHand),
        2 => Just(Step::Sweep),
        2 => (0u8..4).prop_map(Step::Wait),
        1 => (20u8..50).prop_map(Step::Wait),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..80)
}

fn play(guards: Guards, steps: &[Step]) -> Result<World, String> {
    let mut world = World::new(guards);
    steps.iter().try_for_each(|step| world.step(*step))?;
    world.heal()?;
    Ok(world)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_the_order_nothing_is_opened_twice_and_nothing_is_lost_without_a_word(steps in steps()) {
        if let Err(broken) = play(Guards::default(), &steps) {
            prop_assert!(false, "{}", broken);
        }
    }
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
    ];
    for (what, guards) in cases {
        let config =
            Config { cases: 1_000, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
        let outcome = TestRunner::new(config)
            .run(&steps(), |steps| play(guards, &steps).map(|_| ()).map_err(TestCaseError::fail));
        assert!(outcome.is_err(), "a worker that {what} was not caught");
    }
}

#[test]
fn a_quiet_day_copies_every_trade() {
    let mut day = vec![Step::Connect(0), Step::Connect(1)];
    for master in [0, 1, 0] {
        day.push(Step::Enter(master));
        day.extend((0..FOLLOWERS).flat_map(|f| [Step::Write(f), Step::Execute(f), Step::Hear(f)]));
    }

    let world = play(Guards::default(), &day).unwrap();

    assert_eq!((world.signals(), world.opened()), (3, 6));
}
