//! What a master's owner may know of followers that are not his.

use diesel::sql_types::{Array, Integer, Nullable, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId, SignalId};
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

/// A row that changed: whose it is, the master account, and the row's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Projected {
    /// Owner of the master.
    pub owner_id: OwnerId,
    /// The master account.
    pub master_id: AccountId,
    /// Subscription or signal.
    pub id: Uuid,
}

#[derive(QueryableByName)]
struct ProjectedRow {
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    master_account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Brings the followers of `masters` (`None`: of all) up to date, and returns
/// the rows that changed.
///
/// Who has left stays while copies of his wait for the master: its silence
/// concerns him, and it may not be put away under them.
///
/// A foreign account appears as `Follower` and four letters that follow from
/// the subscription, so that they stay the same and tell nothing.
pub async fn refresh(tx: &mut Tx, masters: Option<&[AccountId]>) -> StoreResult<Vec<Projected>> {
    let masters: Option<Vec<Uuid>> = masters.map(|ids| ids.iter().map(|id| id.uuid()).collect());
    let rows: Vec<ProjectedRow> =
        sql_query(REFRESH).bind::<Nullable<Array<SqlUuid>>, _>(masters).get_results(tx).await?;
    Ok(rows.into_iter().map(ProjectedRow::projected).collect())
}

const REFRESH: &str = "
    with present as (
        select f.id as subscription_id, m.owner_id, m.account_id as master_account_id,
            case when f.owner_id = m.owner_id then a.name
                else 'Follower ' || upper(translate(left(md5(f.id::text), 4), '0123456789', 'ghjkmnpqrs')) end as name,
            f.state,
            coalesce(s.sockets > 0, false) as online,
            coalesce(o.open_copies, 0) as open_copies
        from (
            select distinct on (follower_account_id, master_account_id) *
            from subscriptions
            where $1 is null or master_account_id = any($1)
            order by follower_account_id, master_account_id, state = 'ended', created_at desc) f
        join masters m on m.account_id = f.master_account_id
        join accounts a on a.id = f.follower_account_id
        left join sessions s on s.account_id = f.follower_account_id
        left join (
            select follower_account_id, master_account_id, count(*)::integer as open_copies
            from copy_orders
            where state not in ('failed', 'skipped', 'closed') and ($1 is null or master_account_id = any($1))
            group by 1, 2) o
            on o.follower_account_id = f.follower_account_id and o.master_account_id = f.master_account_id
        where f.state <> 'ended' or o.open_copies > 0),
    written as (
        insert into master_followers as w
            (subscription_id, owner_id, master_account_id, name, state, online, open_copies)
        select subscription_id, owner_id, master_account_id, name, state, online, open_copies from present
        on conflict (subscription_id) do update set
            name = excluded.name, state = excluded.state, online = excluded.online,
            open_copies = excluded.open_copies, updated_at = now()
        where (w.name, w.state, w.online, w.open_copies)
            is distinct from (excluded.name, excluded.state, excluded.online, excluded.open_copies)
        returning owner_id, master_account_id, subscription_id as id),
    gone as (
        delete from master_followers w
        where ($1 is null or w.master_account_id = any($1))
            and not exists (select from present p where p.subscription_id = w.subscription_id)
        returning owner_id, master_account_id, subscription_id as id)
    select * from written union all select * from gone";

/// Counts the copies of `signals` per state, and notes how long each took from
/// the read of its line to its commit, where that is known (microseconds).
pub async fn refresh_signals(
    tx: &mut Tx,
    signals: &[(SignalId, Option<i32>)],
) -> StoreResult<Vec<Projected>> {
    let rows: Vec<ProjectedRow> = sql_query(
        "with counted as (
            select v.id, v.took_us, coalesce(
                (select jsonb_object_agg(n.state, n.copies) from (
                    select c.state, count(*) as copies from copy_orders c where c.signal_id = v.id group by c.state) n),
                '{}'::jsonb) as copies
            from unnest($1, $2) as v (id, took_us))
         update signals g
         set copies = counted.copies, read_to_commit_us = coalesce(counted.took_us, g.read_to_commit_us)
         from counted
         where g.id = counted.id
            and (g.copies is distinct from counted.copies or counted.took_us is not null)
         returning g.owner_id, g.master_account_id, g.id",
    )
    .bind::<Array<SqlUuid>, _>(signals.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(signals.iter().map(|(_, took)| *took).collect::<Vec<_>>())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(ProjectedRow::projected).collect())
}

/// Masters that `followers` follow or followed until lately.
pub async fn list_masters(tx: &mut Tx, followers: &[AccountId]) -> StoreResult<Vec<AccountId>> {
    #[derive(QueryableByName)]
    struct IdRow {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<IdRow> = sql_query(
        "select distinct master_account_id as id from subscriptions
         where follower_account_id = any($1) and (state <> 'ended' or ended_at > now() - interval '1 minute')",
    )
    .bind::<Array<SqlUuid>, _>(followers.iter().map(|id| id.uuid()).collect::<Vec<_>>())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

impl ProjectedRow {
    fn projected(self) -> Projected {
        Projected { owner_id: self.owner_id.into(), master_id: self.master_account_id.into(), id: self.id }
    }
}
