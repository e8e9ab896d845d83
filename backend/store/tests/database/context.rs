use uuid::Uuid;

use crate::tenants::{Tenants, enter, session};

/// Tables with an owner that the API's role may read.
const TABLES: [&str; 28] = [
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
    "executions",
    "trade_tags",
    "screenshots",
    "idempotency_keys",
    "audit",
    "alerts",
    "stops",
    "groups",
    "group_accounts",
    "request_accounts",
    "devices",
    "exchange_keys",
    "personal_keys",
    "shares",
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
            if ["users", "alerts", "devices", "idempotency_keys", "personal_keys"].contains(&table)
                && url == &tenants.db.readonly_url
            {
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

    for table in
        ["signals", "copy_orders", "copy_events", "evidence", "sessions", "account_figures", "workers"]
    {
        let refused = client.batch_execute(&format!("delete from {table}")).await.expect_err(table);
        assert_eq!(refused.as_db_error().unwrap().code().code(), "42501", "{table}");
    }
}

/// What the API's role may write of the journal, column by column.
#[tokio::test(flavor = "multi_thread")]
async fn n34_the_api_writes_of_the_journal_what_people_tell() {
    let tenants = Tenants::new().await;
    let admin = tenants.db.admin().await;
    let listed = async |sql: &str| -> Vec<String> {
        admin.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };

    let tables = listed(
        "select table_name || ' ' || lower(privilege_type) from information_schema.role_table_grants
         where grantee = 'flotilla_app' and privilege_type <> 'SELECT'
            and table_name in ('trades', 'executions', 'trade_tags', 'idempotency_keys') order by 1",
    )
    .await;
    let never = listed(
        "select a.attname::text from pg_attribute a
         where a.attrelid = 'trades'::regclass and a.attnum > 0 and not a.attisdropped
            and not has_column_privilege('flotilla_app', a.attrelid, a.attnum, 'insert')
            and not has_column_privilege('flotilla_app', a.attrelid, a.attnum, 'update') order by 1",
    )
    .await;
    let unchanging = listed(
        "select a.attname::text from pg_attribute a
         where a.attrelid = 'trades'::regclass and a.attnum > 0 and not a.attisdropped
            and has_column_privilege('flotilla_app', a.attrelid, a.attnum, 'insert')
            and not has_column_privilege('flotilla_app', a.attrelid, a.attnum, 'update') order by 1",
    )
    .await;

    assert_eq!(
        tables,
        [
            "executions delete",
            "idempotency_keys delete",
            "idempotency_keys insert",
            "trade_tags delete",
            "trade_tags insert",
            "trades delete"
        ]
    );
    assert_eq!(never, ["copy_id", "created_at", "pnl_rank"]);
    assert_eq!(unchanging, ["account_id", "external_id", "fingerprint", "id", "owner_id", "source"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn n34_the_api_cannot_pass_for_a_machine() {
    let tenants = Tenants::new().await;
    let admin = tenants.db.admin().await;
    let account = async |owner: Uuid| -> Uuid {
        let sql = "select id from accounts where owner_id = $1::text::uuid order by id limit 1";
        admin.query_one(sql, &[&owner.to_string()]).await.unwrap().get(0)
    };
    let (hers, foreign) = (account(tenants.eve).await, account(tenants.ada).await);
    let trade = |id: Uuid, account: Uuid, source: &str| {
        format!(
            "insert into trades (id, owner_id, account_id, source, symbol, direction, quantity, entry_at)
             values ('{id}', '{eve}', '{account}', '{source}', 'X', 'LONG', 1, now())",
            eve = tenants.eve
        )
    };
    let fill = |id: Uuid| {
        format!(
            "insert into executions (owner_id, trade_id, side, quantity, at) values ('{}', '{id}', 'BUY', 1, now())",
            tenants.eve
        )
    };
    let machine = Uuid::now_v7();
    admin.batch_execute(&format!("{}; {}", trade(machine, hers, "ea"), fill(machine))).await.unwrap();
    let client = session(&tenants.db.app_url).await;

    for (sql, constraint) in [
        (trade(Uuid::now_v7(), hers, "ea"), "trades_typed"),
        (trade(Uuid::now_v7(), foreign, "manual"), "trades_account"),
        (format!("update trades set pnl = 1 where id = '{machine}'"), "trades_machine_rows"),
        ("delete from trades".to_owned(), "trades_machine_rows"),
        ("delete from executions".to_owned(), "executions_typed"),
        (fill(machine), "executions_typed"),
    ] {
        client.batch_execute("begin").await.unwrap();
        enter(&client, tenants.eve, tenants.eve).await;
        let refused = client.batch_execute(&sql).await.expect_err(&sql);
        assert_eq!(refused.as_db_error().unwrap().constraint(), Some(constraint), "{sql}");
        client.batch_execute("rollback").await.unwrap();
    }
    let typed = Uuid::now_v7();
    client.batch_execute("begin").await.unwrap();
    enter(&client, tenants.eve, tenants.eve).await;
    client.batch_execute(&format!("{}; {}", trade(typed, hers, "manual"), fill(typed))).await.unwrap();
    let annotate = format!("update trades set notes = 'x', tags = array['x'] where id = '{machine}'");
    client.batch_execute(&annotate).await.unwrap();
    client.batch_execute(&format!("delete from trades where id = '{typed}'")).await.unwrap();
    assert_eq!(count(&client, "executions").await, 1, "the machine's is left");
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
async fn n97_a_link_reads_its_owners_rows_while_it_lives_and_writes_nothing() {
    let tenants = Tenants::new().await;
    let admin = tenants.db.admin().await;
    let [link, other] = [Uuid::now_v7(), Uuid::now_v7()];
    for (id, owner) in [(link, tenants.ada), (other, tenants.eve)] {
        let sql = format!(
            "insert into shares (id, owner_id, name, sections, shows_money, shows_names, delay_minutes, expires_at)
             values ('{id}', '{owner}', 'x', '{{trades}}', false, false, 0, now() + interval '1 day')"
        );
        admin.batch_execute(&sql).await.unwrap();
    }
    let client = session(&tenants.db.readonly_url).await;
    let seen = async |actor: Uuid| {
        client.batch_execute("begin").await.unwrap();
        enter(&client, tenants.ada, actor).await;
        let seen = (count(&client, "accounts").await, count(&client, "shares").await);
        client.batch_execute("commit").await.unwrap();
        seen
    };

    assert_eq!(seen(link).await, (1, 1));
    assert_eq!(seen(other).await, (0, 0), "the link of another owner");
    assert_eq!(seen(tenants.eve).await, (0, 0));
    for sql in ["update shares set views = 1", "delete from shares", "select * from share_hashes"] {
        let refused = client.batch_execute(sql).await.expect_err(sql);
        assert_eq!(refused.as_db_error().unwrap().code().code(), "42501", "{sql}");
    }
    admin.batch_execute("update shares set revoked_at = now()").await.unwrap();
    assert_eq!(seen(link).await.0, 0, "revoked");
    admin.batch_execute("update shares set revoked_at = null, expires_at = now()").await.unwrap();
    assert_eq!(seen(link).await.0, 0, "expired");
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
