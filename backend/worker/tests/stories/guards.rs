//! Guards: what happens by itself when an account comes too near a line.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_testkit::ea_v7::{FollowerEa, MasterEa, Wire};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::reporters::{account_line, begin_phase, reporter};
use crate::support::{Account, World};

/// Of an account of 10,000 with room for 1,000.
const SAFE: &str = "9990.00";
const CRITICAL: &str = "9150.00";

/// Trips of a group or an account, and how many of them stand.
pub const TRIPS: &str = "select count(*) || ' ' || count(*) filter (where resumed_at is null)
    from guard_trips where coalesce(group_id, guarded_id) = $1";
/// What copies that were skipped say.
const TEXTS: &str = "select coalesce(string_agg(reason_text, '; ' order by id), '') from copy_orders where follower_account_id = $1";
const EQUITY: &str =
    "select coalesce((select state #>> '{last,equity}' from risk_states where account_id = $1), '')";
const TOLD: &str =
    "select coalesce(string_agg(kind || case when resolved_at is null then '' else ' ended' end, ' '
    order by kind), '') from alerts where account_id = $1 and kind like 'guard%'";

async fn world() -> World {
    World::start_with(|config| {
        config.timing.figures = Duration::from_millis(1);
        config.timing.risk = Duration::from_millis(50);
    })
    .await
}

impl World {
    async fn guard_group(&self, owner: Uuid, group: Uuid, status: &str, action: &str) {
        let values: [&(dyn ToSql + Sync); 4] = [&owner, &group, &status, &action];
        let set = "insert into guards (owner_id, group_id, status, action) values ($1, $2, $3, $4)";
        self.sql.execute(set, &values).await.unwrap();
    }

    pub async fn guard_account(&self, account: &Account, status: &str, action: &str) {
        let values: [&(dyn ToSql + Sync); 4] = [&account.owner, &account.id, &status, &action];
        let set = "insert into guards (owner_id, account_id, status, action) values ($1, $2, $3, $4)";
        self.sql.execute(set, &values).await.unwrap();
    }

    /// What the API writes when a person resumes.
    async fn resume(&self, owner: Uuid, place: Uuid) {
        let resume =
            "with gone as (delete from stops where owner_id = $1 and coalesce(group_id, account_id) = $2)
            update guard_trips set resumed_at = now(), resumed_by = $1
            where coalesce(group_id, guarded_id) = $2 and resumed_at is null";
        assert_eq!(self.sql.execute(resume, &[&owner, &place]).await.unwrap(), 1);
    }

    /// Reports and waits until that is known.
    async fn report(&self, wire: &mut Wire, account: &Account, equity: &str) {
        wire.send(&account_line(equity, "")).await.unwrap();
        self.await_text(EQUITY, account.id, equity).await;
    }

    /// An account with rules and a reporter that says it is safe.
    async fn reported(&self, account: &Account) -> Wire {
        begin_phase(self, account).await;
        let mut wire = reporter(self, account).await;
        self.report(&mut wire, account, SAFE).await;
        wire
    }

    /// Figures of the account are too old from now on; the worker has seen it.
    pub async fn let_grow_old(&self, account: &Account) {
        // One after the other, the phase first: the worker holds a phase while it writes its state, and a statement
        // that held the state and wanted the phase would end in a deadlock with it.
        for old in [
            "update risk_phases set stale_after_s = 0 where account_id = $1",
            "update risk_states set due_at = now() where account_id = $1",
        ] {
            self.sql.execute(old, &[&account.id]).await.unwrap();
        }
        let is_blind =
            "select coalesce((select (sees_until is null)::text from risk_states where account_id = $1), '')";
        self.await_text(is_blind, account.id, "true").await;
    }
}

async fn open(m: &mut MasterEa, ticket: i64) {
    m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
}

