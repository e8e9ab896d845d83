-- Stops and targets of copies at exchanges. They are orders of their own there, most of them without a name of ours: a
-- row says what is wanted for a copy, and which order is known to do it.

create table venue_exits (
    copy_id             uuid        not null,
    kind                text        not null,
    owner_id            uuid        not null,
    follower_account_id uuid        not null,
    symbol              text        not null,
    direction           text        not null,
    trigger_price       numeric,
    order_id            text,
    placed              integer     not null default 0,
    placed_at           timestamptz,
    missed              integer     not null default 0,
    refused             integer     not null default 0,
    due_at              timestamptz,
    updated_at          timestamptz not null default now(),

    primary key (copy_id, kind),
    constraint venue_exits_account foreign key (owner_id, follower_account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint venue_exits_kind check (kind in ('stop', 'target')),
    constraint venue_exits_direction check (direction in ('LONG', 'SHORT')),
    constraint venue_exits_trigger_positive check (trigger_price > 0)
) with (fillfactor = 80);

comment on table venue_exits is 'Stops and targets of copies at exchanges: what is wanted, and which order does it.';
comment on column venue_exits.direction is 'Which position it closes of.';
comment on column venue_exits.trigger_price is 'Wanted, in the contract''s decimals; none where none is wanted any more.';
comment on column venue_exits.order_id is 'The exchange''s name of the order that stands, or stood last and whose end is not known.';
comment on column venue_exits.placed is 'How often it was placed by an order of its own; part of that order''s name.';
comment on column venue_exits.placed_at is 'When that was written down last, while it is not known what became of it.';
comment on column venue_exits.missed is 'In how many looks in a row it was not there.';
comment on column venue_exits.refused is 'How often in a row the exchange refused it.';
comment on column venue_exits.due_at is 'When it is looked at; none when nothing of it can stand.';
create index venue_exits_due on venue_exits (due_at) where due_at is not null;
create index venue_exits_of_position on venue_exits (follower_account_id, symbol, direction);
create index venue_exits_owner on venue_exits (owner_id);

-- What came with copies that may hold something already. Whoever owns the tables sees their rows only while they are
-- not forced on him.
alter table accounts no force row level security;
alter table copy_orders no force row level security;
alter table venue_orders no force row level security;
insert into venue_exits (copy_id, kind, owner_id, follower_account_id, symbol, direction, trigger_price, due_at)
select v.copy_id, x.kind, v.owner_id, v.follower_account_id, v.symbol, v.direction, x.trigger_price, now()
from copy_orders c
join venue_orders v on v.copy_id = c.copy_id and v.leg = 'open'
join accounts a on a.id = v.follower_account_id and a.platform = 'bingx'
cross join lateral (values ('stop', v.stop_loss), ('target', v.take_profit)) as x (kind, trigger_price)
where c.state in ('open', 'closing', 'attention', 'unconfirmed') and v.filled > 0 and x.trigger_price > 0
on conflict (copy_id, kind) do nothing;
alter table accounts force row level security;
alter table copy_orders force row level security;
alter table venue_orders force row level security;

alter table venue_exits enable row level security;
alter table venue_exits force row level security;
create policy worker_all on venue_exits to flotilla_worker using (true) with check (true);
grant select, insert, update on venue_exits to flotilla_worker;
