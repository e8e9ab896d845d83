//! A master enters: its followers get the order, and their answers are settled.

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_time_follower_gets_the_order_as_the_master_wrote_it() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    m.open("BUY|XAUUSD|2030.50|0.10|2020.00|2040.00|1001").await;
    f.wire.expect("CMD_OPEN|BUY|XAUUSD|2030.50|0.10|2020.00|2040.00|1001").await;
    f.wire.send("ACK_OPEN|1001|5001|0.10|BUY").await.unwrap();

    world.await_copies(&follower, "open").await;
    let journal = "select string_agg(source || ' ' || symbol || ' ' || direction || ' ' || quantity || ' ' || status, ', ' order by id)
        from trades where account_id = $1";
    assert_eq!(world.text(journal, follower.id).await, "copy XAUUSD LONG 0.10 open");
    assert_eq!(world.text(journal, master.id).await, "ea XAUUSD LONG 0.10 open");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_too_small_for_two_decimals_is_as_large_as_was_ordered() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    world.set_copying(&follower, "sizing = 'multiplier', sizing_value = 0.04").await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1001").await;
    assert!(f.expect_open().await.lots.starts_with("0.004"));
    f.wire.send("ACK_OPEN|1001|5001|0.00|BUY").await.unwrap();

    world.await_copies(&follower, "open").await;
    let size = "select trim_scale(open_lots)::text from copy_orders where follower_account_id = $1";
    assert_eq!(world.text(size, follower.id).await, "0.004");
    m.close("XAUUSD|1001|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1001").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_arrive_as_plain_decimals() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    m.open("SELL|BTCUSD|68000.00|1.00|0.00|0.00|1004").await;
    m.open("BUY|JP225|38000|0.10|0|0|1").await;
    m.open("SELL|XAUUSD-VIPc|2030.50|0.01|0.00|0.00|9007199254740993").await;

    f.wire.expect("CMD_OPEN|SELL|BTCUSD|68000.00|1.00|0.00|0.00|1004").await;
    f.wire.expect("CMD_OPEN|BUY|JP225|38000|0.10|0|0|1").await;
    f.wire.expect("CMD_OPEN|SELL|XAUUSD-VIPc|2030.50|0.01|0.00|0.00|9007199254740993").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_line_is_one_trade_and_another_volume_is_a_further_leg() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|7").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|7").await;
    m.open("BUY|XAUUSD|2032.50|0.30|0.00|0.00|7").await;

    let first = f.expect_open().await;
    let second = f.expect_open().await;
    assert_eq!((first.lots.as_str(), second.lots.as_str()), ("0.10", "0.30"));
    f.ack_open(&first, 71).await;
    f.ack_open(&second, 72).await;
    world.await_copies(&follower, "open open").await;
    let trade = "select quantity || ' at ' || trim_scale(entry_price) from trades where account_id = $1";
    assert_eq!(world.text(trade, master.id).await, "0.40 at 2032");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clear_refusal_fails_the_copy_and_an_unclear_one_leaves_it_open_to_doubt() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    f.expect_open().await;
    f.expect_open().await;
    f.wire.send("ACK_OPEN_FAIL|1|market|closed").await.unwrap();
    f.wire.send("ACK_OPEN_FAIL|2|Error:0").await.unwrap();

    world.await_copies(&follower, "failed(refused) unconfirmed(unclear_answer)").await;
    let words =
        "select string_agg(reason_text, ', ' order by id) from copy_orders where follower_account_id = $1";
    assert_eq!(world.text(words, follower.id).await, "market|closed, Error:0");
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_whose_commit_took_long_is_not_written_late() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    // The database takes its time over the commit itself, where nothing of ours can look.
    let slow = "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(2.5); return null; end $$;
        create constraint trigger slow after insert on copy_orders deferrable initially deferred
            for each row execute function slow()";
    world.sql.batch_execute(slow).await.unwrap();

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;

    world.await_copies(&follower, "failed(stale)").await;
    f.wire.expect_silence().await;
    world.check().await;
}
