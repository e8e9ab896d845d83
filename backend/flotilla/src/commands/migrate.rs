//! Bringing the database schema up to date.

use anyhow::{Context as _, ensure};
use flotilla_store::migrate::{self, RolePasswords};
use flotilla_store::{Db, Tx};
use secrecy::{ExposeSecret, SecretString};

use crate::settings::{DatabaseUrl, DatabaseUrls, Environment};

/// Runs pending migrations.
///
/// # Errors
///
/// When `DATABASE_URL` is not set, or a migration fails.
pub async fn run(environment: &Environment<'_>) -> anyhow::Result<()> {
    let urls = DatabaseUrls::read(environment)?;
    let ran = apply(admin(&urls)?, &urls).await?;
    for name in &ran {
        println!("ran {name}");
    }
    println!("the schema is up to date");
    Ok(())
}

/// Makes sure that the schema is the one this version needs: runs the migrations when there is a
/// login for it, checks otherwise. Processes that start together wait for each other.
///
/// # Errors
///
/// When a migration fails, or is pending and nobody here may run it.
pub async fn ensure_current(urls: &DatabaseUrls) -> anyhow::Result<()> {
    if let Some(admin) = &urls.admin {
        let ran = apply(admin, urls).await?;
        tracing::info!(ran = ran.len(), "the schema is up to date");
        return Ok(());
    }
    check(urls).await
}

/// Makes sure that the schema is the one this version needs, and changes nothing.
///
/// # Errors
///
/// When a migration is pending, or the database cannot be asked.
pub async fn check(urls: &DatabaseUrls) -> anyhow::Result<()> {
    let remedy = "run `flotilla migrate` with DATABASE_URL set to a login that owns the database";
    let pending =
        pending(&urls.app).await.with_context(|| format!("the schema cannot be checked; {remedy}"))?;
    ensure!(pending == 0, "migrations of this version are pending: {pending}; {remedy}");
    Ok(())
}

/// The login that may do everything in the database.
///
/// # Errors
///
/// When `DATABASE_URL` is not set.
pub fn admin(urls: &DatabaseUrls) -> anyhow::Result<&DatabaseUrl> {
    urls.admin
        .as_ref()
        .context("DATABASE_URL is not set: this needs a login that may create roles and owns the database")
}

/// Runs pending migrations and returns their names.
///
/// # Errors
///
/// When one fails, or servers of another database use the roles with another password.
pub async fn apply(admin: &DatabaseUrl, urls: &DatabaseUrls) -> anyhow::Result<Vec<String>> {
    const FAILED: &str = "the database schema could not be brought up to date";
    let elsewhere = migrate::roles_elsewhere(admin.expose()).await.context(FAILED)?;
    let app = new_password(&urls.app, "flotilla_app", &elsewhere).await?;
    let worker = new_password(&urls.worker, "flotilla_worker", &elsewhere).await?;
    let readonly = new_password(&urls.readonly, "flotilla_readonly", &elsewhere).await?;
    let passwords = RolePasswords {
        app: exposed(app.as_ref()),
        worker: exposed(worker.as_ref()),
        readonly: exposed(readonly.as_ref()),
    };
    migrate::run(admin.expose(), passwords).await.context(FAILED)
}

/// The password that a role is given; `None` leaves it as it is. While servers of another database are connected as that
/// role it is not changed: they would be shut out with their next connection.
async fn new_password(
    url: &DatabaseUrl,
    role: &str,
    elsewhere: &[String],
) -> anyhow::Result<Option<SecretString>> {
    let Some(password) = url.password() else { return Ok(None) };
    if !elsewhere.iter().any(|name| name == role) {
        return Ok(Some(password));
    }
    migrate::reach(url.expose()).await.with_context(|| {
        format!(
            "servers of another database on this PostgreSQL are connected as {role}, whose password is not the one here: \
             roles are the whole server's, and a new password would shut those servers out. Give each installation a \
             PostgreSQL of its own, or both the same passwords"
        )
    })?;
    Ok(None)
}

fn exposed(password: Option<&SecretString>) -> Option<&str> {
    password.map(ExposeSecret::expose_secret)
}

async fn pending(url: &DatabaseUrl) -> anyhow::Result<usize> {
    Db::connect(url.expose(), 1)?.open(async |tx: &mut Tx| Ok(migrate::pending(tx).await?)).await
}
