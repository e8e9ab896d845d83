use flotilla_store::{Db, Tx, partners};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::tenants::{Tenants, enter, session};

async fn text(admin: &Client, sql: &str) -> Option<String> {
    admin.query_one(sql, &[]).await.unwrap().get(0)
}

/// Ada's account leads, Eve's follows it and was approved.
async fn pair(tenants: &Tenants) -> (Client, String) {
    let admin = tenants.db.admin().await;
    let account = async |owner| {
        text(&admin, &format!("select id::text from accounts where owner_id = '{owner}'")).await.unwrap()
    };
    let (master, follower) = (account(tenants.ada).await, account(tenants.eve).await);
    let sql = format!(
        "insert into masters (account_id, owner_id, name, token) values ('{master}', '{0}', 'ada', 'MST-1');
         insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, approved_at)
         values ('{1}', '{follower}', '{master}', 'ada', 'web', now())",
        tenants.ada, tenants.eve
    );
    admin.batch_execute(&sql).await.unwrap();
    (admin, follower)
}

async fn settle(tenants: &Tenants) -> usize {
    let db = Db::connect(&tenants.db.worker_url, 1).unwrap();
    db.open(async |tx: &mut Tx| partners::settle(tx, None).await).await.unwrap().len()
}

const PARTNER: &str = "select partner_account_id::text from masters";

#[tokio::test(flavor = "multi_thread")]
async fn an_only_follower_of_another_owner_becomes_the_partner() {
    let tenants = Tenants::new().await;
    let (admin, follower) = pair(&tenants).await;

    assert_eq!(
        (settle(&tenants).await, text(&admin, PARTNER).await),
        (0, None),
        "all followers are copied to"
    );
    admin.batch_execute("update masters set copy_mode = '1TO1'").await.unwrap();
    assert_eq!((settle(&tenants).await, text(&admin, PARTNER).await), (1, Some(follower)));
    assert_eq!(settle(&tenants).await, 0, "nothing is left to settle");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_left_gives_its_place_up() {
    let tenants = Tenants::new().await;
    let (admin, _) = pair(&tenants).await;
    admin.batch_execute("update masters set copy_mode = '1TO1'").await.unwrap();
    settle(&tenants).await;

    let end = "update subscriptions set state = 'ended', ended_at = now(), ended_by = 'web'";
    admin.batch_execute(end).await.unwrap();

    assert_eq!((settle(&tenants).await, text(&admin, PARTNER).await), (1, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_keeps_its_place_in_other_modes() {
    let tenants = Tenants::new().await;
    let (admin, follower) = pair(&tenants).await;
    let kept = Uuid::parse_str(&follower).unwrap();
    let sql = format!("update masters set partner_account_id = '{kept}', copy_mode = 'RECORD'");
    admin.batch_execute(&sql).await.unwrap();

    assert_eq!((settle(&tenants).await, text(&admin, PARTNER).await), (0, Some(follower)));
}

#[tokio::test(flavor = "multi_thread")]
async fn n48_no_follower_lets_itself_in() {
    let tenants = Tenants::new().await;
    let (_, follower) = pair(&tenants).await;
    let mut app = session(&tenants.db.app_url).await;
    let tries = [
        "update subscriptions set approved_at = now()".to_owned(),
        format!(
            "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, approved_at)
             select owner_id, '{follower}', master_account_id, 'ada', 'web', now() from subscriptions"
        ),
    ];
    for sql in tries {
        let tx = app.transaction().await.unwrap();
        enter(tx.client(), tenants.eve, tenants.eve).await;
        let refused = tx.batch_execute(&sql).await.unwrap_err();
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n48_only_who_is_let_in_counts_as_partner_wherever_it_is_asked() {
    let tenants = Tenants::new().await;
    let (admin, follower) = pair(&tenants).await;
    let sql = format!("update masters set copy_mode = '1TO1', partner_account_id = '{follower}'");
    admin.batch_execute(&sql).await.unwrap();
    admin.batch_execute("update accounts set close_with_partner = true").await.unwrap();
    let ended = "state = 'ended', ended_at = now(), ended_by = 'web'";
    let let_in = ["state = 'active'", "state = 'paused'", "state = 'close_only'"];
    let out = ["state = 'pending'", "state = 'active', approved_at = null", ended];

    for (change, expected) in
        let_in.map(|change| (change, 1)).into_iter().chain(out.map(|change| (change, 0)))
    {
        let sql = format!("update subscriptions set approved_at = now(); update subscriptions set {change}");
        admin.batch_execute(&sql).await.unwrap();
        assert_eq!(asked(&tenants, &admin).await, [expected; 3], "{change}");
    }
    assert_eq!((settle(&tenants).await, text(&admin, PARTNER).await), (1, None));
}

/// How many partners each question finds.
async fn asked(tenants: &Tenants, admin: &Client) -> [usize; 3] {
    let row = admin.query_one("select account_id, partner_account_id from masters", &[]).await.unwrap();
    let (master, partner): (Uuid, Uuid) = (row.get(0), row.get(1));
    let db = Db::connect(&tenants.db.worker_url, 1).unwrap();
    db.open(async |tx: &mut Tx| {
        Ok::<_, flotilla_store::StoreError>([
            partners::list_masters_of(tx, partner.into()).await?.len(),
            partners::list(tx, &[master]).await?.len(),
            partners::list_closing(tx, &[master]).await?.len(),
        ])
    })
    .await
    .unwrap()
}
