//! Partners of one-to-one copying, where only the worker sees both sides.
//!
//! What happens to a partner is passed on to the master's trades, so a follower
//! is partner only while it is let in: its subscription is not pending and not
//! ended, and the master's owner is its own or has approved it.

use diesel::sql_types::{Array, Nullable, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

#[derive(QueryableByName)]
struct AccountRow {
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
}

#[derive(QueryableByName)]
struct PairRow {
    #[diesel(sql_type = SqlUuid)]
    master: Uuid,
    #[diesel(sql_type = SqlUuid)]
    partner: Uuid,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Whether subscription `s` to master `m` may make its follower the partner.
pub(crate) const IS_LET_IN: &str = "s.state in ('active', 'paused', 'close_only') and (s.owner_id = m.owner_id or s.approved_at is not null)";

/// The partner of a one-to-one master `m` that is let in.
fn partner_of() -> String {
    format!(
        "join subscriptions s on s.master_account_id = m.account_id
            and s.follower_account_id = m.partner_account_id and {IS_LET_IN}"
    )
}

/// Brings the partners of `masters` (`None`: of all) up to date, and returns
/// the accounts that this concerns, with their owners.
///
/// A partner that is not let in any more gives its place up; a master that
/// copies one to one and has one follower takes it. A follower of another owner
/// that nobody approved waits from now on. The API cannot do any of it: it must
/// not see the follower of another owner.
pub async fn settle(tx: &mut Tx, masters: Option<&[AccountId]>) -> StoreResult<Vec<(OwnerId, AccountId)>> {
    let masters: Option<Vec<Uuid>> = masters.map(|ids| ids.iter().map(|id| id.uuid()).collect());
    let waiting: Vec<AccountRow> =
        sql_query(WAIT).bind::<Nullable<Array<SqlUuid>>, _>(masters.clone()).get_results(tx).await?;
    let settled: Vec<AccountRow> = sql_query(format!(
        "with due as (
            select m.account_id, m.partner_account_id as present,
                case when f.has_partner then m.partner_account_id
                    when m.copy_mode = '1TO1' and f.followers = 1 then f.only::uuid end as right_one
            from masters m
            cross join lateral (
                select count(*) as followers, min(s.follower_account_id::text) as only,
                    coalesce(bool_or(s.follower_account_id = m.partner_account_id), false) as has_partner
                from subscriptions s
                where s.master_account_id = m.account_id and {IS_LET_IN}) f
            where $1 is null or m.account_id = any($1))
        update masters m set partner_account_id = due.right_one
        from due
        where m.account_id = due.account_id
            and due.right_one is distinct from due.present
            and m.partner_account_id is not distinct from due.present
        returning m.owner_id, m.account_id"
    ))
    .bind::<Nullable<Array<SqlUuid>>, _>(masters)
    .get_results(tx)
    .await?;
    let rows = waiting.into_iter().chain(settled);
    Ok(rows.map(|row| (row.owner_id.into(), row.account_id.into())).collect())
}

/// A paused follower waits once it wants to copy again.
const WAIT: &str = "
    update subscriptions s set state = 'pending', updated_at = now()
    from masters m
    where m.account_id = s.master_account_id and m.copy_mode = '1TO1'
        and s.state = 'active' and s.owner_id <> m.owner_id and s.approved_at is null
        and ($1 is null or m.account_id = any($1))
    returning s.owner_id, s.follower_account_id as account_id";

/// Locks the place of a one-to-one master's partner until the transaction ends;
/// whether somebody else than `follower` holds it.
pub(crate) async fn lock_place(tx: &mut Tx, master: AccountId, follower: AccountId) -> StoreResult<bool> {
    sql_query("select from masters where account_id = $1 for update")
        .bind::<SqlUuid, _>(master.uuid())
        .execute(tx)
        .await?;
    // A statement of its own: it sees what was committed while the lock was waited for.
    let others: Vec<IdRow> = sql_query(format!(
        "select s.id from masters m {} where m.account_id = $1 and m.partner_account_id <> $2",
        partner_of()
    ))
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<SqlUuid, _>(follower.uuid())
    .get_results(tx)
    .await?;
    Ok(!others.is_empty())
}

/// Gives the locked place to a follower, if it is let in.
pub(crate) async fn take_place(tx: &mut Tx, master: AccountId, follower: AccountId) -> StoreResult<()> {
    sql_query(format!(
        "update masters m set partner_account_id = $2
         from subscriptions s
         where m.account_id = $1 and s.master_account_id = $1 and s.follower_account_id = $2
            and m.partner_account_id is distinct from $2 and {IS_LET_IN}"
    ))
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<SqlUuid, _>(follower.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

/// Followers of a master that may be its partner.
pub(crate) async fn list_candidates(tx: &mut Tx, master: AccountId) -> StoreResult<Vec<Uuid>> {
    let rows: Vec<IdRow> = sql_query(format!(
        "select s.follower_account_id as id
         from masters m join subscriptions s on s.master_account_id = m.account_id
         where m.account_id = $1 and {IS_LET_IN}"
    ))
    .bind::<SqlUuid, _>(master.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Masters that copy one to one to `partner`, with their owners.
pub async fn list_masters_of(tx: &mut Tx, partner: AccountId) -> StoreResult<Vec<(OwnerId, AccountId)>> {
    let rows: Vec<AccountRow> = sql_query(format!(
        "select m.owner_id, m.account_id from masters m {}
         where m.partner_account_id = $1 and m.copy_mode = '1TO1'",
        partner_of()
    ))
    .bind::<SqlUuid, _>(partner.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.owner_id.into(), row.account_id.into())).collect())
}

/// The partners of those of `masters` that copy one to one, as (master, partner).
pub async fn list(tx: &mut Tx, masters: &[Uuid]) -> StoreResult<Vec<(AccountId, AccountId)>> {
    let rows: Vec<PairRow> = sql_query(format!(
        "select m.account_id as master, m.partner_account_id as partner from masters m {}
         where m.account_id = any($1) and m.copy_mode = '1TO1'",
        partner_of()
    ))
    .bind::<Array<SqlUuid>, _>(masters)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(PairRow::pair).collect())
}

/// As [`list`], of those whose owner wants a trade closed when the partner loses
/// its position.
pub async fn list_closing(tx: &mut Tx, masters: &[Uuid]) -> StoreResult<Vec<(AccountId, AccountId)>> {
    let rows: Vec<PairRow> = sql_query(format!(
        "select m.account_id as master, m.partner_account_id as partner from masters m
         join accounts a on a.id = m.account_id and a.close_with_partner
         {}
         where m.account_id = any($1) and m.copy_mode = '1TO1'",
        partner_of()
    ))
    .bind::<Array<SqlUuid>, _>(masters)
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(PairRow::pair).collect())
}

impl PairRow {
    fn pair(self) -> (AccountId, AccountId) {
        (self.master.into(), self.partner.into())
    }
}
