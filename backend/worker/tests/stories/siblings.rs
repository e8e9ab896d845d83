//! Two follower accounts of one owner: EAs on one terminal list each other's positions, and nobody says that they do.

use flotilla_testkit::ea_v7::{FollowerEa, MasterEa};

use crate::decisions::{await_end, decide};
use crate::follower_lists::list;
use crate::support::{Account, World};

/// A follower's account and its EA.
type Side = (Account, FollowerEa);

/// Two followers that listed 4000 and were sent trade 1; the first is in doubt about it and back.
async fn first_in_doubt(world: &World) -> (MasterEa, Account, Side, Side) {
    let (master, a, b) = (world.master().await, world.follower().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut first = world.follower_ea(&a, &master).await;
    let mut second = world.follower_ea(&b, &master).await;
    list(&mut first, "4000").await;
    list(&mut second, "4000").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    first.expect_open().await;
    second.expect_open().await;
    drop(first);
    world.await_copies(&a, "unconfirmed(session_lost)").await;
    let first = world.follower_ea(&a, &master).await;
    (m, master, (a, first), (b, second))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_position_of_another_account_is_not_adopted() {
    let world = World::start().await;
    let (mut m, _, (a, mut first), (b, mut second)) = first_in_doubt(&world).await;
    second.wire.send("ACK_OPEN|1|5001|0.10|BUY").await.unwrap();
    world.await_copies(&b, "open").await;

    list(&mut first, "4000,5001").await;
    world.await_copies(&a, "attention(ambiguous)").await;
    let told = "select count(*)::text from alerts where account_id = $1 and kind = 'orphan_position'
        and detail::text like '%5001%'";
    assert_eq!(world.text(told, a.id).await, "0");
    for action in ["close", "link"] {
        let asked = decide(&world, &a, 0, action, Some(5001)).await;
        await_end(&world, asked, "failed not_a_candidate").await;
    }
    m.close("XAUUSD|1|2035.00000|45.00").await;

    second.wire.expect("CMD_CLOSE|XAUUSD|5001|1").await;
    first.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_becomes_another_accounts_shortly_is_not_adopted() {
    let world = World::start().await;
    let (_m, _, (a, mut first), (b, mut second)) = first_in_doubt(&world).await;

    list(&mut first, "4000,5001").await;
    world.await_copies(&a, "unconfirmed(session_lost)").await;
    second.wire.send("ACK_OPEN|1|5001|0.10|BUY").await.unwrap();
    world.await_copies(&b, "open").await;
    list(&mut first, "4000,5001").await;

    world.await_copies(&a, "attention(ambiguous)").await;
    world.await_copies(&b, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_in_doubt_that_list_one_position_are_put_to_their_owner() {
    let world = World::start().await;
    let (_m, master, (a, mut first), (b, second)) = first_in_doubt(&world).await;
    drop(second);
    world.await_copies(&b, "unconfirmed(session_lost)").await;
    let mut second = world.follower_ea(&b, &master).await;

    list(&mut first, "4000,5001").await;
    world.await_copies(&a, "unconfirmed(session_lost)").await;
    list(&mut second, "4000,5001").await;
    world.await_copies(&b, "attention(ambiguous)").await;
    list(&mut first, "4000,5001").await;

    world.await_copies(&a, "attention(ambiguous)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_in_doubt_on_terminals_of_their_own_each_get_their_position() {
    let world = World::start().await;
    let (_m, master, (a, mut first), (b, second)) = first_in_doubt(&world).await;
    drop(second);
    world.await_copies(&b, "unconfirmed(session_lost)").await;
    let mut second = world.follower_ea(&b, &master).await;

    list(&mut first, "4000,5001").await;
    list(&mut second, "4000,6001").await;
    world.await_copies(&b, "open(inferred)").await;
    list(&mut first, "4000,5001").await;

    world.await_copies(&a, "open(inferred)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_of_another_account_that_left_proves_nothing() {
    let world = World::start().await;
    let (_m, _, (a, mut first), (b, mut second)) = first_in_doubt(&world).await;
    second.wire.send("ACK_OPEN|1|5001|0.10|BUY").await.unwrap();
    second.wire.send("ACK_CLOSE_SO|5001|2029.00000|-15.00").await.unwrap();
    world.await_copies(&b, "closed(closed_externally)").await;
    // MT5 says it of every position of its terminal.
    first.wire.send("ACK_CLOSE_SO|5001|2029.00000|-15.00").await.unwrap();

    list(&mut first, "4000").await;

    world.await_copies(&a, "attention(ambiguous)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_from_before_the_open_says_nothing_of_it() {
    let world = World::start().await;
    let (_m, _, (a, mut first), (b, mut second)) = first_in_doubt(&world).await;
    // It crosses the order on the wire, in the session to which that was sent.
    list(&mut second, "4000").await;
    drop(second);
    world.await_copies(&b, "unconfirmed(session_lost)").await;

    list(&mut first, "4000,5001").await;

    world.await_copies(&a, "unconfirmed(session_lost)").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sibling_that_stays_away_is_not_waited_for_for_ever() {
    let world = World::start().await;
    let (_m, _, (a, mut first), (b, second)) = first_in_doubt(&world).await;
    drop(second);
    world.await_copies(&b, "unconfirmed(session_lost)").await;
    list(&mut first, "4000,5001").await;
    world.await_copies(&a, "unconfirmed(session_lost)").await;

    world.pass_time(21 * 60).await;
    list(&mut first, "4000,5001").await;

    // Whose position it is nobody knows, so a person says.
    world.await_copies(&a, "attention(ambiguous)").await;
    world.check().await;
}
