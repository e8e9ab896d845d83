//! Guards over accounts at an exchange: what they hold is closed, and nothing is opened, as for those with an EA.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_bingx_sim::fault::{Mishap, Rule, StreamMishap};
use rust_decimal::Decimal;

use crate::guards::TRIPS;
use crate::reporters::begin_phase_in;
use crate::support::scene::{BTC, Scene};

const EQUITY: &str = "select coalesce((select round((state #>> '{last,equity}')::numeric)::text from risk_states where account_id = $1), '')";
const OBSERVED: &str =
    "select coalesce((select state #>> '{last,at}' from risk_states where account_id = $1), '')";

/// A tenth of a Bitcoin is all of the account's money: what the price loses, it loses.
async fn guarded(action: &str) -> Scene {
    let scene = Scene::with(|config| {
        config.timing.figures = Duration::from_millis(50);
        config.timing.risk = Duration::from_millis(50);
        // An account without positions says something only when it is looked at.
        config.exchange.as_mut().unwrap().stream.look_every = Duration::from_millis(700);
    })
    .await;
    begin_phase_in(&scene.world, &scene.follower, "VST").await;
    scene.world.guard_account(&scene.follower, "critical", action).await;
    scene.world.await_text(EQUITY, scene.follower.id, "10000").await;
    scene
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_closes_what_is_held_at_the_exchange_and_opens_nothing_more() {
    let mut s = guarded("close_all").await;
    s.enter("0.1", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.exchange.move_price(BTC, "91400");

    s.world.await_copies(&s.follower, "closed").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.world.await_text(TRIPS, s.follower.id, "1 1").await;
    s.enter("0.01", 2).await;
    s.world.await_copies(&s.follower, "closed skipped(guard_stopped)").await;
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_that_only_stops_leaves_what_is_held_and_never_blocks_its_close() {
    let mut s = guarded("stop_new").await;
    s.enter("0.1", 1).await;
    s.world.await_copies(&s.follower, "open").await;
    s.exchange.move_price(BTC, "91400");
    s.world.await_text(TRIPS, s.follower.id, "1 1").await;

    s.enter("0.01", 2).await;
    s.world.await_copies(&s.follower, "open skipped(guard_stopped)").await;
    s.leave(1).await;

    s.world.await_copies(&s.follower, "closed skipped(guard_stopped)").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_that_sees_nothing_opens_nothing() {
    let mut s = guarded("stop_new").await;
    s.world.let_grow_old(&s.follower).await;

    s.enter("0.01", 1).await;

    s.world.await_copies(&s.follower, "skipped(guard_blind)").await;
    assert_eq!(s.held(), Decimal::ZERO);
    s.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_that_is_gone_tells_no_figures_though_positions_are_open() {
    let mut s = guarded("stop_new").await;
    s.enter("0.1", 1).await;
    s.world.await_copies(&s.follower, "open").await;

    s.exchange.with(|venue| {
        venue.faults.add(Rule::of(Mishap::DropBefore));
        venue.stream_faults.entry(s.uid).or_default().push(StreamMishap::Drop);
    });
    s.exchange.transfer(s.uid, "1");
    // What was on its way arrives.
    let told = async || s.world.text(OBSERVED, s.follower.id).await;
    let mut last = told().await;
    let falls_silent = async {
        loop {
            tokio::time::sleep(Duration::from_millis(600)).await;
            let now = told().await;
            if now == last {
                return;
            }
            last = now;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), falls_silent).await.expect("it says nothing more");
    s.check().await;
}
