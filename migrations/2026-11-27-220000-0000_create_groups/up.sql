-- Accounts that are handled, and later judged, together. An account may be in
-- several groups of its owner.

-- So that a row can name an account together with its owner.
alter table accounts add constraint accounts_of_owner unique (owner_id, id);
drop index accounts_owner;

create table groups (
    id            uuid        primary key default uuid_v7(),
    owner_id      uuid        not null references users (id) on delete cascade,
    name          text        not null,
    base_currency text        not null default 'USD',
    version       integer     not null default 1,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),

    constraint groups_of_owner unique (owner_id, id),
    constraint groups_name_length check (char_length(name) between 1 and 100),
    constraint groups_base_currency_form check (base_currency ~ '^[A-Z0-9]{2,10}$'),
    constraint groups_version_positive check (version > 0)
);

comment on table groups is 'Accounts of one owner that are handled together.';
comment on column groups.base_currency is 'Money of several accounts is compared in it.';
comment on column groups.version is 'Grows with each edit; an edit names the one it is based on.';
-- A copy that was skipped names the group, so names must tell groups apart.
create unique index groups_name on groups (owner_id, lower(name));

alter table groups enable row level security;
alter table groups force row level security;
create policy app_own on groups to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on groups for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on groups to flotilla_worker using (true) with check (true);
grant select, insert, delete on groups to flotilla_app;
grant update (name, base_currency, version, updated_at) on groups to flotilla_app;
grant select on groups to flotilla_readonly, flotilla_worker;

create table group_accounts (
    group_id   uuid        not null,
    account_id uuid        not null,
    owner_id   uuid        not null,
    added_at   timestamptz not null default now(),

    primary key (group_id, account_id),
    constraint group_accounts_group foreign key (owner_id, group_id)
        references groups (owner_id, id) on delete cascade,
    constraint group_accounts_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade
);

comment on table group_accounts is 'Which accounts are in a group; group and account have the same owner.';
create index group_accounts_of_account on group_accounts (owner_id, account_id);
create index group_accounts_of_group on group_accounts (owner_id, group_id);

alter table group_accounts enable row level security;
alter table group_accounts force row level security;
create policy app_own on group_accounts to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on group_accounts for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on group_accounts to flotilla_worker using (true) with check (true);
grant select, insert, delete on group_accounts to flotilla_app;
grant select on group_accounts to flotilla_readonly, flotilla_worker;
