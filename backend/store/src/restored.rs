//! Putting in order a database that is as it was at an earlier time.
//!
//! Orders that were sent since are at terminals and exchanges, and no row knows of them. So
//! nothing is opened before each owner has looked and resumed.

use diesel::prelude::*;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection as _};
use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::OwnerId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::alerts::{self, NewAlert};
use crate::audit::{self, NewAudit};
use crate::db::Tx;
use crate::error::StoreResult;
use crate::migrate::{LOCK, MigrateError};
use crate::schema::{accounts, api_keys, users};

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

/// Who was told of a restoration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Owners there are.
    pub owners: usize,
    /// Of them, those whose terminals have keys.
    pub keyed: usize,
}

/// Tells every owner's audit chain, and in the inbox those whose terminals have keys: one that was replaced since
/// is good again. `detail`: what was restored. Works as the worker.
pub async fn note(tx: &mut Tx, detail: &Value) -> StoreResult<Told> {
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
    let keyed: Vec<Uuid> = api_keys::table
        .inner_join(accounts::table)
        .filter(accounts::archived_at.is_null())
        .select(api_keys::owner_id)
        .distinct()
        .load(tx)
        .await?;
    let told: Vec<NewAlert> = keyed.iter().map(|owner| keys_restored(*owner, detail)).collect();
    alerts::raise_all(tx, &told).await?;
    Ok(Told { owners: owners.len(), keyed: keyed.len() })
}

fn keys_restored(owner: Uuid, detail: &Value) -> NewAlert {
    let taken_at = detail.get("taken_at").and_then(Value::as_str);
    let since = taken_at.map(|at| at.replace('T', " ").replace('Z', " UTC"));
    NewAlert {
        owner_id: OwnerId::from_uuid(owner),
        kind: AlertKind::KeysRestored,
        account_id: None,
        copy_id: None,
        detail: since.map_or_else(|| json!({}), |since| json!({ "since": since })),
        dedupe_key: AlertKind::KeysRestored.to_string(),
    }
}
