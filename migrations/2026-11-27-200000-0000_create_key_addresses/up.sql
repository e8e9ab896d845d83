-- From where each account's key was used before, so that an unknown place is
-- told. v7 sends keys in clear text; whoever overheard one connects from
-- somewhere else.

create table key_addresses (
    account_id uuid        not null references accounts (id) on delete cascade,
    owner_id   uuid        not null references users (id) on delete cascade,
    address    text        not null,
    first_at   timestamptz not null default now(),
    last_at    timestamptz not null default now(),

    primary key (account_id, address),
    constraint key_addresses_length check (char_length(address) between 1 and 50)
);

comment on table key_addresses is 'Addresses that an account''s EA connected from.';
comment on column key_addresses.address is 'An IPv4 address, or the network of an IPv6 address.';
comment on column key_addresses.last_at is 'When it was seen last after another one.';
create index key_addresses_owner on key_addresses (owner_id);

alter table key_addresses enable row level security;
alter table key_addresses force row level security;
create policy worker_all on key_addresses to flotilla_worker using (true) with check (true);
grant select, insert, update, delete on key_addresses to flotilla_worker;