async fn take(f: &mut FollowerEa, ticket: i64) {
    let order = f.expect_open().await;
    f.ack_open(&order, ticket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_groups_guard_closes_what_its_accounts_have_and_nothing_else_until_a_person_resumes() {
    let world = world().await;
    let master = world.master().await;
    let (near, far, outside) = (world.follower().await, world.follower().await, world.follower().await);
    let group = world.group(master.owner, "Funded", &[&near, &far]).await;
    world.guard_group(master.owner, group, "critical", "close_all").await;
    let (mut figures, _of_far) = (world.reported(&near).await, world.reported(&far).await);
    let mut m = world.master_ea(&master).await;
    let mut n = world.follower_ea(&near, &master).await;
    let mut f = world.follower_ea(&far, &master).await;
    let mut o = world.follower_ea(&outside, &master).await;
    open(&mut m, 1).await;
    for (ea, account, ticket) in [(&mut n, &near, 51), (&mut f, &far, 61), (&mut o, &outside, 71)] {
        take(ea, ticket).await;
        world.await_copies(account, "open").await;
    }

    figures.send(&account_line(CRITICAL, "")).await.unwrap();

    for (ea, account, ticket) in [(&mut n, &near, 51), (&mut f, &far, 61)] {
        ea.wire.expect(&format!("CMD_CLOSE|XAUUSD|{ticket}|1")).await;
        ea.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
        world.await_copies(account, "closed").await;
    }
    world.await_text(TRIPS, group, "1 1").await;
    world.await_text(TOLD, near.id, "guard_tripped").await;
    open(&mut m, 2).await;
    take(&mut o, 72).await;
    world.await_copies(&near, "closed skipped(guard_stopped)").await;
    world.await_copies(&far, "closed skipped(guard_stopped)").await;
    world.await_copies(&outside, "open open").await;
    assert_eq!(world.text(TEXTS, far.id).await, "Funded: follower, total");

    world.resume(master.owner, group).await;
    // It is as near its line as before: only what comes anew trips the guard again.
    world.report(&mut figures, &near, "9149.00").await;
    open(&mut m, 3).await;
    take(&mut n, 53).await;
    take(&mut f, 63).await;
    take(&mut o, 73).await;
    world.await_text(TRIPS, group, "1 0").await;
    world.report(&mut figures, &near, SAFE).await;
    figures.send(&account_line(CRITICAL, "")).await.unwrap();
    n.wire.expect("CMD_CLOSE|XAUUSD|53|3").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|63|3").await;

    world.await_text(TRIPS, group, "2 1").await;
    o.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_accounts_guard_stops_it_alone_and_lets_its_open_copy_close() {
    let world = world().await;
    let (master, guarded, free) = (world.master().await, world.follower().await, world.follower().await);
    world.guard_account(&guarded, "caution", "stop_new").await;
    let mut r = world.reported(&guarded).await;
    let mut m = world.master_ea(&master).await;
    let (mut g, mut f) =
        (world.follower_ea(&guarded, &master).await, world.follower_ea(&free, &master).await);
    open(&mut m, 1).await;
    take(&mut g, 51).await;
    take(&mut f, 61).await;
    world.await_copies(&guarded, "open").await;

    r.send(&account_line("9450.00", "")).await.unwrap();
    world.await_text(TRIPS, guarded.id, "1 1").await;
    g.wire.expect_silence().await;
    open(&mut m, 2).await;
    take(&mut f, 62).await;
    world.await_copies(&guarded, "open skipped(guard_stopped)").await;
    m.close("XAUUSD|1|2035.00000|45.00").await;
    g.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    g.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();

    world.await_copies(&guarded, "closed skipped(guard_stopped)").await;
    assert_eq!(world.text(TEXTS, guarded.id).await, "follower, total");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_that_only_tells_stops_nothing() {
    let world = world().await;
    let (master, follower) = (world.master().await, world.follower().await);
    world.guard_account(&follower, "critical", "notify").await;
    let mut r = world.reported(&follower).await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;

    r.send(&account_line(CRITICAL, "")).await.unwrap();
    world.await_text(TOLD, follower.id, "guard_tripped").await;
    world.let_grow_old(&follower).await;
    open(&mut m, 1).await;
    take(&mut f, 51).await;

    world.await_copies(&follower, "open").await;
    assert_eq!(world.text(TRIPS, follower.id).await, "0 0");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f27_a_stale_reporter_holds_opens_tells_its_owner_and_lets_closes_flow() {
    let world = world().await;
    let (master, follower, other) = (world.master().await, world.follower().await, world.follower().await);
    let group = world.group(master.owner, "Funded", &[&follower, &other]).await;
    world.guard_group(master.owner, group, "critical", "stop_new").await;
    let (mut r, _of_other) = (world.reported(&follower).await, world.reported(&other).await);
    let mut m = world.master_ea(&master).await;
    let (mut f, mut o) =
        (world.follower_ea(&follower, &master).await, world.follower_ea(&other, &master).await);
    open(&mut m, 1).await;
    take(&mut f, 51).await;
    take(&mut o, 61).await;
    world.await_copies(&other, "open").await;

    world.let_grow_old(&follower).await;
    world.await_text(TOLD, follower.id, "guard_blind").await;
    open(&mut m, 2).await;
    world.await_copies(&follower, "open skipped(guard_blind)").await;
    world.await_copies(&other, "open skipped(guard_blind)").await;
    m.close("XAUUSD|1|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    o.wire.expect("CMD_CLOSE|XAUUSD|61|1").await;
    let fresh = "update risk_phases set stale_after_s = 60 where account_id = $1";
    world.sql.execute(fresh, &[&follower.id]).await.unwrap();
    world.report(&mut r, &follower, "9991.00").await;
    world.await_text(TOLD, follower.id, "guard_blind ended").await;
    open(&mut m, 3).await;

    assert_eq!(f.expect_open().await.master_ticket, 3);
    assert_eq!(o.expect_open().await.master_ticket, 3);
    assert_eq!(world.text(TRIPS, group).await, "0 0");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f27_opens_are_held_though_nobody_looks_at_the_clock() {
    let world = World::start_with(|config| {
        config.timing.figures = Duration::from_millis(1);
        config.timing.risk = Duration::from_hours(1);
    })
    .await;
    let (master, frozen, unknown) = (world.master().await, world.follower().await, world.follower().await);
    for account in [&frozen, &unknown] {
        world.guard_account(account, "violated", "close_all").await;
    }
    let _r = world.reported(&frozen).await;
    let mut m = world.master_ea(&master).await;
    let (mut f, mut u) =
        (world.follower_ea(&frozen, &master).await, world.follower_ea(&unknown, &master).await);
    let pass = "update risk_states set sees_until = now() - interval '1 second' where account_id = $1";
    world.sql.execute(pass, &[&frozen.id]).await.unwrap();

    open(&mut m, 1).await;

    world.await_copies(&frozen, "skipped(guard_blind)").await;
    world.await_copies(&unknown, "skipped(guard_blind)").await;
    f.wire.expect_silence().await;
    u.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n48_neither_silence_nor_a_storm_of_alerts_ends_what_a_guard_did() {
    let world = world().await;
    let (master, follower) = (world.master().await, world.follower().await);
    world.guard_account(&follower, "critical", "stop_new").await;
    let mut r = world.reported(&follower).await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    r.send(&account_line(CRITICAL, "")).await.unwrap();
    world.await_text(TRIPS, follower.id, "1 1").await;

    drop(r);
    for _ in 0..50 {
        f.wire.send("ALERT_STOP_OUT|MarginLevel:1.00").await.unwrap();
    }
    world.let_grow_old(&follower).await;
    open(&mut m, 1).await;
    world.await_copies(&follower, "skipped(guard_stopped)").await;
    world.resume(follower.owner, follower.id).await;
    open(&mut m, 2).await;

    world.await_copies(&follower, "skipped(guard_stopped) skipped(guard_blind)").await;
    assert_eq!(world.text(TRIPS, follower.id).await, "1 0");
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_a_group_its_guard_stopped_copies_again_and_who_comes_back_does_not() {
    let world = world().await;
    let (master, near, far) = (world.master().await, world.follower().await, world.follower().await);
    let group = world.group(master.owner, "Funded", &[&near, &far]).await;
    world.guard_group(master.owner, group, "critical", "close_all").await;
    let (mut r, _of_far) = (world.reported(&near).await, world.reported(&far).await);
    let mut m = world.master_ea(&master).await;
    let (mut n, mut f) = (world.follower_ea(&near, &master).await, world.follower_ea(&far, &master).await);
    r.send(&account_line(CRITICAL, "")).await.unwrap();
    world.await_text(TRIPS, group, "1 1").await;
    world
        .await_text("select coalesce(max(state), '') from requests where target_id = $1", group, "done")
        .await;

    // What the guard closes are the copies of the moment when it acts.
    world.leave(group, &near).await;
    open(&mut m, 1).await;
    take(&mut n, 51).await;
    world.await_copies(&far, "skipped(guard_stopped)").await;
    world.join(master.owner, group, &near).await;
    world.report(&mut r, &near, "9149.00").await;
    open(&mut m, 2).await;

    world.await_copies(&near, "open skipped(guard_stopped)").await;
    world.await_text(TRIPS, group, "1 1").await;
    f.wire.expect_silence().await;
    n.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_masters_group_guard_holds_for_the_group_alone_and_its_own_for_its_owners_accounts_never_for_strangers()
 {
    let world = world().await;
    let (master, member, own) = (world.master().await, world.follower().await, world.follower().await);
    let foreign = world.account("follower", world.stranger().await).await;
    let group = world.group(master.owner, "Funded", &[&master, &member]).await;
    world.guard_group(master.owner, group, "critical", "close_all").await;
    let (mut figures, _of_member) = (world.reported(&master).await, world.reported(&member).await);
    let mut m = world.master_ea(&master).await;
    let mut g = world.follower_ea(&member, &master).await;
    let (mut o, mut f) = (world.follower_ea(&own, &master).await, world.follower_ea(&foreign, &master).await);
    open(&mut m, 1).await;
    for (ea, account, ticket) in [(&mut g, &member, 41), (&mut o, &own, 51), (&mut f, &foreign, 61)] {
        take(ea, ticket).await;
        world.await_copies(account, "open").await;
    }

    figures.send(&account_line(CRITICAL, "")).await.unwrap();
    g.wire.expect("CMD_CLOSE|XAUUSD|41|1").await;
    g.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_text(TRIPS, group, "1 1").await;
    open(&mut m, 2).await;
    take(&mut o, 52).await;
    take(&mut f, 62).await;
    world.await_copies(&member, "closed skipped(guard_stopped)").await;
    world.await_copies(&own, "open open").await;

    // It is set where the account stands that badly already.
    world.guard_account(&master, "critical", "close_all").await;
    world.report(&mut figures, &master, "9149.00").await;
    for ticket in [1, 2] {
        o.wire.expect(&format!("CMD_CLOSE|XAUUSD|5{ticket}|{ticket}")).await;
        o.wire.send(&format!("ACK_CLOSE|{ticket}|2034.90000|44.00")).await.unwrap();
    }
    world.await_text(TRIPS, master.id, "1 1").await;
    open(&mut m, 3).await;
    take(&mut f, 63).await;

    world.await_copies(&own, "closed closed skipped(guard_stopped)").await;
    world.await_copies(&foreign, "open open open").await;
    assert_eq!(world.text(TEXTS, own.id).await, "master, total");
    f.wire.expect_silence().await;
    world.check().await;
}

/// Run by hand on an idle machine, for the numbers of a change:
/// `scripts/bench-risk`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints how long it takes, which says nothing on a busy machine"]
async fn a_thousand_positions() {
    let world = world().await;
    let master = world.master().await;
    let group = world.group(master.owner, "Funded", &[]).await;
    world.guard_group(master.owner, group, "critical", "close_all").await;
    let (mut eas, mut reporters) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        let follower = world.follower().await;
        world.join(master.owner, group, &follower).await;
        reporters.push((world.reported(&follower).await, follower.clone()));
        eas.push(world.follower_ea(&follower, &master).await);
        let hold = "insert into copy_orders (signal_id, owner_id, follower_account_id, master_account_id, state, symbol,
                side, master_ticket, master_lots, master_price, desired_lots, open_lots, venue_ref, expires_at)
            select uuid_v7(), $1, $2, $3, 'open', 'XAUUSD', 'BUY', 1000 + n, 1, 1, 1, 1, (5000 + n)::text, now()
            from generate_series(1, 100) n";
        let values: [&(dyn ToSql + Sync); 3] = [&follower.owner, &follower.id, &master.id];
        world.sql.execute(hold, &values).await.unwrap();
    }
    world.sql.batch_execute("analyze").await.unwrap();

    let began = tokio::time::Instant::now();
    reporters.first_mut().unwrap().0.send(&account_line(CRITICAL, "")).await.unwrap();
    for ea in &mut eas {
        for _ in 0..100 {
            ea.wire.expect_prefix("CMD_CLOSE|XAUUSD|").await;
        }
    }

    let took = began.elapsed();
    let since = "select (extract(epoch from clock_timestamp() - at) * 1000000)::bigint from guard_trips";
    let since: i64 = world.sql.query_one(since, &[]).await.unwrap().get(0);
    let since_seen = Duration::from_micros(since.unsigned_abs());
    println!(
        "1,000 closes written and read {took:?} after the figures were sent, {since_seen:?} after the guard saw them"
    );
}
