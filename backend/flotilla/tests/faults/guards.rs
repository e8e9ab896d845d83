//! The worker dies between what a guard decided and what it does: it is done once.

use flotilla_testkit::ea_v7::Manners;

use crate::latches::watch;
use crate::world::World;

/// Both accounts are in a group whose guard closes everything.
const GUARD: &str = "
    insert into groups (owner_id, name) select id, 'Funded' from users;
    insert into group_accounts (group_id, account_id, owner_id)
        select g.id, a.id, a.owner_id from groups g join accounts a on a.copy_role = 'follower';
    insert into guards (owner_id, group_id, status, action) select owner_id, id, 'critical', 'close_all' from groups";

/// By these rules one of them crossed its line, which nobody has looked at yet.
const STRICTER: &str = "
    with p as (
        update risk_phases set rules = jsonb_set(rules, '{0,limit,value}', '\"500\"')
        where account_id = (select min(account_id::text)::uuid from risk_phases)
        returning id)
    update risk_states set due_at = now() where phase_id in (select id from p)";

/// Trips, stops and requests of the guard.
const DONE: &str = "select (select count(*) from guard_trips) || ' ' || (select count(*) from stops where trip_id is not null)
    || ' ' || (select count(*) from requests where trip_id is not null)";

/// Dies at `at` with what was done by then; the next worker brings it to an end.
async fn run(at: &str, when_it_died: &str) {
    let world = World::new(1, 2).await;
    world.sql.batch_execute(GUARD).await.unwrap();
    for follower in &world.followers {
        watch(&world, follower.id).await;
    }
    assert!(world.start(at));
    let _followers = [world.follower(0, Manners::default()), world.follower(1, Manners::default())];
    world.await_online().await;
    let mut master = world.master().await;
    master.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies("open open").await;

    world.sql.batch_execute(STRICTER).await.unwrap();
    world.await_death().await;
    let done: String = world.sql.query_one(DONE, &[]).await.unwrap().get(0);
    assert_eq!(done, when_it_died);
    assert!(world.brokers.iter().all(|broker| broker.positions().len() == 1), "nothing was sent yet");
    assert!(world.start(""));

    world.await_copies("closed closed").await;
    world.await_text(DONE, "1 1 1").await;
    for broker in &world.brokers {
        assert_eq!((broker.opened_for(1), broker.positions().len()), (1, 0));
    }
    let closes = "select count(*)::text from copy_events where to_state = 'closed'";
    world.await_text(closes, "2").await;
    world.invariants().assert_hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_commit_of_the_step_the_next_worker_sees_the_line_itself() {
    run("observing=return", "0 0 0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_the_step_and_the_closes_the_next_worker_performs_what_was_asked() {
    run("observed=return", "1 1 1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_closes_are_written_the_next_worker_writes_them() {
    run("performing=return", "1 1 1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_closes_were_written_the_next_worker_sends_them() {
    run("performed=return", "1 1 1").await;
}
