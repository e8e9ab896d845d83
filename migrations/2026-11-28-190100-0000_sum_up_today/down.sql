drop view user_portfolio_summary;

create view user_portfolio_summary with (security_invoker = true) as
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
    coalesce(sum(t.pnl), 0) as total_pnl
from accounts a
left join account_figures f on f.account_id = a.id
left join (
    select
        account_id,
        count(*) filter (where status = 'closed') as closed,
        count(*) filter (where status = 'open') as open,
        count(*) filter (where status = 'closed' and pnl > 0) as wins,
        count(*) filter (where status = 'closed' and pnl < 0) as losses,
        sum(pnl) filter (where status = 'closed') as pnl
    from trades
    group by account_id) t on t.account_id = a.id
where a.archived_at is null
group by a.owner_id, coalesce(f.currency, a.currency);

comment on view user_portfolio_summary is 'Balance, result and number of trades of each owner, by currency.';
grant select on user_portfolio_summary to flotilla_app, flotilla_readonly;
