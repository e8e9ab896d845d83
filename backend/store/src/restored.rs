//! Putting in order a database that is as it was at an earlier time.
//!
//! Orders that were sent since are at terminals and exchanges, and no row knows of them. So
//! nothing is opened before each owner has looked and resumed.

use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection as _};
use flotilla_domain::id::OwnerId;
use serde_json::Value;
use uuid::Uuid;

use crate::audit::{self, NewAudit};
use crate::db::Tx;
use crate::error::StoreResult;
use crate::migrate::{LOCK, MigrateError};
use crate::schema::users;

/// The statements. In the transaction that restores, nobody ever sees the database without them.
/// They are for the schema of any backup, so they name nothing that a later migration takes away.
pub const HOLD: &str = include_str!("restored.sql");

/// Runs [`HOLD`] on a database that something else restored.
///
/// * `admin_url`: a member of `flotilla_owner`.
///
/// # Errors
///
/// [`MigrateError`]; nothing was changed then.
pub async fn hold(admin_url: &str) -> Result<(), MigrateError> {
    let mut connection = AsyncPgConnection::establish(admin_url).await?;
    let all = format!("begin; select pg_advisory_xact_lock({LOCK}); {HOLD} commit;");
    Ok(connection.batch_execute(&all).await?)
}

/// Tells every owner's audit chain; `detail`: what was restored. Works as the worker. Returns how many owners there are.
pub async fn note(tx: &mut Tx, detail: &Value) -> StoreResult<usize> {
    let owners: Vec<Uuid> = users::table.select(users::id).load(tx).await?;
    let entry = |owner: &Uuid| {
        let new = NewAudit {
            actor: None,
            action: "database_restored",
            target_kind: "user",
            target_id: Some(*owner),
            detail: detail.clone(),
        };
        (OwnerId::from_uuid(*owner), new)
    };
    audit::append_all(tx, owners.iter().map(entry).collect()).await?;
    Ok(owners.len())
}
