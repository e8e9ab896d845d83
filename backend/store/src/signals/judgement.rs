//! What each follower does about an entry of its master, for all of them at
//! once. The definition is `flotilla_domain::copy::decision::decide`; a test
//! demands that both agree on every follower.
//!
//! One text, used to plan copies and to say what would be planned.

/// Common table expressions up to `judged`, one row per follower.
///
/// * `$states`: condition on `f`, a subscription, for having a part in it.
/// * Needs an expression `signal (id, received_at)` before it.
/// * `$1` master, `$2` symbol, `$3` side, `$4` lots, `$5` price, `$6` stop loss,
///   `$7` take profit, `$8` ticket (null: none), `$9` whether anybody gets a
///   copy, `$10` largest size in lots, `$11` node, `$12` the last follower of the page
///   before, `$13` followers of a page.
/// * Between exchanges sizes are coins, of which there may be as many as
///   [`Lots::MAX_COINS`](flotilla_domain::lots::Lots::MAX_COINS). Who is served at an exchange, its session says; where
///   the master trades is asked once, and for a size above `$10` only.
/// * `halted` is one row: the accounts of stopped groups with the name of the
///   group that was stopped first, those that a guard stopped with how its trip
///   is named, and those of guards that cannot judge with the account they know
///   too little of. Null, and nothing is read, while there is nothing of the kind.
///   It is of all owners that have followers of the master, and of nobody else; each
///   follower finds what is its own account's in it.
///   What it says of the master is for followers of the master's owner alone, but
///   for a group that a person stopped; a guard of a group says nothing of it.
/// * Whoever is served at an exchange is never here: its copies are planned, and the
///   worker places them one by one.
/// * `offset 0` keeps a step from being computed again wherever the next one
///   names it, and a page from reading more of accounts and sessions than its
///   followers have: whatever the statistics say, they are looked up one by one
///   in the order of `subscriptions_fan_out`.
macro_rules! judged {
    ($states:literal) => {
        concat!("
    lead as materialized (
        select g.balance, g.equity, upper(coalesce(nullif(g.currency, ''), a.currency) collate \"C\") as currency
        from accounts a
        join account_figures g on g.account_id = a.id
        where a.id = $1),
    halted as materialized (
        select m.owner_id, h.*, h.names ->> $1::text as of_master
        from masters m
        cross join (
            select case when exists (select from stops where group_id is not null and trip_id is null) then (
                select jsonb_object_agg(g.account_id, n.name order by x.created_at desc, x.id desc)
                from stops x
                join groups n on n.owner_id = x.owner_id and n.id = x.group_id
                join group_accounts g on g.owner_id = x.owner_id and g.group_id = x.group_id
                where x.group_id is not null and x.trip_id is null and x.owner_id in (
                    select owner_id from subscriptions where master_account_id = $1
                    union all
                    select owner_id from masters where account_id = $1)) end as names,
            case when exists (select from stops where trip_id is not null) then (
                select jsonb_object_agg(x.held_id, t.title order by x.created_at desc, x.id desc)
                from (
                    select x.*, coalesce(x.account_id, g.account_id) as held_id
                    from stops x
                    left join group_accounts g on g.owner_id = x.owner_id and g.group_id = x.group_id
                    where x.trip_id is not null and x.owner_id in (
                        select owner_id from subscriptions where master_account_id = $1
                        union all
                        select owner_id from masters where account_id = $1)) x
                join guard_trips t on t.id = x.trip_id
                where x.held_id is not null) end as trips,
            case when exists (select from stops where trip_id is not null) then (
                select t.title from stops x join guard_trips t on t.id = x.trip_id
                where x.account_id = $1) end as trip_of_master,
            case when exists (select from guards where action in ('stop_new', 'close_all')) then (
                select a.name
                from masters l
                join guards g on g.owner_id = l.owner_id and g.account_id = l.account_id
                join accounts a on a.id = l.account_id
                where l.account_id = $1 and g.action in ('stop_new', 'close_all') and not exists (
                    select from risk_states r
                    join risk_phases p on p.id = r.phase_id and p.ended_at is null
                    where r.account_id = $1 and r.sees_until >= clock_timestamp())) end as blind_of_master,
            case when exists (select from guards where action in ('stop_new', 'close_all')) then (
                with seen as (
                    select g.id as guard_id, coalesce(g.account_id, x.account_id) as account_id
                    from guards g
                    left join group_accounts x on x.owner_id = g.owner_id and x.group_id = g.group_id
                    where g.action in ('stop_new', 'close_all') and g.owner_id in (
                        select owner_id from subscriptions where master_account_id = $1
                        union all
                        select owner_id from masters where account_id = $1))
                select jsonb_object_agg(s.account_id, b.name order by b.name desc)
                from seen s
                join (
                    select distinct on (s.guard_id) s.guard_id, a.name
                    from seen s
                    join accounts a on a.id = s.account_id
                    where not exists (
                        select from risk_states r
                        join risk_phases p on p.id = r.phase_id and p.ended_at is null
                        where r.account_id = s.account_id and r.sees_until >= clock_timestamp())
                    order by s.guard_id, a.name) b on b.guard_id = s.guard_id) end as blinds
            offset 0) h
        where m.account_id = $1),
    eligible as (
        select f.*, a.is_active, a.currency, s.epoch,
            coalesce(s.sockets > 0 and s.node_id = $11 and s.venue is null, false)
                and (s.opens_from is null or s.opens_from <= now()) as is_here,
            coalesce(s.sockets > 0 or s.disconnected_at > now() - make_interval(secs => f.max_age_s), false) as is_near,
            s.venue is not null as is_at_venue,
            case when not f.reverse then $3 when $3 = 'BUY' then 'SELL' else 'BUY' end as side,
            case when f.reverse then $7 else $6 end as stop_loss,
            case when f.reverse then $6 else $7 end as take_profit
        from subscriptions f
        join masters m on m.account_id = f.master_account_id
        cross join lateral (
            select is_active, currency from accounts where id = f.follower_account_id and archived_at is null
            offset 0) a
        left join lateral (
            select epoch, sockets, node_id, disconnected_at, opens_from, venue from sessions
            where account_id = f.follower_account_id
            offset 0) s on true
        where $9 and f.master_account_id = $1 and ", $states, "
            and f.valid_from <= (select received_at from signal)
            and f.follower_account_id > coalesce($12, '00000000-0000-0000-0000-000000000000')
            and (m.copy_mode = 'PUBSUB' or (m.copy_mode = '1TO1' and m.partner_account_id = f.follower_account_id))
        order by f.follower_account_id
        limit $13),
    named as (
        select *, case when symbol_map is null then base || coalesce(add_suffix, '')
            else coalesce(symbol_map ->> upper($2 collate \"C\"), symbol_map ->> upper(base collate \"C\"),
                base || coalesce(add_suffix, '')) end as name
        from (
            select *, case when strip_suffix is not null and right($2, length(strip_suffix)) = strip_suffix
                    and length($2) > length(strip_suffix)
                then left($2, length($2) - length(strip_suffix)) else $2 end as base
            from eligible) e
        offset 0),
    sendable as (
        select *, case when is_sendable then name else $2 end as symbol,
            case when side = 'BUY' then $5 - stop_loss else stop_loss - $5 end as distance
        from (
            select *, name = $2 or length(name) <= 32
                and name !~ 'AUTH_OK|SUBSCRIBE_OK|SNAPSHOT_OK|CMD_|ERROR:INVALID_TOKEN' as is_sendable
            from named) n
        offset 0),
    wanted as (
        select *, case sizing
            when 'same' then $4
            when 'multiplier' then $4 * sizing_value
            when 'fixed' then sizing_value
            when 'balance_ratio' then (
                select $4 * (div(o.balance * n.sizing_value * 1000000000000, l.balance) * 0.000000000001)
                from account_figures o cross join lead l
                where o.account_id = n.follower_account_id and o.balance > 0 and l.balance > 0
                    and upper(coalesce(nullif(o.currency, ''), n.currency) collate \"C\") = l.currency)
            when 'equity_ratio' then (
                select $4 * (div(o.equity * n.sizing_value * 1000000000000, l.equity) * 0.000000000001)
                from account_figures o cross join lead l
                where o.account_id = n.follower_account_id and o.equity > 0 and l.equity > 0
                    and upper(coalesce(nullif(o.currency, ''), n.currency) collate \"C\") = l.currency)
            when 'risk_percent' then (
                select div(o.equity * n.sizing_value * 1000000000000, n.distance * y.contract_size) * 0.000000000001
                from (
                    select account_id, equity, upper(coalesce(nullif(currency, ''), n.currency) collate \"C\") as unit
                    from account_figures where account_id = n.follower_account_id) o
                join symbol_specs y on y.account_id = o.account_id and y.symbol = n.symbol
                where n.distance > 0 and o.equity > 0 and y.contract_size > 0 and o.unit ~ '^[A-Z0-9]{2,10}$'
                    and n.symbol ~ ('^[A-Z]{3,5}' || o.unit || '([^A-Z]|$)'))
            end as wanted
        from sendable n
        offset 0),
    sized as (
        select *, case when stepped > 0 and (min_lots is null or stepped >= min_lots) and (
                stepped <= $10 or is_at_venue and stepped <= 1000000000000 and (
                    select platform in ('bingx', 'paper') from accounts where id = $1))
            then stepped end as size
        from (
            select *, case
                when wanted is null then null
                when lot_step > 0 then div(least(wanted, max_lots), lot_step) * lot_step
                when scale(least(wanted, max_lots)) > 8 then trim_scale(trunc(least(wanted, max_lots), 8))
                else least(wanted, max_lots) end as stepped
            from wanted) w
        offset 0),
    judged as (
        select *, case
            when (owner_id, follower_account_id) in (
                    select x.owner_id, x.account_id from stops x
                    where x.account_id is not null and x.trip_id is null)
                or owner_id in (select x.owner_id from stops x where x.account_id is null and x.group_id is null)
                or exists (
                    select from stops x join masters m on m.owner_id = x.owner_id and m.account_id = $1
                    where x.account_id is null and x.group_id is null or x.account_id = $1 and x.trip_id is null)
                or owner_id <> (
                    select owner_id from halted where of_master is not null) then 'stopped'
            when stopped_group is not null then 'group_stopped'
            when guard_trip is not null then 'guard_stopped'
            when state = 'close_only' then 'close_only'
            when state <> 'active' or not is_active then 'paused'
            when blind_account is not null then 'guard_blind'
            when exists (
                select from signals where master_account_id = $1 and ticket = $8 and kind = 'close')
                then 'master_closed'
            when sides = 'buy' and $3 <> 'BUY' or sides = 'sell' and $3 <> 'SELL' then 'side_filtered'
            when allow_symbols is not null
                and not upper($2 collate \"C\") = any(allow_symbols)
                and not upper(symbol collate \"C\") = any(allow_symbols) then 'symbol_filtered'
            when upper($2 collate \"C\") = any(deny_symbols)
                or upper(symbol collate \"C\") = any(deny_symbols) then 'symbol_filtered'
            when not is_sendable then 'symbol_invalid'
            when max_open_copies is not null and max_open_copies <= (
                select count(*) from copy_orders c
                where c.follower_account_id = z.follower_account_id and c.master_account_id = $1
                    and c.state in ('open', 'unconfirmed', 'closing', 'attention')) + (
                select count(*) from copy_orders c
                where c.follower_account_id = z.follower_account_id and c.master_account_id = $1
                    and c.state in ('planned', 'claimed', 'received')) then 'max_open_copies'
            when sizing = 'risk_percent' and (distance > 0) is not true then 'no_stop'
            when wanted is null then 'no_figures'
            when size is null then 'limit'
            when (select received_at from signal) + make_interval(secs => max_age_s) <= clock_timestamp() then 'stale'
            when not is_near then 'offline' end as reason
        from (
            select s.*, coalesce(
                (select names from halted) ->> s.follower_account_id::text,
                case when s.owner_id = (select owner_id from halted) then (select of_master from halted) end)
                as stopped_group, coalesce(
                (select trips from halted) ->> s.follower_account_id::text,
                case when s.owner_id = (select owner_id from halted) then (select trip_of_master from halted) end)
                as guard_trip, coalesce(
                (select blinds from halted) ->> s.follower_account_id::text,
                case when s.owner_id = (select owner_id from halted) then (select blind_of_master from halted) end)
                as blind_account
            from sized s
            offset 0) z
        offset 0)")
    };
}

/// What the reason of a row of `judged` is about.
macro_rules! detail {
    () => {
        "case reason when 'group_stopped' then stopped_group when 'guard_stopped' then guard_trip
            when 'guard_blind' then blind_account end"
    };
}

pub(super) use {detail, judged};
