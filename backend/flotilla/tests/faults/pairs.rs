//! The partner of a one-to-one master refuses, and the worker dies before the master's terminal is told.

use flotilla_testkit::ea_v7::{AutoFollower, Manners, MasterEa, Refusal};

use crate::world::World;

const OPEN: &str = "SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1";
const EXIT: &str = "SIGNAL_CLOSE|XAUUSD|1|2029.00000|-15.00";
const TOLD: &str = "CMD_SYNC_CLOSE|1|not enough money";
const OWED: &str = "select coalesce(string_agg(coalesce(ended_by, 'owed'), ' '), '') from pair_closes";

/// A pair whose partner refuses everything, and a worker that will die.
async fn begin(world: &World, failpoints: &str) -> (AutoFollower, MasterEa) {
    assert!(world.start(failpoints));
    world.sql.batch_execute("update masters set copy_mode = '1TO1'").await.unwrap();
    let refusal = Refusal::EveryNth(1, "not enough money".to_owned());
    let follower = world.follower(0, Manners { refusal, ..Manners::default() });
    world.await_online().await;
    let master = world.master().await;
    (follower, master)
}

/// The master is back: it is told, closes, and is told no more.
async fn finish(world: &World) {
    let mut master = world.master().await;
    master.wire.expect(TOLD).await;
    master.wire.send(EXIT).await.unwrap();
    world.await_text(OWED, "closed").await;
    let exits = "select count(*)::text from signals where kind = 'close'";
    world.await_text(exits, "1").await;
    world.await_online().await;
    assert_eq!(world.log.count("CMD_SYNC_CLOSE|"), 1, "told once");
    world.invariants().after_healing().assert_hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_the_commit_and_the_line_it_tells_the_master_after_the_restart() {
    for at in ["answer_journalled=return", "settling=return", "settled=return", "close_writing=return"] {
        let world = World::new(1, 1).await;
        let (_follower, mut master) = begin(&world, at).await;
        master.wire.send(OPEN).await.unwrap();
        world.await_death().await;
        assert_eq!(world.log.count("CMD_SYNC_CLOSE|"), 0, "{at}");

        assert!(world.start(""));
        world.await_copies("failed(refused)").await;

        finish(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_tells_a_master_that_is_back_it_tells_it_after_the_restart() {
    for at in ["closes_claiming=return", "closes_claimed=return"] {
        let world = World::new(1, 1).await;
        let (follower, mut master) = begin(&world, "answer_journalled=return").await;
        master.wire.send(OPEN).await.unwrap();
        world.await_death().await;
        assert!(world.start(at));
        world.await_text(OWED, "owed").await;
        let back = world.master().await;
        world.await_death().await;
        drop((follower, back));
        let refusal = Refusal::EveryNth(1, "not enough money".to_owned());
        let _follower = world.follower(0, Manners { refusal, ..Manners::default() });

        assert!(world.start(""));
        finish(&world).await;
    }
}

/// The alert was stored; nobody was told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_after_a_stop_out_was_stored_it_tells_the_master_after_the_restart() {
    let world = World::new(1, 1).await;
    assert!(world.start("performed=return"));
    world.sql.batch_execute("update masters set copy_mode = '1TO1'").await.unwrap();
    let mut partner = world.wire_follower(0).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    partner.wire.expect_prefix("CMD_OPEN|").await;
    partner.wire.send("ACK_OPEN|1|6001|0.10|BUY").await.unwrap();
    world.await_copies("open").await;
    partner.wire.send("ALERT_STOP_OUT|Comment:so 49.9%").await.unwrap();
    world.await_death().await;
    assert_eq!(world.log.count("CMD_CLOSE_ALL|"), 0);

    assert!(world.start(""));
    let mut master = world.master().await;

    master.wire.expect("CMD_SYNC_CLOSE|1|partner stop out").await;
    master.wire.send(EXIT).await.unwrap();
    world.await_text(OWED, "closed").await;
}
