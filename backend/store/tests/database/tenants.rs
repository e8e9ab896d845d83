//! Two owners with an account each, and sessions as the roles.

use flotilla_domain::id::{OwnerId, UserId};
use flotilla_store::Scope;
use flotilla_testkit::db::TestDb;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// A database with two owners.
pub struct Tenants {
    pub db: TestDb,
    pub ada: Uuid,
    pub eve: Uuid,
}

impl Tenants {
    pub async fn new() -> Self {
        let db = TestDb::new().await;
        let (ada, eve) = (Uuid::now_v7(), Uuid::now_v7());
        let admin = db.admin().await;
        for (name, id) in [("ada", ada), ("eve", eve)] {
            let sql = format!(
                "insert into users (id, email, name, password_hash) values ('{id}', '{name}@example.test', '{name}', 'x');
                 insert into accounts (owner_id, name, platform, copy_role) values ('{id}', '{name}', 'mt5', 'master')"
            );
            admin.batch_execute(&sql).await.unwrap();
        }
        Self { db, ada, eve }
    }
}

/// A session as the role of a URL.
pub async fn session(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Sets the context of the running transaction.
pub async fn enter(client: &Client, owner: Uuid, actor: Uuid) {
    let sql = format!(
        "select set_config('flotilla.owner', '{owner}', true), set_config('flotilla.actor', '{actor}', true)"
    );
    client.batch_execute(&sql).await.unwrap();
}

pub fn own(user: Uuid) -> Scope {
    Scope::own(UserId::from_uuid(user))
}

pub fn owner(user: Uuid) -> OwnerId {
    OwnerId::from_uuid(user)
}
