//! Every edge a copy took, with its cause.

use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use crate::Tx;
use crate::copy_orders::settle::CopyChange;
use crate::error::StoreResult;

/// Appends one event per change, in order.
pub(crate) async fn insert(tx: &mut Tx, changes: &[&CopyChange]) -> StoreResult<()> {
    sql_query(
        "insert into copy_events (owner_id, copy_id, from_state, to_state, cause, detail, evidence_id, snapshot_id)
         select owner_id, copy_id, from_state, to_state, cause, detail, evidence_id, snapshot_id
         from unnest($1, $2, $3, $4, $5, $6, $7, $8) with ordinality
            as v (owner_id, copy_id, from_state, to_state, cause, detail, evidence_id, snapshot_id, turn)
         order by turn",
    )
    .bind::<Array<SqlUuid>, _>(changes.iter().map(|change| change.copy.owner_id.uuid()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(changes.iter().map(|change| change.copy.id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changes.iter().map(|change| change.copy.state.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changes.iter().map(|change| change.to.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changes.iter().map(|change| change.cause).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        changes.iter().map(|change| change.detail.as_deref()).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<BigInt>>, _>(changes.iter().map(|change| change.evidence_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(changes.iter().map(|change| change.snapshot_id).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
