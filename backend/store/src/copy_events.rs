//! Every edge a copy took, with its cause.

use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::id::CopyId;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::settle::CopyChange;
use crate::error::{StoreResult, known};
use crate::prepared::Prepared;

/// An edge that a line brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeOf {
    /// The copy.
    pub copy_id: CopyId,
    /// State it entered.
    pub to: CopyState,
    /// Stable word of the engine.
    pub cause: String,
    /// The other side's words.
    pub detail: Option<String>,
}

#[derive(QueryableByName)]
struct EdgeRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = Text)]
    to_state: String,
    #[diesel(sql_type = Text)]
    cause: String,
    #[diesel(sql_type = Nullable<Text>)]
    detail: Option<String>,
}

/// Lists the edges of `copies` that the lines `evidence` brought about.
pub async fn list_of_evidence(tx: &mut Tx, copies: &[Uuid], evidence: &[i64]) -> StoreResult<Vec<EdgeOf>> {
    let rows: Vec<EdgeRow> = sql_query(
        "select copy_id, to_state, cause, detail from copy_events
         where copy_id = any($1) and evidence_id = any($2)
         order by id",
    )
    .bind::<Array<SqlUuid>, _>(copies)
    .bind::<Array<BigInt>, _>(evidence)
    .get_results(tx)
    .await?;
    rows.into_iter().map(EdgeRow::edge).collect()
}

impl EdgeRow {
    fn edge(self) -> StoreResult<EdgeOf> {
        Ok(EdgeOf {
            copy_id: self.copy_id.into(),
            to: known("copy_events.to_state", &self.to_state)?,
            cause: self.cause,
            detail: self.detail,
        })
    }
}

/// Appends one event per change, in order.
pub(crate) async fn insert(tx: &mut Tx, changes: &[&CopyChange]) -> StoreResult<()> {
    let query = sql_query(
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
    .bind::<Array<Nullable<BigInt>>, _>(changes.iter().map(|change| change.snapshot_id).collect::<Vec<_>>());
    Prepared(query).execute(tx).await?;
    Ok(())
}
