//! The crash matrix, one test a cell: where the worker dies, while what happens, and what becomes of the copy.
//!
//! After the restart the follower comes back by itself. A further trade must work, and then whatever is known from
//! outside (rows, ledger, wire, the broker's books) must agree.

use std::time::Duration;

use flotilla_testkit::ea_v7::{AutoFollower, Manners, MasterEa};
use flotilla_testkit::proxy::Cut;

use crate::world::{PATIENCE, World};

const OPEN: &str = "SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1";
const CLOSE: &str = "SIGNAL_CLOSE|XAUUSD|1|2035.00000|45.00";
const NEXT: &str = "SIGNAL_OPEN|BUY|XAUUSD|2031.50|0.10|0.00|0.00|2";

/// What is under way when the worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum During {
    /// The master enters.
    Open,
    /// The follower, gone for a moment, is back; its open is still fresh.
    PlannedOpen,
    /// The master leaves.
    Close,
    /// The follower, gone when the master left, is back.
    DueClose,
    /// The owner asks for everything to be closed.
    Request,
}

use During::{Close, DueClose, Open, PlannedOpen, Request};

/// What the master does after it has lost its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Master {
    /// It believes that its line was taken.
    Silent,
    /// It noticed and sends the line again.
    Resends,
}

use Master::{Resends, Silent};

/// State of the copy, positions ever opened for it, positions held at the end.
struct Outcome(&'static str, usize, usize);

macro_rules! cells {
    ($($cell:ident: $at:literal, $during:expr, $master:expr => $state:literal, $opened:literal, $held:literal;)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $cell() {
            run($at, $during, $master, Outcome($state, $opened, $held)).await;
        })+
    };
}

// `1*off->return` is the second pass: the first belongs to the trade's entry, or to the look for whom it may be sent at once.
cells! {
    // C0: the master's line was read and nothing committed.
    c0_a_signal_read_and_not_journalled_is_lost: "signal_read=return", Open, Silent => "", 0, 0;
    c0_a_signal_read_and_not_journalled_is_taken_when_it_is_sent_again: "signal_read=return", Open, Resends => "open", 1, 1;
    c0_a_signal_that_is_being_journalled_is_lost: "journalling=return", Open, Silent => "", 0, 0;
    c0_a_journalled_signal_is_processed: "signal_journalled=return", Open, Silent => "open", 1, 1;
    c0_a_journalled_signal_that_is_sent_again_is_one: "signal_journalled=return", Open, Resends => "open", 1, 1;
    c0_a_signal_before_its_commit_is_processed: "accepting=return", Open, Silent => "open", 1, 1;
    c0_a_signal_before_its_commit_that_is_sent_again_is_one: "accepting=return", Open, Resends => "open", 1, 1;
    // C1: committed, nothing sent.
    c1_born_claimed_it_is_in_doubt_and_not_sent: "accepted=return", Open, Silent => "unconfirmed(session_lost)", 0, 0;
    c1_in_doubt_it_is_not_sent_for_a_resend_either: "accepted=return", Open, Resends => "unconfirmed(session_lost)", 0, 0;
    c1_before_the_write_it_is_in_doubt: "writing=return", Open, Silent => "unconfirmed(session_lost)", 0, 0;
    c1_planned_and_fresh_it_is_sent_once: "claiming=1*off->return", PlannedOpen, Silent => "open", 1, 1;
    c1_planned_and_claimed_it_is_in_doubt: "claimed=1*off->return", PlannedOpen, Silent => "unconfirmed(session_lost)", 0, 0;
    // C4: the answer was read. (C2 and C3 need a follower that is mute; below.)
    c4_an_answer_that_was_only_read_leaves_a_doubt: "answer_read=return", Open, Silent => "unconfirmed(session_lost)", 1, 1;
    c4_a_journalled_answer_is_processed: "answer_journalled=return", Open, Silent => "open", 1, 1;
    c4_an_answer_before_its_commit_is_processed: "settling=return", Open, Silent => "open", 1, 1;
    // C5: the answer is committed and nobody was told.
    c5_a_settled_answer_stands: "settled=return", Open, Silent => "open", 1, 1;
    // C6: the master's exit was read and not committed.
    c6_an_exit_read_and_not_journalled_leaves_the_copy_open: "signal_read=1*off->return", Close, Silent => "open", 1, 1;
    c6_an_exit_that_is_sent_again_closes: "signal_read=1*off->return", Close, Resends => "closed", 1, 0;
    c6_a_journalled_exit_closes: "signal_journalled=1*off->return", Close, Silent => "closed", 1, 0;
    c6_an_exit_before_its_commit_closes: "leaving=return", Close, Silent => "closed", 1, 0;
    // C7: the exit is committed, the close not sent.
    c7_a_committed_exit_closes: "left=return", Close, Silent => "closed", 1, 0;
    c7_a_committed_exit_that_is_sent_again_closes_once: "left=return", Close, Resends => "closed", 1, 0;
    c7_before_the_write_it_closes: "close_writing=return", Close, Silent => "closed", 1, 0;
    c7_a_due_close_that_was_not_claimed_closes: "closes_claiming=return", DueClose, Silent => "closed", 1, 0;
    c7_a_due_close_that_was_claimed_closes: "closes_claimed=return", DueClose, Silent => "closed", 1, 0;
    c7_a_request_before_its_commit_closes: "performing=return", Request, Silent => "closed", 1, 0;
    c7_a_request_after_its_commit_closes: "performed=return", Request, Silent => "closed", 1, 0;
    // C8: the close was sent and answered.
    c8_an_answer_to_a_close_that_was_only_read_leaves_it_closing: "answer_read=1*off->return", Close, Silent => "closing", 1, 0;
    c8_a_journalled_answer_to_a_close_closes: "answer_journalled=1*off->return", Close, Silent => "closed", 1, 0;
    c8_an_answer_to_a_close_before_its_commit_closes: "settling=1*off->return", Close, Silent => "closed", 1, 0;
    c8_a_settled_close_stands: "settled=1*off->return", Close, Silent => "closed", 1, 0;
}

