use std::future::pending;
use std::time::Duration;

use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl as _;
use flotilla_domain::account::Account;
use flotilla_store::{Db, StoreError, StoreResult, Tx, accounts};
use futures_util::future::join;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::tenants::{Tenants, own, owner};

/// Accounts of `asked`, seen by `acting`, whichever way they are read.
async fn seen(db: &Db, acting: Uuid, asked: Uuid) -> Vec<Account> {
    let (scope, asked) = (own(acting), owner(asked));
    let at_once =
        db.read_at_once(scope, async move |tx: &Tx| accounts::list(tx, asked, None, 10).await).await.unwrap();
    let in_turn =
        db.read(scope, async move |tx: &mut Tx| accounts::list(tx, asked, None, 10).await).await.unwrap();
    assert_eq!(at_once, in_turn);
    at_once
}

async fn assert_apart(db: &Db, tenants: &Tenants, after: &str) {
    let (ada, eve) = (tenants.ada, tenants.eve);
    assert_eq!(seen(db, eve, ada).await, [], "{after}: eve asks for ada's rows");
    let own_rows = seen(db, eve, eve).await;
    assert_eq!(own_rows.iter().map(|account| account.name.as_str()).collect::<Vec<_>>(), ["eve"], "{after}");
    let asked = owner(ada);
    let unscoped: StoreResult<_> =
        db.open(async move |tx: &mut Tx| accounts::list(tx, asked, None, 10).await).await;
    assert_eq!(unscoped.unwrap(), [], "{after}: nobody asks for ada's rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn n35_one_connection_leaks_nothing_between_two_users() {
    let tenants = Tenants::new().await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let ada = owner(tenants.ada);

    assert_eq!(seen(&db, tenants.ada, tenants.ada).await.len(), 1);
    assert_apart(&db, &tenants, "a success").await;

    let failed: StoreResult<()> = db
        .write(own(tenants.ada), async move |tx: &mut Tx| {
            accounts::list(tx, ada, None, 10).await?;
            Err(StoreError::NotFound("anything"))
        })
        .await;
    assert!(failed.is_err());
    assert_apart(&db, &tenants, "a failure").await;

    let failed: StoreResult<Vec<Account>> = db
        .read_at_once(own(tenants.ada), async move |mut tx: &Tx| {
            let divided = sql_query("select 1 / 0").execute(&mut tx);
            let (divided, listed) = join(divided, accounts::list(tx, ada, None, 10)).await;
            divided?;
            listed
        })
        .await;
    assert!(failed.is_err());
    assert_apart(&db, &tenants, "a failure among statements that travel together").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_at_once_over_a_connection_that_ends_is_not_nothing() {
    let tenants = Tenants::new().await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let admin = tenants.db.admin().await;
    let (ada, scope) = (owner(tenants.ada), own(tenants.ada));
    let end = "select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename = 'flotilla_app'";

    for turn in 0..20 {
        let listed = db.read_at_once(scope, async move |tx: &Tx| accounts::list(tx, ada, None, 10).await);
        let (listed, ended) = join(listed, async {
            sleep(Duration::from_micros(turn * 100)).await;
            admin.batch_execute(end).await
        })
        .await;
        ended.unwrap();
        assert!(listed.is_err() || listed.is_ok_and(|accounts| accounts.len() == 1), "after {turn} turns");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n35_a_cancelled_request_leaks_nothing() {
    let tenants = Tenants::new().await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let ada = owner(tenants.ada);

    for turn in 0..20 {
        let stuck = db.write(own(tenants.ada), async move |tx: &mut Tx| {
            accounts::list(tx, ada, None, 10).await?;
            pending::<StoreResult<()>>().await
        });
        // From "not even begun" to "in the middle of it".
        assert!(timeout(Duration::from_millis(turn), stuck).await.is_err());
        assert_apart(&db, &tenants, &format!("cancelled after {turn} ms")).await;

        let stuck = db.read_at_once(own(tenants.ada), async move |tx: &Tx| {
            accounts::list(tx, ada, None, 10).await?;
            pending::<StoreResult<()>>().await
        });
        assert!(timeout(Duration::from_millis(turn), stuck).await.is_err());
        assert_apart(&db, &tenants, &format!("a reading cancelled after {turn} ms")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n35_a_panic_leaks_nothing() {
    let tenants = Tenants::new().await;
    let db = Db::connect(&tenants.db.app_url, 1).unwrap();
    let (ada, scope, panicking) = (owner(tenants.ada), own(tenants.ada), db.clone());

    let task = tokio::spawn(async move {
        panicking
            .write(scope, async move |tx: &mut Tx| {
                let seen = accounts::list(tx, ada, None, 10).await?;
                assert!(seen.is_empty(), "in the middle of it");
                Ok::<_, StoreError>(())
            })
            .await
    });

    assert!(task.await.is_err_and(|error| error.is_panic()));
    assert_apart(&db, &tenants, "a panic").await;
}

/// Which rows it holds does not matter: whoever waits for them goes on then.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_in_which_nothing_happens_is_ended_whoever_began_it() {
    #[derive(QueryableByName)]
    struct SettingRow {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let tenants = Tenants::new().await;
    let urls = [&tenants.db.app_url, &tenants.db.readonly_url];
    let users = urls.into_iter().map(|url| Db::connect(url, 1).unwrap());
    let worker = Db::connect_worker(&tenants.db.worker_url, 1).unwrap();

    for db in users.chain([worker]) {
        let ask = async move |tx: &mut Tx| {
            let ask = sql_query("select current_setting('idle_in_transaction_session_timeout') as value");
            let row: SettingRow = ask.get_result(tx).await?;
            Ok::<_, StoreError>(row.value)
        };
        assert_eq!(db.open(ask).await.unwrap(), "10s");
    }
}
