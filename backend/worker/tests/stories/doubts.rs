//! Orders without an answer, and what the next connection's list says of them.

use std::time::Duration;

use flotilla_testkit::ea_v7::{FollowerEa, MasterEa};
use rstest::rstest;

use crate::follower_lists::list;
use crate::support::{Account, World};

/// A follower that listed `before`, was sent `orders` opens, and lost its
/// connection before it answered; it is back.
async fn in_doubt(world: &World, before: Option<&str>, orders: usize) -> (Account, MasterEa, FollowerEa) {
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    if let Some(before) = before {
        list(&mut f, before).await;
    }
    for ticket in 1..=orders {
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        f.expect_open().await;
    }
    drop(f);
    world.await_copies(&follower, vec!["unconfirmed(session_lost)"; orders].join(" ").as_str()).await;
    let f = world.follower_ea(&follower, &master).await;
    (follower, m, f)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_one_new_position_is_the_copys_and_closed_with_the_masters() {
    let world = World::start().await;
    let (follower, mut m, mut f) = in_doubt(&world, Some("4000,"), 1).await;

    list(&mut f, "4000,5001,").await;
    world.await_copies(&follower, "open(inferred)").await;
    m.close("XAUUSD|1|2035.00000|45.00").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adopted_position_that_nobody_wants_any_more_is_closed_at_once() {
    let world = World::start().await;
    let (_, mut m, mut f) = in_doubt(&world, Some(""), 1).await;
    m.close("XAUUSD|1|2035.00000|45.00").await;
    m.wire.expect_silence().await;

    f.wire.send("SLAVE_SNAPSHOT:5001").await.unwrap();

    f.wire.expect("SNAPSHOT_OK").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_without_a_new_position_shows_that_nothing_was_opened() {
    let world = World::start().await;
    let (follower, _m, mut f) = in_doubt(&world, Some("4000"), 1).await;

    list(&mut f, "4000").await;
    world.await_copies(&follower, "failed(not_opened)").await;
    list(&mut f, "4000,5001").await;

    world.await_copies(&follower, "open(inferred)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_list_shows_it_only_together_with_a_second() {
    let world = World::start().await;
    let (follower, _m, mut f) = in_doubt(&world, Some(""), 1).await;

    list(&mut f, "").await;
    list(&mut f, "").await;
    world.await_copies(&follower, "unconfirmed(session_lost)").await;
    world.pass_time(31).await;
    list(&mut f, "").await;

    world.await_copies(&follower, "failed(not_opened)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_that_fit_several_ways_are_put_to_the_owner() {
    let world = World::start().await;
    let (follower, mut m, mut f) = in_doubt(&world, Some("4000"), 2).await;

    list(&mut f, "4000,5001").await;
    world.await_copies(&follower, "attention(ambiguous) attention(ambiguous)").await;
    m.close("XAUUSD|1|2035.00000|45.00").await;
    m.wire.expect_silence().await;

    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_earlier_list_the_owner_is_asked() {
    let world = World::start().await;
    let (follower, _m, mut f) = in_doubt(&world, None, 1).await;

    list(&mut f, "5001").await;

    world.await_copies(&follower, "attention(no_baseline)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_who_wants_to_decide_is_asked() {
    let world = World::start().await;
    let (follower, _m, mut f) = in_doubt(&world, Some("4000"), 1).await;
    world.sql.execute("update accounts set adopt_inferred = false", &[]).await.unwrap();

    list(&mut f, "4000,5001").await;

    world.await_copies(&follower, "attention(owner_decides)").await;
    list(&mut f, "4000,5001").await;
    let told = "select count(*)::text || ' ' || coalesce(min(times_seen), 0)
        from alerts where account_id = $1 and kind = 'attention'";
    assert_eq!(world.text(told, follower.id).await, "1 1");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_came_and_went_was_closed_by_another() {
    let world = World::start().await;
    let (follower, _m, mut f) = in_doubt(&world, Some("4000"), 1).await;
    f.wire.send("ACK_CLOSE_SO|5001|2020.00000|-5.00").await.unwrap();

    list(&mut f, "4000").await;

    world.await_copies(&follower, "closed(closed_externally)").await;
    let known = "select venue_ref || ' ' || pnl from copy_orders where follower_account_id = $1";
    assert_eq!(world.text(known, follower.id).await, "5001 -5.00");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_reported_before_the_order_is_not_its_position() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    list(&mut f, "4000").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 6000).await;
    world.await_copies(&follower, "open").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    f.expect_open().await;
    drop(f);
    world.await_copies(&follower, "open unconfirmed(session_lost)").await;
    let mut f = world.follower_ea(&follower, &master).await;

    // Lower than the ticket that was acknowledged before the order.
    list(&mut f, "4000,5500,6000").await;

    world.await_copies(&follower, "open failed(not_opened)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_stays_in_doubt_is_alarmed_once() {
    let world = World::start_with(|config| config.timing.alarm_doubt = Duration::from_mins(10)).await;
    let (follower, _m, _f) = in_doubt(&world, None, 1).await;
    let alarmed = "select count(*)::text || ' ' || coalesce(min(times_seen), 0)
        from alerts where account_id = $1 and kind = 'unconfirmed'";
    world.pass_time(590).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.text(alarmed, follower.id).await, "0 0");

    world.pass_time(11).await;

    world.await_text(alarmed, follower.id, "1 1").await;
    world.check().await;
}

#[rstest]
#[case::it_never_opened("4000")]
#[case::something_else_stood_there_meanwhile("4000,5001,5002")]
#[case::its_list_had_lagged("4000,5001")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_that_never_opened_closes_the_masters_trade_once_a_second_list_agrees(
    #[case] second: &str,
) {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    world.set_mode(&master, "1TO1").await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    list(&mut f, "4000").await;
    m.open("BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2001").await;
    f.expect_open().await;
    f.wire.send("ACK_OPEN_FAIL|2001|Error:0").await.unwrap();
    world.await_copies(&follower, "unconfirmed(unclear_answer)").await;
    m.wire.expect_silence().await;
    drop(f);
    let mut f = world.follower_ea(&follower, &master).await;

    list(&mut f, "4000").await;
    world.await_copies(&follower, "failed(not_opened)").await;
    m.wire.expect_silence().await;
    let owed = "select coalesce(string_agg(coalesce(ended_by, 'owed') || ' ' || attempts, ''), '')
        from pair_closes where master_account_id = $1";
    assert_eq!(world.text(owed, master.id).await, "owed 0", "known, and not told to the terminal");
    world.pass_time(31).await;
    list(&mut f, second).await;
    if second == "4000,5001,5002" {
        // Either may be its position: a later list tells.
        m.wire.expect_silence().await;
        world.pass_time(31).await;
        list(&mut f, "4000").await;
    }

    if second == "4000,5001" {
        world.await_copies(&follower, "open(inferred)").await;
        world.await_text(owed, master.id, "held 0").await;
        m.wire.expect_silence().await;
    } else {
        m.wire.expect("CMD_SYNC_CLOSE|2001|slave did not open").await;
        world.await_copies(&follower, "failed(not_opened)").await;
    }
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_new_is_opened_before_the_next_list_says_what_became_of_the_last() {
    let world = World::start().await;
    let (follower, mut m, mut f) = in_doubt(&world, Some("4000"), 1).await;
    world.set_max_age(&follower, 120).await;

    m.open("BUY|XAUUSD|2031.00|0.20|0.00|0.00|2").await;
    world.await_copies(&follower, "unconfirmed(session_lost) planned").await;
    f.wire.expect_silence().await;
    f.wire.send("SLAVE_SNAPSHOT:4000").await.unwrap();
    f.wire.expect("SNAPSHOT_OK").await;

    assert_eq!(f.expect_open().await.lots, "0.20");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_ends_the_wait_like_a_list() {
    let world = World::start().await;
    let (follower, mut m, mut f) = in_doubt(&world, None, 1).await;
    world.set_max_age(&follower, 120).await;
    m.open("BUY|XAUUSD|2031.00|0.20|0.00|0.00|2").await;
    world.await_copies(&follower, "unconfirmed(session_lost) planned").await;

    f.wire.send("ACK_OPEN|1|5001|0.10|BUY").await.unwrap();

    assert_eq!(f.expect_open().await.lots, "0.20");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_grows_too_old_before_the_next_list_is_skipped_with_its_own_reason() {
    let world = World::start().await;
    let (follower, mut m, mut f) = in_doubt(&world, Some("4000"), 1).await;

    world.set_max_age(&follower, 1).await;
    m.open("BUY|XAUUSD|2031.00|0.20|0.00|0.00|2").await;

    world.await_copies(&follower, "unconfirmed(session_lost) skipped(reconciling)").await;
    // Its owner does not want it any more.
    world.set_max_age(&follower, 3).await;
    m.open("BUY|XAUUSD|2031.00|0.20|0.00|0.00|3").await;
    world.await_copies(&follower, "unconfirmed(session_lost) skipped(reconciling) planned").await;
    world.set_copying(&follower, "state = 'paused'").await;
    world.await_copies(&follower, "unconfirmed(session_lost) skipped(reconciling) skipped(paused)").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_is_never_held() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5001).await;
    world.await_copies(&follower, "open").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    f.expect_open().await;
    drop(f);
    world.await_copies(&follower, "open unconfirmed(session_lost)").await;
    let mut f = world.follower_ea(&follower, &master).await;

    m.close("XAUUSD|1|2035.00000|45.00").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1").await;
    world.check().await;
}