async fn run(at: &str, during: During, master: Master, expected: Outcome) {
    let world = World::new(1, 1).await;
    let follower = begin(&world, at, Manners::default()).await;
    let line = if matches!(during, Open | PlannedOpen) { OPEN } else { CLOSE };
    let follower = act(&world, during, line, follower).await;
    world.await_death().await;

    assert!(world.start(""));
    if master == Resends {
        let wire = world.master_resending(line).await;
        world.await_online().await;
        drop(wire);
    }
    finish(&world, &expected).await;
    drop(follower);
}

/// A follower that follows, and a worker that will die.
async fn begin(world: &World, failpoints: &str, manners: Manners) -> AutoFollower {
    assert!(world.start(failpoints));
    let follower = world.follower(0, manners);
    world.await_online().await;
    // Fresh means fresh, however long a restart takes here.
    world.sql.batch_execute("update subscriptions set max_age_s = 120").await.unwrap();
    follower
}

async fn act(world: &World, during: During, line: &str, follower: AutoFollower) -> AutoFollower {
    let mut master = world.master().await;
    if during == PlannedOpen {
        leave(world, follower).await;
        master.wire.send(line).await.unwrap();
        world.await_copies("planned").await;
        return world.follower(0, Manners::default());
    }
    master.wire.send(OPEN).await.unwrap();
    if during == Open {
        return follower;
    }
    world.await_copies("open").await;
    match during {
        Request => request(world).await,
        DueClose => {
            leave(world, follower).await;
            master.wire.send(line).await.unwrap();
            world.await_text("select max(desired_lots)::text from copy_orders", "0").await;
            return world.follower(0, Manners::default());
        }
        Close | Open | PlannedOpen => master.wire.send(line).await.unwrap(),
    }
    follower
}

async fn leave(world: &World, follower: AutoFollower) {
    drop(follower);
    let sockets = "select max(s.sockets)::text from sessions s join accounts a on a.id = s.account_id
        where a.copy_role = 'follower'";
    world.await_text(sockets, "0").await;
}

