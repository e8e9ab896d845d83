//! Accounts of which trades of long ago changed. To follow them again takes long: that is no matter of a step, in which
//! others wait, but of a turn of its own.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::risk_ledgers::{self, Changed};
use crate::risk_phases::{self, StoredPhase};
use crate::risk_records::{self, Again, Recorded};

/// Observations that a step may follow again: hours of an account that is heard each second.
const MOST: i64 = 20_000;

#[derive(QueryableByName)]
struct LongRow {
    #[diesel(sql_type = Bool)]
    is_long: bool,
}

#[derive(QueryableByName)]
struct BehindRow {
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

/// Leaves trades that `changed` for a turn of its own, where too much was observed `since` to be followed again in a step.
/// False: it was not too much.
pub(crate) async fn leave(
    tx: &mut Tx,
    stored: &StoredPhase,
    (since, changed): (DateTime<Utc>, Changed),
) -> StoreResult<bool> {
    let row: LongRow = sql_query(
        "select count(*) >= $3 as is_long from (
            select from risk_observations where account_id = $1 and at >= $2 limit $3) seen",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Timestamptz, _>(since)
    .bind::<BigInt, _>(MOST)
    .get_result(tx)
    .await?;
    if row.is_long {
        risk_ledgers::put_back(tx, stored, changed).await?;
    }
    Ok(row.is_long)
}

/// Accounts that were left so, the longest ago first.
pub async fn list(tx: &mut Tx, limit: i64) -> StoreResult<Vec<(OwnerId, AccountId)>> {
    let rows: Vec<BehindRow> = sql_query(
        "select c.owner_id, c.account_id
         from (
            select owner_id, account_id, min(at) as at from risk_trade_changes where is_closing
            group by owner_id, account_id) c
         join risk_phases p on p.account_id = c.account_id and p.ended_at is null and c.at >= p.started_at
         where $1 <= (
            select count(*) from (
                select from risk_observations o where o.account_id = c.account_id and o.at >= c.at limit $1) seen)
         order by c.at
         limit $2",
    )
    .bind::<BigInt, _>(MOST)
    .bind::<BigInt, _>(limit)
    .load(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.owner_id.into(), row.account_id.into())).collect())
}

/// Follows an account again from the first of its trades that changed. `None` where nothing is left to be done, or somebody
/// else is at the account: it stays in the list then.
pub async fn mend(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<Recorded>> {
    let Some(stored) = risk_phases::try_lock(tx, owner, account).await? else { return Ok(None) };
    let changed = risk_ledgers::list_changed(tx, &[&stored]).await?.remove(&account);
    let Some(since) = changed.and_then(|changed| changed.closed_at) else { return Ok(None) };
    risk_records::rebuild(tx, &stored, Again::Since(since)).await.map(Some)
}
