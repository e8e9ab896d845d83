//! Orders that an exchange has under our names and that no row knows: the database has lost its last commits, or is as it
//! was at an earlier time.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::venue_order::VenueOrder;
use flotilla_domain::id::{AccountId, CopyId, NodeId};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::{COLUMNS, CopyRow, LockedCopy};
use crate::error::StoreResult;

/// A locked copy of which an order was found.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// The copy.
    pub copy: LockedCopy,
    /// Stop loss that is wanted for it.
    pub stop_loss: Option<Decimal>,
    /// Take profit that is wanted for it.
    pub take_profit: Option<Decimal>,
}

#[derive(QueryableByName)]
struct OrderedRow {
    #[diesel(embed)]
    copy: CopyRow,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct CopyIdRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
}

/// Contracts of an account of which an order is not over, or became so after `since`: what is held there is not booked
/// yet. `None` where the account has never copied anybody.
pub async fn list_moving(
    tx: &mut Tx,
    account: AccountId,
    since: DateTime<Utc>,
) -> StoreResult<Option<HashSet<String>>> {
    let copies: Vec<NameRow> = sql_query(
        "select follower_account_id::text as name from subscriptions where follower_account_id = $1 limit 1",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    if copies.is_empty() {
        return Ok(None);
    }
    let rows: Vec<NameRow> = sql_query(
        "select distinct symbol as name from venue_orders
         where follower_account_id = $1 and owner_id = (select owner_id from accounts where id = $1)
            and (state in ('intended', 'accepted', 'unknown') or updated_at >= $2)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Timestamptz, _>(since)
    .get_results(tx)
    .await?;
    Ok(Some(rows.into_iter().map(|row| row.name).collect()))
}

/// Which of these names of orders are written down.
pub async fn list_written(tx: &mut Tx, names: &[&str]) -> StoreResult<HashSet<String>> {
    let rows: Vec<NameRow> =
        sql_query("select client_id as name from venue_orders where client_id = any($1)")
            .bind::<Array<Text>, _>(names)
            .get_results(tx)
            .await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Which of these copies there are of an account, whatever became of them.
pub async fn list_copies(tx: &mut Tx, account: AccountId, copies: &[CopyId]) -> StoreResult<HashSet<CopyId>> {
    let ids: Vec<Uuid> = copies.iter().map(|copy| copy.uuid()).collect();
    let rows: Vec<CopyIdRow> =
        sql_query("select copy_id from copy_orders where copy_id = any($1) and follower_account_id = $2")
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<SqlUuid, _>(account.uuid())
            .get_results(tx)
            .await?;
    Ok(rows.into_iter().map(|row| row.copy_id.into()).collect())
}

/// Locks a copy of which an order was found, by the session `epoch` on `node`. `None`: the session is not the present
/// one, or the copy is planned and will be skipped, for its time has passed or nothing is wanted of it; what was found
/// is evidence afterwards.
pub async fn lock_ordered(
    tx: &mut Tx,
    (node, epoch): (NodeId, i64),
    (account, copy): (AccountId, CopyId),
) -> StoreResult<Option<Ordered>> {
    let rows: Vec<OrderedRow> = sql_query(format!(
        "select {COLUMNS}, c.stop_loss, c.take_profit
         from copy_orders c
         join sessions s on s.account_id = c.follower_account_id
         where c.copy_id = $1 and c.follower_account_id = $2 and s.node_id = $3 and s.epoch = $4
            and (c.state <> 'planned' or c.desired_lots > 0 and c.expires_at > clock_timestamp())
         for update of c
         for share of s"
    ))
    .bind::<SqlUuid, _>(copy.uuid())
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<BigInt, _>(epoch)
    .get_results(tx)
    .await?;
    rows.into_iter()
        .next()
        .map(|row| {
            Ok(Ordered { copy: row.copy.locked()?, stop_loss: row.stop_loss, take_profit: row.take_profit })
        })
        .transpose()
}

/// Writes an order of a locked copy that was found, as if it had been written before it was sent. A copy that was planned
/// is claimed with it.
///
/// # Errors
///
/// [`StoreError::Constraint`](crate::StoreError::Constraint) when the order is written down.
pub async fn write(tx: &mut Tx, copy: &LockedCopy, order: &VenueOrder) -> StoreResult<()> {
    if copy.order.state == CopyState::Planned {
        super::open::claim(tx, order).await
    } else {
        super::insert(tx, order).await
    }
}
