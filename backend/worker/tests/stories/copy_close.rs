//! A master leaves: every copy is closed for certain.

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_copy_is_closed_with_the_followers_own_ticket() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;

    m.close("XAUUSD|1003|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();

    world.await_copies(&follower, "closed").await;
    let trade = "select status || ' ' || pnl || ' ' || pnl_source || ' ' || trim_scale(exit_price) from trades where account_id = $1";
    assert_eq!(world.text(trade, follower.id).await, "closed 44.00 broker 2034.9");
    assert_eq!(world.text(trade, master.id).await, "closed 45.00 broker 2035");
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_close_adds_its_profit_and_sends_nothing() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;
    m.close("XAUUSD|1003|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;

    m.close("XAUUSD|1003|2035.00000|45.00").await;
    world
        .await_text(
            "select coalesce(sum(pnl), 0)::text from trades where account_id = $1",
            master.id,
            "90.00",
        )
        .await;

    f.wire.expect_silence().await;
    let fills =
        "select count(*)::text from executions e join trades t on t.id = e.trade_id where t.account_id = $1";
    assert_eq!(world.text(fills, master.id).await, "2");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_without_an_answer_is_repeated_until_there_is_one() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;

    m.close("XAUUSD|1003|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE_FAIL|1003|market closed").await.unwrap();
    world.await_copies(&follower, "closing(close_refused)").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();

    world.await_copies(&follower, "closed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_after_a_refusal_is_about_the_other_leg() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    for (lots, ticket) in [("0.10", 5001), ("0.20", 5002)] {
        m.open(&format!("BUY|XAUUSD|2030.50|{lots}|0.00|0.00|1003")).await;
        let order = f.expect_open().await;
        f.ack_open(&order, ticket).await;
    }
    world.await_copies(&follower, "open open").await;
    m.close("XAUUSD|1003|2035.00000|45.00").await;

    let refused = "ACK_CLOSE_FAIL|1003|requote";
    let soon = "update copy_orders set close_due_at = now() where state = 'closing'";
    for (second, expected) in [
        (refused, "closing(close_refused) closing(close_refused)"),
        ("ACK_CLOSE|1003|2034.90000|44.00", "closing(close_refused) closed"),
    ] {
        f.wire.expect("CMD_CLOSE|XAUUSD|5001|1003").await;
        f.wire.expect("CMD_CLOSE|XAUUSD|5002|1003").await;
        f.wire.send(refused).await.unwrap();
        f.wire.send(second).await.unwrap();
        world.await_copies(&follower, expected).await;
        world.sql.batch_execute(soon).await.unwrap();
    }

    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.80000|22.00").await.unwrap();
    world.await_copies(&follower, "closed closed").await;
    let results = "select string_agg(venue_ref || ' ' || pnl, ', ' order by id)
        from copy_orders where follower_account_id = $1";
    assert_eq!(world.text(results, follower.id).await, "5001 22.00, 5002 44.00");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_of_our_own_is_not_taken_for_somebody_elses() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;

    m.close("XAUUSD|1003|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();
    f.wire.send("ACK_CLOSE_SO|5003|1.00000|-999.00").await.unwrap();
    f.wire.send("ACK_CLOSE_SO|987|1.10000|-1.00").await.unwrap();

    world.await_text("select count(*)::text from evidence where account_id = $1", follower.id, "4").await;
    world.await_copies(&follower, "closed").await;
    assert_eq!(
        world.text("select pnl::text from copy_orders where follower_account_id = $1", follower.id).await,
        "44.00"
    );
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_left_by_itself_is_closed_and_never_closed_again() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;

    f.wire.send("ACK_CLOSE_SO|5003|2020.00000|-105.00").await.unwrap();
    world.await_copies(&follower, "closed(closed_externally)").await;
    m.close("XAUUSD|1003|2035.00000|45.00").await;
    m.close("XAUUSD|777|1.00000|0.00").await;
    m.wire.expect_silence().await;

    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_that_was_away_is_told_to_close_after_it_subscribed() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;
    drop(f);
    let online = "select (sockets > 0)::text from sessions where account_id = $1";
    world.await_text(online, follower.id, "false").await;

    m.close("XAUUSD|1003|2035.00000|45.00").await;
    m.wire.expect_silence().await;
    let mut f = world.follower_ea(&follower, &master).await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_was_left_and_comes_back_is_recorded_and_not_copied() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.close("XAUUSD|9|2035.00000|45.00").await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|9").await;
    m.wire.expect_silence().await;

    f.wire.expect_silence().await;
    let kinds = "select string_agg(kind, ' ' order by id) from signals where master_account_id = $1";
    assert_eq!(world.text(kinds, master.id).await, "close open");
    let copies = "select count(*)::text from copy_orders where follower_account_id = $1";
    assert_eq!(world.text(copies, follower.id).await, "0");
    let told = "select string_agg(kind, ' ') from alerts where account_id = $1";
    world.await_text(told, master.id, "ticket_reopened").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_does_not_close_is_told_once_and_when_it_is_over() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;
    m.close("XAUUSD|1003|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    let told = "select coalesce(string_agg((detail->>'ticket') || ' ' || times_seen
            || case when resolved_at is null then '' else ' over' end, '; '), 'nothing')
        from alerts where account_id = $1 and kind = 'close_overdue'";
    assert_eq!(world.text(told, follower.id).await, "nothing");

    for _ in 0..3 {
        let soon = "update copy_orders set close_due_at = now() where state = 'closing'";
        world.sql.batch_execute(soon).await.unwrap();
        f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    }

    world.await_text(told, follower.id, "5003 1").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();
    world.await_text(told, follower.id, "5003 1 over").await;
    world.check().await;
}
