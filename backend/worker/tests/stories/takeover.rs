//! A newer connection of one account.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use crate::support::{Account, World};
use flotilla_testkit::ea_v7::{FollowerEa, Wire};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_follower_socket_gets_the_orders_and_the_older_is_closed() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut first = world.follower_ea(&follower, &master).await;

    let mut second = FollowerEa::log_in(world.address, &follower.key).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    let order = second.expect_open().await;
    first.wire.expect_close().await;
    second.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_older_session_may_have_sent_is_in_doubt_until_there_is_evidence() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut first = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = first.expect_open().await;

    let mut second = world.follower_ea(&follower, &master).await;
    world.await_copies(&follower, "unconfirmed(session_lost)").await;
    second.wire.expect_silence().await;
    second.ack_open(&order, 51).await;

    world.await_copies(&follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_older_connection_has_answered_counts_though_it_was_not_read_yet() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut first = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = first.expect_open().await;
    first.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    let order = first.expect_open().await;

    // Nothing is settled, so the list waits, and what follows it is not read.
    let hold = "begin; select from copy_orders where venue_ref = '51' for update";
    world.sql.batch_execute(hold).await.unwrap();
    first.wire.send("ACK_CLOSE_SO|51|2020.00000|-105.00").await.unwrap();
    first.wire.send("SLAVE_SNAPSHOT:52").await.unwrap();
    first.wire.expect("SNAPSHOT_OK").await;
    first.ack_open(&order, 52).await;
    let mut second = FollowerEa::log_in(world.address, &follower.key).await;
    second.wire.send("PING").await.unwrap();
    first.wire.expect_close().await;
    world.sql.batch_execute("commit").await.unwrap();

    world.await_copies(&follower, "closed(closed_externally) open").await;
    m.close("XAUUSD|2|2031.00000|5.00").await;
    second.wire.expect("CMD_CLOSE|XAUUSD|52|2").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_leaves_its_claims_in_doubt() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    f.expect_open().await;

    drop(f);
    world.await_copies(&follower, "unconfirmed(session_lost)").await;
    let mut f = world.follower_ea(&follower, &master).await;

    f.wire.expect_silence().await;
    world.check().await;
}

/// A connection that has said its key and nothing more.
async fn silent(world: &World, account: &Account) -> Wire {
    let mut wire = Wire::connect(world.address).await.unwrap();
    wire.send(&format!("AUTH:{}", account.key)).await.unwrap();
    wire
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_connection_that_ends_before_it_speaks_leaves_nobody_deaf() {
    let world = World::start_with(|config| config.timing.role_grace = Duration::from_mins(1)).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let mut newer = silent(&world, &follower).await;
    newer.expect("AUTH_OK").await;
    let mut newest = silent(&world, &follower).await;
    newest.expect("AUTH_OK").await;
    f.wire.expect_silence().await;
    drop(newest);
    newer.expect_close().await;
    f.wire.expect_close().await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    // The log-in of the next is refused as it is committed, when its connection has displaced the older.
    let refuse =
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
        create constraint trigger refuse after update on sessions deferrable initially deferred
        for each row when (new.epoch > old.epoch) execute function refuse();";
    world.sql.batch_execute(refuse).await.unwrap();
    silent(&world, &follower).await.expect_close().await;
    f.wire.expect_close().await;
    let sockets = "select sockets::text from sessions where account_id = $1";
    world.await_text(sockets, follower.id, "0").await;
    world.sql.batch_execute("drop trigger refuse on sessions").await.unwrap();
    let mut f = world.follower_ea(&follower, &master).await;
    m.close("XAUUSD|1|2031.00000|5.00").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sockets_of_a_master_count() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut gold = world.master_ea(&master).await;
    let mut euro = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    gold.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    assert_eq!(f.expect_open().await.symbol, "XAUUSD");
    euro.open("BUY|EURUSD|1.08|0.10|0.00|0.00|2").await;
    assert_eq!(f.expect_open().await.symbol, "EURUSD");
    drop(gold);
    let sockets = "select sockets::text from sessions where account_id = $1";
    world.await_text(sockets, master.id, "1").await;
    euro.open("BUY|EURUSD|1.08|0.20|0.00|0.00|3").await;

    assert_eq!(f.expect_open().await.lots, "0.20");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reporter_beside_a_follower_takes_nothing_from_it() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let mut reporter = FollowerEa::log_in(world.address, &follower.key).await;
    reporter.wire.send("REPORT_ONLY").await.unwrap();
    reporter.wire.send("ACCOUNT|10000.00|10012.50|120.00|9892.50|USD|100").await.unwrap();
    reporter.wire.expect_silence().await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;
    drop(reporter);
    m.close("XAUUSD|1|2031.00000|5.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_ordered_before_a_reporter_says_so_goes_to_the_follower_that_is_there() {
    let world = World::start_with(|config| config.timing.role_grace = Duration::from_mins(1)).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let mut reporter = silent(&world, &follower).await;
    reporter.expect("AUTH_OK").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies(&follower, "claimed").await;
    reporter.send("REPORT_ONLY").await.unwrap();
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    // Two that are displaced before they speak, and the last of them has the place.
    let mut second = silent(&world, &follower).await;
    second.expect("AUTH_OK").await;
    let mut third = FollowerEa::log_in(world.address, &follower.key).await;
    second.send("REPORT_ONLY").await.unwrap();
    f.wire.expect_close().await;
    m.close("XAUUSD|1|2031.00000|5.00").await;
    world.await_copies(&follower, "closing").await;
    third.wire.send("PING").await.unwrap();
    third.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    second.expect_silence().await;
    reporter.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_stop_and_start_loses_and_doubles_nothing() {
    let mut world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    let answered = f.expect_open().await;
    f.expect_open().await;
    f.ack_open(&answered, 51).await;
    world.await_copies(&follower, "open claimed").await;

    world.stop().await;
    f.wire.expect_close().await;
    m.wire.expect_close().await;
    world.await_copies(&follower, "open unconfirmed(session_lost)").await;
    world.run().await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    f.wire.expect_silence().await;
    m.close("XAUUSD|1|2031.00000|5.00").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    world.check().await;
}
