//! What masters' owners see of, and decide about, followers of others.

use std::time::Duration;

use crate::support::World;

const STATE: &str =
    "select coalesce(string_agg(state || coalesce(' by ' || ended_by, ''), ', ' order by id), '')
    from subscriptions where follower_account_id = $1";
const KNOWN: &str = "select coalesce(string_agg(state, ',' order by subscription_id), '') from master_followers where master_account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_copies_once_the_masters_owner_approved_and_no_more_once_removed() {
    let world = World::start().await;
    let (master, follower) = world.asked().await;
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    f.wire.send("CHECK_STATUS").await.unwrap();
    f.wire.expect("STATUS_INACTIVE").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_text(KNOWN, master.id, "pending").await;
    f.wire.expect_silence().await;
    world.await_copies(&follower, "").await;

    world.decide(&master, "approve").await;
    f.wire.expect("STATUS_ACTIVE").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    f.wire.expect("CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    world.await_text(KNOWN, master.id, "active").await;

    world.decide(&master, "remove").await;
    f.wire.expect("STATUS_INACTIVE").await;
    world.await_text(STATE, follower.id, "ended by master").await;
    f.wire.send(&format!("SUBSCRIBE:{}", master.token)).await.unwrap();
    f.wire.expect("SUBSCRIBE_OK").await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|3").await;
    f.wire.expect_silence().await;
    world.await_text(STATE, follower.id, "ended by master").await;
    world.await_copies(&follower, "claimed").await;

    // Removed was the person: his next account waits, though nobody else needs an approval now.
    let open = "update masters set needs_approval = false where account_id = $1";
    world.sql.execute(open, &[&master.id]).await.unwrap();
    let second = world.account("follower", follower.owner).await;
    let other = world.account("follower", world.stranger().await).await;
    drop(world.follower_ea(&second, &master).await);
    drop(world.follower_ea(&other, &master).await);
    world.await_text(STATE, second.id, "pending").await;
    world.await_text(STATE, other.id, "active").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n26_a_decision_reaches_no_master_but_the_deciders_own() {
    let world = World::start().await;
    let (master, follower) = world.asked().await;
    let mut f = world.follower_ea(&follower, &master).await;
    world.await_text(KNOWN, master.id, "pending").await;
    let thief = world.stranger().await;

    // As if somebody had got hold of a row that names another's follower.
    let steal =
        "update master_followers set owner_id = $2, decision = 'approve' where master_account_id = $1";
    world.sql.execute(steal, &[&master.id, &thief]).await.unwrap();
    let left =
        "select count(*)::text from master_followers where decision is not null and master_account_id = $1";
    world.await_text(left, master.id, "0").await;

    assert_eq!(world.text(STATE, follower.id).await, "pending");
    f.wire.expect_silence().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_tells_of_strangers_the_reason_only_and_sends_nothing() {
    let world = World::start_with(|config| config.timing.without_database = Duration::from_mins(1)).await;
    let (master, own) = (world.master().await, world.follower().await);
    let foreign = world.account("follower", world.stranger().await).await;
    let mut o = world.follower_ea(&own, &master).await;
    let _theirs = world.follower_ea(&foreign, &master).await;
    world
        .set_copying(&own, "sizing = 'multiplier', sizing_value = 2, add_suffix = '.m', reverse = true")
        .await;
    world.set_copying(&foreign, "deny_symbols = '{XAUUSD}'").await;

    let ask = "insert into dry_runs (owner_id, account_id, asked) values ($2, $1,
        '{\"side\": \"BUY\", \"symbol\": \"XAUUSD\", \"price\": \"2030.50\", \"lots\": \"0.10\", \"stop_loss\": \"2020\", \"take_profit\": null}')";
    world.sql.execute(ask, &[&master.id, &master.owner]).await.unwrap();

    let told = "select coalesce((
            select string_agg(concat_ws(' ', o ->> 'symbol', o ->> 'side', o ->> 'lots', o ->> 'take_profit', o ->> 'reason'), ', ' order by o ->> 'symbol')
            from dry_runs d, jsonb_array_elements(d.answer) o where d.account_id = $1), '')";
    world.await_text(told, master.id, "XAUUSD.m SELL 0.2 2020, symbol_filtered").await;
    o.wire.expect_silence().await;
    let rows = "select (select count(*) from signals where master_account_id = $1) || ' ' ||
        (select count(*) from copy_orders where master_account_id = $1)";
    assert_eq!(world.text(rows, master.id).await, "0 0");

    // A size that fits nobody is told of the own one alone: of another it would tell what he has.
    world.set_copying(&own, "min_lots = 100").await;
    world.set_copying(&foreign, "deny_symbols = null, min_lots = 100").await;
    world.sql.execute("delete from dry_runs", &[]).await.unwrap();
    world.sql.execute(ask, &[&master.id, &master.owner]).await.unwrap();
    world.await_text(told, master.id, "XAUUSD.m SELL 0 2020 limit, ").await;
    world.set_copying(&own, "min_lots = null").await;

    // One that takes for ever keeps nothing waiting: no decision, and no question of another owner.
    let slow = world.account("master", world.stranger().await).await;
    world
        .sql
        .batch_execute(
            "create function sleep_long() returns trigger language plpgsql
                 as 'begin perform pg_sleep(40); return new; end';
             create trigger slow before update on dry_runs for each row
                 when (old.asked ->> 'symbol' = 'SLOW') execute function sleep_long();
             delete from dry_runs",
        )
        .await
        .unwrap();
    world.sql.execute(&ask.replace("XAUUSD", "SLOW"), &[&slow.id, &slow.owner]).await.unwrap();
    world.sql.execute(ask, &[&master.id, &master.owner]).await.unwrap();
    let known =
        "select count(*)::text from master_followers k join subscriptions f on f.id = k.subscription_id
        where f.follower_account_id = $1";
    world.await_text(known, foreign.id, "1").await;
    let remove = "update master_followers set decision = 'remove'
        where subscription_id in (select id from subscriptions where follower_account_id = $1)";
    world.sql.execute(remove, &[&foreign.id]).await.unwrap();

    world.await_text(STATE, foreign.id, "ended by master").await;
    world.await_text(told, master.id, "XAUUSD.m SELL 0.2 2020").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_stands_in_the_directory_while_its_owner_wants_it() {
    let world = World::start().await;
    let master = world.master().await;
    world
        .sql
        .batch_execute(&format!(
            "update accounts set is_public = true, slug = 'steady', starting_balance = 1000 where id = '{0}';
             insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, exit_at, pnl,
                status, external_id)
             select '{1}', '{0}', source, 'XAUUSD', 'LONG', 1, now() - interval '9 days', now() - age * interval '1 day',
                pnl, 'closed', age || source
             from (values ('ea', 5, 100), ('ea', 4, -60), ('ea', 3, 20), ('manual', 2, 9999)) v (source, age, pnl)",
            master.id, master.owner
        ))
        .await
        .unwrap();

    world.hint_account(&master).await;

    let listed = "select coalesce((
        select slug || ': ' || wins || '/' || trades || ' ' || profit || ' ' || drawdown || ' ' || drawdown_ratio || ' '
            || jsonb_array_length(curve)
        from masters_directory where account_id = $1), 'nobody')";
    // 60 of 1,100; what the owner typed in proves nothing.
    world.await_text(listed, master.id, "steady: 2/3 60 60 0.054545 3").await;

    world.sql.execute("update accounts set is_public = false where id = $1", &[&master.id]).await.unwrap();
    world.hint_account(&master).await;
    world.await_text(listed, master.id, "nobody").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n47_a_size_far_above_the_masters_history_is_copied_and_told() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    for ticket in 1..=10 {
        m.open(&format!("BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await;
        f.expect_open().await;
    }

    m.open("BUY|XAUUSD|2030.50|5.00|0.00|0.00|11").await;

    assert_eq!(f.expect_open().await.lots, "5.00");
    let told = "select coalesce(string_agg(kind || ' ' || (detail ->> 'lots') || ' ' || (detail ->> 'usual'), ','), '')
        from alerts where account_id = $1";
    world.await_text(told, master.id, "unusual_volume 5.00 0.1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_masters_owner_sees_how_long_copies_take() {
    const LAG: &str = "
        select coalesce(min(lag_copies || ' copies, ' || case when lag_p50_us > 0 and lag_p99_us >= lag_p50_us
            then 'measured' else 'not measured' end), 'nothing')
        from master_followers where master_account_id = $1";
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    f.wire.expect("CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    world.await_copies(&follower, "claimed").await;
    assert_eq!(world.text(LAG, master.id).await, "nothing");

    f.wire.send("ACK_OPEN|1|501|0.10|BUY").await.unwrap();

    world.await_text(LAG, master.id, "1 copies, measured").await;
    m.open("SELL|XAUUSD|2031.50|0.20|0.00|0.00|2").await;
    f.wire.expect("CMD_OPEN|SELL|XAUUSD|2031.50|0.20|0.00|0.00|2").await;
    f.wire.send("ACK_OPEN|2|502|0.20|SELL").await.unwrap();
    world.await_text(LAG, master.id, "2 copies, measured").await;
}
