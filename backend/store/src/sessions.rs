//! Connections of EAs, and the epochs that fence older ones.

use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, NodeId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::ea_login::EaLogin;
use crate::error::{StoreError, StoreResult};

/// A session that was found open without its worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abandoned {
    /// The account.
    pub account_id: AccountId,
    /// Its owner.
    pub owner_id: OwnerId,
}

#[derive(QueryableByName)]
struct EpochRow {
    #[diesel(sql_type = BigInt)]
    epoch: i64,
}

#[derive(QueryableByName)]
struct AbandonedRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

#[derive(QueryableByName)]
struct WireRow {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    wire_master_id: Option<Uuid>,
}

/// Raises the epoch of an account for a socket that has just logged in.
///
/// * `adds`: the socket stands beside the account's others on this node (a
///   master's charts) instead of replacing them.
/// * Returns the new epoch. Claims of older epochs are the caller's to move on.
pub async fn raise(tx: &mut Tx, login: &EaLogin, node: NodeId, adds: bool) -> StoreResult<i64> {
    let row: EpochRow = sql_query(
        "insert into sessions as s (account_id, owner_id, epoch, node_id)
         values ($1, $2, 1, $3)
         on conflict (account_id) do update set
            epoch = s.epoch + 1,
            node_id = excluded.node_id,
            sockets = case when $4 and s.node_id = excluded.node_id then s.sockets + 1 else 1 end,
            connected_at = now(),
            last_seen_at = now(),
            disconnected_at = null,
            opens_from = null,
            venue = null
         returning epoch",
    )
    .bind::<SqlUuid, _>(login.account_id.uuid())
    .bind::<SqlUuid, _>(login.owner_id.uuid())
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Bool, _>(adds)
    .get_result(tx)
    .await?;
    Ok(row.epoch)
}

/// Holds the opens of a follower that has just logged in for `seconds`, if
/// copies of it are in doubt: what became of them decides what may be opened.
/// Closes are never held.
///
/// Belongs into the transaction of [`raise`], after the claims of older epochs moved on.
pub async fn hold_opens(tx: &mut Tx, account: AccountId, seconds: i32) -> StoreResult<()> {
    sql_query(
        "update sessions set opens_from = now() + make_interval(secs => $2)
         where account_id = $1 and exists (
            select from copy_orders where follower_account_id = $1 and state = 'unconfirmed')",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<Integer, _>(seconds)
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets opens through to a follower that has listed its positions under `epoch`;
/// whether they were held.
pub async fn release_opens(tx: &mut Tx, account: AccountId, epoch: i64) -> StoreResult<bool> {
    let released = sql_query(
        "update sessions set opens_from = null where account_id = $1 and epoch = $2 and opens_from is not null",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<BigInt, _>(epoch)
    .execute(tx)
    .await?;
    Ok(released > 0)
}

/// Lets opens through to those of `accounts` that have no copy in doubt any
/// more; returns them.
pub async fn release_clear(tx: &mut Tx, accounts: &[AccountId]) -> StoreResult<Vec<AccountId>> {
    let ids: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    // Locked before the look at copies: a log-in that commits meanwhile may have
    // brought new doubts, which the statement that waited for it would not see.
    sql_query("select account_id from sessions where account_id = any($1) order by account_id for update")
        .bind::<Array<SqlUuid>, _>(&ids)
        .execute(tx)
        .await?;
    let rows: Vec<HeldRow> = sql_query(
        "update sessions s set opens_from = null
         where account_id = any($1) and opens_from is not null and not exists (
            select from copy_orders c where c.follower_account_id = s.account_id and c.state = 'unconfirmed')
         returning account_id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id.into()).collect())
}

/// Those of `accounts` whose opens are held.
pub async fn list_held(tx: &mut Tx, accounts: &[AccountId]) -> StoreResult<Vec<AccountId>> {
    let ids: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    let rows: Vec<HeldRow> =
        sql_query("select account_id from sessions where account_id = any($1) and opens_from > now()")
            .bind::<Array<SqlUuid>, _>(ids)
            .get_results(tx)
            .await?;
    Ok(rows.into_iter().map(|row| row.account_id.into()).collect())
}

/// Takes one socket off a session.
///
/// * `only_epoch`: of a follower, whose socket may have been replaced: nothing
///   happens unless this is still the present epoch.
/// * Returns whether the account is offline now.
pub async fn leave(
    tx: &mut Tx,
    account: AccountId,
    node: NodeId,
    only_epoch: Option<i64>,
) -> StoreResult<bool> {
    let rows: Vec<EpochRow> = sql_query(
        "update sessions set
            sockets = greatest(sockets - 1, 0),
            disconnected_at = case when sockets <= 1 then now() end
         where account_id = $1 and node_id = $2 and sockets > 0 and ($3 is null or epoch = $3)
         returning sockets::bigint as epoch",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Nullable<BigInt>, _>(only_epoch)
    .get_results(tx)
    .await?;
    Ok(rows.as_slice().first().is_some_and(|left| left.epoch == 0))
}

/// Notes that `accounts` were heard of since the last call.
pub async fn touch(tx: &mut Tx, node: NodeId, accounts: &[AccountId]) -> StoreResult<()> {
    let ids: Vec<Uuid> = accounts.iter().map(|id| id.uuid()).collect();
    sql_query(
        "with due as (
            select account_id from sessions
            where account_id = any($1) and node_id = $2 and sockets > 0
            order by account_id
            for update)
         update sessions s set last_seen_at = now() from due where s.account_id = due.account_id",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlUuid, _>(node.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends the sessions of every node but `node` that has no lease any more: their sockets died with their process.
pub async fn end_others(tx: &mut Tx, node: NodeId) -> StoreResult<Vec<Abandoned>> {
    let rows: Vec<AbandonedRow> = sql_query(
        "update sessions s set sockets = 0, disconnected_at = now()
         where s.node_id <> $1 and s.sockets > 0 and not exists (
            select from workers w where w.node_id = s.node_id and w.leased_until > clock_timestamp())
         returning s.account_id, s.owner_id",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(AbandonedRow::session).collect())
}

/// Ends all sessions of `node`, when its worker stops.
pub async fn end_own(tx: &mut Tx, node: NodeId) -> StoreResult<Vec<Abandoned>> {
    let rows: Vec<AbandonedRow> = sql_query(
        "update sessions set sockets = 0, disconnected_at = now()
         where node_id = $1 and sockets > 0
         returning account_id, owner_id",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(AbandonedRow::session).collect())
}

/// Replaces the master last named on the wire and returns the one before it.
pub(crate) async fn name_wire_master(
    tx: &mut Tx,
    follower: AccountId,
    master: AccountId,
) -> StoreResult<Option<AccountId>> {
    let before: Vec<WireRow> =
        sql_query("select wire_master_id from sessions where account_id = $1 for update")
            .bind::<SqlUuid, _>(follower.uuid())
            .get_results(tx)
            .await?;
    let before = before.into_iter().next().ok_or(StoreError::NotFound("session"))?;
    sql_query("update sessions set wire_master_id = $2 where account_id = $1")
        .bind::<SqlUuid, _>(follower.uuid())
        .bind::<SqlUuid, _>(master.uuid())
        .execute(tx)
        .await?;
    Ok(before.wire_master_id.map(AccountId::from))
}

impl AbandonedRow {
    fn session(self) -> Abandoned {
        Abandoned { account_id: self.account_id.into(), owner_id: self.owner_id.into() }
    }
}