/// What the API writes and says when an owner asks for an account to be closed.
async fn request(world: &World) {
    let follower = world.followers.first().unwrap().id;
    let insert = "insert into requests (owner_id, actor_id, kind, target_id)
        select owner_id, owner_id, 'close_account', id from accounts where id = $1";
    world.sql.execute(insert, &[&follower]).await.unwrap();
}

/// The copy is what it should be, a further trade works, and everything agrees.
async fn finish(world: &World, outcome: &Outcome) {
    let _master = enter_again(world, outcome).await;
    world.end_holds().await;
    ends_well(world, outcome).await;
}

/// A further trade. To a follower with a copy in doubt that does not list what it holds it is not sent at once.
async fn enter_again(world: &World, Outcome(state, ..): &Outcome) -> MasterEa {
    world.await_copies(state).await;
    world.await_online().await;
    let mut master = world.master().await;
    master.wire.send(NEXT).await.unwrap();
    if state.starts_with("unconfirmed") {
        world.await_copies(&format!("{state} planned")).await;
    }
    master
}

/// The further trade works, and everything agrees.
async fn ends_well(world: &World, Outcome(state, opened, held): &Outcome) {
    let both = if state.is_empty() { "open".to_owned() } else { format!("{state} open") };
    world.await_copies(&both).await;

    let broker = world.brokers.first().unwrap();
    assert_eq!((broker.opened_for(1), broker.positions().len()), (*opened, held + 1), "opened and held");
    world.invariants().assert_hold().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c1_planned_and_too_old_by_then_it_is_skipped() {
    let world = World::new(1, 1).await;
    let follower = begin(&world, "", Manners::default()).await;
    world.sql.batch_execute("update subscriptions set max_age_s = 2").await.unwrap();
    let mut master = world.master().await;
    leave(&world, follower).await;
    master.wire.send(OPEN).await.unwrap();
    world.await_text("select count(*)::text from copy_orders", "1").await;

    world.kill();
    world.await_text("select (max(expires_at) < clock_timestamp())::text from copy_orders", "true").await;
    assert!(world.start(""));
    let _follower = world.follower(0, Manners::default());
    world.sql.batch_execute("update subscriptions set max_age_s = 120").await.unwrap();

    finish(&world, &Outcome("skipped(stale)", 0, 0)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c2_right_after_the_write_it_is_in_doubt_and_not_sent_again() {
    for master in [Silent, Resends] {
        let world = World::new(1, 1).await;
        let mute = begin(&world, "sent=return", Manners { is_mute: true, ..Manners::default() }).await;
        let mut wire = world.master().await;
        wire.wire.send(OPEN).await.unwrap();
        world.await_death().await;
        await_opened(&world).await;
        drop((mute, wire));
        assert!(world.start(""));
        let _follower = world.follower(0, Manners::default());
        if master == Resends {
            let wire = world.master_resending(OPEN).await;
            world.await_online().await;
            drop(wire);
        }

        finish(&world, &Outcome("unconfirmed(session_lost)", 1, 1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c7_right_after_the_write_of_a_close_it_is_repeated() {
    let world = World::new(1, 1).await;
    // Its refusal may be read before the end or not; either way it is still to close.
    let refusing = Manners { close_refusal: Some("market closed".to_owned()), ..Manners::default() };
    let follower = begin(&world, "close_sent=return", refusing).await;
    let follower = act(&world, Close, CLOSE, follower).await;
    world.await_death().await;
    drop(follower);
    assert!(world.start(""));
    let _follower = world.follower(0, Manners::default());

    finish(&world, &Outcome("closed", 1, 0)).await;
    assert!(world.log.count("CMD_CLOSE|") >= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c3_sent_and_not_answered_it_stays_in_doubt_and_is_sent_once() {
    let world = World::new(1, 1).await;
    let mute = begin(&world, "", Manners { is_mute: true, ..Manners::default() }).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    await_opened(&world).await;

    world.kill();
    drop(mute);
    assert!(world.start(""));
    let _follower = world.follower(0, Manners::default());

    // Here the hold ends in its own time.
    let outcome = Outcome("unconfirmed(session_lost)", 1, 1);
    let _master = enter_again(&world, &outcome).await;
    ends_well(&world, &outcome).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c8_a_close_without_an_answer_is_repeated_after_the_restart() {
    let world = World::new(1, 1).await;
    let refusing = Manners { close_refusal: Some("market closed".to_owned()), ..Manners::default() };
    let follower = begin(&world, "", refusing).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    world.await_copies("open").await;
    master.wire.send(CLOSE).await.unwrap();
    world.await_copies("closing(close_refused)").await;

    world.kill();
    drop(follower);
    assert!(world.start(""));
    let _follower = world.follower(0, Manners::default());

    finish(&world, &Outcome("closed", 1, 0)).await;
    assert!(world.log.count("CMD_CLOSE|") >= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c11_a_follower_that_dies_before_or_after_executing_leaves_a_doubt() {
    for (manners, opened) in [
        (Manners { order_takes: Duration::from_hours(1), ..Manners::default() }, 0),
        (Manners { is_mute: true, ..Manners::default() }, 1),
    ] {
        let world = World::new(1, 1).await;
        let follower = begin(&world, "", manners).await;
        let mut master = world.master().await;
        master.wire.send(OPEN).await.unwrap();
        if opened == 1 {
            await_opened(&world).await;
        } else {
            await_sent(&world).await;
        }

        drop(follower);
        world.await_copies("unconfirmed(session_lost)").await;
        let _follower = world.follower(0, Manners::default());

        finish(&world, &Outcome("unconfirmed(session_lost)", opened, opened)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_again_and_again_while_it_starts_sends_nothing_twice() {
    let world = World::new(1, 1).await;
    let mute = begin(&world, "", Manners { is_mute: true, ..Manners::default() }).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    await_opened(&world).await;
    world.kill();
    drop(mute);
    let _follower = world.follower(0, Manners::default());

    assert!(!world.start("taking_over=return"), "it dies before it listens");
    for at in ["entering=return", "entered=return"] {
        assert!(world.start(at));
        world.await_death().await;
    }
    assert!(world.start(""));

    finish(&world, &Outcome("unconfirmed(session_lost)", 1, 1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_whose_replay_is_cut_off_is_replayed_again() {
    let world = World::new(1, 1).await;
    let follower = begin(&world, "signal_journalled=return", Manners::default()).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    world.await_death().await;

    for at in ["replaying=return", "accepting=return", "replayed=return"] {
        assert!(!world.start(at), "{at}: it dies before it listens");
    }
    assert!(world.start(""));

    finish(&world, &Outcome("open", 1, 1)).await;
    drop(follower);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_that_stood_still_after_its_claim_is_not_written() {
    let world = World::new(1, 1).await;
    // Longer than a claim may wait for its write.
    let follower = begin(&world, "accepted=1*sleep(2500)->off", Manners::default()).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();

    finish(&world, &Outcome("failed(stale)", 0, 0)).await;
    drop(follower);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_is_not_written_to_a_session_it_was_not_claimed_for() {
    let world = World::new(1, 1).await;
    // Less than a claim may wait for its write.
    let follower = begin(&world, "accepted=1*sleep(1500)->off", Manners::default()).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    world.await_copies("claimed").await;
    world.gateway.cut_all(Cut::Fin);

    world.await_copies("failed(offline)").await;
    finish(&world, &Outcome("failed(offline)", 0, 0)).await;
    drop(follower);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_whose_commit_stands_still_waits_for_it() {
    let world = World::new(1, 1).await;
    // The ledger knows when the claim was committed, the wire when the open went out.
    let follower = begin(&world, "accepting=1*sleep(700)->off", Manners::default()).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();

    finish(&world, &Outcome("open", 1, 1)).await;
    drop(follower);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claimed_open_without_an_answer_is_not_offered_again() {
    let world = World::new(1, 1).await;
    let _mute = begin(&world, "", Manners { is_mute: true, ..Manners::default() }).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    await_opened(&world).await;

    // Far longer than the worker takes from one look for what waits to the next.
    tokio::time::sleep(Duration::from_secs(8)).await;

    world.await_copies("claimed").await;
    assert_eq!(world.log.count("CMD_OPEN|"), 1);
    world.invariants().assert_hold().await;
}

async fn await_opened(world: &World) {
    let broker = world.brokers.first().unwrap();
    let waiting = async {
        while broker.opened_for(1) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the follower executes");
}

async fn await_sent(world: &World) {
    let waiting = async {
        while world.log.count("CMD_OPEN|") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the open goes out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_of_a_session_that_is_cut_off_leaves_its_claims_in_doubt() {
    let world = World::new(1, 1).await;
    let follower = begin(&world, "ending=return", Manners { is_mute: true, ..Manners::default() }).await;
    let mut master = world.master().await;
    master.wire.send(OPEN).await.unwrap();
    await_opened(&world).await;

    drop(follower);
    world.await_death().await;
    assert!(world.start(""));
    let _follower = world.follower(0, Manners::default());

    finish(&world, &Outcome("unconfirmed(session_lost)", 1, 1)).await;
}

/// Each place at which a test can kill the worker is one at which some test does.
#[test]
fn the_worker_is_killed_at_every_place() {
    let here = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults"));
    let tests: String = std::fs::read_dir(here)
        .unwrap()
        .filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok())
        .collect();
    let kills = |name: &str| {
        tests.contains(&format!("\"{name}=return")) || tests.contains(&format!("\"{name}=1*off->return"))
    };
    let places = include_str!("../../../worker/src/failpoint.rs").lines().filter_map(|line| {
        let (_, name) = line.strip_suffix("\",")?.split_once(" = \"")?;
        Some(name)
    });
    let (killed, spared): (Vec<&str>, Vec<&str>) = places.partition(|name| kills(name));
    assert!(killed.len() >= 30, "the places could not be read");
    assert!(spared.is_empty(), "nothing is killed at {spared:?}");
}

/// A signal is being stored while its owner wants everything closed: it shows later, and is closed as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f31_what_was_being_stored_when_everything_was_closed_is_closed_too() {
    for asked in [
        "insert into stops (owner_id, actor_id) select owner_id, owner_id from accounts limit 1;
         insert into requests (owner_id, actor_id, kind, target_id)
            select owner_id, owner_id, 'flatten', owner_id from accounts limit 1",
        "insert into requests (owner_id, actor_id, kind, target_id)
            select owner_id, owner_id, 'close_subscription', id from subscriptions;
         update subscriptions set state = 'ended', ended_at = now(), ended_by = 'web'",
    ] {
        let world = World::new(1, 1).await;
        let _follower = begin(&world, "accepting=sleep(1500)", Manners::default()).await;
        let mut master = world.master().await;
        master.wire.send(OPEN).await.unwrap();
        let stands = "select (count(*) > 0)::text from pg_stat_activity
            where datname = current_database() and state = 'idle in transaction'
                and xact_start < now() - interval '300 ms'";
        world.await_text(stands, "true").await;

        world.sql.batch_execute(asked).await.unwrap();
        world.await_text("select state from requests", "done").await;

        world.await_copies("closed").await;
        let broker = world.brokers.first().unwrap();
        assert_eq!((broker.opened_for(1), broker.positions().len()), (1, 0));
    }
}

/// A person has a position closed, and the worker dies around the commit of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c7_a_decision_to_close_is_carried_out_after_the_restart() {
    for at in ["performing=return", "performed=return"] {
        let world = World::new(1, 1).await;
        let mute = begin(&world, "", Manners { is_mute: true, ..Manners::default() }).await;
        let mut master = world.master().await;
        master.wire.send(OPEN).await.unwrap();
        await_opened(&world).await;
        world.kill();
        drop(mute);
        assert!(world.start(at));
        let lists = Manners { sends_snapshots: true, ..Manners::default() };
        let _follower = world.follower(0, lists);
        world.await_copies("attention(no_baseline)").await;
        let decide = "insert into requests (owner_id, actor_id, kind, target_id, action, ticket)
            select c.owner_id, c.owner_id, 'resolve_copy', c.copy_id, 'close', o.ticket
            from copy_orders c join orphans o on o.account_id = c.follower_account_id";
        world.sql.batch_execute(decide).await.unwrap();
        world.await_death().await;

        assert!(world.start(""));
        finish(&world, &Outcome("closed", 1, 0)).await;
    }
}
