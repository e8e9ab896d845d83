//! How long copies take to reach followers, from the worker's side.

use diesel::QueryableByName;
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

#[derive(QueryableByName)]
struct MeasuredRow {
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    master_account_id: Uuid,
}

/// Measures the followers of `masters` (`None`: of all) over the copies of each
/// master's last hundred entries, and returns the masters with a new figure,
/// each with its owner.
///
/// A copy counts once its follower has answered and the way is known whole:
/// from the read of the master's line to the commit, to the write of the
/// command, to the answer.
pub async fn refresh(tx: &mut Tx, masters: Option<&[AccountId]>) -> StoreResult<Vec<(OwnerId, AccountId)>> {
    let masters: Option<Vec<Uuid>> = masters.map(|ids| ids.iter().map(|id| id.uuid()).collect());
    let rows: Vec<MeasuredRow> =
        sql_query(REFRESH).bind::<Nullable<Array<SqlUuid>>, _>(masters).get_results(tx).await?;
    Ok(rows.into_iter().map(|row| (row.owner_id.into(), row.master_account_id.into())).collect())
}

const REFRESH: &str = "
    with recent as (
        select m.account_id, s.id, s.read_to_commit_us
        from masters m
        cross join lateral (
            select id, read_to_commit_us
            from signals
            where master_account_id = m.account_id and kind <> 'close' and read_to_commit_us is not null
            order by id desc
            limit 100) s
        where $1 is null or m.account_id = any($1)),
    ways as (
        select r.account_id, c.follower_account_id, r.read_to_commit_us::bigint + c.sent_us + c.ack_us as us
        from recent r
        join copy_orders c on c.signal_id = r.id
        where c.sent_us is not null and c.ack_us is not null),
    lags as (
        select account_id, follower_account_id, count(*)::integer as copies,
            percentile_disc(0.5) within group (order by us) as p50,
            percentile_disc(0.99) within group (order by us) as p99
        from ways
        group by account_id, follower_account_id),
    measured as (
        update master_followers w
        set lag_p50_us = g.p50, lag_p99_us = g.p99, lag_copies = g.copies
        from lags g
        join subscriptions f on f.master_account_id = g.account_id and f.follower_account_id = g.follower_account_id
        where f.state <> 'ended' and w.subscription_id = f.id
            and (w.lag_p50_us, w.lag_p99_us, w.lag_copies) is distinct from (g.p50, g.p99, g.copies)
        returning w.owner_id, w.master_account_id)
    select distinct owner_id, master_account_id from measured";
