//! The worker dies around the commit that records a crossed line.

use flotilla_domain::id::{AccountId, OwnerId, UserId};
use flotilla_store::{Db, Scope, Tx, risk_phases, risk_records};
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
