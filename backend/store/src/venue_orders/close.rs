//! Copies at an exchange that are to be flat, or smaller, and their closing orders.

use diesel::sql_types::{Array, BigInt, Integer, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::Platform;
use flotilla_domain::copy::venue_order::VenueOrder;
use flotilla_domain::id::{AccountId, CopyId, NodeId};
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::{COLUMNS, CopyRow, LockedCopy};
use crate::error::StoreResult;
use crate::prepared::Prepared;

/// A copy that holds more than is wanted, and whose close is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueVenueClose {
    /// The copy.
    pub copy_id: CopyId,
    /// The account at the exchange.
    pub follower_id: AccountId,
    /// Whether something of it is still wanted.
    pub is_part: bool,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is_part: bool,
}

/// Copies whose close is due, of accounts at `venue` that `node` serves, suspended ones too: closes are never held.
///
/// Those with an order that is not over are left out: it is asked for first.
pub async fn list_due(
    tx: &mut Tx,
    (node, venue): (NodeId, Platform),
    limit: i64,
) -> StoreResult<Vec<DueVenueClose>> {
    let rows: Vec<DueRow> = sql_query(
        "select c.copy_id, c.follower_account_id, c.is_part
         from (
            select copy_id, follower_account_id, close_due_at, false as is_part from copy_orders
            where desired_lots = 0 and state in ('open', 'closing') and close_due_at <= now()
            union all
            select copy_id, follower_account_id, close_due_at, true as is_part from copy_orders
            where desired_lots > 0 and state = 'open' and close_due_at <= now()) c
         join sessions s on s.account_id = c.follower_account_id and s.node_id = $1 and s.venue = $2
         where not exists (
                select from venue_orders v
                where v.copy_id = c.copy_id and v.state in ('intended', 'accepted', 'unknown'))
         order by c.close_due_at
         limit $3",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Text, _>(venue.as_str())
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    let due = |row: DueRow| DueVenueClose {
        copy_id: row.copy_id.into(),
        follower_id: row.follower_account_id.into(),
        is_part: row.is_part,
    };
    Ok(rows.into_iter().map(due).collect())
}

/// Locks a copy whose close may be sent by the session `epoch` on `node`; `None`: it is gone, was asked for, or the
/// session is not the present one.
pub async fn lock_due(
    tx: &mut Tx,
    (node, epoch): (NodeId, i64),
    copy: CopyId,
) -> StoreResult<Option<LockedCopy>> {
    let query = sql_query(format!(
        "select {COLUMNS}
         from copy_orders c
         join sessions s on s.account_id = c.follower_account_id
         where c.copy_id = $1 and (c.state in ('open', 'closing') and c.desired_lots = 0
                or c.state = 'open' and c.close_due_at is not null)
            and s.node_id = $2 and s.epoch = $3
         for update of c skip locked
         for share of s"
    ))
    .bind::<SqlUuid, _>(copy.uuid())
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<BigInt, _>(epoch);
    let rows: Vec<CopyRow> = Prepared(query).get_results(tx).await?;
    rows.into_iter().next().map(CopyRow::locked).transpose()
}

/// Moves a locked copy to `closing` and writes its order, which is due again later.
///
/// `order`: `None` where there is nothing to be sent now.
pub async fn claim(
    tx: &mut Tx,
    copy: &LockedCopy,
    order: Option<&VenueOrder>,
    repeats_s: &[i32],
) -> StoreResult<()> {
    let query = sql_query(
        "with moved as (
            update copy_orders c set
                state = 'closing',
                close_attempts = c.close_attempts + 1,
                close_due_at = now() + make_interval(secs => ($2)[least(c.close_attempts + 1, cardinality($2))]),
                updated_at = now()
            where c.copy_id = $1
            returning c.owner_id, c.copy_id)
         insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
         select owner_id, copy_id, $3, 'closing', 'close_sent' from moved where $3 <> 'closing'",
    )
    .bind::<SqlUuid, _>(copy.order.id.uuid())
    .bind::<Array<Integer>, _>(repeats_s)
    .bind::<Text, _>(copy.order.state.as_str());
    Prepared(query).execute(tx).await?;
    match order {
        Some(order) => super::insert(tx, order).await,
        None => Ok(()),
    }
}

/// Writes the order that closes a part of a locked copy, which stays open. It is judged again later.
pub async fn claim_part(
    tx: &mut Tx,
    copy: &LockedCopy,
    order: &VenueOrder,
    repeats_s: &[i32],
) -> StoreResult<()> {
    sql_query(
        "with moved as (
            update copy_orders c set
                close_attempts = c.close_attempts + 1,
                close_due_at = now() + make_interval(secs => ($2)[least(c.close_attempts + 1, cardinality($2))]),
                updated_at = now()
            where c.copy_id = $1
            returning c.owner_id, c.copy_id, c.state)
         insert into copy_events (owner_id, copy_id, from_state, to_state, cause, detail)
         select owner_id, copy_id, state, state, 'reduce_sent', trim_scale($3)::text from moved",
    )
    .bind::<SqlUuid, _>(copy.order.id.uuid())
    .bind::<Array<Integer>, _>(repeats_s)
    .bind::<Numeric, _>(order.quantity)
    .execute(tx)
    .await?;
    super::insert(tx, order).await
}

/// A part of a locked copy cannot be closed now; it is looked at again later, each time later.
pub async fn put_off_part(tx: &mut Tx, copy: CopyId, repeats_s: &[i32]) -> StoreResult<()> {
    sql_query(
        "update copy_orders c set
            close_attempts = c.close_attempts + 1,
            close_due_at = now() + make_interval(secs => ($2)[least(c.close_attempts + 1, cardinality($2))])
         where c.copy_id = $1",
    )
    .bind::<SqlUuid, _>(copy.uuid())
    .bind::<Array<Integer>, _>(repeats_s)
    .execute(tx)
    .await?;
    Ok(())
}

/// A locked copy holds what is wanted, as far as that can be traded.
pub async fn rest(tx: &mut Tx, copy: CopyId) -> StoreResult<()> {
    sql_query(
        "update copy_orders set close_due_at = null, close_attempts = 0 where copy_id = $1 and desired_lots > 0",
    )
    .bind::<SqlUuid, _>(copy.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

/// Has the close of what is left of a copy sent at once, be it all or a part; what came of the one before does not
/// count any more.
pub async fn hasten(tx: &mut Tx, copy: CopyId) -> StoreResult<()> {
    let query = sql_query(
        "update copy_orders set
            close_due_at = case when desired_lots = 0 then now() else close_due_at end,
            close_attempts = case when desired_lots = 0 then close_attempts else 0 end
         where copy_id = $1 and state in ('open', 'closing')",
    )
    .bind::<SqlUuid, _>(copy.uuid());
    Prepared(query).execute(tx).await?;
    Ok(())
}
