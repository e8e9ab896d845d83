//! A master's charts list their open tickets.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_testkit::ea_v7::{FollowerEa, MasterEa};
use tokio::time::timeout;

use crate::support::{Account, World};

/// Sends a list and waits until it is judged.
async fn list(m: &mut MasterEa, tickets: &str) {
    m.wire.send(&format!("MASTER_SNAPSHOT:{tickets}")).await.unwrap();
    m.wire.expect("SNAPSHOT_OK").await;
    m.wire.expect_silence().await;
}

/// A gold chart whose trade 1003 is copied as 5003.
async fn copied(world: &World) -> (Account, Account, MasterEa, FollowerEa) {
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.price("XAUUSD-VIPc", "2030.50", "2031.00").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5003).await;
    world.await_copies(&follower, "open").await;
    world.pass_time(60).await;
    (master, follower, m, f)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_that_two_lists_of_its_chart_lack_is_closed_at_its_followers() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = copied(&world).await;

    list(&mut m, "").await;
    list(&mut m, "").await;
    f.wire.expect_silence().await;
    world.pass_time(31).await;
    list(&mut m, "").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    let trade = "select status || coalesce(pnl::text, ' unknown') from trades where account_id = $1";
    assert_eq!(world.text(trade, master.id).await, "closed unknown");
    let kinds = "select string_agg(kind, ' ' order by id) from signals where master_account_id = $1";
    assert_eq!(world.text(kinds, master.id).await, "open close");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_before_the_first_price_waits_for_it() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = copied(&world).await;
    list(&mut m, "").await;
    world.pass_time(31).await;

    let mut again = world.master_ea(&master).await;
    list(&mut again, "").await;
    f.wire.expect_silence().await;
    world.await_copies(&follower, "open").await;
    again.price("XAUUSD-VIPc", "2030.50", "2031.00").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_whose_chart_stays_unknown_for_long_is_only_kept() {
    let world = World::start_with(|config| config.timing.hold_list = Duration::ZERO).await;
    let (master, follower, mut m, mut f) = copied(&world).await;
    list(&mut m, "").await;
    world.pass_time(31).await;

    let mut again = world.master_ea(&master).await;
    list(&mut again, "").await;
    again.price("XAUUSD-VIPc", "2030.50", "2031.00").await;
    again.wire.expect_silence().await;

    f.wire.expect_silence().await;
    world.await_copies(&follower, "open").await;
    assert_eq!(
        world.text("select count(*)::text from snapshots where account_id = $1", master.id).await,
        "2"
    );
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_other_charts_keys_and_masters_say_nothing_about_a_trade() {
    let world = World::start().await;
    let (master, follower, _m, mut f) = copied(&world).await;
    let other = world.master().await;
    let mut euro = world.master_ea(&master).await;
    let mut silver = world.master_ea(&master).await;
    let mut stranger = world.master_ea(&other).await;
    stranger.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    euro.price("EURUSD", "1.08", "1.09").await;
    stranger.price("XAUUSD-VIPc", "2030.50", "2031.00").await;
    // Prices of two symbols: a list of this connection speaks of nothing in particular.
    silver.price("XAUUSD-VIPc", "2030.50", "2031.00").await;
    silver.price("XAGUSD", "30.50", "31.00").await;

    for _ in 0..2 {
        for chart in [&mut euro, &mut silver, &mut stranger] {
            list(chart, "").await;
        }
        world.pass_time(31).await;
    }

    f.wire.expect_silence().await;
    world.await_copies(&follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_list_of_another_chart_is_not_the_first_of_two() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = copied(&world).await;
    let mut euro = world.master_ea(&master).await;
    euro.price("EURUSD", "1.08", "1.09").await;
    world.pass_time(31).await;
    list(&mut euro, "").await;
    world.pass_time(31).await;

    list(&mut m, "").await;

    f.wire.expect_silence().await;
    world.await_copies(&follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_that_were_missed_one_after_the_other_stay_named() {
    let world = World::start().await;
    let (master, _follower, mut m, _f) = copied(&world).await;
    let mut euro = world.master_ea(&master).await;
    euro.price("EURUSD", "1.08", "1.09").await;

    list(&mut m, "1003,7,").await;
    list(&mut m, "1003,7,9,").await;
    list(&mut euro, "11,").await;

    let told = "select string_agg(detail->>'tickets', '; ' order by first_at) from alerts
        where account_id = $1 and kind = 'missed_open'";
    assert_eq!(world.text(told, master.id).await, "9, 7; 11");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_beside_prices_of_several_symbols_speak_of_no_chart() {
    let world = World::start().await;
    let (_, follower, mut m, mut f) = copied(&world).await;
    m.price("EURUSD", "1.08", "1.09").await;

    for _ in 0..3 {
        list(&mut m, "").await;
        m.price("XAUUSD-VIPc", "2030.50", "2031.00").await;
        world.pass_time(31).await;
    }

    f.wire.expect_silence().await;
    world.await_copies(&follower, "open").await;
    world.check().await;
}

/// The master's trade 1004, whose connection ends before its first price, copied as 5004.
async fn copied_briefly(world: &World, master: &Account, follower: &Account, f: &mut FollowerEa) {
    let mut brief = world.master_ea(master).await;
    brief.open("BUY|XAUUSD|2031.50|0.10|0.00|0.00|1004").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5004).await;
    world.await_copies(follower, "open open").await;
    drop(brief);
    world.pass_time(31).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_of_a_connection_that_never_told_its_chart_is_of_the_chart_that_listed_it() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = copied(&world).await;
    copied_briefly(&world, &master, &follower, &mut f).await;
    list(&mut m, "1004,1003,").await;
    let mut other = world.master_ea(&master).await;
    other.price("EURUSD", "1.08", "1.09").await;

    for _ in 0..2 {
        world.pass_time(31).await;
        list(&mut other, "").await;
    }
    f.wire.expect_silence().await;
    list(&mut m, "1003,").await;
    f.wire.expect_silence().await;
    world.pass_time(31).await;
    list(&mut m, "1003,").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5004|1004").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_that_no_chart_ever_listed_is_not_closed_and_its_owner_is_told_once() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = copied(&world).await;
    copied_briefly(&world, &master, &follower, &mut f).await;
    let told = "select coalesce(string_agg((detail->>'master_ticket') || ' ' || times_seen, '; '), 'nothing')
        from alerts where account_id = $1 and kind = 'missed_exit'";

    list(&mut m, "1003,").await;
    assert_eq!(world.text(told, follower.id).await, "nothing");
    for _ in 0..2 {
        world.pass_time(31).await;
        list(&mut m, "1003,").await;
    }

    f.wire.expect_silence().await;
    world.await_copies(&follower, "open open").await;
    assert_eq!(world.text(told, follower.id).await, "1004 1");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_young_trade_is_not_missing_from_a_list() {
    let world = World::start().await;
    let (_, follower, mut m, mut f) = copied(&world).await;
    list(&mut m, "1003").await;
    world.pass_time(31).await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1004").await;
    f.expect_open().await;
    list(&mut m, "1003").await;

    f.wire.expect_silence().await;
    world.await_copies(&follower, "open claimed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_with_text_in_it_is_refused_whole() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = copied(&world).await;
    let many = (1..=300).map(|n| (9_000_000_000_i64 + n).to_string()).collect::<Vec<_>>().join(",");

    for _ in 0..2 {
        for refused in ["1004, x", "1004,1.5", "0"] {
            m.wire.send(&format!("MASTER_SNAPSHOT:{refused}")).await.unwrap();
            m.wire.expect_silence().await;
        }
        list(&mut m, &format!("1003,{many}")).await;
        list(&mut m, "1003, 2").await;
        world.pass_time(31).await;
    }

    f.wire.expect_silence().await;
    world.await_copies(&follower, "open").await;
    let kept =
        "select max(cardinality(tickets))::text || ' ' || count(*) from snapshots where account_id = $1";
    assert_eq!(world.text(kept, master.id).await, "301 4");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_that_left_unseen_and_comes_back_is_not_copied_again() {
    let world = World::start().await;
    let (_, follower, mut m, mut f) = copied(&world).await;
    list(&mut m, "").await;
    world.pass_time(31).await;
    list(&mut m, "").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    world.pass_time(120).await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    m.wire.expect_silence().await;

    world.await_copies(&follower, "closing").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_names_of_chart_and_signals_are_learnt() {
    let world = World::start().await;
    let (master, ..) = copied(&world).await;

    let names =
        "select chart_symbol || ' ' || coalesce(signal_symbol, '?') from master_charts where account_id = $1";
    world.await_text(names, master.id, "XAUUSD-VIPc XAUUSD").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_owners_are_told_of_a_trade_that_left_unseen_and_once_when_it_is_back() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = copied(&world).await;
    let told = "select coalesce(string_agg(kind || ' ' || times_seen, '; ' order by kind), 'nothing')
        from alerts where account_id = $1";
    list(&mut m, "").await;
    world.pass_time(31).await;
    list(&mut m, "").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    for account in [&master, &follower] {
        assert_eq!(world.text(told, account.id).await, "exit_unseen 1");
    }

    list(&mut m, "1003,").await;
    list(&mut m, "1003,").await;

    for account in [&master, &follower] {
        assert_eq!(world.text(told, account.id).await, "exit_unseen 1; ticket_reopened 1");
    }
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_stored_of_a_chart_holds_up_no_signal() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let slow = "create function sleep_long() returns trigger language plpgsql
            as $$ begin perform pg_sleep(12); return new; end $$;
        create trigger slow before insert on master_charts for each row execute function sleep_long();";
    world.sql.batch_execute(slow).await.unwrap();
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    m.price("XAUUSD-VIPc", "2030.50", "2031.00").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
    let order = timeout(Duration::from_secs(8), f.expect_open()).await.unwrap();
    f.ack_open(&order, 5003).await;
    m.close("XAUUSD|1003|2035.00000|45.00").await;

    timeout(Duration::from_secs(8), f.wire.expect("CMD_CLOSE|XAUUSD|5003|1003")).await.unwrap();
    f.wire.send("ACK_CLOSE|1003|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_grows_old_while_the_list_before_it_waits_for_the_database() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = copied(&world).await;
    world.set_max_age(&follower, 1).await;
    let lock = "select pg_advisory_lock(hashtextextended($1::uuid::text, 0))";
    world.sql.execute(lock, &[&master.id]).await.unwrap();

    m.wire.send("MASTER_SNAPSHOT:1003").await.unwrap();
    m.wire.expect("SNAPSHOT_OK").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1004").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let unlock = "select pg_advisory_unlock(hashtextextended($1::uuid::text, 0))";
    world.sql.execute(unlock, &[&master.id]).await.unwrap();

    world.await_copies(&follower, "open skipped(stale)").await;
    f.wire.expect_silence().await;
    world.check().await;
}
