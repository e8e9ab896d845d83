//! A worker that is replaced while its masters trade, as at every release.

use std::sync::Arc;
use std::time::Duration;

use flotilla_testkit::ea_v7::{AutoFollower, Manners};
use flotilla_testkit::proxy::Cut;
use tokio::time::sleep;

use super::{masters, verdict};
use crate::world::World;

const SEED: u64 = 29;

/// Ended twice in an orderly way: nothing is copied twice or lost without a word, and what was under way has its
/// answer before the worker goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f29_a_worker_that_is_replaced_under_load_leaves_nothing_behind() {
    let world = Arc::new(World::new(2, 5).await);
    assert!(world.start(""));
    let followers: Vec<AutoFollower> = (0..world.followers.len())
        .map(|number| {
            let order_takes = Duration::from_millis(50);
            let reconnect_after = Duration::from_millis(100);
            let manners =
                Manners { order_takes, reconnect_after, sends_snapshots: true, ..Manners::default() };
            world.follower(number, manners)
        })
        .collect();
    world.await_online().await;
    let leaders = masters::start(&world, SEED);
    for _ in 0..2 {
        await_copies(&world).await;
        assert!(world.terminate().success());
        let under_way = "select count(*)::text from copy_orders where state in ('claimed', 'received')";
        world.await_text(under_way, "0").await;
        assert!(world.start(""));
        world.await_online().await;
    }
    await_copies(&world).await;
    leaders.iter().for_each(masters::Leader::end);
    let leaders = masters::stop(leaders).await;
    tell_twice(&world, &leaders).await;
    let figures = verdict::figures(&world, &leaders).await;
    println!("restarts: {figures}");
    drop(followers);
    let wrong = (figures.duplicates, figures.mistaken, figures.silent_losses(), figures.unsettled);
    assert_eq!(wrong, (0, 0, 0, 0));
    let doubts = "select count(*)::text from copy_events where to_state in ('unconfirmed', 'attention')";
    world.await_text(doubts, "0").await;
    world.invariants().after_healing().assert_hold().await;
}

/// Until the masters have been at work for a while.
async fn await_copies(world: &World) {
    let count = "select count(*) from copy_orders where state in ('open', 'closing', 'closed')";
    let before: i64 = world.sql.query_one(count, &[]).await.unwrap().get(0);
    while world.sql.query_one(count, &[]).await.unwrap().get::<_, i64>(0) < before + 30 {
        sleep(Duration::from_millis(50)).await;
    }
}

/// Everybody comes back and says what he holds, until an absence counts: a line that a master handed to the old worker's
/// socket in its last moment is read by nobody.
async fn tell_twice(world: &World, leaders: &[masters::Leader]) {
    for _ in 0..3 {
        world.gateway.cut_all(Cut::Fin);
        world.await_online().await;
        masters::tell_all(world, leaders).await;
        world.pass_half_a_minute().await;
    }
    while verdict::unsettled(world, leaders).await > 0 {
        sleep(Duration::from_millis(50)).await;
    }
}
