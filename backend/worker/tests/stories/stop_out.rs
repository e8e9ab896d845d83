//! Stop-outs, positions that left by themselves, and re-subscriptions with open copies.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_testkit::ea_v7::{FollowerEa, MasterEa};

use crate::support::{Account, World};

/// A pair that copies one to one, with trade 2002 open as 6002.
async fn pair(world: &World) -> (Account, Account, MasterEa, FollowerEa) {
    let (master, follower) = (world.master().await, world.follower().await);
    world.set_mode(&master, "1TO1").await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2002").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 6002).await;
    world.await_copies(&follower, "open").await;
    (master, follower, m, f)
}

async fn close_with_partner(world: &World) {
    world.sql.execute("update accounts set close_with_partner = true", &[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_the_partner_lost_closes_the_masters_trade_where_its_owner_wants_that() {
    let world = World::start().await;
    let (_, follower, mut m, mut f) = pair(&world).await;
    close_with_partner(&world).await;

    f.wire.send("ACK_CLOSE_SO|6002|1.09000|-100.00").await.unwrap();

    m.wire.expect("CMD_SYNC_CLOSE|2002|slave stop out").await;
    m.close("EURUSD|2002|1.09000|-100.00").await;
    world.await_copies(&follower, "closed(closed_externally)").await;
    f.wire.send("ACK_CLOSE_SO|6002|1.09000|-100.00").await.unwrap();
    f.wire.send("ACK_CLOSE_SO|987|1.10000|-1.00").await.unwrap();
    f.wire.expect_silence().await;
    world.await_text("select count(*)::text from evidence where account_id = $1", follower.id, "4").await;
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_default_the_master_keeps_its_trade() {
    let world = World::start().await;
    let (_, follower, mut m, mut f) = pair(&world).await;

    f.wire.send("ACK_CLOSE_SO|6002|1.09000|-100.00").await.unwrap();

    world.await_copies(&follower, "closed(closed_externally)").await;
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_we_ordered_is_never_passed_on() {
    let world = World::start().await;
    let (_, follower, mut m, mut f) = pair(&world).await;
    close_with_partner(&world).await;
    m.close("EURUSD|2002|1.09000|5.00").await;
    f.wire.expect("CMD_CLOSE|EURUSD|6002|2002").await;

    // A 7.0 build says both, and the second may come first.
    f.wire.send("ACK_CLOSE_SO|6002|1.09000|5.00").await.unwrap();
    f.wire.send("ACK_CLOSE|2002|1.09000|5.00").await.unwrap();

    world.await_copies(&follower, "closed").await;
    world.await_text("select count(*)::text from evidence where account_id = $1", follower.id, "3").await;
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_out_of_the_partner_reaches_every_chart_of_the_master_once() {
    let world = World::start().await;
    let (master, _, mut m, mut f) = pair(&world).await;
    let mut second = world.master_ea(&master).await;

    for _ in 0..20 {
        f.wire.send("ALERT_STOP_OUT|Comment:so 49.9%").await.unwrap();
    }

    m.wire.expect("CMD_CLOSE_ALL|partner stop out").await;
    second.wire.expect("CMD_CLOSE_ALL|partner stop out").await;
    f.wire.expect_silence().await;
    m.wire.expect_silence().await;
    second.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_merely_holds_the_letters_is_no_stop_out() {
    let world = World::start().await;
    let (_, _, mut m, mut f) = pair(&world).await;

    f.wire.send("ALERT_STOP_OUT|Comment:also some reason").await.unwrap();
    f.wire.expect_silence().await;

    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_out_of_the_master_closes_every_pair() {
    let world = World::start().await;
    let (_, follower, mut m, mut f) = pair(&world).await;

    m.wire.send("ALERT_STOP_OUT|MarginLevel:30.00").await.unwrap();
    m.wire.send("ALERT_STOP_OUT|MarginLevel:29.00").await.unwrap();

    f.wire.expect("CMD_CLOSE_ALL|partner stop out").await;
    f.wire.expect("CMD_CLOSE|EURUSD|6002|2002").await;
    f.wire.send("ACK_CLOSE|2002|1.09000|5.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n48_a_storm_of_alerts_outside_of_a_pair_closes_nothing_elsewhere() {
    let world = World::start_with(|config| config.limits.line_burst = 2_000).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2002").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 6002).await;
    world.await_copies(&follower, "open").await;

    for _ in 0..1_000 {
        f.wire.send("ALERT_STOP_OUT|MarginLevel:30.00").await.unwrap();
    }
    m.wire.send("ALERT_STOP_OUT|MarginLevel:30.00").await.unwrap();
    f.wire.expect_silence().await;

    m.wire.expect_silence().await;
    world.await_copies(&follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_names_another_master_gets_its_trades_and_keeps_the_open_copies_managed() {
    let world = World::start().await;
    let (first, second, follower) = (world.master().await, world.master().await, world.follower().await);
    let mut one = world.master_ea(&first).await;
    let mut two = world.master_ea(&second).await;
    let mut f = world.follower_ea(&follower, &first).await;
    one.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    f.wire.send(&format!("SUBSCRIBE:{}", second.token)).await.unwrap();
    f.wire.expect("SUBSCRIBE_OK").await;
    two.open("BUY|EURUSD|1.08500|0.10|0.00|0.00|2").await;
    f.wire.expect("CMD_OPEN|BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2").await;
    one.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|3").await;
    one.wire.expect_silence().await;
    f.wire.expect_silence().await;
    one.close("XAUUSD|1|2035.00000|45.00").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mode_switch_with_open_copies_keeps_them_managed() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = pair(&world).await;
    for mode in ["PUBSUB", "RECORD", "1TO1", "RECORD"] {
        m.wire.send(&format!("CMD_SET_MODE|{mode}")).await.unwrap();
        m.wire.expect(&format!("MODE_UPDATED|{mode}")).await;
    }
    let partner = "select partner_account_id::text from masters where account_id = $1";
    assert_eq!(world.text(partner, master.id).await, follower.id.to_string());

    m.open("BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2003").await;
    m.close("EURUSD|2002|1.09000|5.00").await;

    f.wire.expect("CMD_CLOSE|EURUSD|6002|2002").await;
    f.wire.send("ACK_CLOSE|2002|1.09000|5.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    world.check().await;
}
