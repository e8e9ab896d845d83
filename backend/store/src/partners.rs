//! Partners of one-to-one copying, where only the worker sees both sides.

use diesel::sql_types::{Array, Nullable, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

#[derive(QueryableByName)]
struct MasterRow {
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

/// Brings the partners of `masters` (`None`: of all) up to date, and returns
/// the masters that changed, with their owners.
///
/// A partner whose subscription has ended gives its place up; a master that
/// copies one to one and has one follower takes it. The API cannot do either:
/// it must not see the follower of another owner.
pub async fn settle(tx: &mut Tx, masters: Option<&[AccountId]>) -> StoreResult<Vec<(OwnerId, AccountId)>> {
    let masters: Option<Vec<Uuid>> = masters.map(|ids| ids.iter().map(|id| id.uuid()).collect());
    let rows: Vec<MasterRow> =
        sql_query(SETTLE).bind::<Nullable<Array<SqlUuid>>, _>(masters).get_results(tx).await?;
    Ok(rows.into_iter().map(|row| (row.owner_id.into(), row.account_id.into())).collect())
}

const SETTLE: &str = "
    with due as (
        select m.account_id, m.partner_account_id as present,
            case when f.has_partner then m.partner_account_id
                when m.copy_mode = '1TO1' and f.followers = 1 then f.only::uuid end as right_one
        from masters m
        cross join lateral (
            select count(*) as followers, min(follower_account_id::text) as only,
                coalesce(bool_or(follower_account_id = m.partner_account_id), false) as has_partner
            from subscriptions
            where master_account_id = m.account_id and state <> 'ended') f
        where $1 is null or m.account_id = any($1))
    update masters m set partner_account_id = due.right_one
    from due
    where m.account_id = due.account_id
        and due.right_one is distinct from due.present
        and m.partner_account_id is not distinct from due.present
    returning m.owner_id, m.account_id";

#[derive(QueryableByName)]
struct PairRow {
    #[diesel(sql_type = SqlUuid)]
    master: Uuid,
    #[diesel(sql_type = SqlUuid)]
    partner: Uuid,
}

/// Masters that copy one to one to `partner`, with their owners.
pub async fn list_masters_of(tx: &mut Tx, partner: AccountId) -> StoreResult<Vec<(OwnerId, AccountId)>> {
    let rows: Vec<MasterRow> = sql_query(
        "select owner_id, account_id from masters where partner_account_id = $1 and copy_mode = '1TO1'",
    )
    .bind::<SqlUuid, _>(partner.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.owner_id.into(), row.account_id.into())).collect())
}

/// The partners of those of `masters` that copy one to one and whose owner wants
/// a trade closed when the partner loses its position, as (master, partner).
pub async fn list_closing(tx: &mut Tx, masters: &[Uuid]) -> StoreResult<Vec<(AccountId, AccountId)>> {
    let rows: Vec<PairRow> = sql_query(
        "select m.account_id as master, m.partner_account_id as partner
         from masters m
         join accounts a on a.id = m.account_id and a.close_with_partner
         where m.account_id = any($1) and m.copy_mode = '1TO1' and m.partner_account_id is not null",
    )
    .bind::<Array<SqlUuid>, _>(masters)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.master.into(), row.partner.into())).collect())
}
