//! A person decides about a copy.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_testkit::ea_v7::{FollowerEa, MasterEa};
use uuid::Uuid;

use crate::follower_lists::list;
use crate::support::{Account, World};

/// Two copies that need a decision; the terminal lists 4000, 5001 and 5002.
async fn asked(world: &World) -> (Account, MasterEa, FollowerEa) {
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    list(&mut f, "4000").await;
    for ticket in [1, 2] {
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        f.expect_open().await;
    }
    drop(f);
    world.await_copies(&follower, "unconfirmed(session_lost) unconfirmed(session_lost)").await;
    let mut f = world.follower_ea(&follower, &master).await;
    list(&mut f, "4000,5001,5002").await;
    world.await_copies(&follower, "attention(ambiguous) attention(ambiguous)").await;
    (follower, m, f)
}

/// What the API leaves for the worker. `turn`: first or second copy.
pub async fn decide(world: &World, follower: &Account, turn: i64, action: &str, ticket: Option<i64>) -> Uuid {
    let insert = "insert into requests (owner_id, actor_id, kind, target_id, action, ticket)
        select owner_id, owner_id, 'resolve_copy', copy_id, $2, $3 from copy_orders
        where follower_account_id = $1 order by id offset $4 limit 1
        returning id";
    world.sql.query_one(insert, &[&follower.id, &action, &ticket, &turn]).await.unwrap().get(0)
}

pub async fn await_end(world: &World, request: Uuid, expected: &str) {
    let query = "select state || coalesce(' ' || failure, '') from requests where id = $1";
    world.await_text(query, request, expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_linked_position_is_managed_from_then_on() {
    let world = World::start().await;
    let (follower, mut m, mut f) = asked(&world).await;

    let request = decide(&world, &follower, 0, "link", Some(5002)).await;
    await_end(&world, request, "done").await;
    world.await_copies(&follower, "open attention(ambiguous)").await;
    f.wire.expect_silence().await;
    m.close("XAUUSD|1|2035.00000|45.00").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5002|1").await;
    let recorded = "select string_agg(action, ' ') from audit where owner_id = $1";
    assert_eq!(world.text(recorded, follower.owner).await, "copy_resolved");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_to_be_closed_is_closed_with_its_own_ticket() {
    let world = World::start().await;
    let (follower, _m, mut f) = asked(&world).await;

    let request = decide(&world, &follower, 1, "close", Some(5001)).await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5001|2").await;
    await_end(&world, request, "done").await;
    f.wire.send("ACK_CLOSE|2|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "attention(ambiguous) closed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_left_alone_is_settled_and_the_terminal_hears_nothing() {
    let world = World::start().await;
    let (follower, mut m, mut f) = asked(&world).await;

    let request = decide(&world, &follower, 0, "leave", None).await;
    await_end(&world, request, "done").await;
    m.close("XAUUSD|1|2035.00000|45.00").await;
    m.wire.expect_silence().await;

    world.await_copies(&follower, "failed(left_alone) attention(ambiguous)").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_is_not_the_accounts_own_is_never_touched() {
    let world = World::start().await;
    let (follower, _m, mut f) = asked(&world).await;
    let stranger = world.account("follower", world.stranger().await).await;
    let mut s = FollowerEa::log_in(world.address, &stranger.key).await;
    list(&mut s, "7777").await;

    for foreign in [7777, 6543] {
        let request = decide(&world, &follower, 0, "close", Some(foreign)).await;
        await_end(&world, request, "failed not_a_candidate").await;
    }
    let request = decide(&world, &follower, 0, "link", Some(5001)).await;
    await_end(&world, request, "done").await;
    let request = decide(&world, &follower, 1, "link", Some(5001)).await;
    await_end(&world, request, "failed not_a_candidate").await;
    let request = decide(&world, &follower, 0, "leave", None).await;
    await_end(&world, request, "failed copy_not_in_doubt").await;

    world.await_copies(&follower, "open attention(ambiguous)").await;
    f.wire.expect_silence().await;
    s.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_open_is_closed_as_its_owner_asks_and_stays_with_no_other_decision() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5001).await;
    world.await_copies(&follower, "open").await;

    for (action, ticket) in [("leave", None), ("link", Some(5001))] {
        let request = decide(&world, &follower, 0, action, ticket).await;
        await_end(&world, request, "failed copy_not_in_doubt").await;
    }
    f.wire.expect_silence().await;
    let request = decide(&world, &follower, 0, "close", None).await;
    await_end(&world, request, "done").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_copy_of_a_follower_that_is_away_is_closed_when_it_is_back() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5001).await;
    world.await_copies(&follower, "open").await;
    drop(f);

    let request = decide(&world, &follower, 0, "close", Some(5001)).await;
    await_end(&world, request, "done").await;
    world.await_copies(&follower, "open").await;

    let mut f = world.follower_ea(&follower, &master).await;
    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1").await;
    world.check().await;
}
