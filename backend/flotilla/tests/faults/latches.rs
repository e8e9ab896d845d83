//! The worker dies around the commit that records a crossed line.

use chrono::{DateTime, SubsecRound as _, TimeDelta, Timelike as _, Utc};
use flotilla_domain::id::{AccountId, OwnerId, UserId};
use flotilla_store::{Db, Scope, StoreError, Tx, risk_phases, risk_records};
use flotilla_testkit::ea_v7::Wire;
use serde_json::json;
use uuid::Uuid;

use crate::world::World;

/// Recorded lines, what tells of them, and what nobody has told.
const RECORDED: &str = "
    select (select count(*) from risk_violations) || ' ' || (select count(*) from risk_events where kind = 'violation')
        || ' ' || (select count(*) from risk_events where not is_told)";

/// By these rules the last figures are under the line, which nobody has looked at yet.
const STRICTER: &str = "
    update risk_phases set rules = jsonb_set(rules, '{0,limit,value}', '\"500\"');
    update risk_states set due_at = now()";

async fn judge(world: &World) {
    watch(world, world.followers.first().unwrap().id).await;
    world.sql.batch_execute(STRICTER).await.unwrap();
}

/// Makes it an account of 100,000 with 99,000 left and room for 10,000.
pub async fn watch(world: &World, account: Uuid) {
    let owner = "select owner_id from accounts where id = $1";
    let owner: UserId = UserId::from_uuid(world.sql.query_one(owner, &[&account]).await.unwrap().get(0));
    let (scope, id) = (Scope::own(owner), AccountId::from_uuid(account));
    let db = Db::connect(&world.db.app_url, 1).unwrap();
    let recorded = db
        .write(scope, async move |tx: &mut Tx| {
            let now = risk_records::clock(tx).await?;
            let phase = serde_json::from_value(json!({
                "currency": "USD", "starting_balance": "100000", "phase_started_at": now,
                "day": { "tz": "UTC", "reset": "00:00" }, "stale_after_s": 86_400,
                "rules": [{ "id": "total", "kind": "max_total_loss", "limit": { "type": "amount", "value": "10000" } }],
            }))
            .unwrap();
            risk_phases::begin(tx, scope, id, &phase, "bought").await?;
            let at = risk_records::clock(tx).await?;
            let seen = json!({ "at": at, "balance": "99000", "equity": "99000" });
            risk_records::record(tx, OwnerId::from(owner), id, serde_json::from_value(seen).unwrap()).await
        })
        .await
        .unwrap();
    assert!(recorded.is_some());
}

