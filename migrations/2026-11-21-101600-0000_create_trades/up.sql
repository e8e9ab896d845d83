-- The journal: one row per position, from entry to exit, whatever its source.

create table trades (
    id           uuid        primary key default uuid_v7(),
    owner_id     uuid        not null,
    account_id   uuid        not null,
    source       text        not null,
    symbol       text        not null,
    direction    text        not null,
    asset_type   text        not null default 'cfd',
    quantity     numeric     not null,
    multiplier   numeric,
    entry_price  numeric,
    exit_price   numeric,
    entry_at     timestamptz not null,
    exit_at      timestamptz,
    stop_loss    numeric,
    take_profit  numeric,
    fees         numeric     not null default 0,
    swap         numeric     not null default 0,
    pnl          numeric,
    pnl_source   text,
    status       text        not null default 'open',
    external_id  text,
    copy_id      uuid,
    tags         text[]      not null default '{}',
    notes        text,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),

    constraint trades_source check (source in ('manual', 'ea', 'copy', 'exchange', 'bot', 'import')),
    constraint trades_direction check (direction in ('LONG', 'SHORT')),
    constraint trades_asset_type check (asset_type in ('stock', 'option', 'future', 'crypto', 'forex', 'cfd')),
    constraint trades_pnl_source check (pnl_source in ('broker', 'computed')),
    constraint trades_status check (status in ('open', 'closed')),
    constraint trades_quantity_positive check (quantity > 0)
) with (fillfactor = 80);

comment on table trades is 'Positions from entry to exit.';
create unique index trades_once_per_position on trades (account_id, source, external_id)
    where source in ('ea', 'exchange');
create unique index trades_once_per_copy on trades (copy_id) where copy_id is not null;
create index trades_owner on trades (owner_id, id);
create index trades_account on trades (account_id, id);

create table executions (
    id       bigint      generated always as identity primary key,
    owner_id uuid        not null,
    trade_id uuid        not null references trades (id) on delete cascade,
    side     text        not null,
    quantity numeric     not null,
    price    numeric,
    fees     numeric     not null default 0,
    at       timestamptz not null,

    constraint executions_side check (side in ('BUY', 'SELL')),
    constraint executions_quantity_positive check (quantity > 0)
);

comment on table executions is 'Fills of a trade.';
create index executions_trade on executions (trade_id, id);
create index executions_owner on executions (owner_id, id);

alter table trades enable row level security;
alter table trades force row level security;
create policy app_own on trades to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on trades for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on trades to flotilla_worker using (true) with check (true);
alter table executions enable row level security;
alter table executions force row level security;
create policy app_own on executions to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on executions for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on executions to flotilla_worker using (true) with check (true);
grant select on trades, executions to flotilla_app, flotilla_readonly;
grant select, insert, update on trades to flotilla_worker;
grant select, insert on executions to flotilla_worker;
