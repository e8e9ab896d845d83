//! What followers said, word for word.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

/// One line of a follower that says something about a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceLine {
    /// Owner of the account.
    pub owner_id: OwnerId,
    /// The account that said it.
    pub account_id: AccountId,
    /// Epoch of the session it came over.
    pub session_epoch: i64,
    /// The line. Kept for judging a transition again, never logged.
    pub line: String,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Appends `lines` and returns their ids in the same order.
pub async fn insert(tx: &mut Tx, lines: &[EvidenceLine]) -> StoreResult<Vec<i64>> {
    // An insert from an ordered select numbers its rows in that order.
    let rows: Vec<IdRow> = sql_query(
        "with said as (
            insert into evidence (owner_id, account_id, session_epoch, line)
            select owner_id, account_id, session_epoch, line
            from unnest($1, $2, $3, $4) with ordinality as v (owner_id, account_id, session_epoch, line, turn)
            order by turn
            returning id)
         select id from said order by id",
    )
    .bind::<Array<SqlUuid>, _>(lines.iter().map(|line| line.owner_id.uuid()).collect::<Vec<Uuid>>())
    .bind::<Array<SqlUuid>, _>(lines.iter().map(|line| line.account_id.uuid()).collect::<Vec<Uuid>>())
    .bind::<Array<BigInt>, _>(lines.iter().map(|line| line.session_epoch).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(lines.iter().map(|line| line.line.as_str()).collect::<Vec<_>>())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A line and when it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidLine {
    /// The line.
    pub line: String,
    /// By the database's clock.
    pub received_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct SaidRow {
    #[diesel(sql_type = Text)]
    line: String,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
}

/// Lists what an account said since `since` in lines that begin with `verb`,
/// newest first, at most `limit`.
pub async fn list_since(
    tx: &mut Tx,
    account: AccountId,
    since: DateTime<Utc>,
    verb: &str,
    limit: i64,
) -> StoreResult<Vec<SaidLine>> {
    let rows: Vec<SaidRow> = sql_query(
        "select line, received_at from evidence
         where account_id = $1 and received_at >= $2 and starts_with(line, $3)
         order by id desc
         limit $4",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Timestamptz, _>(since)
    .bind::<Text, _>(verb)
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| SaidLine { line: row.line, received_at: row.received_at }).collect())
}
