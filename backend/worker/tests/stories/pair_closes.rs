//! A trade that the partner does not hold: its close is owed until the master reports it.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_testkit::ea_v7::{FollowerEa, MasterEa};

use crate::follower_lists::list;
use crate::support::{Account, World};

const OWED: &str =
    "select coalesce(string_agg(cause || ' ' || coalesce(ended_by, 'owed'), ', ' order by id), '')
    from pair_closes where master_account_id = $1";
const TOLD: &str = "select coalesce(string_agg(concat_ws(' ', detail ->> 'master_ticket', detail ->> 'symbol',
        detail ->> 'words', detail ->> 'is_away', case when resolved_at is null then 'lasts' else 'over' end), ', '), '')
    from alerts where account_id = $1 and kind = 'trade_unhedged'";
const OPEN: &str = "BUY|EURUSD|1.08500|0.10|0.00000|0.00000|2001";

/// A pair that copies one to one, and trade 2001, which the partner was told to open.
async fn pair(world: &World) -> (Account, Account, MasterEa, FollowerEa) {
    let (master, follower) = (world.master().await, world.follower().await);
    world.set_mode(&master, "1TO1").await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open(OPEN).await;
    f.expect_open().await;
    (master, follower, m, f)
}

async fn refuse(world: &World, follower: &Account, f: &mut FollowerEa) {
    f.wire.send("ACK_OPEN_FAIL|2001|not enough money").await.unwrap();
    world.await_copies(follower, "failed(refused)").await;
}

/// Makes what is owed so much older, and due.
async fn pass_time(world: &World, seconds: i32) {
    let older = format!(
        "update pair_closes set created_at = created_at - interval '{seconds} s', due_at = least(due_at, now())"
    );
    world.sql.batch_execute(&older).await.unwrap();
}

