//! Followers that are away, late or held back.

use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_that_is_away_misses_the_trade_visibly() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    drop(world.follower_ea(&follower, &master).await);
    let online = "select (sockets > 0)::text from sessions where account_id = $1";
    world.await_text(online, follower.id, "false").await;
    world
        .sql
        .execute("update sessions set disconnected_at = now() - interval '1 hour' where sockets = 0", &[])
        .await
        .unwrap();

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    world.await_copies(&follower, "skipped(offline)").await;
    let mut f = world.follower_ea(&follower, &master).await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_that_comes_back_in_time_gets_the_order_once() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    drop(world.follower_ea(&follower, &master).await);
    let online = "select (sockets > 0)::text from sessions where account_id = $1";
    world.await_text(online, follower.id, "false").await;
    world.sql.execute("update subscriptions set max_age_s = 100", &[]).await.unwrap();

    m.open("BUY|XAUUSD|2030.50|0.10|2020.00|0.00|1").await;
    world.await_copies(&follower, "planned").await;
    let mut f = world.follower_ea(&follower, &master).await;

    f.wire.expect("CMD_OPEN|BUY|XAUUSD|2030.50|0.10|2020.00|0.00|1").await;
    f.wire.send(&format!("SUBSCRIBE:{}", master.token)).await.unwrap();
    f.wire.expect("SUBSCRIBE_OK").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_waited_too_long_is_not_sent_any_more() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    drop(world.follower_ea(&follower, &master).await);
    let online = "select (sockets > 0)::text from sessions where account_id = $1";
    world.await_text(online, follower.id, "false").await;
    world.sql.execute("update subscriptions set max_age_s = 1", &[]).await.unwrap();

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies(&follower, "skipped(stale)").await;
    let mut f = world.follower_ea(&follower, &master).await;

    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_order_ends_when_the_master_leaves() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    drop(world.follower_ea(&follower, &master).await);
    let online = "select (sockets > 0)::text from sessions where account_id = $1";
    world.await_text(online, follower.id, "false").await;
    world.sql.execute("update subscriptions set max_age_s = 100", &[]).await.unwrap();
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies(&follower, "planned").await;

    m.close("XAUUSD|1|2031.00000|5.00").await;

    world.await_copies(&follower, "skipped(master_closed)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pauses_and_limits_are_named() {
    let world = World::start().await;
    let (master, paused, small) = (world.master().await, world.follower().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut p = world.follower_ea(&paused, &master).await;
    let mut s = world.follower_ea(&small, &master).await;
    let update = "update subscriptions set state = $2, min_lots = 0.5 where follower_account_id = $1";
    world.sql.execute(update, &[&paused.id, &"paused"]).await.unwrap();
    world.sql.execute(update, &[&small.id, &"active"]).await.unwrap();

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    world.await_copies(&paused, "skipped(paused)").await;
    world.await_copies(&small, "skipped(limit)").await;
    world.hint_account(&paused).await;
    p.wire.expect("STATUS_INACTIVE").await;
    s.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_to_close_everything_closes_and_reports_progress() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    let ask =
        "insert into requests (owner_id, actor_id, kind, target_id) values ($1, $1, 'close_account', $2)";
    world.sql.execute(ask, &[&follower.owner, &follower.id]).await.unwrap();
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    let progress = "select state || ' ' || done || ' of ' || total from requests where target_id = $1";
    world.await_text(progress, follower.id, "running 0 of 1").await;
    f.wire.send("ACK_CLOSE|1|2031.00000|5.00").await.unwrap();

    world.await_text(progress, follower.id, "done 1 of 1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_about_somebody_elses_account_fails() {
    let world = World::start().await;
    let eve = world.stranger().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    let ask = "insert into requests (owner_id, actor_id, kind, target_id)
        select $1::uuid, $1::uuid, 'close_account', $2::uuid union all
        select $1::uuid, $1::uuid, 'close_subscription', id from subscriptions where follower_account_id = $2";
    world.sql.execute(ask, &[&eve, &follower.id]).await.unwrap();

    let states = "select string_agg(state, ' ') from requests where owner_id = $1";
    world.await_text(states, eve, "failed failed").await;
    f.wire.expect_silence().await;
    world.await_copies(&follower, "open").await;
}
