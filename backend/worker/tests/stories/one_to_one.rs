//! One-to-one copying: one partner, and both sides stay equal.

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_follower_is_the_partner_and_alone_gets_orders() {
    let world = World::start().await;
    let (master, f_account, g_account) =
        (world.master().await, world.follower().await, world.follower().await);
    world.set_mode(&master, "1TO1").await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&f_account, &master).await;
    f.wire.send("CHECK_STATUS").await.unwrap();
    f.wire.expect("STATUS_ACTIVE").await;

    let mut g = flotilla_testkit::ea_v7::FollowerEa::log_in(world.address, &g_account.key).await;
    g.wire.send(&format!("SUBSCRIBE:{}", master.token)).await.unwrap();
    g.wire.expect("ERROR:MASTER_ALREADY_HAS_PARTNER").await;
    g.wire.send("CHECK_STATUS").await.unwrap();
    g.wire.expect("STATUS_INACTIVE").await;
    f.wire.send(&format!("SUBSCRIBE:{}", master.token)).await.unwrap();
    f.wire.expect("SUBSCRIBE_OK").await;
    m.open("BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2001").await;

    f.wire.expect("CMD_OPEN|BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2001").await;
    g.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clear_refusal_of_the_partner_closes_the_masters_trade() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    world.set_mode(&master, "1TO1").await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2000").await;
    m.open("BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2001").await;
    f.expect_open().await;
    f.expect_open().await;

    f.wire.send("ACK_OPEN_FAIL|2000|Error:0").await.unwrap();
    f.wire.send("ACK_OPEN_FAIL|2001|not enough|money AUTH_OK").await.unwrap();

    m.wire.expect("CMD_SYNC_CLOSE|2001|not enough money ...").await;
    world.await_copies(&follower, "unconfirmed(unclear_answer) failed(refused)").await;
    m.close("EURUSD|2001|1.08400|-10.00").await;
    m.wire.expect_silence().await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setting_the_mode_that_is_set_keeps_the_partner() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    world.set_mode(&master, "1TO1").await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    m.wire.send("CMD_SET_MODE|1TO1").await.unwrap();
    m.wire.expect("MODE_UPDATED|1TO1").await;
    m.wire.send("CMD_SET_MODE|RECORD").await.unwrap();
    m.wire.expect("MODE_UPDATED|RECORD").await;
    m.wire.send("CMD_SET_MODE|1TO1").await.unwrap();
    m.wire.expect("MODE_UPDATED|1TO1").await;
    m.wire.send("CMD_SET_MODE|FOO").await.unwrap();
    m.wire.expect("ERROR:MODE_CHANGE_FAILED").await;
    f.wire.send("CMD_SET_MODE|RECORD").await.unwrap();
    f.wire.expect("ERROR:MODE_CHANGE_FAILED").await;

    let partner = "select partner_account_id::text from masters where account_id = $1";
    assert_eq!(world.text(partner, master.id).await, follower.id.to_string());
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_several_followers_there_is_no_partner_to_choose() {
    let world = World::start().await;
    let (master, f_account, g_account) =
        (world.master().await, world.follower().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let _f = world.follower_ea(&f_account, &master).await;
    let _g = world.follower_ea(&g_account, &master).await;

    m.wire.send("CMD_SET_MODE|1TO1").await.unwrap();

    m.wire.expect("ERROR:MODE_CHANGE_FAILED").await;
    assert_eq!(world.text("select copy_mode from masters where account_id = $1", master.id).await, "PUBSUB");
}
