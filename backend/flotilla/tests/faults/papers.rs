//! Accounts on paper: wherever the worker dies, a copy is filled once and closed once.

use uuid::Uuid;

use crate::world::World;

const OPEN: &str = "SIGNAL_OPEN|BUY|XAUUSD|2000|0.01|0.00|0.00|1";
const CLOSE: &str = "SIGNAL_CLOSE|XAUUSD|1|2010|0.00";
const STATES: &str = "select coalesce(string_agg(state, ' ' order by id), '') from copy_orders";
const ORDERS: &str =
    "select coalesce(string_agg(leg || ' ' || state || ' ' || trim_scale(filled), ', ' order by id), '')
    from venue_orders";

macro_rules! cells {
    ($($cell:ident: $at:literal;)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $cell() {
            run($at).await;
        })+
    };
}

cells! {
    p1_before_the_commit_of_a_fill_it_is_filled_later: "venue_claiming=return";
    p1_with_all_of_a_fill_written_and_not_committed_it_is_filled_later: "venue_settling=return";
    p2_after_the_commit_of_a_fill_it_stands: "venue_settled=return";
    p3_before_the_commit_of_a_close_it_is_closed_later: "venue_close_claiming=return";
    p3_with_all_of_a_close_written_and_not_committed_it_is_closed_later: "venue_settling=1*off->return";
    p4_after_the_commit_of_a_close_it_stands: "venue_settled=1*off->return";
}

async fn run(at: &str) {
    let world = World::new(1, 0).await;
    add_follower(&world).await;
    let closes = at.contains("close") || at.contains("1*off");
    assert!(world.start(at));
    await_service(&world).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    if closes {
        world.await_text(STATES, "open").await;
        master.wire.send(CLOSE).await.unwrap();
    }
    world.await_death().await;

    assert!(world.start(""));
    let states = if closes { "closed" } else { "open" };
    world.await_text(STATES, states).await;
    if !closes {
        let mut master = world.master().await;
        master.wire.send(CLOSE).await.unwrap();
        world.await_text(STATES, "closed").await;
    }

    world.await_text(ORDERS, "open filled 1, close filled 1").await;
    let balance = "select coalesce((select (balance > 10009)::text from account_figures), '')";
    world.await_text(balance, "true").await;
    world.invariants().assert_hold().await;
    drop(master);
}

/// On paper, with 10,000 dollars and little that slips.
async fn add_follower(world: &World) {
    let master = world.masters.first().unwrap().id;
    let add = "insert into accounts (owner_id, name, platform, copy_role, trading_enabled, starting_balance, paper_slippage)
        select owner_id, 'paper', 'paper', 'follower', true, 10000, 0 from accounts where id = $1 returning id, owner_id";
    let row = world.sql.query_one(add, &[&master]).await.unwrap();
    let (account, owner): (Uuid, Uuid) = (row.get(0), row.get(1));
    let follow = "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state,
            max_age_s)
        values ($1, $2, $3, 'lead', 'web', 'active', 120)";
    world.sql.execute(follow, &[&owner, &account, &master]).await.unwrap();
}

async fn await_service(world: &World) {
    let served =
        "select coalesce(max(sockets)::text, '') from sessions where venue = 'paper' and opens_from is null";
    world.await_text(served, "1").await;
}
