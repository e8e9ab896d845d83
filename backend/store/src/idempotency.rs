//! Answers that are given again when a write is repeated.
//!
//! The answer is stored in the transaction of the write: either both are there
//! or neither, whatever crashes in between.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::OwnerId;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::schema::idempotency_keys;

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: i32,
    /// The body.
    pub answer: String,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: go on, and [`keep`] the answer.
    Fresh,
    /// The same request was answered.
    Answered(Answered),
    /// Another request was made with it.
    Other,
    /// A request with it is in progress.
    Busy,
}

#[derive(QueryableByName)]
struct LockRow {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Takes `key` until the end of the transaction.
///
/// An answer of more than a day ago, by the database's clock, is none: it is deleted here, so that another can be kept.
pub async fn claim(tx: &mut Tx, owner: OwnerId, key: &str, request_hash: &[u8]) -> StoreResult<Claim> {
    let lock = "select pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 8601)) as locked";
    let row: LockRow =
        sql_query(lock).bind::<Text, _>(owner.to_string()).bind::<Text, _>(key).get_result(tx).await?;
    if !row.locked {
        return Ok(Claim::Busy);
    }
    let old = "delete from idempotency_keys where owner_id = $1 and key = $2 and created_at < now() - interval '1 day'";
    sql_query(old).bind::<SqlUuid, _>(owner.uuid()).bind::<Text, _>(key).execute(tx).await?;
    let found: Option<(Vec<u8>, i32, String)> = idempotency_keys::table
        .filter(idempotency_keys::owner_id.eq(owner.uuid()))
        .filter(idempotency_keys::key.eq(key))
        .select((idempotency_keys::request_hash, idempotency_keys::status, idempotency_keys::answer))
        .first(tx)
        .await
        .optional()?;
    Ok(match found {
        None => Claim::Fresh,
        Some((hash, status, answer)) if hash == request_hash => Claim::Answered(Answered { status, answer }),
        Some(_) => Claim::Other,
    })
}

/// Stores the answer of a fresh key.
pub async fn keep(
    tx: &mut Tx,
    owner: OwnerId,
    (key, request_hash): (&str, &[u8]),
    answered: &Answered,
) -> StoreResult<()> {
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::owner_id.eq(owner.uuid()),
            idempotency_keys::key.eq(key),
            idempotency_keys::request_hash.eq(request_hash),
            idempotency_keys::status.eq(answered.status),
            idempotency_keys::answer.eq(&answered.answer),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Forgets everybody's answers of more than a day ago, as the worker. Returns how many.
pub async fn forget_old(tx: &mut Tx) -> StoreResult<usize> {
    Ok(sql_query("delete from idempotency_keys where created_at < now() - interval '1 day'")
        .execute(tx)
        .await?)
}
