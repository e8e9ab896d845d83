create table accounts (
    id               uuid        primary key default uuid_v7(),
    owner_id         uuid        not null references users (id) on delete cascade,
    name             text        not null,
    platform         text        not null,
    copy_role        text        not null,
    is_active        boolean     not null default true,
    is_primary       boolean     not null default false,
    currency         text        not null default 'USD',
    starting_balance numeric,
    capital_level    text,
    risk_tolerance   text,
    external_id      text,
    trading_enabled  boolean     not null default false,
    is_public        boolean     not null default false,
    slug             text,
    description      text,
    archived_at      timestamptz,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),

    constraint accounts_name_length check (char_length(name) between 1 and 100),
    constraint accounts_platform check (platform in
        ('mt4', 'mt5', 'bingx', 'paper', 'ibkr', 'tradier', 'webull', 'topstepx', 'tradovate', 'other')),
    constraint accounts_copy_role check (copy_role in ('master', 'follower', 'none')),
    constraint accounts_currency_form check (currency ~ '^[A-Z0-9]{2,10}$'),
    constraint accounts_archived_is_inactive check (archived_at is null or not is_active)
);

comment on table accounts is 'Trading accounts of an owner.';
comment on column accounts.trading_enabled is 'Exchange accounts: orders are placed only after the owner switched this on.';
create index accounts_owner on accounts (owner_id, id);
create unique index accounts_slug on accounts (slug) where slug is not null;
create unique index accounts_one_primary on accounts (owner_id) where is_primary;

alter table accounts enable row level security;
alter table accounts force row level security;
create policy app_own on accounts to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on accounts for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on accounts to flotilla_worker using (true) with check (true);
grant select, insert, update, delete on accounts to flotilla_app;
grant select on accounts to flotilla_readonly, flotilla_worker;
