//! Every terminal counts its tickets by itself: the same number elsewhere is another trade, of somebody else.

use flotilla_testkit::ea_v7::{FollowerEa, MasterEa, OpenCommand};

use crate::follower_lists::list;
use crate::support::{Account, World};

/// A master with one follower.
struct Pair {
    follower: Account,
    master_ea: MasterEa,
    follower_ea: FollowerEa,
    order: OpenCommand,
}

/// Of two owners; both masters have entered a trade of the same number.
async fn pairs(world: &World) -> [Pair; 2] {
    let pair = async |owner| {
        let (master, follower) =
            (world.account("master", owner).await, world.account("follower", owner).await);
        let mut master_ea = world.master_ea(&master).await;
        let mut follower_ea = world.follower_ea(&follower, &master).await;
        master_ea.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1003").await;
        let order = follower_ea.expect_open().await;
        Pair { follower, master_ea, follower_ea, order }
    };
    [pair(world.stranger().await).await, pair(world.stranger().await).await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_settles_the_copy_of_its_own_account() {
    let world = World::start().await;
    let [first, mut second] = pairs(&world).await;

    second.follower_ea.ack_open(&second.order, 5003).await;

    world.await_copies(&second.follower, "open").await;
    world.await_copies(&first.follower, "claimed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exit_closes_the_copies_of_its_own_master() {
    let world = World::start().await;
    let [mut first, mut second] = pairs(&world).await;
    for pair in [&mut first, &mut second] {
        pair.follower_ea.ack_open(&pair.order, 5003).await;
        world.await_copies(&pair.follower, "open").await;
    }

    first.master_ea.close("XAUUSD|1003|2035.00000|45.00").await;

    first.follower_ea.wire.expect("CMD_CLOSE|XAUUSD|5003|1003").await;
    second.follower_ea.wire.expect_silence().await;
    world.await_copies(&second.follower, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_says_nothing_about_another_accounts_copies() {
    let world = World::start().await;
    let [mut first, mut second] = pairs(&world).await;
    for (pair, ticket) in [(&mut first, 5003), (&mut second, 6003)] {
        pair.follower_ea.ack_open(&pair.order, ticket).await;
        world.await_copies(&pair.follower, "open").await;
    }

    for _ in 0..2 {
        list(&mut first.follower_ea, "5003,").await;
        world.pass_time(31).await;
    }
    list(&mut first.follower_ea, "5003,").await;

    world.await_copies(&first.follower, "open").await;
    world.await_copies(&second.follower, "open").await;
    world.check().await;
}
