create or replace view user_portfolio_summary with (security_invoker = true) as
select
    a.owner_id,
    coalesce(f.currency, a.currency) as currency,
    count(*) as accounts,
    sum(a.starting_balance) as starting_balance,
    sum(coalesce(f.balance, a.starting_balance + t.pnl, a.starting_balance)) as balance,
    sum(coalesce(f.equity, f.balance, a.starting_balance + t.pnl, a.starting_balance)) as equity,
    coalesce(sum(t.closed), 0)::bigint as trades,
    coalesce(sum(t.open), 0)::bigint as open_trades,
    coalesce(sum(t.wins), 0)::bigint as wins,
    coalesce(sum(t.losses), 0)::bigint as losses,
    coalesce(sum(t.pnl), 0) as total_pnl,
    case when count(*) = count(a.starting_balance)
        then round(coalesce(sum(t.pnl), 0) / nullif(greatest(sum(a.starting_balance), 0), 0), 6)
    end as total_pnl_percent,
    round(sum(t.wins) / nullif(sum(t.closed), 0), 6) as win_rate,
    coalesce(sum(t.today), 0)::bigint as today_trades,
    coalesce(sum(t.today_pnl), 0) as today_pnl
from accounts a
join users u on u.id = a.owner_id
left join account_figures f on f.account_id = a.id
left join lateral (
    select
        count(*) filter (where status = 'closed' and pnl is not null) as closed,
        count(*) filter (where status = 'open') as open,
        count(*) filter (where status = 'closed' and pnl > 0) as wins,
        count(*) filter (where status = 'closed' and pnl < 0) as losses,
        sum(pnl) filter (where status = 'closed') as pnl,
        count(*) filter (where status = 'closed' and pnl is not null and exit_at >= day.began) as today,
        sum(pnl) filter (where status = 'closed' and exit_at >= day.began) as today_pnl
    from trades
    cross join (select date_trunc('day', now(), u.time_zone) as began) day
    where account_id = a.id) t on true
where a.archived_at is null
group by a.owner_id, coalesce(f.currency, a.currency);

drop function balance_of;
