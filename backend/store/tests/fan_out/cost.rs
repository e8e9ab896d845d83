use std::time::Duration;

use flotilla_domain::lots::Lots;
use rust_decimal::Decimal;
use tokio::time::Instant;

use crate::generator::{Follower, Presence};
use crate::world::World;

/// Run by hand on an idle machine, for the numbers of a change:
/// `cargo nextest run -p flotilla-store --run-ignored only --no-capture thousand`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints how long it takes, which says nothing on a busy machine"]
async fn a_thousand_followers() {
    let world = World::new().await;
    world.add(&vec![Follower::plain(Presence::Here); 1_000]).await;
    world.sql.batch_execute("analyze").await.unwrap();
    let mut took: Vec<Duration> = Vec::new();

    for ticket in 1..=60 {
        let began = Instant::now();
        let accepted = world.accept(ticket, Lots::new(Decimal::ONE).unwrap(), 200).await;
        took.push(began.elapsed());
        assert_eq!(accepted.copies.len(), 1_000);
    }

    took.sort();
    println!("p50 {:?}, p95 {:?}, max {:?}", took.get(30), took.get(57), took.last());
}

/// A plan that reads a whole table for each follower, or all copies there are,
/// gets slower with every trade.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_statement_reads_copies_by_index_only() {
    let world = World::new().await;
    let limited = Follower {
        settings: flotilla_domain::copy::settings::CopySettings {
            max_open_copies: Some(100),
            ..Follower::plain(Presence::Here).settings
        },
        ..Follower::plain(Presence::Here)
    };
    world.add(&vec![limited; 300]).await;
    world.sql.batch_execute("analyze").await.unwrap();
    let scans = "select coalesce(seq_scan, 0) from pg_stat_user_tables where relname = 'copy_orders'";
    let before = world.settled_count(scans).await;

    for ticket in 1..=20 {
        world.accept(ticket, Lots::new(Decimal::ONE).unwrap(), 200).await;
    }

    let followers = 300;
    let after = world.settled_count(scans).await;
    assert!(after - before < followers, "{} scans of all copies", after - before);
}
