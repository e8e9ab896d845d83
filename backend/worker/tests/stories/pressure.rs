//! Peers that send too fast or do not read.

use std::time::Duration;

use flotilla_testkit::ea_v7::FollowerEa;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_above_the_rate_come_later_and_none_is_dropped() {
    let world = World::start_with(|config| {
        config.limits.lines_per_second = 100;
        config.limits.line_burst = 5;
    })
    .await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let lines: Vec<_> =
        (1..=40).map(|ticket| format!("SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}\n")).collect();
    m.wire.send_bytes(lines.concat().as_bytes()).await.unwrap();

    for ticket in 1..=40 {
        assert_eq!(f.expect_open().await.master_ticket, ticket);
    }
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n63_a_follower_that_does_not_read_is_cut_off_and_the_others_do_not_notice() {
    let world = World::start_with(|config| {
        config.limits.lines_per_second = 10_000;
        config.limits.line_burst = 10_000;
        config.limits.queued_commands = 4;
        config.timing.write = Duration::from_millis(200);
    })
    .await;
    let (master, deaf, other) = (world.master().await, world.follower().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut good = world.follower_ea(&other, &master).await;
    drop(world.follower_ea(&deaf, &master).await);
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2_048).unwrap();
    let mut stream = socket.connect(world.address).await.unwrap();
    stream.write_all(format!("AUTH:{}\nPING\n", deaf.key).as_bytes()).await.unwrap();
    let online = "select sockets::text from sessions where account_id = $1";
    world.await_text(online, deaf.id, "1").await;

    let mut ticket = 0;
    while world.text(online, deaf.id).await == "1" {
        ticket += 1;
        m.open(&format!("BUY|{}|2030.50|0.10|0.00|0.00|{ticket}", "X".repeat(32))).await;
        assert_eq!(good.expect_open().await.master_ticket, ticket);
        assert!(ticket < 3_000, "still connected");
    }

    let lost = "select bool_and(state in ('unconfirmed', 'failed', 'skipped', 'planned'))::text
        from copy_orders where follower_account_id = $1";
    world.await_text(lost, deaf.id, "true").await;
    drop(stream);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_drops_its_connections_doubles_and_loses_nothing() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    let drop_all = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename = 'flotilla_worker'";

    for ticket in 1..=12 {
        world.sql.execute(drop_all, &[]).await.unwrap();
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        let order = f.expect_open().await;
        assert_eq!(order.master_ticket, ticket);
        world.sql.execute(drop_all, &[]).await.unwrap();
        f.ack_open(&order, 5_000 + ticket).await;
    }

    world.await_copies(&follower, &["open"; 12].join(" ")).await;
    assert_eq!(
        world.text("select count(*)::text from signals where master_account_id = $1", master.id).await,
        "12"
    );
    for ticket in 1..=12 {
        m.close(&format!("XAUUSD|{ticket}|2031.00000|5.00")).await;
        let close = format!("CMD_CLOSE|XAUUSD|{}|{ticket}", 5_000 + ticket);
        // While an answer waits for the database an earlier close may be repeated.
        while f.wire.expect_prefix("CMD_CLOSE|").await != close {}
        world.sql.execute(drop_all, &[]).await.unwrap();
        f.wire.send(&format!("ACK_CLOSE|{ticket}|2031.00000|5.00")).await.unwrap();
    }
    world.await_copies(&follower, &["closed"; 12].join(" ")).await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_end_while_the_database_is_away_and_come_back_with_it() {
    let world = World::start_with(|config| config.timing.without_database = Duration::from_millis(300)).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    world.sever(true).await;
    m.wire.expect_close().await;
    f.wire.expect_close().await;
    world.sever(false).await;

    world.await_place(&master).await;
    world.await_place(&follower).await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n65_wrong_keys_are_answered_late_and_right_ones_never_wait() {
    let world = World::start_with(|config| config.limits.wrong_keys_per_minute = 0).await;
    let follower = world.follower().await;

    let mut guesses = Vec::new();
    for number in 0..30 {
        let mut guess = flotilla_testkit::ea_v7::Wire::connect(world.address).await.unwrap();
        guess.send(&format!("AUTH:sk_live_{number:032}")).await.unwrap();
        guesses.push(guess);
    }
    let mut right = FollowerEa::log_in(world.address, &follower.key).await;
    right.wire.expect_silence().await;

    // Each waits a second longer than the one before; which of them is the first, nobody says.
    let mut answers: JoinSet<_> =
        guesses.into_iter().map(|mut guess| async move { guess.read().await }).collect();
    let first = answers.join_next().await.unwrap().unwrap();
    assert_eq!(first.as_deref(), Some("AUTH_FAILED"));
    let is_over = tokio::time::timeout(Duration::from_millis(1), answers.join_all()).await.is_ok();
    assert!(!is_over, "the thirtieth waits for half a minute");
}
