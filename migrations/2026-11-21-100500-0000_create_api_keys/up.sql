-- The key with which an EA authenticates as one account. The worker finds it
-- by hash; the sealed copy is opened only for the owner's reveal.

create table api_keys (
    account_id uuid        primary key references accounts (id) on delete cascade,
    owner_id   uuid        not null references users (id) on delete cascade,
    prefix     text        not null,
    key_hash   bytea       not null,
    sealed_key bytea       not null,
    created_at timestamptz not null default now(),

    constraint api_keys_hash unique (key_hash),
    constraint api_keys_hash_length check (octet_length(key_hash) = 32)
);

comment on table api_keys is 'API keys of EAs, one per account.';
comment on column api_keys.prefix is 'First characters, for recognition on screens.';
comment on column api_keys.key_hash is 'SHA-256 of the key.';
comment on column api_keys.sealed_key is 'The key, sealed under the ea-key purpose and bound to row and owner.';
create index api_keys_owner on api_keys (owner_id);

alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy app_own on api_keys to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on api_keys for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on api_keys for select to flotilla_worker using (true);
grant select, insert, update, delete on api_keys to flotilla_app;
grant select (account_id, owner_id, prefix, created_at) on api_keys to flotilla_readonly;
grant select (account_id, owner_id, key_hash, created_at) on api_keys to flotilla_worker;
