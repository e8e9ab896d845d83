//! What EAs say while the database is away.

use std::time::Duration;

use crate::support::World;

/// Whether the journal dates what a master's lines said as their signals: when they were read. A trade of one exit has not
/// changed since.
const DATED: &str =
    "select string_agg((abs(extract(epoch from g.received_at - case g.kind when 'open' then t.entry_at else t.exit_at end))
        < 0.5 and (g.kind = 'open' or t.exit_at = t.updated_at))::text, ' ' order by g.received_at)
    from signals g join trades t on t.account_id = g.master_account_id and t.external_id = g.ticket::text
    where g.master_account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_during_a_short_outage_is_acted_on_when_it_is_over() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    world.set_max_age(&follower, 120).await;

    world.sever(true).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    m.open("BUY|XAUUSD|2031.50|0.20|0.00|0.00|2").await;
    world.sever(false).await;
    let first = f.expect_open().await;
    let second = f.expect_open().await;
    assert_eq!((first.master_ticket, second.master_ticket), (1, 2));

    world.sever(true).await;
    f.ack_open(&first, 51).await;
    m.close("XAUUSD|1|2031.00000|5.00").await;
    f.ack_open(&second, 52).await;
    world.sever(false).await;

    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    world.sever(true).await;
    f.wire.send("ACK_CLOSE|1|2031.00000|5.00").await.unwrap();
    world.sever(false).await;
    world.await_copies(&follower, "closed open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_before_a_long_outage_cut_connections_is_stored_afterwards_and_never_sent_late() {
    let world =
        World::start_with(|config| config.timing.without_database = Duration::from_millis(1_500)).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    world.set_max_age(&follower, 1).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    world.sever(true).await;
    m.open("BUY|XAUUSD|2031.50|0.10|0.00|0.00|2").await;
    m.close("XAUUSD|1|2031.00000|5.00").await;
    m.wire.expect_close().await;
    f.wire.expect_close().await;
    world.sever(false).await;

    world.await_copies(&follower, "open skipped(stale)").await;
    let wanted = "select string_agg(desired_lots::text, ' ' order by id) from copy_orders where follower_account_id = $1";
    world.await_text(wanted, follower.id, "0 0.10").await;
    world.await_text(DATED, master.id, "true true true").await;
    world.await_place(&follower).await;
    let mut f = world.follower_ea(&follower, &master).await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.send("ACK_CLOSE|1|2031.00000|5.00").await.unwrap();
    world.await_copies(&follower, "closed skipped(stale)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_database_never_got_before_a_stop_is_stored_by_the_next_worker() {
    let mut world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    world.set_max_age(&follower, 1).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;

    world.sever(true).await;
    f.ack_open(&order, 51).await;
    m.open("BUY|XAUUSD|2031.50|0.10|0.00|0.00|2").await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    world.stop().await;
    world.sever(false).await;
    world.run().await;

    world.await_copies(&follower, "open skipped(stale)").await;
    world.await_text(DATED, master.id, "true true").await;
    world.check().await;
}

/// What has been shown wrong meanwhile does not come true again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_of_the_journal_that_a_list_refuted_stays_refuted() {
    let mut world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    f.wire.send("ACK_CLOSE_SO|51|2031.00000|5.00").await.unwrap();
    world.await_copies(&follower, "closed(closed_externally)").await;
    crate::follower_lists::list(&mut f, "51").await;
    world.await_copies(&follower, "open(late_evidence)").await;

    let segments = world.journal();
    assert!(!segments.is_empty());
    world.stop().await;
    world.restore_journal(&segments);
    world.run().await;

    while world.journal().iter().any(|(name, _)| segments.iter().any(|(old, _)| old == name)) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.await_copies(&follower, "open(late_evidence)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_the_journal_that_was_stored_changes_nothing_when_it_is_processed_again() {
    let mut world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    m.close("XAUUSD|1|2031.00000|5.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.send("ACK_CLOSE|1|2031.00000|5.00").await.unwrap();
    world.await_copies(&follower, "closed").await;

    let steps = "select count(*)::text from copy_events e join copy_orders c using (copy_id)
        where c.follower_account_id = $1";
    let taken = world.text(steps, follower.id).await;
    let segments = world.journal();
    assert!(!segments.is_empty());
    world.stop().await;
    assert!(world.journal().is_empty());
    world.restore_journal(&segments);
    world.run().await;

    while world.journal().iter().any(|(name, _)| segments.iter().any(|(old, _)| old == name)) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.await_copies(&follower, "closed").await;
    let rows = "select (select count(*) from signals where master_account_id = $1) || ' ' ||
        (select count(*) from evidence) || ' ' || (select count(*) from trades)";
    world.await_text(rows, master.id, "2 2 2").await;
    assert_eq!(world.text(steps, follower.id).await, taken);
    world.check().await;
}
