//! Who may be the partner of a one-to-one master, and bring about that its trades are closed.

use flotilla_testkit::ea_v7::FollowerEa;

use crate::support::{Account, World};

const PARTNER: &str = "select coalesce(partner_account_id::text, '') from masters where account_id = $1";
const STATE: &str = "select state from subscriptions where follower_account_id = $1 order by id desc limit 1";

/// The account is being stopped out, and what the worker makes of it is done.
async fn stopped_out(world: &World, account: &Account, wire: &mut FollowerEa) {
    wire.wire.send("ALERT_STOP_OUT|Comment:so 49.9%").await.expect("an open connection");
    let told = "select count(*)::text from alerts where account_id = $1 and kind = 'stop_out'";
    world.await_text(told, account.id, "1").await;
}

/// A one-to-one master and a follower of another owner.
async fn strangers(world: &World) -> (Account, Account) {
    let (master, stranger) = (world.master().await, world.account("follower", world.stranger().await).await);
    world.set_mode(&master, "1TO1").await;
    (master, stranger)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n48_a_stranger_that_nobody_approved_is_no_partner() {
    let world = World::start().await;
    let (master, stranger) = strangers(&world).await;
    let mut m = world.master_ea(&master).await;

    let mut s = world.follower_ea(&stranger, &master).await;
    s.wire.send("CHECK_STATUS").await.unwrap();
    s.wire.expect("STATUS_INACTIVE").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    stopped_out(&world, &stranger, &mut s).await;

    assert_eq!(world.text(STATE, stranger.id).await, "pending");
    assert_eq!(world.text(PARTNER, master.id).await, "");
    m.wire.expect_silence().await;
    s.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_leaves_the_place_to_others_and_is_partner_once_approved() {
    let world = World::start().await;
    let (master, stranger) = strangers(&world).await;
    let own = world.follower().await;
    let mut m = world.master_ea(&master).await;
    let mut s = world.follower_ea(&stranger, &master).await;
    let o = world.follower_ea(&own, &master).await;
    assert_eq!(world.text(PARTNER, master.id).await, own.id.to_string());
    let unfollow = "update subscriptions set state = 'ended', ended_at = now(), ended_by = 'web' where follower_account_id = $1";
    world.sql.execute(unfollow, &[&own.id]).await.unwrap();
    world.hint_account(&own).await;
    world.await_text(PARTNER, master.id, "").await;

    world.decide(&master, "approve").await;
    s.wire.expect("STATUS_ACTIVE").await;
    assert_eq!(world.text(PARTNER, master.id).await, stranger.id.to_string());
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    s.wire.expect("CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    stopped_out(&world, &stranger, &mut s).await;

    m.wire.expect("CMD_CLOSE_ALL|partner stop out").await;
    drop(o);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n48_who_was_removed_or_unfollowed_does_not_take_its_place_again() {
    for (ended_by, is_own) in [("web", true), ("web", false), ("master", false)] {
        let world = World::start().await;
        let (master, stranger) = strangers(&world).await;
        let first = if is_own { world.follower().await } else { stranger };
        let mut m = world.master_ea(&master).await;
        let mut f = world.follower_ea(&first, &master).await;
        if !is_own {
            world
                .await_text(
                    "select count(*)::text from master_followers where master_account_id = $1",
                    master.id,
                    "1",
                )
                .await;
            world.decide(&master, "approve").await;
            f.wire.expect("STATUS_ACTIVE").await;
        }
        assert_eq!(world.text(PARTNER, master.id).await, first.id.to_string());

        let end = "update subscriptions set state = 'ended', ended_at = now(), ended_by = $2
            where follower_account_id = $1";
        world.sql.execute(end, &[&first.id, &ended_by]).await.unwrap();
        drop(f);
        let mut f = world.follower_ea(&first, &master).await;
        stopped_out(&world, &first, &mut f).await;
        m.wire.expect_silence().await;

        let next = world.follower().await;
        let mut n = world.follower_ea(&next, &master).await;
        m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
        n.wire.expect("CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
        assert_eq!(world.text(PARTNER, master.id).await, next.id.to_string(), "{ended_by} {is_own}");
        world.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n48_a_stranger_waits_when_its_master_begins_to_copy_one_to_one() {
    let world = World::start().await;
    let (master, stranger) = (world.master().await, world.account("follower", world.stranger().await).await);
    let mut m = world.master_ea(&master).await;
    let mut s = world.follower_ea(&stranger, &master).await;
    assert_eq!(world.text(STATE, stranger.id).await, "active");

    m.wire.send("CMD_SET_MODE|1TO1").await.unwrap();
    m.wire.expect("MODE_UPDATED|1TO1").await;
    stopped_out(&world, &stranger, &mut s).await;

    assert_eq!(world.text(PARTNER, master.id).await, "");
    world.await_text(STATE, stranger.id, "pending").await;
    m.wire.expect_silence().await;
    world.check().await;
}
