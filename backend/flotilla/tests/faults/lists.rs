//! The worker dies while lists of open tickets are judged: whatever they say is said again, and acted on once.

use std::time::Duration;

use flotilla_testkit::ea_v7::{AutoFollower, Manners, MasterEa};

use crate::world::{PATIENCE, World};

/// Lists what it holds with every new connection.
fn listing() -> Manners {
    Manners { sends_snapshots: true, ..Manners::default() }
}

/// A follower that has listed what it holds, nothing, and says no word about what it is told.
async fn begin(manners: Manners) -> (World, AutoFollower, MasterEa) {
    let world = World::new(1, 1).await;
    assert!(world.start(""));
    let follower = world.follower(0, manners);
    world.await_online().await;
    world.await_text("select (count(*) > 0)::text from snapshots", "true").await;
    world.sql.batch_execute("update subscriptions set max_age_s = 120").await.unwrap();
    let master = world.listing_master(0, &[]).await;
    world.await_text("select count(*)::text from master_charts", "1").await;
    (world, follower, master)
}

async fn enter(master: &mut MasterEa) {
    master.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
}

async fn end(world: &World, opened: usize, held: usize) {
    let broker = world.brokers.first().unwrap();
    assert_eq!((broker.opened_for(1), broker.positions().len()), (opened, held), "opened and held");
    world.invariants().assert_hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c3_a_position_whose_answer_was_lost_is_found_by_the_next_list_whenever_the_worker_dies() {
    for at in ["", "listing=return", "listed=return"] {
        let (world, mute, mut master) = begin(Manners { is_mute: true, ..listing() }).await;
        enter(&mut master).await;
        let executed = async {
            while world.brokers.first().unwrap().opened_for(1) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, executed).await.expect("the follower executes");

        world.kill();
        if !at.is_empty() {
            assert!(world.start(at));
            world.await_death().await;
        }
        assert!(world.start(""));
        world.await_copies("open(inferred)").await;
        drop(mute);
        let _follower = world.follower(0, listing());
        world.await_online().await;
        let mut master = world.listing_master(0, &[1]).await;
        master.close("XAUUSD|1|2035.00000|45.00").await;

        world.await_copies("closed").await;
        end(&world, 1, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c6_an_exit_that_was_lost_is_seen_by_two_lists_of_its_chart_whenever_the_worker_dies() {
    for at in ["", "listing=return", "listed=return"] {
        let (world, _follower, mut master) = begin(listing()).await;
        enter(&mut master).await;
        world.await_copies("open").await;
        world.pass_half_a_minute().await;
        // The master has left meanwhile, and nobody heard of it.
        world.kill();
        assert!(world.start(""));
        let lists = "select count(*)::text from snapshots s join masters m using (account_id) where lineage is not null";
        let _first = world.listing_master(0, &[]).await;
        world.await_text(lists, "2").await;
        world.await_copies("open").await;
        world.pass_half_a_minute().await;

        if !at.is_empty() {
            world.kill();
            assert!(world.start(at));
            let _second = world.listing_master(0, &[]).await;
            world.await_death().await;
            assert!(world.start(""));
        }
        let _last = world.listing_master(0, &[]).await;

        world.await_copies("closed").await;
        end(&world, 1, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_list_that_shows_nothing_closes_nothing_however_often_the_worker_dies_over_it() {
    let (world, follower, mut master) = begin(listing()).await;
    enter(&mut master).await;
    world.await_copies("open").await;
    world.pass_half_a_minute().await;
    let broker = world.brokers.first().unwrap();

    // The terminals are not synchronised: both list nothing, once.
    broker.lose_sight(true);
    world.kill();
    assert!(world.start(""));
    world.await_online().await;
    let _blind = world.listing_master(0, &[]).await;
    world.await_text("select count(*)::text from copy_sightings where missing_since is not null", "1").await;
    broker.lose_sight(false);
    for _ in 0..2 {
        world.pass_half_a_minute().await;
        world.kill();
        assert!(world.start(""));
        world.await_online().await;
        let _sees = world.listing_master(0, &[1]).await;
        world
            .await_text("select count(*)::text from copy_sightings where missing_since is not null", "0")
            .await;
    }

    world.await_copies("open").await;
    end(&world, 1, 1).await;
    drop(follower);
}
