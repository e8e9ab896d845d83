//! What the worker tells of its limits and of those who share them.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use flotilla_bingx_sim::profile::Profile;
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
            "default 50 in 1000, default 100 in 1000, default 300 in 10100, default 2000 in 10100",
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

const MANNER: &str =
    "select coalesce(polled_every_s::text || ' s', 'live') from exchange_keys where account_id = $1";
const FILLS: &str = "select count(*)::text from venue_fills where account_id = $1";

#[tokio::test(flavor = "multi_thread")]
async fn accounts_for_which_the_address_has_no_stream_are_read_and_those_that_matter_are_not() {
    let exchange = Exchange::start().await;
    let few = Profile { streams_per_address: 1, ..Profile::default() };
    exchange.with(|venue| venue.profile = few);
    let mut settings = exchange.config();
    settings.streams_per_address = 1;
    let world = World::start_with(|config| config.exchange = Some(settings)).await;
    let idle = world.follower().await;
    let uid = exchange.connect(&world, &idle).await;
    exchange.one_way(uid);
    let begun = "select count(*)::text from venue_accounts where account_id = $1 and fills_until is not null";
    world.await_text(begun, idle.id, "1").await;
    world.await_text(MANNER, idle.id, "live").await;

    // A master comes later and has the place.
    let master = world.master().await;
    let leading = exchange.connect(&world, &master).await;
    exchange.one_way(leading);
    world.await_text(MANNER, idle.id, "10 s").await;
    let leads = "select count(*)::text from venue_accounts where account_id = $1 and leads_from is not null";
    world.await_text(leads, master.id, "1").await;
    exchange.by_hand(leading, "BUY", "ETH-USDT", "0.5");
    let signals = "select count(*)::text from signals where master_account_id = $1";
    world.await_text(signals, master.id, "1").await;
    assert_eq!(world.text(MANNER, master.id).await, "live");
    // What happens in the other is known after its next read.
    exchange.by_hand(uid, "BUY", "LTC-USDT", "1");
    world.await_text(FILLS, idle.id, "1").await;

    let (refused, most) =
        exchange.with(|venue| (venue.limits.connections_refused, venue.limits.most_connected));
    assert_eq!((refused, most), (0, 1), "never more than the exchange takes");
}
