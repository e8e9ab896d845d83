//! The stop button.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use uuid::Uuid;

use crate::support::{Account, World};

const PROGRESS: &str = "
    select r.state || coalesce(string_agg(' ' || (a.total - a.remaining) || '/' || a.total, '' order by a.total - a.remaining, a.total), '')
    from requests r left join request_accounts a on a.request_id = r.id
    where r.id = $1 group by r.id";

impl World {
    /// A group of accounts of `owner`.
    pub async fn group(&self, owner: Uuid, name: &str, accounts: &[&Account]) -> Uuid {
        let make = "insert into groups (owner_id, name) values ($1, $2) returning id";
        let group: Uuid = self.sql.query_one(make, &[&owner, &name]).await.unwrap().get(0);
        for account in accounts {
            self.join(owner, group, account).await;
        }
        group
    }

    pub async fn join(&self, owner: Uuid, group: Uuid, account: &Account) {
        let join = "insert into group_accounts (owner_id, group_id, account_id) values ($1, $2, $3)";
        self.sql.execute(join, &[&owner, &group, &account.id]).await.unwrap();
    }

    pub async fn leave(&self, group: Uuid, account: &Account) {
        let leave = "delete from group_accounts where group_id = $1 and account_id = $2";
        self.sql.execute(leave, &[&group, &account.id]).await.unwrap();
    }

    /// What the API writes when somebody presses the button for a group.
    async fn press_for(&self, kind: &str, owner: Uuid, group: Uuid) -> Uuid {
        let stop = match kind {
            "resume" => "delete from stops where owner_id = $1 and group_id = $2",
            _ => "insert into stops (owner_id, group_id, actor_id) values ($1, $2, $1)",
        };
        self.sql.execute(stop, &[&owner, &group]).await.unwrap();
        let ask = "insert into requests (owner_id, actor_id, kind, target_id, account_ids)
            values ($1, $1, $2, $3, array(select account_id from group_accounts where group_id = $3)) returning id";
        self.sql.query_one(ask, &[&owner, &kind, &group]).await.unwrap().get(0)
    }

    /// What the API writes when an account joins a stopped group.
    async fn ask_for_joined(&self, owner: Uuid, group: Uuid, account: &Account) -> Uuid {
        let ask = "insert into requests (owner_id, actor_id, kind, target_id, account_ids)
            values ($1, $1, 'stop_new', $2, array[$3::uuid]) returning id";
        self.sql.query_one(ask, &[&owner, &group, &account.id]).await.unwrap().get(0)
    }

    /// What the API writes when somebody presses the button.
    async fn press(&self, kind: &str, owner: Uuid, account: Option<&Account>) -> Uuid {
        let account = account.map(|account| account.id);
        if matches!(kind, "stop_new" | "flatten") {
            let stop = "insert into stops (owner_id, account_id, actor_id) values ($1, $2, $1)";
            self.sql.execute(stop, &[&owner, &account]).await.unwrap();
        }
        if kind == "resume" {
            let resume = "delete from stops where owner_id = $1 and account_id is not distinct from $2";
            self.sql.execute(resume, &[&owner, &account]).await.unwrap();
        }
        let ask =
            "insert into requests (owner_id, actor_id, kind, target_id) values ($1, $1, $2, $3) returning id";
        let target = account.unwrap_or(owner);
        self.sql.query_one(ask, &[&owner, &kind, &target]).await.unwrap().get(0)
    }
}

