//! Many copies while everything breaks at random; then everything heals, and the books are held against each other.
//!
//! `COPIES` (500), `KILLS` (5) and `SEED` come from the environment. The seed decides who breaks what and when; what a
//! kill hits in the process also depends on the machine. `make soak` is 10,000 copies and 50 kills on a durable cluster.

mod chaos;
mod masters;
mod restarts;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use flotilla_testkit::ea_v7::{AutoFollower, Manners, Terminal};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::Instant;

use crate::world::World;
use masters::Leader;

const FOLLOWERS: usize = 40;

/// Sizes of one run.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// The masters trade until there are as many.
    copies: usize,
    masters: usize,
    followers_each: usize,
    kills: usize,
    seed: u64,
}

impl Size {
    /// Twenty copies for each follower, but no more followers than are back in a moment after a kill: the copies of
    /// those that are away are skipped, and nothing could go wrong with them.
    fn from_environment() -> Self {
        let number = |name: &str, default: u64| {
            std::env::var(name).map_or(default, |text| text.parse().expect("a whole number"))
        };
        let copies = usize::try_from(number("COPIES", 500)).unwrap();
        let followers = (copies / 20).clamp(1, FOLLOWERS);
        let masters = (followers / 5).clamp(1, 20);
        Self {
            copies,
            masters,
            followers_each: followers.div_ceil(masters),
            kills: usize::try_from(number("KILLS", 5)).unwrap(),
            seed: number("SEED", rand::random::<u32>().into()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak() {
    let size = Size::from_environment();
    println!("soak: {size:?}; again with SEED={}", size.seed);
    let began = Instant::now();
    let mut world = World::new(size.masters, size.followers_each).await;
    // As many as by default.
    world.environment.push(("FLOTILLA_WORKER_CONNECTIONS".to_owned(), "16".to_owned()));
    let world = Arc::new(world);
    assert!(world.start(""));
    let followers = start_followers(&world, size.seed);
    world.await_online().await;
    println!("soak: {} followers are connected after {:.1?}", followers.len(), began.elapsed());

    let trading = Instant::now();
    let leaders = masters::start(&world, size.seed);
    let broken = chaos::reign(&world, &leaders, size).await;
    println!("soak: {broken}; traded for {:.1?}", trading.elapsed());

    let healing = Instant::now();
    let leaders = masters::stop(leaders).await;
    heal(&world, &leaders).await;
    println!("soak: healed in {:.1?}", healing.elapsed());
    let figures = verdict::figures(&world, &leaders).await;
    println!("soak: {figures}");
    println!("soak: {:.1?} in all, seed {}", began.elapsed(), size.seed);
    drop(followers);

    let wrong = (figures.duplicates, figures.mistaken, figures.silent_losses(), figures.unsettled);
    assert_eq!(wrong, (0, 0, 0, 0), "seed {}", size.seed);
    world.invariants().after_healing().assert_hold().await;
}

/// Each with manners of its own; all of them well-behaved enough to tell the truth.
fn start_followers(world: &World, seed: u64) -> Vec<AutoFollower> {
    let mut dice = StdRng::seed_from_u64(seed);
    (0..world.followers.len())
        .map(|number| {
            let manners = Manners {
                terminal: if dice.random_bool(0.5) { Terminal::Mt5 } else { Terminal::Mt4 },
                order_takes: Duration::from_millis(dice.random_range(0..20)),
                reconnect_after: Duration::from_millis(dice.random_range(50..800)),
                says_so_after_close: dice.random_bool(0.2),
                sends_snapshots: true,
                ..Manners::default()
            };
            world.follower(number, manners)
        })
        .collect()
}

/// Everybody comes back and says what he holds, twice, so far apart that an absence counts.
async fn heal(world: &Arc<World>, leaders: &[Leader]) {
    chaos::end(world);
    if !world.is_alive() {
        assert!(world.start(""));
    }
    let until = Instant::now() + Duration::from_secs(100);
    let mut round = 0;
    loop {
        // A new connection of a follower begins with its snapshot.
        world.gateway.cut_all(flotilla_testkit::proxy::Cut::Fin);
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.await_online().await;
        masters::tell_all(world, leaders).await;
        round += 1;
        let left = verdict::unsettled(world, leaders).await;
        println!("soak: round {round} of healing, {left} copies are not where they should be");
        if (left == 0 && round > 2) || Instant::now() > until {
            return;
        }
        // Lists count as two when they are half a minute apart.
        tokio::time::sleep(Duration::from_secs(11)).await;
    }
}
