//! The master leaves before the follower answered.

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_close_waits_for_the_ticket_and_then_goes_out_at_once() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("SELL|BTCUSD|68000.00|1.00|0.00|0.00|1004").await;
    let order = f.expect_open().await;

    m.close("BTCUSD|1004|68010.00000|-10.00").await;
    m.wire.expect_silence().await;
    f.wire.expect_silence().await;
    f.ack_open(&order, 5004).await;

    f.wire.expect("CMD_CLOSE|BTCUSD|5004|1004").await;
    f.wire.send("ACK_CLOSE|1004|68011.00000|-11.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    let path = "select string_agg(from_state || '>' || to_state, ' ' order by e.id)
        from copy_events e join copy_orders c using (copy_id) where c.follower_account_id = $1";
    assert_eq!(world.text(path, follower.id).await, "claimed>open open>closing closing>closed");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_after_the_masters_close_ends_the_copy() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("SELL|BTCUSD|68000.00|1.00|0.00|0.00|1004").await;
    f.expect_open().await;
    m.close("BTCUSD|1004|68010.00000|-10.00").await;
    m.wire.expect_silence().await;

    f.wire.send("ACK_OPEN_FAIL|1004|not enough money").await.unwrap();

    world.await_copies(&follower, "failed(refused)").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_position_of_one_copy_is_flagged_and_left_alone() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|1.50|0.00|0.00|71").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 801).await;
    world.await_copies(&follower, "open").await;

    f.ack_open(&order, 802).await;
    f.wire.send("ACK_OPEN|424242|1|0.10|BUY").await.unwrap();

    world.await_copies(&follower, "open(second_position)").await;
    let shown = "select venue_ref || ' ' || reason_text from copy_orders where follower_account_id = $1";
    assert_eq!(world.text(shown, follower.id).await, "801 802");
    f.wire.expect_silence().await;
    world.check().await;
}
