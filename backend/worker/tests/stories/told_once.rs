//! What owners are told, each fact once however often it is said.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::abuse::from;
use crate::follower_lists::list;
use crate::support::{Account, World};

/// Kinds of alerts of an account with how often each was seen.
const TOLD: &str = "
    select coalesce(string_agg(kind || ' ' || times_seen, ', ' order by id), '') from alerts where account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_that_no_signal_told_of_is_told_once_however_often_it_is_listed() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.price("XAUUSD", "2030.50", "2031.00").await;

    let judged = "select count(lineage)::text from snapshots where account_id = $1";
    for (number, tickets) in ["9001", "9001", "9001,9002"].into_iter().enumerate() {
        m.wire.send(&format!("MASTER_SNAPSHOT:{tickets}")).await.unwrap();
        m.wire.expect("SNAPSHOT_OK").await;
        world.await_text(judged, master.id, &(number + 1).to_string()).await;
    }

    world.await_text(TOLD, master.id, "missed_open 2").await;
    let last = "select detail ->> 'tickets' from alerts where account_id = $1";
    assert_eq!(world.text(last, master.id).await, "9002, 9001", "the new one first");
    f.wire.expect_silence().await;
    world.await_copies(&follower, "").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_of_nobody_is_told_once_however_often_it_is_listed() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut f = world.follower_ea(&follower, &master).await;

    for tickets in ["9998", "9998", "9998,9999"] {
        list(&mut f, tickets).await;
    }

    world.await_text(TOLD, follower.id, "orphan_position 2").await;
    f.wire.send("ACK_OPEN|424242|7|0.10|BUY").await.unwrap();
    f.wire.send("ACK_OPEN|424242|7|0.10|BUY").await.unwrap();
    world.await_text(TOLD, follower.id, "orphan_position 3").await;
    let heard = "select count(*)::text from evidence where account_id = $1";
    world.await_text(heard, follower.id, "2").await;
    f.wire.expect_silence().await;
    assert_eq!(world.text(TOLD, follower.id).await, "orphan_position 3");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_that_comes_back_within_a_minute_is_told_and_not_copied() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    let line = "BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003";
    m.open(line).await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    m.close("XAUUSD|1003|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;

    // A list that flickers: the same line again, then once more.
    m.open(line).await;
    m.open(line).await;
    world.await_text(TOLD, master.id, "ticket_reopened 1").await;
    // A resend that its exit overtook comes over another connection.
    let mut again = world.master_ea(&master).await;
    again.open(line).await;
    again.wire.expect_silence().await;
    m.wire.expect_silence().await;

    f.wire.expect_silence().await;
    world.await_copies(&follower, "closed").await;
    assert_eq!(world.text(TOLD, master.id).await, "ticket_reopened 1");
    let signals =
        "select string_agg(kind || ' ' || part, ', ' order by id) from signals where master_account_id = $1";
    assert_eq!(world.text(signals, master.id).await, "open 0, close 0, open 1");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_closed_and_is_listed_is_told_once() {
    let world = World::start().await;
    let (follower, mut f) = two_open(&world).await;
    f.wire.send("ACK_CLOSE_SO|51|2020.00000|-5.00").await.unwrap();
    world.await_copies(&follower, "closed(closed_externally) open").await;

    list(&mut f, "51,52").await;
    list(&mut f, "51,52").await;

    world.await_text(TOLD, follower.id, "ticket_reopened 1").await;
    world.await_copies(&follower, "open(late_evidence) open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_that_melt_into_one_are_told_once() {
    let world = World::start().await;
    let (follower, mut f) = two_open(&world).await;

    list(&mut f, "52").await;
    world.pass_time(31).await;
    list(&mut f, "52").await;
    world.await_copies(&follower, "closed(absent) open").await;
    list(&mut f, "52").await;

    assert_eq!(world.text(TOLD, follower.id).await, "netting_suspected 1");
    world.check().await;
}

/// A follower with copies 51 and 52 of one symbol.
async fn two_open(world: &World) -> (Account, flotilla_testkit::ea_v7::FollowerEa) {
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    for ticket in [1, 2] {
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        let order = f.expect_open().await;
        f.ack_open(&order, 50 + ticket).await;
    }
    world.await_copies(&follower, "open open").await;
    world.pass_time(60).await;
    (follower, f)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_stop_outs_is_told_once_to_both_sides_of_a_pair() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    world.set_mode(&master, "1TO1").await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    for level in 0..20 {
        f.wire.send(&format!("ALERT_STOP_OUT|MarginLevel:{level}.00")).await.unwrap();
    }

    m.wire.expect("CMD_CLOSE_ALL|partner stop out").await;
    f.wire.expect_silence().await;
    m.wire.expect_silence().await;
    assert_eq!(world.text(TOLD, follower.id).await, "stop_out 1");
    assert_eq!(world.text(TOLD, master.id).await, "stop_out 1");
    world.check().await;
}

/// Logs in from another address of this machine.
async fn log_in_from(world: &World, last: u8, account: &Account) {
    let mut stream = from(last, world.address).await;
    stream.write_all(format!("AUTH:{}\n", account.key).as_bytes()).await.unwrap();
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"AUTH_OK\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_used_from_a_new_address_is_told_once() {
    let mut world = World::start().await;
    let master = world.master().await;
    let known = "select count(*)::text from key_addresses where account_id = $1";

    log_in_from(&world, 1, &master).await;
    world.await_text(known, master.id, "1").await;
    log_in_from(&world, 1, &master).await;
    assert_eq!(world.text(TOLD, master.id).await, "", "the first one is no news");
    log_in_from(&world, 2, &master).await;
    world.await_text(TOLD, master.id, "key_address_changed 1").await;
    let address = "select detail ->> 'address' from alerts where account_id = $1";
    assert_eq!(world.text(address, master.id).await, "127.0.0.2");
    // Moving to and fro is no news, and neither is it to the next worker.
    log_in_from(&world, 1, &master).await;
    world.stop().await;
    world.run().await;
    log_in_from(&world, 2, &master).await;
    log_in_from(&world, 3, &master).await;

    world.await_text(TOLD, master.id, "key_address_changed 1, key_address_changed 1").await;
    assert_eq!(world.text(known, master.id).await, "3");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_lines_are_told_in_one_entry_that_counts_them() {
    let world = World::start_with(|config| config.timing.absences = Duration::from_millis(50)).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    for line in ["SIGNAL_OPEN|BUY|X|1.0", "FOO|1", "SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|sk_live_1"] {
        m.wire.send(line).await.unwrap();
    }
    f.wire.send("SIGNAL_OPEN|BUY|X|1.0|1.0|0.0|0.0|5").await.unwrap();
    world.await_text(TOLD, master.id, "lines_refused 2").await;
    world.await_text(TOLD, follower.id, "lines_refused 1").await;
    m.wire.send("MASTER_SNAPSHOT:1,two").await.unwrap();

    world.await_text(TOLD, master.id, "lines_refused 3").await;
    let why = "select string_agg(detail ->> 'why', ', ') from alerts where account_id = $1";
    assert_eq!(world.text(why, follower.id).await, "SIGNAL: not from a follower");
    assert_eq!(world.text(why, master.id).await, "MASTER_SNAPSHOT: bad ticket");
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_refused_last_are_told_when_the_worker_ends() {
    let mut world = World::start_with(|config| config.timing.absences = Duration::from_hours(1)).await;
    let master = world.master().await;
    let mut m = world.master_ea(&master).await;
    m.wire.send("SIGNAL_OPEN|BUY|X|1.0").await.unwrap();
    m.wire.expect_silence().await;

    world.stop().await;

    assert_eq!(world.text(TOLD, master.id).await, "lines_refused 1");
}
