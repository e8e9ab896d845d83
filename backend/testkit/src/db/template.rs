//! The migrated database that each test's own is a copy of.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flotilla_store::migrate::RolePasswords;
use tokio_postgres::Client;

use super::cluster::Cluster;

pub(super) const TEST_PREFIX: &str = "flotilla_test_";
const TEMPLATE_PREFIX: &str = "flotilla_tmpl_";

/// Any number that no other advisory lock of the cluster uses.
const TEMPLATE_LOCK: i64 = 0x666c_6f74_746d_706c;

/// Databases of killed tests and of migrations that have changed since. No test runs this long.
const STALE: &str = "select datname from pg_database
    where (starts_with(datname, $1) or starts_with(datname, $2)) and datname <> $3
      and (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '3 hours'";

/// Name of the template of the present migrations, made by the first process that asks.
///
/// Nobody can connect to a finished template, so nobody can be in the way of a copy.
pub(super) async fn ensure(cluster: &Cluster, admin: &Client) -> anyhow::Result<String> {
    let name = format!("{TEMPLATE_PREFIX}{:016x}", fingerprint()?);
    if is_finished(admin, &name).await? {
        return Ok(name);
    }
    admin.execute("select pg_advisory_lock($1)", &[&TEMPLATE_LOCK]).await?;
    let made = make(cluster, admin, &name).await;
    admin.execute("select pg_advisory_unlock($1)", &[&TEMPLATE_LOCK]).await?;
    made.map(|()| name)
}

async fn is_finished(admin: &Client, name: &str) -> anyhow::Result<bool> {
    let finished = "select from pg_database where datname = $1 and datistemplate";
    Ok(admin.query_opt(finished, &[&name]).await?.is_some())
}

async fn make(cluster: &Cluster, admin: &Client, name: &str) -> anyhow::Result<()> {
    // Another process may have been faster.
    if is_finished(admin, name).await? {
        return Ok(());
    }
    drop_stale(admin, name).await?;
    admin.batch_execute(&format!("drop database if exists {name} with (force)")).await?;
    admin.batch_execute(&format!("create database {name}")).await?;
    migrate(cluster.clone(), cluster.url(None, name)).await?;
    admin
        .batch_execute(&format!("alter database {name} with is_template true allow_connections false"))
        .await?;
    Ok(())
}

/// On a runtime of its own: the migrations block a thread, which a test's single-threaded runtime cannot spare.
async fn migrate(cluster: Cluster, url: String) -> anyhow::Result<()> {
    let (done, result) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let ran = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map(
            |runtime| {
                let password = cluster.password();
                let passwords = RolePasswords { app: password, worker: password, readonly: password };
                runtime.block_on(flotilla_store::migrate::run(&url, passwords))
            },
        );
        let _ = done.send(ran);
    });
    result.await?.context("runtime")?.context("migrations")?;
    Ok(())
}

async fn drop_stale(admin: &Client, current: &str) -> anyhow::Result<()> {
    for row in admin.query(STALE, &[&TEST_PREFIX, &TEMPLATE_PREFIX, &current]).await? {
        let name: String = row.get(0);
        admin.batch_execute(&format!("alter database {name} with is_template false")).await?;
        admin.batch_execute(&format!("drop database if exists {name} with (force)")).await?;
    }
    Ok(())
}

/// Changes whenever a migration or the code that runs them does.
fn fingerprint() -> anyhow::Result<u64> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut files = vec![root.join("backend/store/src/migrate.rs")];
    collect(&root.join("migrations"), &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.to_string_lossy().as_bytes());
        hasher.write(&fs::read(&file).with_context(|| file.display().to_string())?);
    }
    Ok(hasher.finish())
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else {
            into.push(path);
        }
    }
    Ok(())
}
