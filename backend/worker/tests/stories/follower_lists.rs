//! A follower lists its open tickets.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_testkit::ea_v7::FollowerEa;
use std::time::Duration;

use crate::support::{Account, World};

/// A master and a follower with one open copy: ticket 1003 copied as 5003.
async fn open_copy(world: &World) -> (Account, Account, FollowerEa) {
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;
    (master, follower, f)
}

/// Sends a list and waits until it is judged: the next answer comes after that.
pub async fn list(f: &mut FollowerEa, tickets: &str) {
    f.wire.send(&format!("SLAVE_SNAPSHOT:{tickets}")).await.unwrap();
    f.wire.expect("SNAPSHOT_OK").await;
    f.wire.expect_silence().await;
}

const ORPHANS: &str = "select coalesce(string_agg(ticket || '/' || source || case when gone_at is null then '' else '/gone' end,
        ' ' order by ticket), '') from orphans where account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_list_or_two_in_a_row_close_nothing() {
    let world = World::start().await;
    let (_, follower, mut f) = open_copy(&world).await;

    list(&mut f, "").await;
    list(&mut f, "").await;
    list(&mut f, "9999,").await;

    world.await_copies(&follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_two_lists_half_a_minute_apart_lack_is_closed_with_result_unknown() {
    let world = World::start().await;
    let (_, follower, mut f) = open_copy(&world).await;
    list(&mut f, "").await;
    world.pass_time(31).await;

    list(&mut f, "").await;

    world.await_copies(&follower, "closed(absent)").await;
    let known = "select coalesce(pnl::text, 'unknown') || ' ' || t.status from copy_orders c join trades t using (copy_id)
        where c.follower_account_id = $1";
    assert_eq!(world.text(&known.replace("(pnl", "(c.pnl"), follower.id).await, "unknown closed");
    let evidence = "select count(*)::text from copy_events e join copy_orders c using (copy_id) join snapshots s on s.id = e.snapshot_id
        where c.follower_account_id = $1 and e.cause = 'not_listed'";
    assert_eq!(world.text(evidence, follower.id).await, "1");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_listed_in_between_was_never_away() {
    let world = World::start().await;
    let (_, follower, mut f) = open_copy(&world).await;
    list(&mut f, "").await;
    world.pass_time(31).await;
    list(&mut f, "5003,").await;
    world.pass_time(31).await;

    list(&mut f, "").await;

    world.await_copies(&follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_we_closed_that_is_still_listed_is_closed_again_at_once() {
    let world = World::start_with(|config| config.timing.sweep = Duration::from_hours(1)).await;
    let (master, follower, mut f) = open_copy(&world).await;
    let mut m = world.master_ea(&master).await;
    m.close("XAUUSD|1003|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;

    f.wire.send("SLAVE_SNAPSHOT:5003").await.unwrap();

    f.wire.expect("SNAPSHOT_OK").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    list(&mut f, "").await;
    world.pass_time(31).await;
    list(&mut f, "").await;
    world.await_copies(&follower, "closed(absent)").await;
    let pnl = "select pnl::text from copy_orders where follower_account_id = $1";
    assert_eq!(world.text(pnl, follower.id).await, "44.00", "what the answer said is not forgotten");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_by_somebody_else_is_provisional_until_a_list_lacks_the_ticket() {
    let world = World::start().await;
    let (_, follower, mut f) = open_copy(&world).await;
    f.wire.send("ACK_CLOSE_SO|5003|2020.00000|-5.00").await.unwrap();
    world.await_copies(&follower, "closed(closed_externally)").await;

    list(&mut f, "5003").await;

    world.await_copies(&follower, "open(late_evidence)").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n49_a_list_of_foreign_huge_or_doubled_tickets_closes_nothing() {
    let world = World::start().await;
    let (_, follower, mut f) = open_copy(&world).await;
    let stranger = world.account("follower", world.stranger().await).await;
    let mut s = FollowerEa::log_in(world.address, &stranger.key).await;

    list(&mut f, "5003,9999,9999, 9223372036854775807,").await;
    list(&mut s, "5003,").await;
    for refused in ["5003,x", "5003,0", "5003,-1", "5003;5004", "9223372036854775808"] {
        f.wire.send(&format!("SLAVE_SNAPSHOT:{refused}")).await.unwrap();
        f.wire.expect_silence().await;
    }

    world.await_copies(&follower, "open").await;
    assert_eq!(world.text(ORPHANS, follower.id).await, "9999/list 9223372036854775807/list");
    assert_eq!(world.text(ORPHANS, stranger.id).await, "5003/list");
    let stored = "select count(*)::text from snapshots where account_id = $1";
    assert_eq!(world.text(stored, follower.id).await, "1", "a refused list is no list");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_of_nobody_come_and_go() {
    let world = World::start().await;
    let (_, follower, mut f) = open_copy(&world).await;
    list(&mut f, "5003,9998,9999").await;

    list(&mut f, "5003,9999").await;
    assert_eq!(world.text(ORPHANS, follower.id).await, "9998/list/gone 9999/list");
    list(&mut f, "").await;
    assert_eq!(world.text(ORPHANS, follower.id).await, "9998/list/gone 9999/list", "an empty list is odd");
    list(&mut f, "5003,9998").await;

    assert_eq!(world.text(ORPHANS, follower.id).await, "9998/list 9999/list/gone");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_about_positions_of_nobody_are_kept() {
    let world = World::start().await;
    let (_, follower, mut f) = open_copy(&world).await;

    f.wire.send("ACK_OPEN|424242|1|0.10|BUY").await.unwrap();
    f.wire.send("ACK_OPEN|1003|5004|0.10|BUY").await.unwrap();

    world.await_text(ORPHANS, follower.id, "1/answer 5004/answer").await;
    world.await_copies(&follower, "open(second_position)").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_of_the_same_account_at_the_broker_are_not_nobodys() {
    let world = World::start().await;
    let (_, _, _f) = open_copy(&world).await;
    let twin = world.follower().await;
    let name = "update accounts set external_id = '77' where copy_role = 'follower'";
    world.sql.execute(name, &[]).await.unwrap();
    let mut t = FollowerEa::log_in(world.address, &twin.key).await;

    list(&mut t, "5003,9999").await;

    assert_eq!(world.text(ORPHANS, twin.id).await, "9999/list");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_a_list_is_settled_before_it() {
    // Answers are held back for long, so that only waiting for them can be right.
    let world = World::start_with(|config| config.timing.settle_linger = Duration::from_millis(300)).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;

    f.ack_open(&order, 5003).await;
    list(&mut f, "5003").await;

    assert_eq!(world.text(ORPHANS, follower.id).await, "");
    world.await_copies(&follower, "open").await;
    world.check().await;
}
