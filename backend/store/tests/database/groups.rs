use flotilla_domain::group::GroupError;
use flotilla_domain::id::{AccountId, GroupId};
use flotilla_domain::stop::StopPlace;
use flotilla_store::{Db, StoreError, Tx, groups, stops};
use uuid::Uuid;

use crate::tenants::{Tenants, enter, own, owner, session};

impl Tenants {
    /// The account of an owner, and a group that holds it.
    async fn grouped(&self, user: Uuid) -> (AccountId, GroupId) {
        let find = "select id from accounts where owner_id = $1::text::uuid";
        let row = self.db.admin().await.query_one(find, &[&user.to_string()]).await.unwrap();
        let account = AccountId::from_uuid(row.get::<_, Uuid>(0));
        let db = Db::connect(&self.db.app_url, 1).unwrap();
        let group = db
            .write(own(user), async move |tx: &mut Tx| {
                let group = groups::insert(tx, owner(user), "Funded", "USD").await?.expect("a free name");
                groups::add(tx, owner(user), group, account).await?;
                Ok::<_, StoreError>(group)
            })
            .await
            .unwrap();
        (account, group)
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("select count(*) from {table}");
        self.db.admin().await.query_one(&sql, &[]).await.unwrap().get(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn n26_the_database_itself_keeps_accounts_and_groups_of_two_owners_apart() {
    let tenants = Tenants::new().await;
    let ((adas, group), (eves, own_group)) =
        (tenants.grouped(tenants.ada).await, tenants.grouped(tenants.eve).await);
    let client = session(&tenants.db.app_url).await;
    let put = |group: GroupId, account: AccountId, owner: Uuid| {
        format!(
            "insert into group_accounts (group_id, account_id, owner_id) values ('{group}', '{account}', '{owner}')"
        )
    };

    for (sql, refusal) in [
        (put(own_group, adas, tenants.eve), "group_accounts_account"),
        (put(group, eves, tenants.eve), "group_accounts_group"),
        (put(group, eves, tenants.ada), "row-level security"),
    ] {
        client.batch_execute("begin").await.unwrap();
        enter(&client, tenants.eve, tenants.eve).await;
        let refused = client.batch_execute(&sql).await.expect_err(&sql);
        let message = refused.as_db_error().unwrap().message().to_owned();
        assert!(message.contains(refusal), "{sql}: {message}");
        client.batch_execute("rollback").await.unwrap();
    }
    // Not even the superuser, whom no policy holds back.
    let admin = tenants.db.admin().await;
    assert!(admin.batch_execute(&put(group, eves, tenants.ada)).await.is_err());
    assert_eq!(tenants.count("group_accounts").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_account_leaves_its_groups_and_an_erased_owner_takes_them_along() {
    let tenants = Tenants::new().await;
    let ((adas, group), _) = (tenants.grouped(tenants.ada).await, tenants.grouped(tenants.eve).await);
    let (ada, db) = (tenants.ada, Db::connect(&tenants.db.app_url, 1).unwrap());
    let stop = async move |tx: &mut Tx| stops::insert(tx, own(ada), StopPlace::Group(group)).await;
    db.write(own(ada), stop).await.unwrap();
    let admin = tenants.db.admin().await;

    admin.batch_execute(&format!("delete from accounts where id = '{adas}'")).await.unwrap();
    let left = [tenants.count("groups").await, tenants.count("group_accounts").await];
    admin.batch_execute(&format!("delete from users where id = '{ada}'")).await.unwrap();

    assert_eq!(left, [2, 1]);
    let after = [tenants.count("groups").await, tenants.count("stops").await];
    assert_eq!(after, [1, 0], "a stop does not hold the erasure up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_group_cannot_be_deleted() {
    let tenants = Tenants::new().await;
    let (_, group) = tenants.grouped(tenants.ada).await;
    let (ada, db) = (tenants.ada, Db::connect(&tenants.db.app_url, 1).unwrap());
    let stop = async move |tx: &mut Tx| stops::insert(tx, own(ada), StopPlace::Group(group)).await;
    db.write(own(ada), stop).await.unwrap();

    let delete = async move |tx: &mut Tx| groups::delete(tx, owner(ada), group).await;
    let refused = db.write(own(ada), delete).await;

    assert!(matches!(refused, Ok(Err(GroupError::Stopped))), "{refused:?}");
    assert_eq!(tenants.count("groups").await, 1);
}
