//! Accounts at exchanges as the worker serves them: sessions without a socket.

use std::collections::HashSet;

use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::account::Platform;
use flotilla_domain::id::{AccountId, NodeId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

/// An account that is to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Servable {
    /// The account.
    pub account_id: AccountId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// Its key does not work: nothing is opened, closes are tried.
    pub is_suspended: bool,
    /// Which key is in place.
    pub generation: i64,
    /// Leverage that its owner has set.
    pub leverage: Option<i32>,
}

#[derive(QueryableByName)]
struct ServableRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Bool)]
    is_suspended: bool,
    #[diesel(sql_type = BigInt)]
    generation: i64,
    #[diesel(sql_type = Nullable<Integer>)]
    leverage: Option<i32>,
}

#[derive(QueryableByName)]
struct EpochRow {
    #[diesel(sql_type = BigInt)]
    epoch: i64,
}

/// Active accounts with a proven key for perpetual contracts.
///
/// An account that is no longer active is served on while copies hold something there, so that they are closed.
pub async fn list_servable(tx: &mut Tx) -> StoreResult<Vec<Servable>> {
    let rows: Vec<ServableRow> = sql_query(
        "select a.id as account_id, a.owner_id, k.generation,
            case when k.leverage_set_at is not null then k.leverage end as leverage,
            k.status <> 'verified' or not a.is_active or not u.is_active or a.archived_at is not null as is_suspended
         from exchange_keys k
         join accounts a on a.id = k.account_id and a.platform = 'bingx'
         join users u on u.id = a.owner_id
         where k.sealed is not null and k.account_type = 'perpetual'
            and (a.is_active and u.is_active and a.archived_at is null or exists (
                select from copy_orders c where c.follower_account_id = a.id
                    and c.state in ('open', 'unconfirmed', 'closing', 'attention')))",
    )
    .get_results(tx)
    .await?;
    let servable = |row: ServableRow| Servable {
        account_id: row.account_id.into(),
        owner_id: row.owner_id.into(),
        is_suspended: row.is_suspended,
        generation: row.generation,
        leverage: row.leverage,
    };
    Ok(rows.into_iter().map(servable).collect())
}

/// Accounts that another worker serves, and nobody else may while its lease lasts.
pub async fn list_elsewhere(tx: &mut Tx, node: NodeId) -> StoreResult<HashSet<AccountId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        account_id: Uuid,
    }
    let rows: Vec<Row> = sql_query(
        "select s.account_id from sessions s
         join workers w on w.node_id = s.node_id
         where s.venue is not null and s.node_id <> $1 and w.leased_until > clock_timestamp()",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id.into()).collect())
}

/// Raises the epoch of an account that `node` begins to serve; its opens are held until [`release`].
///
/// * `is_suspended`: it does not count as online.
/// * `None`: another worker serves it, and its lease lasts; or this one has no lease.
pub async fn begin(
    tx: &mut Tx,
    (account, owner): (AccountId, OwnerId),
    (node, venue): (NodeId, Platform),
    is_suspended: bool,
) -> StoreResult<Option<i64>> {
    let rows: Vec<EpochRow> = sql_query(
        "insert into sessions as s (account_id, owner_id, epoch, node_id, venue, sockets, disconnected_at, opens_from)
         select $1, $2, 1, $3, $4, case when $5 then 0 else 1 end, case when $5 then now() end, 'infinity'
         where exists (select from workers where node_id = $3 and leased_until > clock_timestamp())
         on conflict (account_id) do update set
            epoch = s.epoch + 1,
            node_id = excluded.node_id,
            venue = excluded.venue,
            sockets = excluded.sockets,
            connected_at = now(),
            last_seen_at = now(),
            disconnected_at = excluded.disconnected_at,
            opens_from = excluded.opens_from
         where s.node_id = excluded.node_id or not exists (
            select from workers w where w.node_id = s.node_id and w.leased_until > clock_timestamp())
         returning epoch",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Text, _>(venue.as_str())
    .bind::<Bool, _>(is_suspended)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().next().map(|row| row.epoch))
}

/// Lets opens of an account through whose orders and positions were looked at under `epoch`, and notes that it was
/// heard of.
pub async fn release(tx: &mut Tx, account: AccountId, epoch: i64) -> StoreResult<()> {
    sql_query(
        "update sessions set opens_from = null, last_seen_at = now()
         where account_id = $1 and epoch = $2 and venue is not null",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<BigInt, _>(epoch)
    .execute(tx)
    .await?;
    Ok(())
}

/// Which of `accounts` are still served by `node` under an epoch of its own; with that epoch.
pub async fn list_epochs(
    tx: &mut Tx,
    node: NodeId,
    accounts: &[AccountId],
) -> StoreResult<Vec<(AccountId, i64)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        account_id: Uuid,
        #[diesel(sql_type = BigInt)]
        epoch: i64,
    }
    let ids: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    let rows: Vec<Row> =
        sql_query("select account_id, epoch from sessions where account_id = any($1) and node_id = $2")
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<SqlUuid, _>(node.uuid())
            .get_results(tx)
            .await?;
    Ok(rows.into_iter().map(|row| (row.account_id.into(), row.epoch)).collect())
}
