//! What followers said, word for word.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;
use crate::prepared::Prepared;

/// One line of a follower that says something about a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceLine {
    /// Owner of the account.
    pub owner_id: OwnerId,
    /// Names the line for ever: what is stored twice is stored once.
    pub line_id: Uuid,
    /// The account that said it.
    pub account_id: AccountId,
    /// Epoch of the session it came over.
    pub session_epoch: i64,
    /// The line. Kept for judging a transition again, never logged.
    pub line: String,
    /// Microseconds since the line was read.
    pub age_us: i64,
}

/// A line as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its place among all lines.
    pub id: i64,
    /// False: it was stored before, with all that followed from it.
    pub is_new: bool,
}

#[derive(QueryableByName)]
struct KeptRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Bool)]
    is_new: bool,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    line_id: Uuid,
}

/// Appends `lines`, unless they are there, and returns what became of each, in
/// the same order. Each line occurs once in `lines`.
pub async fn insert(tx: &mut Tx, lines: &[EvidenceLine]) -> StoreResult<Vec<Kept>> {
    // An insert from an ordered select numbers its rows in that order.
    // What was stored before is looked up only where the insert found a conflict.
    let query = sql_query(
        "with said as (
            insert into evidence (owner_id, account_id, session_epoch, line, line_id, received_at)
            select owner_id, account_id, session_epoch, line, line_id,
                clock_timestamp() - make_interval(secs => age_us / 1e6)
            from unnest($1, $2, $3, $4, $5, $6) with ordinality
                as v (owner_id, account_id, session_epoch, line, line_id, age_us, turn)
            order by turn
            on conflict (line_id) do nothing
            returning id, line_id)
         select coalesce(said.id, (select before.id from evidence before where before.line_id = v.line_id)) as id,
            said.id is not null as is_new
         from unnest($5) with ordinality as v (line_id, turn)
         left join said on said.line_id = v.line_id
         order by v.turn",
    )
    .bind::<Array<SqlUuid>, _>(lines.iter().map(|line| line.owner_id.uuid()).collect::<Vec<Uuid>>())
    .bind::<Array<SqlUuid>, _>(lines.iter().map(|line| line.account_id.uuid()).collect::<Vec<Uuid>>())
    .bind::<Array<BigInt>, _>(lines.iter().map(|line| line.session_epoch).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(lines.iter().map(|line| line.line.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(lines.iter().map(|line| line.line_id).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(lines.iter().map(|line| line.age_us).collect::<Vec<_>>());
    let rows: Vec<KeptRow> = Prepared(query).get_results(tx).await?;
    Ok(rows.into_iter().map(|row| Kept { id: row.id, is_new: row.is_new }).collect())
}

/// Which of the lines `ids` are stored.
pub async fn list_stored(tx: &mut Tx, ids: &[Uuid]) -> StoreResult<Vec<Uuid>> {
    let rows: Vec<IdRow> = sql_query("select line_id from evidence where line_id = any($1)")
        .bind::<Array<SqlUuid>, _>(ids)
        .get_results(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.line_id).collect())
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
