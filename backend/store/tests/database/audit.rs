use flotilla_domain::audit::ChainWalk;
use flotilla_store::audit::{self, NewAudit};
use flotilla_store::{Db, StoreError, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::tenants::{Tenants, enter, own, owner, session};

async fn append(db: &Db, user: Uuid, number: usize) {
    let new = NewAudit {
        actor: Some(user.into()),
        action: "account_changed",
        target_kind: "account",
        target_id: Some(Uuid::now_v7()),
        detail: json!({ "number": number }),
    };
    let appended =
        db.write(own(user), async move |tx: &mut Tx| audit::append(tx, owner(user), new).await).await;
    appended.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn n83_what_many_append_at_once_is_one_intact_chain() {
    let tenants = Tenants::new().await;
    let db = Db::connect(&tenants.db.app_url, 4).unwrap();
    let ada = tenants.ada;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let db = db.clone();
        tasks.spawn(async move { append(&db, ada, number).await });
    }
    tasks.join_all().await;
    append(&db, tenants.eve, 0).await;

    let rows = db.read(own(ada), async move |tx: &mut Tx| audit::list(tx, owner(ada), 0, 100).await).await;

    let rows: Vec<_> = rows.unwrap();
    let mut walk = ChainWalk::new(None);
    for row in &rows {
        walk.step(row).unwrap();
    }
    assert_eq!(walk.finish().unwrap().seq, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn n83_a_row_edited_in_the_database_is_named() {
    let tenants = Tenants::new().await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let ada = tenants.ada;
    for number in 0..3 {
        append(&db, ada, number).await;
    }
    let forge = "update audit set detail = '{}' where seq = 2";
    tenants.db.admin().await.batch_execute(forge).await.unwrap();

    let rows =
        db.read(own(ada), async move |tx: &mut Tx| audit::list(tx, owner(ada), 0, 100).await).await.unwrap();

    let mut walk = ChainWalk::new(None);
    let bad = rows.iter().find_map(|row| walk.step(row).err()).unwrap();
    assert_eq!(bad.seq, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn n84_the_roles_may_only_append() {
    let tenants = Tenants::new().await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    append(&db, tenants.ada, 0).await;

    for url in [&tenants.db.app_url, &tenants.db.worker_url, &tenants.db.readonly_url] {
        let client = session(url).await;
        for sql in
            ["update audit set action = 'x'", "delete from audit", "truncate audit", "drop table audit"]
        {
            client.batch_execute("begin").await.unwrap();
            enter(&client, tenants.ada, tenants.ada).await;
            let refused = client.batch_execute(sql).await.expect_err(sql);
            assert_eq!(refused.as_db_error().unwrap().code().code(), "42501", "{sql}");
            client.batch_execute("rollback").await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_was_never_recorded() {
    let tenants = Tenants::new().await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let ada = tenants.ada;
    let new = NewAudit {
        actor: None,
        action: "account_changed",
        target_kind: "account",
        target_id: None,
        detail: json!({}),
    };

    let failed: Result<(), StoreError> = db
        .write(own(ada), async move |tx: &mut Tx| {
            audit::append(tx, owner(ada), new).await?;
            Err(StoreError::NotFound("anything"))
        })
        .await;
    append(&db, ada, 1).await;

    assert!(failed.is_err());
    let rows =
        db.read(own(ada), async move |tx: &mut Tx| audit::list(tx, owner(ada), 0, 10).await).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.entry.seq).collect::<Vec<_>>(), [1]);
}
