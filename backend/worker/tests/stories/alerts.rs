//! What owners are told.

use std::time::Duration;

use flotilla_testkit::ea_v7::{FollowerEa, Wire};

use crate::support::World;

const KINDS: &str = "
    select coalesce(string_agg(kind || ' ' || times_seen || case when resolved_at is null then '' else ' over' end,
        ', ' order by first_at), '')
    from alerts where owner_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_open_is_told_with_the_terminals_words() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    for ticket in [1, 2] {
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        f.expect_open().await;
        f.wire.send(&format!("ACK_OPEN_FAIL|{ticket}|not enough money")).await.unwrap();
    }

    world.await_text(KINDS, follower.owner, "open_refused 2").await;
    let said = "select (detail ->> 'words') || ' ' || (detail ->> 'symbol') || ' ' || severity from alerts where account_id = $1";
    assert_eq!(world.text(said, follower.id).await, "not enough money XAUUSD warning");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_is_gone_with_open_copies_is_told_once_and_so_is_its_return() {
    let world = World::start_with(|config| {
        config.timing.absent = Duration::from_millis(300);
        config.timing.absences = Duration::from_millis(50);
        config.timing.touch = Duration::from_millis(50);
    })
    .await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let idle = world.follower().await;
    drop(world.follower_ea(&idle, &master).await);
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    drop(f);
    world.await_text(KINDS, follower.owner, "follower_offline 1").await;
    let waiting = "select (detail ->> 'open_copies') || ' ' || severity from alerts where account_id = $1";
    assert_eq!(world.text(waiting, follower.id).await, "1 critical");
    let f = world.follower_ea(&follower, &master).await;
    world.await_text(KINDS, follower.owner, "follower_offline 1 over").await;
    drop(f);

    world.await_text(KINDS, follower.owner, "follower_offline 2").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_who_has_copies_of_a_silent_master_is_told() {
    let world = World::start_with(|config| {
        config.timing.absent = Duration::from_millis(300);
        config.timing.absences = Duration::from_millis(50);
        config.timing.touch = Duration::from_millis(50);
    })
    .await;
    let master = world.master().await;
    let foreign = world.account("follower", world.stranger().await).await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&foreign, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    let counted =
        "select coalesce(sum(open_copies), 0)::text from master_followers where master_account_id = $1";
    world.await_text(counted, master.id, "1").await;

    drop(m);
    world.await_text(KINDS, master.owner, "master_offline 1").await;
    world.await_text(KINDS, foreign.owner, "master_offline 1").await;
    let about = "select string_agg(account_id::text, ' ') from alerts where owner_id = $1";
    assert_eq!(world.text(about, master.owner).await, master.id.to_string());
    assert_eq!(world.text(about, foreign.owner).await, foreign.id.to_string(), "one of his own");
    let _m = world.master_ea(&master).await;

    world.await_text(KINDS, master.owner, "master_offline 1 over").await;
    world.await_text(KINDS, foreign.owner, "master_offline 1 over").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_left_and_kept_his_copies_is_told_of_a_silent_master_too() {
    let world = World::start_with(|config| {
        config.timing.absent = Duration::from_millis(300);
        config.timing.absences = Duration::from_millis(50);
        config.timing.touch = Duration::from_millis(50);
    })
    .await;
    let master = world.master().await;
    let foreign = world.account("follower", world.stranger().await).await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&foreign, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    let counted = "select coalesce(string_agg(state || ' ' || open_copies, ' '), '') from master_followers
        where master_account_id = $1";
    world.await_text(counted, master.id, "active 1").await;
    f.ack_open(&order, 51).await;
    world.await_copies(&foreign, "open").await;

    world.set_copying(&foreign, "state = 'ended', ended_at = now(), ended_by = 'web'").await;
    world.await_text(counted, master.id, "ended 1").await;
    drop(m);
    world.await_text(KINDS, master.owner, "master_offline 1").await;
    world.await_text(KINDS, foreign.owner, "master_offline 1").await;
    let mut m = world.master_ea(&master).await;
    m.close("XAUUSD|1|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();

    world.await_text(counted, master.id, "").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_two_terminals_that_fight_over_a_key_end_with_the_older_and_no_trade_twice() {
    let world = World::start_with(|config| config.limits.takeovers_per_minute = 3).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut present = world.follower_ea(&follower, &master).await;
    let mut opened = Vec::new();
    for ticket in 1..=3 {
        let mut newer = world.follower_ea(&follower, &master).await;
        present.wire.expect_close().await;
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        let order = newer.expect_open().await;
        opened.push(order.master_ticket);
        newer.ack_open(&order, 50 + ticket).await;
        present = newer;
    }
    world.await_copies(&follower, "open open open").await;

    let mut refused = Wire::connect(world.address).await.unwrap();
    refused.send(&format!("AUTH:{}\nSUBSCRIBE:{}", follower.key, master.token)).await.unwrap();
    refused.expect_close().await;
    let mut again = Wire::connect(world.address).await.unwrap();
    again.send(&format!("AUTH:{}", follower.key)).await.unwrap();
    again.expect_close().await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|4").await;
    let order = present.expect_open().await;
    opened.push(order.master_ticket);
    present.ack_open(&order, 54).await;

    world.await_copies(&follower, "open open open open").await;
    assert_eq!(opened, [1, 2, 3, 4], "each reached one terminal, once");
    world.await_text(KINDS, follower.owner, "key_flapping 1").await;
    let seen =
        "select (detail ->> 'address') || ' ' || (detail ->> 'takeovers') from alerts where account_id = $1";
    assert_eq!(world.text(seen, follower.id).await, "127.0.0.1 3");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_key_is_welcome_once_its_rival_has_left() {
    let world = World::start_with(|config| config.limits.takeovers_per_minute = 1).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let first = world.follower_ea(&follower, &master).await;
    let second = world.follower_ea(&follower, &master).await;
    let mut refused = Wire::connect(world.address).await.unwrap();
    refused.send(&format!("AUTH:{}", follower.key)).await.unwrap();
    refused.expect_close().await;

    drop((first, second));
    let sockets = "select sockets::text from sessions where account_id = $1";
    world.await_text(sockets, follower.id, "0").await;

    FollowerEa::connect(world.address, &follower.key, &master.token).await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_hold_a_refused_key_is_welcome_though_its_rival_is_there() {
    let world = World::start_with(|config| {
        config.limits.takeovers_per_minute = 1;
        config.timing.hold_after_takeovers = Duration::from_millis(1);
    })
    .await;
    let (master, follower) = (world.master().await, world.follower().await);
    let _first = world.follower_ea(&follower, &master).await;
    let mut rival = world.follower_ea(&follower, &master).await;
    let mut refused = Wire::connect(world.address).await.unwrap();
    refused.send(&format!("AUTH:{}", follower.key)).await.unwrap();
    refused.expect_close().await;

    tokio::time::sleep(Duration::from_millis(5)).await;
    let _newer = world.follower_ea(&follower, &master).await;
    rival.wire.expect_close().await;
    world.check().await;
}
