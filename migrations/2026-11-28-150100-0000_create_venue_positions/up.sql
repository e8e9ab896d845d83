-- What accounts at exchanges hold, as the exchange says, and how far the
-- worker has read what happened in them.

create table venue_positions (
    account_id        uuid        not null,
    owner_id          uuid        not null,
    symbol            text        not null,
    direction         text        not null,
    quantity          numeric     not null,
    average_price     numeric     not null,
    mark_price        numeric,
    unrealised        numeric     not null,
    leverage          numeric,
    liquidation_price numeric,
    read_at           timestamptz not null default now(),

    primary key (account_id, symbol, direction),
    constraint venue_positions_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint venue_positions_direction check (direction in ('LONG', 'SHORT')),
    constraint venue_positions_quantity_positive check (quantity > 0)
) with (fillfactor = 70);

comment on table venue_positions is 'Open positions of accounts at exchanges, ours and foreign.';
comment on column venue_positions.quantity is 'In the base currency of the contract.';
comment on column venue_positions.mark_price is 'Price by which the exchange judges it.';
comment on column venue_positions.unrealised is 'Open profit, in the margin currency.';
comment on column venue_positions.read_at is 'When the exchange last said so.';
create index venue_positions_owner on venue_positions (owner_id, account_id);

create table venue_accounts (
    account_id    uuid        primary key,
    owner_id      uuid        not null,
    uid           text,
    positions_at  timestamptz,
    fills_until   timestamptz,
    income_until  timestamptz,
    imported_from timestamptz,
    leads_from    timestamptz,

    constraint venue_accounts_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade
) with (fillfactor = 70);

comment on table venue_accounts is 'How far the worker has read what happened in accounts at exchanges.';
comment on column venue_accounts.uid is 'Number of the account at the exchange that was read.';
comment on column venue_accounts.positions_at is 'When all positions were last known; without rows it had none then.';
comment on column venue_accounts.fills_until is 'All fills before this are stored.';
comment on column venue_accounts.income_until is 'All income before this is stored.';
comment on column venue_accounts.imported_from is 'Where the history begins; null until it was imported.';
comment on column venue_accounts.leads_from is 'Since when its orders are signals to followers.';
create index venue_accounts_owner on venue_accounts (owner_id);

alter table venue_positions enable row level security;
alter table venue_positions force row level security;
create policy app_own on venue_positions for select to flotilla_app
    using (owner_id = (select current_owner()));
create policy readonly_granted on venue_positions for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on venue_positions to flotilla_worker using (true) with check (true);
alter table venue_accounts enable row level security;
alter table venue_accounts force row level security;
create policy app_own on venue_accounts for select to flotilla_app
    using (owner_id = (select current_owner()));
create policy readonly_granted on venue_accounts for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on venue_accounts to flotilla_worker using (true) with check (true);
grant select on venue_positions, venue_accounts to flotilla_app, flotilla_readonly;
grant select, insert, update, delete on venue_positions to flotilla_worker;
grant select, insert, update on venue_accounts to flotilla_worker;
