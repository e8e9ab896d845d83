//! A database per test is migrated, alone and gone afterwards.

use flotilla_testkit::db::{Cluster, TestDb};

async fn exists(name: &str) -> bool {
    let cluster = Cluster::connect().await.expect("cluster");
    let (client, connection) = tokio_postgres::connect(&cluster.url(None, "postgres"), tokio_postgres::NoTls)
        .await
        .expect("session");
    tokio::spawn(connection);
    client.query_opt("select from pg_database where datname = $1", &[&name]).await.expect("answer").is_some()
}

#[tokio::test]
async fn a_database_is_migrated_and_dropped_with_its_value() {
    let db = TestDb::new().await;
    let row = db
        .admin()
        .await
        .query_one("select current_database(), (select count(*) from accounts)", &[])
        .await
        .unwrap();
    let (name, accounts): (String, i64) = (row.get(0), row.get(1));
    assert_eq!(accounts, 0);
    assert!(exists(&name).await);

    drop(db);

    assert!(!exists(&name).await);
}

#[tokio::test]
async fn the_roles_log_in_and_none_of_them_is_a_superuser() {
    let db = TestDb::new().await;

    for url in [&db.app_url, &db.worker_url, &db.readonly_url] {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let row = client
            .query_one("select rolsuper or rolbypassrls from pg_roles where rolname = current_user", &[]);
        assert!(!row.await.unwrap().get::<_, bool>(0), "{url}");
    }
}
