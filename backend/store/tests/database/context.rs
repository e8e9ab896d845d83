use crate::tenants::{Tenants, enter, session};

/// Tables with an owner that the API's role may read.
const TABLES: [&str; 22] = [
    "users",
    "accounts",
    "api_keys",
    "masters",
    "account_figures",
    "subscriptions",
    "master_followers",
    "signals",
    "copy_orders",
    "copy_events",
    "evidence",
    "sessions",
    "requests",
    "trades",
    "audit",
    "alerts",
    "stops",
    "groups",
    "group_accounts",
    "request_accounts",
    "devices",
    "exchange_keys",
];

async fn count(client: &tokio_postgres::Client, table: &str) -> i64 {
    client.query_one(&format!("select count(*) from {table}"), &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn n34_without_context_nothing_is_visible() {
    let tenants = Tenants::new().await;
    for url in [&tenants.db.app_url, &tenants.db.readonly_url] {
        let client = session(url).await;
        for table in TABLES {
            if ["users", "alerts", "devices"].contains(&table) && url == &tenants.db.readonly_url {
                continue;
            }
            assert_eq!(count(&client, table).await, 0, "{table} before any context");
        }
        client.batch_execute("begin").await.unwrap();
        enter(&client, tenants.ada, tenants.ada).await;
        client.batch_execute("commit").await.unwrap();
        assert_eq!(count(&client, "accounts").await, 0, "the context ends with its transaction");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n34_an_owner_sees_his_rows_whatever_he_asks_for() {
    let tenants = Tenants::new().await;
    let client = session(&tenants.db.app_url).await;
    client.batch_execute("begin").await.unwrap();
    enter(&client, tenants.eve, tenants.eve).await;

    let foreign = format!("accounts where owner_id = '{}'", tenants.ada);

    assert_eq!(count(&client, "accounts").await, 1);
    assert_eq!(count(&client, &foreign).await, 0);
    let changed = client.execute("update accounts set name = 'x'", &[]).await.unwrap();
    let deleted = client.execute(&format!("delete from {foreign}"), &[]).await.unwrap();
    assert_eq!((changed, deleted), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn n34_nobody_writes_for_another_owner() {
    let tenants = Tenants::new().await;
    let client = session(&tenants.db.app_url).await;

    for sql in [
        format!(
            "insert into accounts (owner_id, name, platform, copy_role) values ('{}', 'x', 'mt5', 'none')",
            tenants.ada
        ),
        format!("update accounts set owner_id = '{}'", tenants.ada),
        format!(
            "insert into requests (owner_id, actor_id, kind, target_id) values ('{0}', '{0}', 'close_account', '{0}')",
            tenants.ada
        ),
    ] {
        client.batch_execute("begin").await.unwrap();
        enter(&client, tenants.eve, tenants.eve).await;
        let refused = client.batch_execute(&sql).await.expect_err(&sql);
        let message = refused.as_db_error().unwrap().message().to_owned();
        assert!(message.contains("row-level security"), "{sql}: {message}");
        client.batch_execute("rollback").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n34_the_api_changes_nothing_that_is_the_workers() {
    let tenants = Tenants::new().await;
    let client = session(&tenants.db.app_url).await;

    for table in [
        "signals",
        "copy_orders",
        "copy_events",
        "evidence",
        "sessions",
        "trades",
        "account_figures",
        "workers",
    ] {
        let refused = client.batch_execute(&format!("delete from {table}")).await.expect_err(table);
        assert_eq!(refused.as_db_error().unwrap().code().code(), "42501", "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_an_owner_under_a_live_grant_only() {
    let tenants = Tenants::new().await;
    let admin = tenants.db.admin().await;
    let client = session(&tenants.db.readonly_url).await;
    let seen = async || {
        client.batch_execute("begin").await.unwrap();
        enter(&client, tenants.ada, tenants.eve).await;
        let seen = count(&client, "accounts").await;
        client.batch_execute("commit").await.unwrap();
        seen
    };

    assert_eq!(seen().await, 0, "without a grant");
    let sql = format!(
        "insert into viewer_grants (owner_id, viewer_id) values ('{}', '{}')",
        tenants.ada, tenants.eve
    );
    admin.batch_execute(&sql).await.unwrap();
    assert_eq!(seen().await, 1);
    admin.batch_execute("update viewer_grants set revoked_at = now()").await.unwrap();
    assert_eq!(seen().await, 0, "withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_cannot_select_secrets_or_write() {
    let tenants = Tenants::new().await;
    let client = session(&tenants.db.readonly_url).await;

    for sql in [
        "select password_hash from users",
        "select sealed_key from api_keys",
        "select key_hash from api_keys",
        "select * from refresh_tokens",
        "select * from login_names",
        "select * from alerts",
        "update accounts set name = 'x'",
        "delete from accounts",
    ] {
        let refused = client.batch_execute(sql).await.expect_err(sql);
        assert_eq!(refused.as_db_error().unwrap().code().code(), "42501", "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n36_a_temporary_table_forges_no_grant() {
    let tenants = Tenants::new().await;
    let client = session(&tenants.db.readonly_url).await;
    let forged = format!(
        "create temp table viewer_grants (owner_id uuid, viewer_id uuid, revoked_at timestamptz, expires_at timestamptz);
         insert into pg_temp.viewer_grants values ('{}', '{}')",
        tenants.ada, tenants.eve
    );
    client.batch_execute(&forged).await.unwrap();

    client.batch_execute("begin").await.unwrap();
    enter(&client, tenants.ada, tenants.eve).await;

    assert_eq!(count(&client, "public.accounts").await, 0);
}
