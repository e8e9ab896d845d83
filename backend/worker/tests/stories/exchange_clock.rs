//! Orders while the exchange's clock jumps and drifts.

use std::collections::BTreeMap;

use flotilla_bingx_sim::fault::{Mishap, Rule};

use crate::support::scene::{ORDER, Scene};

const FIVE_MINUTES_MS: i64 = 300_000;

/// By the name of each order, how often it was sent, and how often of those it was refused for its time stamp.
fn sendings(s: &Scene) -> BTreeMap<String, (usize, usize)> {
    s.exchange.with(|venue| {
        let mut orders = BTreeMap::<String, (usize, usize)>::new();
        for entry in
            venue.journal.iter().filter(|entry| entry.method == "POST" && entry.path.ends_with(ORDER))
        {
            let (sent, refused) = orders.entry(entry.client_id.clone()).or_default();
            *sent += 1;
            *refused += usize::from(entry.code == 100_421);
        }
        orders
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_is_refused_twice_for_its_time_stamp_and_none_is_sent_that_is_too_old() {
    let mut s = Scene::new().await;
    let mut open: Vec<&str> = Vec::new();
    let jumps = [FIVE_MINUTES_MS, -FIVE_MINUTES_MS, -FIVE_MINUTES_MS, 2 * FIVE_MINUTES_MS];
    // Then it goes fast, 1.1 s with each order, and slow.
    let drift = [1_100; 6].into_iter().chain([-700; 6]);

    for (ticket, ms) in (1..).zip(jumps.into_iter().chain(drift)) {
        s.exchange.server.shared.jump(ms);
        s.enter("0.001", ticket).await;
        open.push("open");
        s.world.await_copies(&s.follower, &open.join(" ")).await;
    }
    let sent = sendings(&s);
    assert_eq!((s.accepted(), sent.len()), (open.len(), open.len()), "each once");
    assert!(sent.values().all(|(sent, refused)| *refused <= 1 && *sent == refused + 1), "{sent:?}");

    // It is lost on the way, and too old by the time that is known. The exchange's clock would have it fresh again.
    s.world.set_max_age(&s.follower, 5).await;
    s.fault(Rule::of(Mishap::DropBefore).on("POST", ORDER).times(1));
    s.enter("0.001", 100).await;
    s.world.await_copies(&s.follower, &format!("{} unconfirmed(silent)", open.join(" "))).await;
    s.exchange.server.shared.jump(-FIVE_MINUTES_MS);
    s.world.await_copies(&s.follower, &format!("{} failed(not_opened)", open.join(" "))).await;
    assert_eq!(s.accepted(), open.len());
    s.check().await;
}