/// Dies at `at` with what has happened by then; the next worker brings it to an end.
async fn run(at: &str, when_it_died: &str) {
    let world = World::new(1, 1).await;
    judge(&world).await;

    if world.start(at) {
        world.await_death().await;
    }
    let recorded: String = world.sql.query_one(RECORDED, &[]).await.unwrap().get(0);
    assert!(recorded.starts_with(when_it_died), "{recorded}");
    assert!(world.start(""));

    world.await_text(RECORDED, "1 1 0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_commit_nothing_is_recorded_and_the_next_worker_records_it_once() {
    run("observing=return", "0 0 ").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_commit_the_next_worker_tells_what_was_recorded_and_records_nothing_again() {
    run("observed=return", "1 1 ").await;
}

/// A reporter's connection.
async fn connect(world: &World) -> Wire {
    let follower = world.followers.first().unwrap();
    let mut wire = Wire::connect(world.gateway.address).await.unwrap();
    wire.send_bytes(format!("AUTH:{}\nREPORT_ONLY\n", follower.key).as_bytes()).await.unwrap();
    wire.expect("AUTH_OK").await;
    wire
}

/// A frame of an account of 100,000 that a reporter tells, and tells again to whoever answers next.
async fn report(world: &World, equity: &str) -> Wire {
    let mut wire = connect(world).await;
    wire.send(&format!("ACCOUNT|100000.00|{equity}|120.00|9880.00|USD|100")).await.unwrap();
    wire
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_a_frame_crossed_is_recorded_once_though_the_worker_dies_before_it_tells() {
    let world = World::new(1, 1).await;
    watch(&world, world.followers.first().unwrap().id).await;
    assert!(world.start("observed=return"));
    let _wire = report(&world, "89000.00").await;
    world.await_death().await;
    let recorded: String = world.sql.query_one(RECORDED, &[]).await.unwrap().get(0);
    assert!(recorded.starts_with("1 1 "), "{recorded}");
    assert!(world.start(""));
    let _again = report(&world, "88000.00").await;

    let worst = "select coalesce(min((evidence ->> 'worst_buffer')::numeric::integer)::text, '') from risk_violations";
    world.await_text(worst, "-2000").await;
    world.await_text(RECORDED, "1 1 0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_was_only_touched_is_recorded_once_when_the_reporter_tells_again_what_was_lost() {
    let world = World::new(1, 1).await;
    watch(&world, world.followers.first().unwrap().id).await;
    let now = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";
    let now = async || -> i64 { world.sql.query_one(now, &[]).await.unwrap().get(0) };
    let at = now().await;
    let touched =
        |sent: i64| format!("ACCOUNT|100000.00|99000.00|0|0|USD|100|99000.00|89990.00|{at}|{sent}|-");

    assert!(world.start("observing=return"));
    let mut wire = connect(&world).await;
    wire.send(&touched(at)).await.unwrap();
    world.await_death().await;
    let recorded: String = world.sql.query_one(RECORDED, &[]).await.unwrap().get(0);
    assert!(recorded.starts_with("0 0 "), "{recorded}");
    assert!(world.start(""));

    for equity in ["99001", "99002"] {
        let mut wire = connect(&world).await;
        let sent = now().await;
        wire.send(&touched(sent)).await.unwrap();
        wire.send(&format!("ACCOUNT|100000|{equity}|0|0|USD|100|{equity}|99000|{sent}|{sent}|-"))
            .await
            .unwrap();
        let last =
            "select coalesce(max((figures ->> 'equity')::numeric::integer)::text, '') from risk_observations";
        world.await_text(last, equity).await;
    }
    world.await_text(RECORDED, "1 1 0").await;
    let low =
        "select coalesce(min((evidence ->> 'measured')::numeric::integer)::text, '') from risk_violations";
    world.await_text(low, "89990").await;
}

/// Figures of 10 s before a reset, written with the clock of then, and the reset, which has passed since.
async fn carry_over(world: &World) -> DateTime<Utc> {
    let account = AccountId::from_uuid(world.followers.first().unwrap().id);
    let owner = "select owner_id from accounts where id = $1";
    let owner = UserId::from_uuid(world.sql.query_one(owner, &[&account.uuid()]).await.unwrap().get(0));
    let scope = Scope::own(owner);
    let db = Db::connect(&world.db.app_url, 1).unwrap();
    let write = async move |tx: &mut Tx| {
        let now = risk_records::clock(tx).await?;
        let reset = now.trunc_subsecs(0).with_second(0).unwrap();
        let phase = serde_json::from_value(json!({
            "currency": "USD", "starting_balance": "100000", "phase_started_at": reset - TimeDelta::days(1),
            "day": { "tz": "UTC", "reset": reset.format("%H:%M").to_string() }, "stale_after_s": 86_400,
            "rules": [{ "id": "daily", "kind": "max_daily_loss", "reference": "max",
                "limit": { "type": "amount", "value": "5000" } }],
        }))
        .unwrap();
        risk_phases::begin(tx, scope, account, &phase, "bought").await?;
        let stored = risk_phases::lock(tx, OwnerId::from(owner), account).await?.unwrap();
        let (at, then) = (reset - TimeDelta::seconds(10), reset - TimeDelta::seconds(9));
        let seen = json!({ "at": at, "balance": "101000", "equity": "102500" });
        risk_records::record_at(tx, &stored, serde_json::from_value(seen).unwrap(), then).await?;
        Ok::<_, StoreError>(reset)
    };
    db.write(scope, write).await.unwrap()
}

/// Days that have ended, resets that are told of, and the day's start, floor and quality.
const DAY: &str = "select (select count(*) from risk_days) || ' ' || (select count(*) from risk_events where kind = 'reset')
        || ' ' || concat_ws(' ', told #>> '{day,balance}', told #>> '{day,equity}', risk #>> '{rules,0,floor}',
            risk #>> '{rules,0,day_start_quality}')
    from risk_states";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_begins_with_its_right_values_though_the_worker_dies_as_it_goes_over_midnight() {
    for (at, when_it_died) in [
        ("observing=return", "0 0 100000 100000 95000 phase_start"),
        ("observed=return", "1 1 101000 102500 97500 exact"),
    ] {
        let world = World::new(1, 1).await;
        let reset = carry_over(&world).await;

        if world.start(at) {
            world.await_death().await;
        }
        let day: String = world.sql.query_one(DAY, &[]).await.unwrap().get(0);
        assert_eq!(day, when_it_died, "{at}");
        assert!(world.start(""));

        world.await_text(DAY, "1 1 101000 102500 97500 exact").await;
        let begun =
            "select bool_and((told #>> '{day,start}')::timestamptz = $1::text::timestamptz) from risk_states";
        let is_begun: bool = world.sql.query_one(begun, &[&reset.to_rfc3339()]).await.unwrap().get(0);
        assert!(is_begun);
    }
}
