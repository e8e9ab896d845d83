//! Orders that an exchange has under our names, against those that are written down.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, CopyId};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreError, StoreResult};

/// A copy that the name of an order says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedCopy {
    /// The copy.
    pub copy_id: CopyId,
    /// The trade that it is of.
    pub master_ticket: Ticket,
    /// Its order is still to be sent, under the same name.
    pub is_planned: bool,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct WrittenRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Numeric)]
    filled: Decimal,
}

#[derive(QueryableByName)]
struct CopyRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = BigInt)]
    master_ticket: i64,
    #[diesel(sql_type = Bool)]
    is_planned: bool,
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

/// Which of these names of orders are written down, and how much of what they filled is accounted for.
///
/// What left a copy and nothing explains, no order and no price, is not: should it be there again, it is as before.
pub async fn list_written(tx: &mut Tx, names: &[&str]) -> StoreResult<HashMap<String, Decimal>> {
    let rows: Vec<WrittenRow> = sql_query(
        "select v.client_id as name, v.filled - coalesce((
                select sum(x.filled) from venue_orders x
                where v.leg = 'open' and x.copy_id = v.copy_id and x.leg = 'external' and x.order_id is null
                    and x.average_price is null), 0) as filled
         from venue_orders v where v.client_id = any($1)",
    )
    .bind::<Array<Text>, _>(names)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.filled)).collect())
}

/// Which of these copies there are of an account, whatever became of them.
pub async fn list_copies(
    tx: &mut Tx,
    account: AccountId,
    copies: &[CopyId],
) -> StoreResult<HashMap<CopyId, NamedCopy>> {
    let ids: Vec<Uuid> = copies.iter().map(|copy| copy.uuid()).collect();
    let rows: Vec<CopyRow> = sql_query(
        "select copy_id, master_ticket, state = 'planned' as is_planned
         from copy_orders where copy_id = any($1) and follower_account_id = $2",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let copy_id = row.copy_id.into();
            let master_ticket = Ticket::new(row.master_ticket)
                .map_err(|_| StoreError::Corrupt("copy_orders.master_ticket"))?;
            Ok((copy_id, NamedCopy { copy_id, master_ticket, is_planned: row.is_planned }))
        })
        .collect()
}