async fn leave(world: &World, master: &Account, m: MasterEa) {
    drop(m);
    world.await_text("select sockets::text from sessions where account_id = $1", master.id, "0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_is_repeated_until_the_master_reports_the_exit() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = pair(&world).await;

    refuse(&world, &follower, &mut f).await;
    m.wire.expect("CMD_SYNC_CLOSE|2001|not enough money").await;
    for _ in 0..2 {
        pass_time(&world, 0).await;
        m.wire.expect("CMD_SYNC_CLOSE|2001|not enough money").await;
    }
    assert_eq!(world.text(TOLD, master.id).await, "");
    pass_time(&world, 60).await;
    world.await_text(TOLD, master.id, "2001 EURUSD not enough money false lasts").await;
    m.wire.expect("CMD_SYNC_CLOSE|2001|not enough money").await;

    m.close("EURUSD|2001|1.08400|-10.00").await;
    world.await_text(OWED, master.id, "refused closed").await;
    world.await_text(TOLD, master.id, "2001 EURUSD not enough money false over").await;
    pass_time(&world, 60).await;
    m.wire.expect_silence().await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_was_away_is_told_when_it_is_back_and_its_owner_before() {
    let world = World::start().await;
    let (master, follower, m, mut f) = pair(&world).await;
    leave(&world, &master, m).await;

    refuse(&world, &follower, &mut f).await;
    world.await_text(OWED, master.id, "refused owed").await;
    pass_time(&world, 10).await;
    world.await_text(TOLD, master.id, "2001 EURUSD not enough money true lasts").await;
    let mut m = world.master_ea(&master).await;

    m.wire.expect("CMD_SYNC_CLOSE|2001|not enough money").await;
    m.close("EURUSD|2001|1.08400|-10.00").await;
    world.await_text(OWED, master.id, "refused closed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_comes_back_with_the_exit_is_told_nothing() {
    let world = World::start().await;
    let (master, follower, m, mut f) = pair(&world).await;
    leave(&world, &master, m).await;
    refuse(&world, &follower, &mut f).await;

    let mut m = world.master_ea(&master).await;
    m.close("EURUSD|2001|1.08400|-10.00").await;

    world.await_text(OWED, master.id, "refused closed").await;
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_owed_any_more_once_the_two_are_no_pair_or_the_partner_holds_it() {
    let world = World::start().await;
    for (end, expected) in
        [("mode", "refused unpaired"), ("partner", "refused unpaired"), ("held", "refused held")]
    {
        let (master, follower, m, mut f) = pair(&world).await;
        leave(&world, &master, m).await;
        refuse(&world, &follower, &mut f).await;
        match end {
            "mode" => world.set_mode(&master, "RECORD").await,
            "partner" => {
                world.set_copying(&follower, "state = 'ended', ended_at = now(), ended_by = 'web'").await;
            }
            _ => f.wire.send("ACK_OPEN|2001|6001|0.10|BUY").await.unwrap(),
        }

        world.await_text(OWED, master.id, expected).await;
        let mut m = world.master_ea(&master).await;
        m.wire.expect_silence().await;
        assert_eq!(world.text(TOLD, master.id).await, "");
        world.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_out_is_passed_on_although_the_database_was_away() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = pair(&world).await;
    f.wire.send("ACK_OPEN|2001|6001|0.10|BUY").await.unwrap();
    world.await_copies(&follower, "open").await;

    world.sever(true).await;
    // A storm that is over before the database is back.
    for _ in 0..3 {
        f.wire.send("ALERT_STOP_OUT|Comment:so 49.9%").await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.sever(false).await;

    m.wire.expect("CMD_CLOSE_ALL|partner stop out").await;
    assert_eq!(world.text(OWED, master.id).await, "stop_out owed");
    pass_time(&world, 5).await;
    m.wire.expect("CMD_SYNC_CLOSE|2001|partner stop out").await;
    m.close("EURUSD|2001|1.08400|-10.00").await;
    world.await_text(OWED, master.id, "stop_out closed").await;
    f.wire.expect("CMD_CLOSE|EURUSD|6001|2001").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_out_of_the_partner_reaches_a_master_that_was_away() {
    let world = World::start().await;
    let (master, follower, m, mut f) = pair(&world).await;
    f.wire.send("ACK_OPEN|2001|6001|0.10|BUY").await.unwrap();
    world.await_copies(&follower, "open").await;
    leave(&world, &master, m).await;

    f.wire.send("ALERT_STOP_OUT|Comment:so 49.9%").await.unwrap();
    f.wire.send("ACK_CLOSE_SO|6001|1.09000|-100.00").await.unwrap();
    world.await_copies(&follower, "closed(closed_externally)").await;
    world.await_text(OWED, master.id, "stop_out owed").await;
    let mut m = world.master_ea(&master).await;

    m.wire.expect("CMD_SYNC_CLOSE|2001|partner stop out").await;
    m.close("EURUSD|2001|1.08400|-10.00").await;
    world.await_text(OWED, master.id, "stop_out closed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_the_partners_lists_lack_is_lost_too() {
    let world = World::start().await;
    let (master, follower, mut m, mut f) = pair(&world).await;
    world.sql.batch_execute("update accounts set close_with_partner = true").await.unwrap();
    f.wire.send("ACK_OPEN|2001|6001|0.10|BUY").await.unwrap();
    world.await_copies(&follower, "open").await;
    list(&mut f, "6001").await;

    // Its terminal was off when the broker closed the position.
    list(&mut f, "").await;
    m.wire.expect_silence().await;
    world.pass_time(31).await;
    list(&mut f, "").await;

    m.wire.expect("CMD_SYNC_CLOSE|2001|slave stop out").await;
    assert_eq!(world.text(OWED, master.id).await, "lost owed");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_out_does_not_concern_what_the_partner_lost_long_before() {
    let world = World::start().await;
    let (master, follower, m, mut f) = pair(&world).await;
    f.wire.send("ACK_OPEN|2001|6001|0.10|BUY").await.unwrap();
    world.await_copies(&follower, "open").await;
    // Its own stop; the owner of the master lets his trade go on.
    f.wire.send("ACK_CLOSE_SO|6001|1.08000|-50.00").await.unwrap();
    world.await_copies(&follower, "closed(closed_externally)").await;
    world.sql.batch_execute("update copy_orders set updated_at = now() - interval '1 hour'").await.unwrap();
    leave(&world, &master, m).await;

    f.wire.send("ALERT_STOP_OUT|Comment:so 49.9%").await.unwrap();
    let told = "select count(*)::text from alerts where account_id = $1 and kind = 'stop_out'";
    world.await_text(told, follower.id, "1").await;

    let mut m = world.master_ea(&master).await;
    m.wire.expect_silence().await;
    assert_eq!(world.text(OWED, master.id).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_day_the_trade_is_left_to_its_owner() {
    let world = World::start().await;
    let (master, follower, m, mut f) = pair(&world).await;
    leave(&world, &master, m).await;
    refuse(&world, &follower, &mut f).await;
    pass_time(&world, 60).await;
    world.await_text(TOLD, master.id, "2001 EURUSD not enough money true lasts").await;

    pass_time(&world, 86_400).await;

    world.await_text(OWED, master.id, "refused expired").await;
    let mut m = world.master_ea(&master).await;
    m.wire.expect_silence().await;
    assert_eq!(world.text(TOLD, master.id).await, "2001 EURUSD not enough money true lasts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_a_stop_out_nor_a_loss_shortens_what_the_other_owes() {
    let world = World::start().await;
    let (master, follower, m, mut f) = pair(&world).await;
    world.sql.batch_execute("update accounts set close_with_partner = true").await.unwrap();
    let mut m = m;
    m.open("BUY|EURUSD|1.08600|0.10|0.00000|0.00000|2002").await;
    f.expect_open().await;
    f.wire.send("ACK_OPEN|2001|6001|0.10|BUY").await.unwrap();
    f.wire.send("ACK_OPEN_FAIL|2002|not enough money").await.unwrap();
    world.await_copies(&follower, "open failed(refused)").await;
    leave(&world, &master, m).await;
    pass_time(&world, 1_200).await;

    f.wire.send("ALERT_STOP_OUT|Comment:so 49.9%").await.unwrap();
    world.await_text(OWED, master.id, "refused owed, stop_out owed").await;
    f.wire.send("ACK_CLOSE_SO|6001|1.08000|-50.00").await.unwrap();

    world.await_text(OWED, master.id, "refused owed, lost owed").await;
    pass_time(&world, 1_200).await;
    assert_eq!(world.text(OWED, master.id).await, "refused owed, lost owed");
    let mut m = world.master_ea(&master).await;
    for _ in 0..2 {
        m.wire.expect_prefix("CMD_SYNC_CLOSE|200").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_out_that_is_long_past_is_told_and_closes_nothing() {
    let world = World::start_with(|config| config.timing.stop_out_holds = Duration::from_millis(500)).await;
    let (master, follower, mut m, mut f) = pair(&world).await;
    f.wire.send("ACK_OPEN|2001|6001|0.10|BUY").await.unwrap();
    world.await_copies(&follower, "open").await;

    world.sever(true).await;
    f.wire.send("ALERT_STOP_OUT|Comment:so 49.9%").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    world.sever(false).await;

    let told = "select count(*)::text from alerts where account_id = $1 and kind = 'stop_out'";
    world.await_text(told, follower.id, "1").await;
    m.wire.expect_silence().await;
    assert_eq!(world.text(OWED, master.id).await, "");
}
