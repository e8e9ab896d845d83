//! Who may say what.

use crate::support::World;
use flotilla_testkit::ea_v7::FollowerEa;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n38_a_follower_may_not_signal_and_a_master_may_not_acknowledge() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    f.wire.send("SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await.unwrap();
    f.wire.send("SIGNAL_CLOSE|XAUUSD|1|2030.50|0.10").await.unwrap();
    f.wire.send("MASTER_SNAPSHOT:1").await.unwrap();
    m.wire.send("ACK_OPEN|1|5|0.10|BUY").await.unwrap();
    m.wire.send("SLAVE_SNAPSHOT:1").await.unwrap();

    f.wire.expect_silence().await;
    m.wire.expect_silence().await;
    let rows = "select (select count(*) from signals)::text || ' ' || (select count(*) from evidence)::text where $1::uuid is not null";
    assert_eq!(world.text(rows, master.id).await, "0 0");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_follows_a_wrong_token_or_himself() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = FollowerEa::log_in(world.address, &follower.key).await;

    f.wire.send("CHECK_STATUS").await.unwrap();
    f.wire.expect("STATUS_INACTIVE").await;
    f.wire.send("SUBSCRIBE:NOPE").await.unwrap();
    f.wire.expect("ERROR:MASTER_NOT_FOUND").await;
    m.wire.send(&format!("SUBSCRIBE:{}", master.token)).await.unwrap();
    m.wire.expect("ERROR:MASTER_NOT_FOUND").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n37_an_answer_about_somebody_elses_copy_changes_nothing() {
    let world = World::start().await;
    let stranger = world.stranger().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let other = world.account("follower", stranger).await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    let mut eve = FollowerEa::log_in(world.address, &other.key).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;

    eve.ack_open(&order, 666).await;
    eve.wire.send("ACK_OPEN_FAIL|1|not enough money").await.unwrap();
    world.await_text("select count(*)::text from evidence where account_id = $1", other.id, "2").await;

    world.await_copies(&follower, "claimed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_token_replaces_the_follow_and_old_copies_stay_managed() {
    let world = World::start().await;
    let (one, two, follower) = (world.master().await, world.master().await, world.follower().await);
    let (mut m1, mut m2) = (world.master_ea(&one).await, world.master_ea(&two).await);
    let mut f = world.follower_ea(&follower, &one).await;
    m1.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    f.wire.send(&format!("SUBSCRIBE:{}", two.token)).await.unwrap();
    f.wire.expect("SUBSCRIBE_OK").await;
    m1.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    m1.wire.expect_silence().await;
    m2.open("SELL|EURUSD|1.08|0.20|0.00|0.00|1").await;

    let order = f.expect_open().await;
    assert_eq!((order.symbol.as_str(), order.lots.as_str()), ("EURUSD", "0.20"));
    m1.close("XAUUSD|1|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfollow_on_the_web_is_told_at_once_and_stands_against_the_same_token() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let end = "update subscriptions set state = 'ended', ended_by = 'web', ended_at = now() where follower_account_id = $1";
    world.sql.execute(end, &[&follower.id]).await.unwrap();
    world.hint_account(&follower).await;
    f.wire.expect("STATUS_INACTIVE").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    m.wire.expect_silence().await;
    f.wire.send(&format!("SUBSCRIBE:{}", master.token)).await.unwrap();
    f.wire.expect("SUBSCRIBE_OK").await;
    f.wire.send("CHECK_STATUS").await.unwrap();

    f.wire.expect("STATUS_INACTIVE").await;
    world.await_copies(&follower, "").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n40_a_rotated_key_or_a_deactivated_account_ends_the_connection() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    let rotate = "update api_keys set key_hash = sha256('another') where account_id = $1";
    world.sql.execute(rotate, &[&follower.id]).await.unwrap();
    world.hint_account(&follower).await;
    f.wire.expect_close().await;
    world.sql.execute("update accounts set is_active = false where id = $1", &[&master.id]).await.unwrap();
    world.hint_account(&master).await;
    m.wire.expect_close().await;

    let mut m = flotilla_testkit::ea_v7::Wire::connect(world.address).await.unwrap();
    m.send(&format!("AUTH:{}", master.key)).await.unwrap();
    m.expect("AUTH_FAILED").await;
    m.expect_close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_ea_speaks_for_an_account_that_is_served_from_here() {
    let world = World::start().await;

    for platform in ["bingx", "paper"] {
        let account = world.follower().await;
        let update = "update accounts set platform = $2 where id = $1";
        world.sql.execute(update, &[&account.id, &platform]).await.unwrap();
        let mut wire = flotilla_testkit::ea_v7::Wire::connect(world.address).await.unwrap();
        wire.send(&format!("AUTH:{}", account.key)).await.unwrap();
        wire.expect("AUTH_FAILED").await;
        wire.expect_close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_of_an_account_are_kept() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut f = world.follower_ea(&follower, &master).await;

    f.wire.send("ACCOUNT|10000.00|10012.50|120.00|9892.50|USD|100").await.unwrap();

    let figures = "select coalesce(max(balance || ' ' || equity || ' ' || currency || ' ' || leverage), '')
        from account_figures where account_id = $1";
    world.await_text(figures, follower.id, "10000.00 10012.50 USD 100").await;
}
