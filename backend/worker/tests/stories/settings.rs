//! A follower copies in its own way: what it is sent, and what it answers to.

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mapped_and_reversed_copy_opens_and_closes_under_its_own_name() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    world
        .set_copying(&follower, r#"symbol_map = '{"XAUUSD": "GOLD"}', strip_suffix = '.m', reverse = true"#)
        .await;

    m.open("BUY|XAUUSD.m|2030.50|0.10|2020.00|2040.00|1001").await;
    f.wire.expect("CMD_OPEN|SELL|GOLD|2030.50|0.10|2040.00|2020.00|1001").await;
    f.wire.send("ACK_OPEN|1001|5001|0.10|SELL").await.unwrap();
    world.await_copies(&follower, "open").await;
    m.close("XAUUSD.m|1001|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|GOLD|5001|1001").await;
    f.wire.send("ACK_CLOSE|1001|5001|2035.00|-45.00").await.unwrap();

    world.await_copies(&follower, "closed").await;
    let journal = "select string_agg(symbol || ' ' || direction || ' ' || status, ', ' order by id)
        from trades where account_id = $1";
    assert_eq!(world.text(journal, follower.id).await, "GOLD SHORT closed");
    assert_eq!(world.text(journal, master.id).await, "XAUUSD.m LONG closed");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_filter_says_why_nothing_was_sent() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let mut expected = Vec::new();
    for (ticket, columns, reason) in [
        (1, "sides = 'sell'", "side_filtered"),
        (2, "sides = 'both', deny_symbols = '{XAUUSD}'", "symbol_filtered"),
        (3, "deny_symbols = null, add_suffix = 'CMD_'", "symbol_invalid"),
        (4, "add_suffix = null, sizing = 'balance_ratio'", "no_figures"),
        (5, "sizing = 'risk_percent', sizing_value = 0.01", "no_stop"),
        (6, "sizing = 'same', state = 'close_only'", "close_only"),
    ] {
        world.set_copying(&follower, columns).await;
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        expected.push(format!("skipped({reason})"));
        world.await_copies(&follower, &expected.join(" ")).await;
    }

    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_copies_are_opened_than_the_follower_wants() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    world.set_copying(&follower, "max_open_copies = 1").await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let first = f.expect_open().await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    world.await_copies(&follower, "claimed skipped(max_open_copies)").await;
    f.ack_open(&first, 71).await;
    world.await_copies(&follower, "open skipped(max_open_copies)").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|3").await;
    world.await_copies(&follower, "open skipped(max_open_copies) skipped(max_open_copies)").await;

    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn very_many_followers_are_served_page_by_page() {
    let world = World::start_with(|config| {
        config.limits.first_page = 3;
        config.limits.further_page = 2;
        config.limits.claim_chunk = 1;
    })
    .await;
    let master = world.master().await;
    let mut m = world.master_ea(&master).await;
    let mut followers = Vec::new();
    for _ in 0..8 {
        let follower = world.follower().await;
        followers.push(world.follower_ea(&follower, &master).await);
    }

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1001").await;
    for follower in &mut followers {
        follower.wire.expect("CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1001").await;
    }

    let planned = "select string_agg(plan_state, ',') from signals where master_account_id = $1";
    world.await_text(planned, master.id, "done").await;
    let copies = "select count(*)::text from copy_orders where master_account_id = $1";
    assert_eq!(world.text(copies, master.id).await, "8");
    for follower in &mut followers {
        follower.wire.expect_silence().await;
    }
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_left_half_planned_is_finished_after_a_restart() {
    let mut world = World::start().await;
    let (master, follower, late) = (world.master().await, world.follower().await, world.follower().await);
    for account in [&follower, &late] {
        drop(world.follower_ea(account, &master).await);
    }
    world.stop().await;
    world
        .sql
        .batch_execute(&format!(
            "with signal as (
                insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price,
                    line_hash, session_epoch, plan_state)
                values ('{owner}', '{master}', 1001, 'open', 0, 'XAUUSD', 'BUY', 0.10, 2030.50, '', 1, 'planning')
                returning id)
             insert into copy_orders (signal_id, owner_id, follower_account_id, master_account_id, state, symbol, side,
                master_ticket, master_lots, master_price, desired_lots, reason_code, expires_at)
             select id, '{owner}', '{first}', '{master}', 'skipped', 'XAUUSD', 'BUY', 1001, 0.10, 2030.50, 0.10,
                'offline', now()
             from signal",
            owner = master.owner,
            master = master.id,
            first = follower.id.min(late.id),
        ))
        .await
        .unwrap();

    world.run().await;

    let planned = "select plan_state from signals where master_account_id = $1";
    world.await_text(planned, master.id, "done").await;
    let copies = "select string_agg(distinct follower_account_id::text, ' ') from copy_orders where signal_id is not null and master_account_id = $1";
    let mut both = [follower.id.to_string(), late.id.to_string()];
    both.sort();
    assert_eq!(world.text(copies, master.id).await, both.join(" "));
    let rows = "select count(*)::text from copy_orders where master_account_id = $1";
    assert_eq!(world.text(rows, master.id).await, "2");
    let sent =
        "select count(*)::text from copy_orders where master_account_id = $1 and claim_epoch is not null";
    assert_eq!(world.text(sent, master.id).await, "0", "nothing is sent after its age limit");
}
