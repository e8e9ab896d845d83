//! The bulk statement that plans copies: against the definition of what each
//! follower does, in pages, and its cost.

#![expect(clippy::unwrap_used, reason = "a database that cannot be filled is a failed test")]

mod agreement;
mod cost;
mod generator;
mod names;
mod pages;
mod world;

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::lots::Lots;
use rust_decimal::Decimal;

use generator::{Follower, Presence};
use world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_first_chunk_is_born_claimed() {
    let world = World::new().await;
    world.add(&vec![Follower::plain(Presence::Here); 5]).await;

    let accepted = world.accept(1, Lots::new(Decimal::ONE).unwrap(), 2).await;

    let count = |state| accepted.copies.iter().filter(|copy| copy.state == state).count();
    assert_eq!((count(CopyState::Claimed), count(CopyState::Planned)), (2, 3));
    assert!(accepted.copies.iter().all(|copy| copy.epoch.is_some() == (copy.state == CopyState::Claimed)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_is_stored_once_for_ever() {
    let world = World::new().await;
    let lots = Lots::new(Decimal::ONE).unwrap();
    world.accept(1, lots, 2).await;

    let again = world.try_accept(&World::order(1, lots), 2).await;

    assert!(again.is_err_and(|error| error.is_constraint("signals_once")));
}
