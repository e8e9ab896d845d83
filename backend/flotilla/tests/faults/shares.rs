//! Two workers share a database: who serves an account at an exchange is decided by a lease, and a worker that was held up
//! or cut off places nothing that another one has in hand.

use std::time::Duration;

use flotilla_testkit::proxy::Cut;
use rust_decimal::Decimal;

use crate::venues::Scene;

const OPEN: &str = "SIGNAL_OPEN|BUY|BTCUSD|100000|0.01|0.00|0.00|1";
const CLOSE: &str = "SIGNAL_CLOSE|BTCUSD|1|100000|0.00";
const NEXT: &str = "SIGNAL_OPEN|BUY|BTCUSD|100000|0.02|0.00|0.00|2";
/// How often the account changed hands, and whether its worker has a lease.
const HANDS: &str =
    "select coalesce((select s.epoch || case when w.leased_until > now() then ' leased' else '' end
    from sessions s left join workers w on w.node_id = s.node_id where s.venue = 'bingx'), '')";
const LEASES: &str = "select count(*)::text from workers where leased_until > now()";
/// Looks for accounts that may be taken are five seconds apart.
const TWO_LOOKS: Duration = Duration::from_secs(11);

/// All requests that placed an order, whatever became of them.
fn sendings(scene: &Scene) -> usize {
    scene.server.shared.with(|venue| {
        let is_order = |path: &str| path.ends_with("/trade/order");
        venue.journal.iter().filter(|entry| entry.method == "POST" && is_order(&entry.path)).count()
    })
}

async fn ends_well(scene: &Scene) {
    let unresolved =
        "select count(*)::text from venue_orders where state in ('intended', 'accepted', 'unknown')";
    scene.world.await_text(unresolved, "0").await;
    assert_eq!(scene.server.shared.with(|venue| venue.faults_of_books()), Vec::<String>::new());
    scene.world.invariants().with_exchanges(vec![scene.exchange_books().await]).assert_hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_worker_keeps_its_accounts_and_those_of_a_dead_one_are_taken() {
    let scene = Scene::new().await;
    let world = &scene.world;
    assert!(world.start(""));
    scene.await_service().await;
    let beside = world.start_beside();
    world.await_text(LEASES, "2").await;
    tokio::time::sleep(TWO_LOOKS).await;
    world.await_text(HANDS, "1 leased").await;
    // The second worker's start ended nobody's session either: the master is heard by the first, and served there.
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    world.await_copies("open").await;
    assert_eq!(scene.books(), (1, Decimal::new(1, 2)));

    world.kill();
    world.gateway.lead_to(beside.address);
    let mut master = world.master().await;
    master.wire.send(CLOSE).await.unwrap();

    world.await_copies("closed").await;
    world.await_text(HANDS, "2 leased").await;
    // Whoever comes back takes nothing from who is there by now.
    assert!(world.start(""));
    tokio::time::sleep(TWO_LOOKS).await;
    world.await_text(HANDS, "2 leased").await;
    assert_eq!((scene.books(), sendings(&scene)), ((2, Decimal::ZERO), 2));
    ends_well(&scene).await;
    drop(master);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f9_what_was_claimed_before_a_pause_does_not_leave_after_it() {
    let scene = Scene::new().await;
    let world = &scene.world;
    assert!(world.start("venue_sending=1*sleep(5000)"));
    scene.await_service().await;
    let beside = world.start_beside();
    world.await_text(LEASES, "2").await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    world.await_text("select count(*)::text from venue_orders", "1").await;

    // Held up between the claim and the request, until its lease is gone and another has placed the order.
    world.hold(true);
    world.await_text(HANDS, "2 leased").await;
    world.await_copies("open").await;
    assert_eq!((scene.books(), sendings(&scene)), ((1, Decimal::new(1, 2)), 1));
    world.hold(false);
    world.await_text(LEASES, "2").await;
    tokio::time::sleep(TWO_LOOKS).await;

    assert_eq!(sendings(&scene), 1, "one order, by whoever served the account");
    world.await_text(HANDS, "2 leased").await;
    world.gateway.lead_to(beside.address);
    let mut master = world.master().await;
    master.wire.send(CLOSE).await.unwrap();
    world.await_copies("closed").await;
    assert_eq!((scene.books(), sendings(&scene)), ((2, Decimal::ZERO), 2));
    ends_well(&scene).await;
    drop(master);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c10_a_worker_that_is_cut_off_places_nothing_that_another_has_in_hand() {
    let scene = Scene::new().await;
    let world = &scene.world;
    assert!(world.start(""));
    scene.await_service().await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    world.await_copies("open").await;
    let beside = world.start_beside();
    world.await_text(LEASES, "2").await;

    world.database.set_open(false);
    world.database.cut_all(Cut::Reset);
    world.gateway.lead_to(beside.address);
    world.await_text(HANDS, "2 leased").await;
    scene.await_service().await;
    let mut master = world.master().await;
    master.wire.send(CLOSE).await.unwrap();
    world.await_copies("closed").await;
    world.database.set_open(true);
    world.await_text(LEASES, "2").await;
    master.wire.send(NEXT).await.unwrap();
    world.await_copies("closed open").await;

    assert_eq!((scene.books(), sendings(&scene)), ((3, Decimal::new(2, 2)), 3), "one order each");
    world.await_text(HANDS, "2 leased").await;
    ends_well(&scene).await;
    drop(master);
}
