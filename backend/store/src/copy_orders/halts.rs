//! What holds a follower back although its copy was planned: what a person decided, or a guard did, since.
//!
//! When a copy is planned this is judged for all followers of a signal at once (`signals/judgement.rs`); here it is
//! judged again for one copy, whenever its order is about to leave. A test demands that both agree.

use std::collections::HashMap;

use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::coins::Unfit;
use flotilla_domain::id::CopyId;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};

/// Why nothing of `c`, a copy, may be opened now, as `(reason, detail)`; no row: it may be.
///
/// * The first reason that applies counts, as at planning: stops of persons, of groups, of guards, the subscription,
///   guards that see too little. What holds the follower itself comes before what holds its master.
/// * What a guard did to the master, and what it does not see of it, is for followers of the master's owner alone, as
///   are the names of groups.
pub(crate) const HALT: &str = "
    select h.reason, h.detail
    from (
        select (select owner_id from accounts where id = c.master_account_id) as leader_id,
            (select is_active from accounts where id = c.follower_account_id) as is_active,
            coalesce((
                select state from subscriptions
                where follower_account_id = c.follower_account_id and master_account_id = c.master_account_id
                order by id desc limit 1), 'ended') as state) k
    cross join lateral (
        select x.rank, x.is_own, x.created_at, x.id,
            case x.rank when 1 then 'stopped' when 2 then 'group_stopped' else 'guard_stopped' end as reason,
            case x.rank when 2 then (select name from groups where id = x.group_id)
                when 3 then (select title from guard_trips where id = x.trip_id) end as detail
        from (
            select s.*, case when s.trip_id is not null then 3
                    when s.group_id is not null and s.owner_id = c.owner_id then 2 else 1 end as rank,
                coalesce(s.account_id = c.follower_account_id or s.group_id in (
                    select group_id from group_accounts
                    where owner_id = c.owner_id and account_id = c.follower_account_id), false) as is_own
            from stops s
            where s.owner_id in (c.owner_id, k.leader_id)) x
        where x.is_own
            or x.account_id is null and x.group_id is null
            or x.owner_id = k.leader_id and (
                x.account_id = c.master_account_id and (x.trip_id is null or k.leader_id = c.owner_id)
                or x.trip_id is null and x.group_id in (
                    select group_id from group_accounts
                    where owner_id = k.leader_id and account_id = c.master_account_id))
        union all
        select 4, true, null::timestamptz, null::uuid,
            case k.state when 'close_only' then 'close_only' when 'ended' then 'unfollowed' else 'paused' end, null
        where k.state <> 'active' or not k.is_active
        union all
        select 5, y.is_own, null, null, 'guard_blind', n.name
        from (
            select true as is_own, g.account_id
            from guards g
            where g.owner_id = c.owner_id and g.account_id = c.follower_account_id
                and g.action in ('stop_new', 'close_all')
            union all
            select true, o.account_id
            from group_accounts m
            join guards g on g.owner_id = m.owner_id and g.group_id = m.group_id
                and g.action in ('stop_new', 'close_all')
            join group_accounts o on o.owner_id = m.owner_id and o.group_id = m.group_id
            where m.owner_id = c.owner_id and m.account_id = c.follower_account_id
            union all
            select false, g.account_id
            from guards g
            where k.leader_id = c.owner_id and g.owner_id = c.owner_id and g.account_id = c.master_account_id
                and g.action in ('stop_new', 'close_all')) y
        join accounts n on n.id = y.account_id
        where not exists (
            select from risk_states r
            join risk_phases p on p.id = r.phase_id and p.ended_at is null
            where r.account_id = y.account_id and r.sees_until >= clock_timestamp())) h
    order by h.rank, h.is_own desc, h.created_at, h.id, h.detail
    limit 1";

#[derive(QueryableByName)]
struct HaltRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Nullable<Text>)]
    detail: Option<String>,
}

/// Which of these copies nothing may be opened of now, and why.
pub async fn list(tx: &mut Tx, copies: &[CopyId]) -> StoreResult<HashMap<CopyId, Unfit>> {
    let rows: Vec<HaltRow> = sql_query(format!(
        "select c.copy_id, h.reason, h.detail
         from copy_orders c
         cross join lateral ({HALT}) h
         where c.copy_id = any($1)"
    ))
    .bind::<Array<SqlUuid>, _>(copies.iter().map(|copy| copy.uuid()).collect::<Vec<_>>())
    .get_results(tx)
    .await?;
    rows.into_iter().map(HaltRow::halted).collect()
}

impl HaltRow {
    fn halted(self) -> StoreResult<(CopyId, Unfit)> {
        Ok((self.copy_id.into(), halt(&self.reason, self.detail)?))
    }
}

/// A row of [`HALT`].
pub(crate) fn halt(reason: &str, detail: Option<String>) -> StoreResult<Unfit> {
    Ok(Unfit { reason: known("copy_orders.reason_code", reason)?, words: detail.unwrap_or_default() })
}
