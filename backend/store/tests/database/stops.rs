//! A stop waits for the signals that do not see it.

use std::time::Duration;

use flotilla_domain::id::AccountId;
use flotilla_store::{Db, StoreError, signals, stop_requests};
use flotilla_testkit::db::TestDb;
use tokio::sync::oneshot;
use uuid::Uuid;

const CLOSE_ALL: &str = "
    insert into users (id, email, name, password_hash)
        values ('00000000-0000-0000-0000-000000000001', 'ada@example.com', 'Ada', '');
    insert into requests (owner_id, actor_id, kind, target_id) select id, id, 'flatten', id from users;";

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_is_not_done_while_a_master_has_its_turn_that_was_taken_before() {
    let database = TestDb::new().await;
    let db = Db::connect(&database.worker_url, 3).unwrap();
    let (taken, is_taken) = oneshot::channel();
    let (end, has_ended) = oneshot::channel::<()>();
    let judging = db.clone();
    let judging = tokio::spawn(async move {
        let turn = judging.open(async |tx| {
            signals::lock_master(tx, AccountId::from_uuid(Uuid::nil())).await?;
            // Nothing is written yet; which stops hold is read from here on.
            taken.send(()).unwrap();
            has_ended.await.unwrap();
            Ok::<_, StoreError>(())
        });
        turn.await.unwrap();
    });
    is_taken.await.unwrap();

    database.admin().await.batch_execute(CLOSE_ALL).await.unwrap();
    let begun = db.open(async |tx| stop_requests::begin(tx).await).await.unwrap();
    let is_complete = async || {
        let id = *begun.first().unwrap();
        db.open(async |tx| stop_requests::lock(tx, id).await).await.unwrap().unwrap().is_complete
    };
    assert!(!is_complete().await);
    end.send(()).unwrap();
    judging.await.unwrap();

    let done = async {
        // Other databases of the server hold it up as well.
        while !is_complete().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), done).await.expect("the stop is done");
}
