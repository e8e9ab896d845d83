//! A recording master: its trades are stored, and what was copied before is still closed.

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_entry_reaches_nobody() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.wire.send("CMD_SET_MODE|RECORD").await.unwrap();
    m.wire.expect("MODE_UPDATED|RECORD").await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    m.wire.expect_silence().await;

    f.wire.send("CHECK_STATUS").await.unwrap();
    f.wire.expect("STATUS_ACTIVE").await;
    assert_eq!(world.text("select count(*)::text from trades where account_id = $1", master.id).await, "1");
    world.await_copies(&follower, "").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_copied_before_is_closed() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;
    m.wire.send("CMD_SET_MODE|RECORD").await.unwrap();
    m.wire.expect("MODE_UPDATED|RECORD").await;

    m.close("XAUUSD|1|2035.00000|45.00").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    world.check().await;
}
