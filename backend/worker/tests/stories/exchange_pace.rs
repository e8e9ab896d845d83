//! What the worker tells of its limits and of those who share them.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_worker::exchange::Egress;

use crate::support::exchange::Exchange;
use crate::support::{Account, World};

const LIMITS: &str =
    "select coalesce(string_agg(egress || ' ' || requests || ' in ' || per_ms, ', ' order by egress, per_ms), '')
    from venue_limits where environment = 'demo' and ($1::uuid is not null)";
const AUDIENCE: &str =
    "select coalesce(string_agg(environment || ' ' || followers, ', ' order by followers), '') || ' of '
        || coalesce(sum(followers), 0)
    from venue_audiences where master_account_id = $1";

async fn follow(world: &World, exchange: &Exchange, master: &Account) -> Account {
    let follower = world.account("follower", world.stranger().await).await;
    exchange.connect(world, &follower).await;
    let insert = "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state)
        values ($1, $2, $3, 'lead', 'web', 'active')";
    world.sql.execute(insert, &[&follower.owner, &follower.id, &master.id]).await.unwrap();
    follower
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_tells_the_limits_that_it_keeps_and_how_many_share_them() {
    let exchange = Exchange::start().await;
    let settings = exchange.config();
    let mut world = World::start_with(|config| config.exchange = Some(settings)).await;
    let (master, other) = (world.master().await, world.master().await);
    follow(&world, &exchange, &master).await;
    let leaver = follow(&world, &exchange, &master).await;

    // 100 orders a second, of which opens get half, and the exchange's own 300 in ten seconds with a margin.
    world
        .await_text(
            LIMITS,
            master.id,
            "default 50 in 1000, default 100 in 1000, default 300 in 10500, default 2000 in 10500",
        )
        .await;
    world.await_text(AUDIENCE, master.id, "demo 2 of 2").await;
    world.await_text(AUDIENCE, other.id, " of 0").await;
    world.set_copying(&leaver, "state = 'paused'").await;
    world.await_text(AUDIENCE, master.id, "demo 1 of 1").await;

    world.stop().await;
    world.await_text(AUDIENCE, master.id, " of 0").await;
    let names = ["a", "b"];
    let egress = |name: &str| Egress { name: name.to_owned(), local: None };
    world.config.exchange.as_mut().unwrap().egresses = names.map(egress).into();
    world.run().await;
    let egresses = "select coalesce(string_agg(distinct egress, ' '), '') from venue_limits where ($1::uuid is not null)";
    world.await_text(egresses, master.id, "a b").await;
    world.await_text(AUDIENCE, master.id, "demo 1 of 1").await;
}
