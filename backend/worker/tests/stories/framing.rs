//! Limits on connections and times.

use std::time::Duration;

use crate::support::World;
use flotilla_testkit::ea_v7::Wire;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_log_in_is_disconnected() {
    let world = World::start_with(|config| config.timing.authenticate = Duration::from_millis(100)).await;

    let mut silent = Wire::connect(world.address).await.unwrap();

    silent.expect_close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n58_a_begun_line_must_be_finished_and_an_idle_socket_is_closed() {
    let world = World::start_with(|config| {
        config.timing.finish_line = Duration::from_millis(100);
        config.timing.idle = Duration::from_millis(400);
    })
    .await;
    let (one, two) = (world.master().await, world.master().await);
    let mut dripping = world.master_ea(&one).await;
    let mut idle = world.master_ea(&two).await;

    dripping.wire.send_bytes(b"PI").await.unwrap();

    dripping.wire.expect_close().await;
    idle.wire.expect_close().await;
    let online = "select sockets::text from sessions where account_id = $1";
    world.await_text(online, one.id, "0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n60_only_so_many_strangers_wait_at_a_time() {
    let world = World::start_with(|config| config.limits.unauthenticated_per_address = 2).await;
    let master = world.master().await;
    let _one = Wire::connect(world.address).await.unwrap();
    let two = Wire::connect(world.address).await.unwrap();

    let mut three = Wire::connect(world.address).await.unwrap();
    three.expect_close().await;
    drop(two);

    world.await_place(&master).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_line_longer_than_any_key_is_not_read_to_its_end() {
    let world = World::start().await;

    let mut wire = Wire::connect(world.address).await.unwrap();
    let _ = wire.send(&format!("AUTH:{}", "k".repeat(300))).await;

    wire.expect_close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_line_may_be_as_long_as_is_configured() {
    let world = World::start_with(|config| {
        config.limits.line_before_auth = 80;
        config.limits.line = 100;
        config.limits.snapshot_line = 300;
    })
    .await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut stranger = Wire::connect(world.address).await.unwrap();
    let _ = stranger.send(&format!("AUTH:{}", "k".repeat(90))).await;
    stranger.expect_close().await;

    let mut f = world.follower_ea(&follower, &master).await;
    let list = |tickets: usize| format!("SLAVE_SNAPSHOT:{}", vec!["10001"; tickets].join(","));
    f.wire.send(&list(45)).await.unwrap();
    f.wire.expect("SNAPSHOT_OK").await;
    for long in [list(60), format!("CMD_INIT_SYMBOL|{}|100.00|2", "X".repeat(100))] {
        f.wire.send(&long).await.unwrap();
        f.wire.expect_close().await;
        f = world.follower_ea(&follower, &master).await;
    }

    let lists = "select count(*)::text from snapshots where account_id = $1";
    assert_eq!(world.text(lists, follower.id).await, "1");
}
