//! The database answers late, or never: an outcome that is not known is looked up, never assumed.

use std::time::Duration;

use flotilla_testkit::ea_v7::{AutoFollower, Manners, MasterEa};
use flotilla_testkit::proxy::{Cut, Way};

use crate::world::{PATIENCE, World};

/// A symbol that no other statement carries.
const RARE: &str = "EURTRY";

async fn begin() -> (World, AutoFollower, MasterEa) {
    let world = World::new(1, 1).await;
    assert!(world.start(""));
    let follower = world.follower(0, Manners::default());
    world.await_online().await;
    let master = world.master().await;
    (world, follower, master)
}

async fn end(world: &World, opened: usize, held: usize) {
    let broker = world.brokers.first().unwrap();
    assert_eq!((broker.opened_for(1), broker.positions().len()), (opened, held));
    world.invariants().assert_hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c9_an_entry_whose_commit_got_no_answer_is_one_signal_and_one_order() {
    let (world, _follower, mut master) = begin().await;

    world.database.lose_answer_after(RARE.as_bytes(), b"COMMIT");
    master.open(&format!("BUY|{RARE}|38.50|0.10|0.00|0.00|1")).await;

    world.await_copies("open").await;
    assert_eq!(world.database.answers_lost(), 1);
    assert_eq!(world.log.count("CMD_OPEN|"), 1);
    end(&world, 1, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c9_an_exit_whose_commit_got_no_answer_closes() {
    let (world, _follower, mut master) = begin().await;
    master.open(&format!("BUY|{RARE}|38.50|0.10|0.00|0.00|1")).await;
    world.await_copies("open").await;

    world.database.lose_answer_after(RARE.as_bytes(), b"COMMIT");
    master.close(&format!("{RARE}|1|38.60000|4.00")).await;

    world.await_copies("closed").await;
    assert_eq!(world.database.answers_lost(), 1);
    let exits = "select count(*)::text from signals where kind = 'close'";
    world.await_text(exits, "1").await;
    // The master's next signal waits for the exit, which is looked up and told.
    master.open(&format!("BUY|{RARE}|38.70|0.10|0.00|0.00|2")).await;
    world.await_copies("closed open").await;
    end(&world, 1, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c9_an_answer_whose_commit_got_no_answer_is_settled() {
    let (world, _follower, mut master) = begin().await;

    world.database.lose_answer_after(b"ACK_OPEN|1|", b"COMMIT");
    master.open(&format!("BUY|{RARE}|38.50|0.10|0.00|0.00|1")).await;

    world.await_copies("open").await;
    assert_eq!(world.database.answers_lost(), 1);
    end(&world, 1, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c10_a_signal_that_could_not_be_stored_in_time_is_not_sent_late() {
    let (world, _follower, mut master) = begin().await;

    world.database.set_open(false);
    world.database.cut_all(Cut::Reset);
    master.open(&format!("BUY|{RARE}|38.50|0.10|0.00|0.00|1")).await;
    // Longer than the copy's age limit, shorter than the worker's patience.
    tokio::time::sleep(Duration::from_secs(6)).await;
    world.database.set_open(true);

    world.await_copies("skipped(stale)").await;
    assert_eq!(world.log.count("CMD_OPEN|"), 0);
    end(&world, 0, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c10_cut_off_from_its_database_it_sends_nothing_and_lets_its_connections_go() {
    let (world, follower, mut master) = begin().await;
    master.open(&format!("BUY|{RARE}|38.50|0.10|0.00|0.00|1")).await;
    world.await_copies("open").await;

    for way in Way::BOTH {
        world.database.stall_all(way);
    }
    world.database.set_open(false);
    master.open(&format!("BUY|{RARE}|38.50|0.20|0.00|0.00|2")).await;
    let closing = async { while master.wire.read().await.is_some() {} };
    tokio::time::timeout(PATIENCE, closing).await.expect("the worker lets the master go");
    assert_eq!(world.log.count("CMD_OPEN|"), 1);

    world.database.cut_all(Cut::Reset);
    world.database.set_open(true);
    world.await_copies("open skipped(stale)").await;
    world.await_online().await;
    end(&world, 1, 1).await;
    drop(follower);
}
