//! Breaks things at random.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use flotilla_testkit::proxy::{Cut, Way, Weather};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::sleep;

use super::Size;
use super::masters::Leader;
use crate::world::World;

/// How often what was broken.
#[derive(Debug, Default)]
pub struct Broken {
    kills: usize,
    backends: usize,
    cuts: usize,
    stalls: usize,
    commits: usize,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, backends, cuts, stalls, commits } = self;
        write!(
            f,
            "{kills} kills, {backends} database backends ended, {cuts} sockets cut, {stalls} stalled, {commits} answers to COMMIT lost"
        )
    }
}

/// Until there are enough copies and the worker was killed often enough; then until all masters have come to an end.
pub async fn reign(world: &Arc<World>, leaders: &[Leader], size: Size) -> Broken {
    let mut dice = StdRng::seed_from_u64(size.seed ^ 0xC4A05);
    let mut broken = Broken::default();
    loop {
        sleep(Duration::from_millis(dice.random_range(20..300))).await;
        let copies = copies(world).await;
        // Spread over the run.
        let is_due = copies * (size.kills + 1) >= (broken.kills + 1) * size.copies;
        if broken.kills < size.kills && is_due {
            kill(world, &mut dice).await;
            broken.kills += 1;
        } else if copies >= size.copies && leaders.iter().all(Leader::is_over) {
            break;
        } else {
            disturb(world, &mut dice, &mut broken).await;
        }
        if copies >= size.copies && broken.kills >= size.kills {
            leaders.iter().for_each(Leader::end);
        }
    }
    broken.commits = world.database.answers_lost();
    broken
}

async fn copies(world: &World) -> usize {
    let row = world.sql.query_one("select count(*) from copy_orders", &[]).await.unwrap();
    usize::try_from(row.get::<_, i64>(0)).unwrap()
}

async fn kill(world: &World, dice: &mut StdRng) {
    world.kill();
    sleep(Duration::from_millis(dice.random_range(0..200))).await;
    while !world.start("") {
        // The disturbed database did not let it start.
        sleep(Duration::from_millis(100)).await;
    }
}

async fn disturb(world: &Arc<World>, dice: &mut StdRng, broken: &mut Broken) {
    match dice.random_range(0..100) {
        0..10 => {
            let end = "select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and usename = 'flotilla_worker' order by random() limit 1";
            world.sql.execute(end, &[]).await.unwrap();
            broken.backends += 1;
        }
        10..40 => {
            let how = if dice.random_bool(0.5) { Cut::Fin } else { Cut::Reset };
            if let Some(link) = any(&world.gateway.links(), dice) {
                world.gateway.cut(link, how);
                broken.cuts += 1;
            }
        }
        40..65 => {
            let ways = [&[Way::ToServer][..], &[Way::ToClient], &Way::BOTH][dice.random_range(0..3)];
            if let Some(link) = any(&world.gateway.links(), dice) {
                for way in ways {
                    world.gateway.stall(link, *way);
                }
                broken.stalls += 1;
                let (world, time) = (Arc::clone(world), Duration::from_millis(dice.random_range(50..3_000)));
                tokio::spawn(async move {
                    sleep(time).await;
                    world.gateway.release(link);
                });
            }
        }
        65..80 => world.database.lose_answers_to(b"COMMIT", 1),
        _ => world.gateway.set_weather(weather(dice)),
    }
}

fn weather(dice: &mut StdRng) -> Weather {
    match dice.random_range(0..4) {
        0 => Weather { piece: Some(dice.random_range(1..9)), ..Weather::default() },
        1 => Weather { glue: Some(Duration::from_millis(dice.random_range(1..30))), ..Weather::default() },
        2 => Weather { delay: Duration::from_millis(dice.random_range(1..20)), ..Weather::default() },
        _ => Weather::default(),
    }
}

/// Nothing is held back any more.
pub fn end(world: &World) {
    world.database.lose_answers_to(b"", 0);
    world.gateway.set_weather(Weather::default());
    world.gateway.resume();
    world.database.resume();
}

fn any(links: &[u64], dice: &mut StdRng) -> Option<u64> {
    (!links.is_empty()).then(|| links[dice.random_range(0..links.len())])
}
