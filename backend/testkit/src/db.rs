//! One PostgreSQL database per test, copied from a migrated template.
//!
//! The cluster is the one behind `FLOTILLA_TEST_DATABASE_URL` (a superuser's URL) or, without it, this checkout's
//! private test cluster, which is started when it does not run. Tests run in parallel in processes of their own and share
//! the cluster's 300 connections: give each pool four at most.

mod cluster;
mod template;

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

pub use cluster::Cluster;

/// How often a copy of the template is tried again while a session is still leaving it.
const COPY_ATTEMPTS: u32 = 40;

/// How often it is looked whether the sessions of a test have ended, before its database is dropped all the same.
const END_LOOKS: u32 = 20;

/// A migrated, empty database that is dropped together with this value.
///
/// Set `FLOTILLA_TEST_KEEP_DB=1` to keep it for a look; its URL is printed.
#[derive(Debug)]
pub struct TestDb {
    cluster: Cluster,
    name: String,
    /// Superuser of the cluster, in this database. Bypasses row-level security: for arranging and inspecting only.
    pub admin_url: String,
    /// `flotilla_app`, the API's role.
    pub app_url: String,
    /// `flotilla_worker`, the worker's role.
    pub worker_url: String,
    /// `flotilla_readonly`, the API's role for reading another owner's rows under a grant.
    pub readonly_url: String,
}

impl TestDb {
    /// Copies the template.
    ///
    /// # Panics
    ///
    /// When there is no cluster to be had or the migrations fail.
    pub async fn new() -> Self {
        let cluster = Cluster::connect().await.expect("a PostgreSQL cluster for tests");
        let admin = cluster.admin().await.expect("a superuser's session in the cluster");
        let template = template::ensure(&cluster, &admin).await.expect("a migrated template database");
        let name = format!("{}{}", template::TEST_PREFIX, Uuid::new_v4().simple());
        copy(&admin, &template, &name).await.expect("a copy of the template database");
        Self {
            admin_url: cluster.url(None, &name),
            app_url: cluster.url(Some("flotilla_app"), &name),
            worker_url: cluster.url(Some("flotilla_worker"), &name),
            readonly_url: cluster.url(Some("flotilla_readonly"), &name),
            cluster,
            name,
        }
    }

    /// One of this database's URLs with `{address}` in place of the server's address, and that address: for going to it
    /// by way of a proxy.
    ///
    /// # Panics
    ///
    /// When the server's address is no number.
    #[must_use]
    pub fn without_address(&self, url: &str) -> (String, std::net::SocketAddr) {
        let address = self.cluster.address();
        (url.replace(address, "{address}"), address.parse().expect("a numeric address of the cluster"))
    }

    /// A superuser's session in this database, for arranging and inspecting what no role may.
    ///
    /// # Panics
    ///
    /// When the server refuses the session.
    pub async fn admin(&self) -> Client {
        cluster::open(&self.admin_url).await.expect("a superuser's session in the test database")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if std::env::var_os("FLOTILLA_TEST_KEEP_DB").is_some() {
            eprintln!("kept {}", self.admin_url);
            return;
        }
        let (cluster, name) = (self.cluster.clone(), std::mem::take(&mut self.name));
        // The test's own runtime cannot be waited on here; a failure leaves a database that a later run removes.
        let _ = std::thread::spawn(move || drop_database(&cluster, &name)).join();
    }
}

fn drop_database(cluster: &Cluster, name: &str) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let _ = runtime.block_on(async {
        let admin = cluster.admin().await?;
        end_sessions(&admin, name).await?;
        admin.batch_execute(&format!("drop database if exists {name} with (force)")).await?;
        anyhow::Ok(())
    });
}

/// Ends what is still connected, and waits until it is gone. The server's own wait for that looks every 100 ms.
async fn end_sessions(admin: &Client, name: &str) -> anyhow::Result<()> {
    let end = admin
        .prepare("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1")
        .await?;
    for _ in 0..END_LOOKS {
        if admin.query_one(&end, &[&name]).await?.get::<_, i64>(0) == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    Ok(())
}

/// A session that just left the template may linger for some milliseconds, and the server refuses a copy meanwhile.
async fn copy(admin: &Client, template: &str, name: &str) -> anyhow::Result<()> {
    let copy = format!("create database {name} template {template} strategy file_copy");
    let mut left = COPY_ATTEMPTS;
    loop {
        match admin.batch_execute(&copy).await {
            Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) && left > 0 => left -= 1,
            done => return Ok(done?),
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
}
