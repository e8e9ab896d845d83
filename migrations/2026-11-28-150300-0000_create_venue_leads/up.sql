-- How far the orders of masters at exchanges have become signals. One row per
-- order, written in the commit of its signals: what is told twice is a signal
-- once.

create table venue_lead_orders (
    account_id uuid        not null,
    order_id   text        not null,
    owner_id   uuid        not null,
    filled     numeric     not null,
    value      numeric     not null,
    is_over    boolean     not null,
    at         timestamptz not null default now(),

    primary key (account_id, order_id),
    constraint venue_lead_orders_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade
) with (fillfactor = 70);

comment on table venue_lead_orders is 'Orders of masters at exchanges, as far as they became signals.';
comment on column venue_lead_orders.filled is 'So much of it became signals.';
comment on column venue_lead_orders.value is 'Price times quantity of that.';
comment on column venue_lead_orders.is_over is 'Nothing more of it will be filled.';
create index venue_lead_orders_owner on venue_lead_orders (owner_id);
create index venue_lead_orders_at on venue_lead_orders (at);

create table venue_lead_positions (
    account_id uuid    not null,
    symbol     text    not null,
    slot       text    not null,
    owner_id   uuid    not null,
    quantity   numeric not null,
    ticket     bigint,

    primary key (account_id, symbol, slot),
    constraint venue_lead_positions_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint venue_lead_positions_slot check (slot in ('LONG', 'SHORT', 'BOTH'))
) with (fillfactor = 70);

comment on table venue_lead_positions is 'What masters at exchanges hold, as far as it became signals.';
comment on column venue_lead_positions.slot is 'Which position; BOTH in one-way mode.';
comment on column venue_lead_positions.quantity is 'Below zero is short.';
comment on column venue_lead_positions.ticket is 'Under which followers have it; null when they were told to leave.';
create index venue_lead_positions_owner on venue_lead_positions (owner_id);

alter table venue_lead_orders enable row level security;
alter table venue_lead_orders force row level security;
create policy worker_all on venue_lead_orders to flotilla_worker using (true) with check (true);
alter table venue_lead_positions enable row level security;
alter table venue_lead_positions force row level security;
create policy worker_all on venue_lead_positions to flotilla_worker using (true) with check (true);
grant select, insert, update, delete on venue_lead_orders to flotilla_worker;
grant select, insert, update on venue_lead_positions to flotilla_worker;
