//! Brings the public profiles of masters up to date, from the worker's side.

use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::AccountId;
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;

/// Writes the profiles of those of `masters` (`None`: of all) whose owners have
/// opted in, and removes the others. Returns how many rows changed.
///
/// Only what a terminal or an exchange reported counts: trades that an owner
/// types in prove nothing to strangers.
pub async fn refresh(tx: &mut Tx, masters: Option<&[AccountId]>) -> StoreResult<usize> {
    let masters: Option<Vec<Uuid>> = masters.map(|ids| ids.iter().map(|id| id.uuid()).collect());
    let gone = sql_query(REMOVE).bind::<Nullable<Array<SqlUuid>>, _>(&masters).execute(tx).await?;
    let written = sql_query(WRITE).bind::<Nullable<Array<SqlUuid>>, _>(&masters).execute(tx).await?;
    Ok(gone + written)
}

/// Also those whose address another one takes now.
const REMOVE: &str = "
    delete from masters_directory d
    where ($1 is null or d.account_id = any($1))
        and not exists (
            select from accounts a join masters m on m.account_id = a.id
            where a.id = d.account_id and a.is_public and a.slug = d.slug and a.archived_at is null and m.is_open)";

const WRITE: &str = "
    with public as (
        select a.id, a.slug, a.name, a.description, a.platform, coalesce(f.currency, a.currency) as currency,
            a.starting_balance, m.copy_mode, m.needs_approval
        from accounts a
        join masters m on m.account_id = a.id
        left join account_figures f on f.account_id = a.id
        where a.is_public and a.slug is not null and a.archived_at is null and m.is_open
            and ($1 is null or a.id = any($1))),
    summed as (
        select t.account_id, t.exit_at, t.pnl,
            row_number() over (partition by t.account_id order by t.exit_at, t.id) as turn,
            sum(t.pnl) over (partition by t.account_id order by t.exit_at, t.id) as total
        from trades t
        join public p on p.id = t.account_id
        where t.status = 'closed' and t.source in ('ea', 'exchange') and t.pnl is not null),
    fallen as (
        select *, greatest(0, max(total) over (partition by account_id order by turn)) as peak
        from summed),
    results as (
        select f.account_id, count(*)::integer as trades, count(*) filter (where f.pnl > 0)::integer as wins,
            sum(f.pnl) as profit, max(f.peak - f.total) as drawdown,
            max((f.peak - f.total) / (p.starting_balance + f.peak)) filter (where p.starting_balance > 0) as ratio
        from fallen f
        join public p on p.id = f.account_id
        group by f.account_id),
    days as (
        select distinct on (account_id, (exit_at at time zone 'UTC')::date) account_id,
            (exit_at at time zone 'UTC')::date as day, total
        from summed
        order by account_id, (exit_at at time zone 'UTC')::date, turn desc),
    curves as (
        select account_id, jsonb_agg(jsonb_build_array(day, total::text) order by day) as curve
        from (select *, row_number() over (partition by account_id order by day desc) as age from days) d
        where age <= 400
        group by account_id)
    insert into masters_directory as d (account_id, slug, name, description, platform, currency, copy_mode,
        needs_approval, followers, trades, wins, profit, drawdown, drawdown_ratio, curve, since)
    select p.id, p.slug, p.name, p.description, p.platform, p.currency, p.copy_mode, p.needs_approval,
        (select count(*)::integer from subscriptions f
         where f.master_account_id = p.id and f.state in ('active', 'paused', 'close_only')),
        coalesce(r.trades, 0), coalesce(r.wins, 0), coalesce(r.profit, 0), coalesce(r.drawdown, 0), trunc(r.ratio, 6),
        coalesce(c.curve, '[]'),
        (select min(t.entry_at) from trades t where t.account_id = p.id and t.source in ('ea', 'exchange'))
    from public p
    left join results r on r.account_id = p.id
    left join curves c on c.account_id = p.id
    on conflict (account_id) do update set
        slug = excluded.slug, name = excluded.name, description = excluded.description,
        platform = excluded.platform, currency = excluded.currency, copy_mode = excluded.copy_mode,
        needs_approval = excluded.needs_approval, followers = excluded.followers, trades = excluded.trades,
        wins = excluded.wins, profit = excluded.profit, drawdown = excluded.drawdown,
        drawdown_ratio = excluded.drawdown_ratio, curve = excluded.curve, since = excluded.since,
        updated_at = now()
    where (d.slug, d.name, d.description, d.platform, d.currency, d.copy_mode, d.needs_approval, d.followers,
            d.trades, d.wins, d.profit, d.drawdown, d.drawdown_ratio, d.curve, d.since)
        is distinct from (excluded.slug, excluded.name, excluded.description, excluded.platform, excluded.currency,
            excluded.copy_mode, excluded.needs_approval, excluded.followers, excluded.trades, excluded.wins,
            excluded.profit, excluded.drawdown, excluded.drawdown_ratio, excluded.curve, excluded.since)";