/// The sweep plans a signal whose planner is gone; it may not get the master's turn for long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flatten_does_not_wait_for_a_master_whose_turn_somebody_holds() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;
    let hold = "select pg_advisory_lock(hashtextextended($1::uuid::text, 0))";
    world.sql.execute(hold, &[&master.id]).await.unwrap();
    let abandon = "update signals set plan_state = 'planning', received_at = received_at - interval '10 s'
        where master_account_id = $1";
    world.sql.execute(abandon, &[&master.id]).await.unwrap();
    let planner = "select (count(*) > 0)::text from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database()) and $1::uuid is not null";
    world.await_text(planner, master.id, "true").await;

    let request = world.press("flatten", master.owner, None).await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;

    let release = "select pg_advisory_unlock(hashtextextended($1::uuid::text, 0))";
    world.sql.execute(release, &[&master.id]).await.unwrap();
    let plan_states = "select string_agg(plan_state, ' ') from signals where master_account_id = $1";
    world.await_text(plan_states, master.id, "done").await;
    world.await_text(PROGRESS, request, "done 1/1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flatten_closes_every_copy_and_is_done_when_the_last_close_is_evidenced() {
    let world = World::start().await;
    let (master, near, far) = (world.master().await, world.follower().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let (mut n, mut f) = (world.follower_ea(&near, &master).await, world.follower_ea(&far, &master).await);
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    for (ea, follower, ticket) in [(&mut n, &near, 51), (&mut f, &far, 61)] {
        let order = ea.expect_open().await;
        ea.ack_open(&order, ticket).await;
        world.await_copies(follower, "open").await;
    }
    drop(f);

    let request = world.press("flatten", master.owner, None).await;
    n.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    n.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_text(PROGRESS, request, "running 0/1 1/1").await;
    let mut f = world.follower_ea(&far, &master).await;
    f.wire.expect("CMD_CLOSE|XAUUSD|61|1").await;
    world.await_text(PROGRESS, request, "running 0/1 1/1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();

    world.await_text(PROGRESS, request, "done 1/1 1/1").await;
    world.await_copies(&near, "closed").await;
    world.await_copies(&far, "closed").await;
    m.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_stopped_nothing_new_is_copied_and_what_is_open_closes_with_its_master() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    let request = world.press("stop_new", master.owner, None).await;
    world.await_text(PROGRESS, request, "done").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    world.await_copies(&follower, "open skipped(stopped)").await;
    m.close("XAUUSD|1|2035.00000|45.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed skipped(stopped)").await;
    let resumed = world.press("resume", master.owner, None).await;
    world.await_text(PROGRESS, resumed, "done").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|3").await;

    assert_eq!(f.expect_open().await.master_ticket, 3);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_account_stops_alone() {
    let world = World::start().await;
    let (master, stopped, free) = (world.master().await, world.follower().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let (mut s, mut f) =
        (world.follower_ea(&stopped, &master).await, world.follower_ea(&free, &master).await);

    world.press("flatten", master.owner, Some(&stopped)).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    f.expect_open().await;
    world.await_copies(&stopped, "skipped(stopped)").await;
    s.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_master_leads_strangers_no_further_and_closes_nothing_of_theirs() {
    let world = World::start().await;
    let (master, own) = (world.master().await, world.follower().await);
    let foreign = world.account("follower", world.stranger().await).await;
    let mut m = world.master_ea(&master).await;
    let (mut o, mut f) = (world.follower_ea(&own, &master).await, world.follower_ea(&foreign, &master).await);
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    for (ea, follower, ticket) in [(&mut o, &own, 51), (&mut f, &foreign, 61)] {
        let order = ea.expect_open().await;
        ea.ack_open(&order, ticket).await;
        world.await_copies(follower, "open").await;
    }

    let request = world.press("flatten", master.owner, Some(&master)).await;
    o.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    o.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_text(PROGRESS, request, "done 1/1").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;

    world.await_copies(&own, "closed skipped(stopped)").await;
    world.await_copies(&foreign, "open skipped(stopped)").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_planned_and_never_sent_is_skipped() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    drop(world.follower_ea(&follower, &master).await);
    let sockets = "select sockets::text from sessions where account_id = $1";
    world.await_text(sockets, follower.id, "0").await;
    world.sql.batch_execute("update subscriptions set max_age_s = 120").await.unwrap();
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies(&follower, "planned").await;

    world.press("stop_new", master.owner, Some(&follower)).await;
    world.await_copies(&follower, "skipped(stopped)").await;
    let mut f = world.follower_ea(&follower, &master).await;

    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_on_its_way_when_flattened_is_closed_as_soon_as_it_shows() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;

    let request = world.press("flatten", master.owner, None).await;
    world.await_text(PROGRESS, request, "running 0/1").await;
    f.ack_open(&order, 51).await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();

    world.await_text(PROGRESS, request, "done 1/1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_stop_leaves_alone_what_is_copied_after_copying_was_resumed() {
    let world = World::start().await;
    let (master, away, follower) = (world.master().await, world.follower().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let (mut a, mut f) =
        (world.follower_ea(&away, &master).await, world.follower_ea(&follower, &master).await);
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = a.expect_open().await;
    a.ack_open(&order, 41).await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&away, "open").await;
    world.await_copies(&follower, "open").await;
    drop(a);
    let flattened = world.press("flatten", master.owner, None).await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_text(PROGRESS, flattened, "running 0/1 1/1").await;

    let resumed = world.press("resume", master.owner, None).await;
    world.await_text(PROGRESS, resumed, "done").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 52).await;
    world.await_copies(&follower, "closed open").await;

    f.wire.expect_silence().await;
    world.await_text(PROGRESS, flattened, "running 0/1 1/1").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_an_account_does_not_stop_it_and_foreign_targets_fail() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;

    let foreign = world.press("close_account", world.stranger().await, Some(&follower)).await;
    world.await_text(PROGRESS, foreign, "failed").await;
    let request = world.press("close_account", master.owner, Some(&follower)).await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_text(PROGRESS, request, "done 1/1").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;

    assert_eq!(f.expect_open().await.master_ticket, 2);
    world.check().await;
}

/// State, reason and its text of an account's copies, oldest first.
const REASONS: &str = "
    select coalesce(string_agg(concat_ws(' ', state, reason_code, reason_text), ', ' order by id), '')
    from copy_orders where follower_account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flattened_group_closes_its_accounts_and_leaves_others_alone() {
    let world = World::start().await;
    let (master, inside, outside) = (world.master().await, world.follower().await, world.follower().await);
    let (mut m, owner) = (world.master_ea(&master).await, master.owner);
    let (mut i, mut o) =
        (world.follower_ea(&inside, &master).await, world.follower_ea(&outside, &master).await);
    let group = world.group(owner, "Funded", &[&inside]).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    for (ea, follower, ticket) in [(&mut i, &inside, 51), (&mut o, &outside, 61)] {
        let order = ea.expect_open().await;
        ea.ack_open(&order, ticket).await;
        world.await_copies(follower, "open").await;
    }

    let request = world.press_for("flatten", owner, group).await;
    i.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    world.await_text(PROGRESS, request, "running 0/1").await;
    i.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_text(PROGRESS, request, "done 1/1").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    world.await_text(REASONS, inside.id, "closed, skipped group_stopped Funded").await;
    let order = o.expect_open().await;
    o.ack_open(&order, 62).await;
    world.await_copies(&outside, "open open").await;
    let resumed = world.press_for("resume", owner, group).await;
    world.await_text(PROGRESS, resumed, "done").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|3").await;

    assert_eq!(i.expect_open().await.master_ticket, 3);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_a_stopped_group_is_stopped_and_who_leaves_it_copies_again() {
    let world = World::start().await;
    let (master, first, second) = (world.master().await, world.follower().await, world.follower().await);
    let (mut m, owner) = (world.master_ea(&master).await, master.owner);
    let (mut f, mut s) =
        (world.follower_ea(&first, &master).await, world.follower_ea(&second, &master).await);
    let group = world.group(owner, "Funded", &[&first]).await;
    let flattened = world.press_for("flatten", owner, group).await;
    world.await_text(PROGRESS, flattened, "done").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = s.expect_open().await;
    s.ack_open(&order, 61).await;
    world.await_copies(&second, "open").await;

    world.join(owner, group, &second).await;
    world.ask_for_joined(owner, group, &second).await;
    world.leave(group, &first).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;

    assert_eq!(f.expect_open().await.master_ticket, 2);
    world.await_copies(&second, "open skipped(group_stopped)").await;
    s.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_removed_from_a_group_stays_stopped_where_something_else_stops_him() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let (mut m, owner) = (world.master_ea(&master).await, master.owner);
    let mut f = world.follower_ea(&follower, &master).await;
    let one = world.group(owner, "One", &[&follower]).await;
    let two = world.group(owner, "Two", &[&follower]).await;
    world.press_for("stop_new", owner, one).await;
    world.press_for("stop_new", owner, two).await;

    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_text(REASONS, follower.id, "skipped group_stopped One").await;
    world.leave(one, &follower).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;

    let both = "skipped group_stopped One, skipped group_stopped Two";
    world.await_text(REASONS, follower.id, both).await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_holds_the_master_stops_strangers_without_its_name() {
    let world = World::start().await;
    let (master, own) = (world.master().await, world.follower().await);
    let foreign = world.account("follower", world.stranger().await).await;
    let mut m = world.master_ea(&master).await;
    let (mut o, mut f) = (world.follower_ea(&own, &master).await, world.follower_ea(&foreign, &master).await);
    let group = world.group(master.owner, "Funded", &[&master]).await;

    world.press_for("flatten", master.owner, group).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    world.await_text(REASONS, own.id, "skipped group_stopped Funded").await;
    world.await_text(REASONS, foreign.id, "skipped stopped").await;
    o.wire.expect_silence().await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_planned_for_a_group_and_never_sent_is_skipped_with_its_name() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    drop(world.follower_ea(&follower, &master).await);
    let sockets = "select sockets::text from sessions where account_id = $1";
    world.await_text(sockets, follower.id, "0").await;
    world.sql.batch_execute("update subscriptions set max_age_s = 120").await.unwrap();
    let group = world.group(master.owner, "Funded", &[]).await;
    world.press_for("stop_new", master.owner, group).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies(&follower, "planned").await;

    world.join(master.owner, group, &follower).await;
    world.ask_for_joined(master.owner, group, &follower).await;
    world.await_text(REASONS, follower.id, "skipped group_stopped Funded").await;
    let mut f = world.follower_ea(&follower, &master).await;

    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flatten_of_a_group_does_not_close_what_joined_after_it() {
    let world = World::start().await;
    let (master, inside, late) = (world.master().await, world.follower().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let (mut i, mut l) = (world.follower_ea(&inside, &master).await, world.follower_ea(&late, &master).await);
    let group = world.group(master.owner, "Funded", &[&inside]).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    for (ea, follower, ticket) in [(&mut i, &inside, 51), (&mut l, &late, 61)] {
        let order = ea.expect_open().await;
        ea.ack_open(&order, ticket).await;
        world.await_copies(follower, "open").await;
    }

    let request = world.press_for("flatten", master.owner, group).await;
    world.join(master.owner, group, &late).await;
    world.ask_for_joined(master.owner, group, &late).await;
    i.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;
    i.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();

    world.await_text(PROGRESS, request, "done 1/1").await;
    l.wire.expect_silence().await;
    world.await_copies(&late, "open").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_turns_up_after_everything_was_closed_is_closed_too() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    crate::follower_lists::list(&mut f, "4000").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    drop(f);
    world.await_copies(&follower, "unconfirmed(session_lost)").await;
    let mut f = world.follower_ea(&follower, &master).await;
    crate::follower_lists::list(&mut f, "4000").await;
    world.await_copies(&follower, "failed(not_opened)").await;

    let request = world.press("flatten", follower.owner, None).await;
    world.await_text(PROGRESS, request, "done").await;
    f.ack_open(&order, 5001).await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_closed_by_hand_in_part_only_is_closed_as_soon_as_a_list_shows_it() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 5001).await;
    world.await_copies(&follower, "open").await;
    // What a terminal says of half a position, too.
    f.wire.send("ACK_CLOSE_SO|5001|2032.00000|7.50").await.unwrap();
    world.await_copies(&follower, "closed(closed_externally)").await;

    let request = world.press("flatten", follower.owner, None).await;
    world.await_text(PROGRESS, request, "done").await;
    f.wire.send("SLAVE_SNAPSHOT:5001").await.unwrap();
    f.wire.expect("SNAPSHOT_OK").await;

    f.wire.expect("CMD_CLOSE|XAUUSD|5001|1").await;
    f.wire.send("ACK_CLOSE|1|2034.90000|44.00").await.unwrap();
    world.await_copies(&follower, "closed").await;
    world.check().await;
}
