//! The audit trail: appended in the transaction of what it records.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use flotilla_domain::audit::{AuditEntry, AuditHash, AuditRow, FIRST_PREV_HASH, next_hash};
use flotilla_domain::id::{OwnerId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::schema::audit;

/// Something worth recording.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAudit {
    /// Who acted; `None` when the system did.
    pub actor: Option<UserId>,
    /// What was done, as in `account_archived`.
    pub action: &'static str,
    /// Kind of thing it was done to, as in `account`.
    pub target_kind: &'static str,
    /// The thing itself.
    pub target_id: Option<Uuid>,
    /// What else is worth knowing, never secrets.
    pub detail: Value,
}

type StoredRow =
    (Uuid, i64, DateTime<Utc>, Option<Uuid>, String, Option<String>, Option<Uuid>, String, Vec<u8>, Vec<u8>);

/// Appends to the owner's chain. Appends of one owner wait for one another
/// until commit, so make it the last thing a transaction does.
pub async fn append(tx: &mut Tx, owner: OwnerId, new: NewAudit) -> StoreResult<()> {
    lock_chain(tx, owner).await?;
    let last: Option<(i64, Vec<u8>)> = audit::table
        .filter(audit::owner_id.eq(owner.uuid()))
        .order(audit::seq.desc())
        .select((audit::seq, audit::hash))
        .first(tx)
        .await
        .optional()?;
    let (seq, prev) = match last {
        Some((seq, hash)) => (seq, audit_hash(hash)?),
        None => (0, FIRST_PREV_HASH),
    };
    // Microseconds, as the column keeps them and the hash counts them.
    let at: DateTime<Utc> =
        diesel::select(diesel::dsl::sql::<Timestamptz>("clock_timestamp()")).get_result(tx).await?;
    let mut entry = AuditEntry {
        owner_id: owner,
        seq: seq.saturating_add(1),
        at,
        actor_id: new.actor,
        action: new.action.to_owned(),
        target_kind: Some(new.target_kind.to_owned()),
        target_id: new.target_id,
        detail: new.detail.to_string(),
        prev_hash: prev,
    };
    let hash = next_hash(prev, &mut entry);
    insert(tx, &entry, &hash).await
}

/// As [`append`], for several owners at once: whoever does the same waits for the owners in the same order.
pub async fn append_all(tx: &mut Tx, mut all: Vec<(OwnerId, NewAudit)>) -> StoreResult<()> {
    all.sort_by_key(|(owner, _)| lock_of(*owner));
    for (owner, new) in all {
        append(tx, owner, new).await?;
    }
    Ok(())
}

/// One lock per owner; two owners whose identifiers share these bits merely wait.
async fn lock_chain(tx: &mut Tx, owner: OwnerId) -> StoreResult<()> {
    diesel::sql_query("select pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>(lock_of(owner))
        .execute(tx)
        .await?;
    Ok(())
}

const fn lock_of(owner: OwnerId) -> i64 {
    let (_, low) = owner.uuid().as_u64_pair();
    low.cast_signed()
}

async fn insert(tx: &mut Tx, entry: &AuditEntry, hash: &AuditHash) -> StoreResult<()> {
    diesel::insert_into(audit::table)
        .values((
            audit::owner_id.eq(entry.owner_id.uuid()),
            audit::seq.eq(entry.seq),
            audit::at.eq(entry.at),
            audit::actor_id.eq(entry.actor_id.map(Uuid::from)),
            audit::action.eq(&entry.action),
            audit::target_kind.eq(&entry.target_kind),
            audit::target_id.eq(entry.target_id),
            audit::detail.eq(&entry.detail),
            audit::prev_hash.eq(entry.prev_hash.as_slice()),
            audit::hash.eq(hash.as_slice()),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Rows of one chain after place `after`, in order.
pub async fn list(tx: &mut Tx, owner: OwnerId, after: i64, limit: i64) -> StoreResult<Vec<AuditRow>> {
    let rows: Vec<StoredRow> = audit::table
        .filter(audit::owner_id.eq(owner.uuid()))
        .filter(audit::seq.gt(after))
        .order(audit::seq)
        .limit(limit)
        .select((
            audit::owner_id,
            audit::seq,
            audit::at,
            audit::actor_id,
            audit::action,
            audit::target_kind,
            audit::target_id,
            audit::detail,
            audit::prev_hash,
            audit::hash,
        ))
        .load(tx)
        .await?;
    rows.into_iter().map(stored).collect()
}

/// Every owner who has a chain, as far as the role may see.
pub async fn list_owners(tx: &mut Tx) -> StoreResult<Vec<OwnerId>> {
    let owners: Vec<Uuid> =
        audit::table.select(audit::owner_id).distinct().order(audit::owner_id).load(tx).await?;
    Ok(owners.into_iter().map(Into::into).collect())
}

fn stored(row: StoredRow) -> StoreResult<AuditRow> {
    let (owner, seq, at, actor, action, target_kind, target_id, detail, prev_hash, hash) = row;
    Ok(AuditRow {
        entry: AuditEntry {
            owner_id: owner.into(),
            seq,
            at,
            actor_id: actor.map(Into::into),
            action,
            target_kind,
            target_id,
            detail,
            prev_hash: audit_hash(prev_hash)?,
        },
        hash: audit_hash(hash)?,
    })
}

fn audit_hash(bytes: Vec<u8>) -> StoreResult<AuditHash> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("audit.hash"))
}
