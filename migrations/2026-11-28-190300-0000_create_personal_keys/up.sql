-- Keys with which an integrator acts as one user. The key itself is nowhere: its
-- hash is looked up before an owner is known, so nothing of the owner's data is
-- beside it.

create table personal_keys (
    id           uuid        primary key,
    owner_id     uuid        not null references users (id) on delete cascade,
    name         text        not null,
    prefix       text        not null,
    scopes       text[]      not null,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    last_used_at timestamptz,
    revoked_at   timestamptz,

    constraint personal_keys_name_length check (length(name) between 1 and 100),
    constraint personal_keys_scopes check (scopes <@ array['read', 'trade'] and scopes <> '{}')
);

comment on table personal_keys is 'Keys of integrators, without the keys.';
comment on column personal_keys.prefix is 'The first characters of the key, to tell keys apart.';
comment on column personal_keys.last_used_at is 'To the minute.';
create index personal_keys_owner on personal_keys (owner_id, id);

alter table personal_keys enable row level security;
alter table personal_keys force row level security;
create policy app_own on personal_keys to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
grant select, insert on personal_keys to flotilla_app;
grant update (last_used_at, revoked_at) on personal_keys to flotilla_app;

create table personal_key_hashes (
    key_hash bytea primary key,
    key_id   uuid  not null references personal_keys (id) on delete cascade,
    user_id  uuid  not null references users (id) on delete cascade,

    constraint personal_key_hashes_length check (octet_length(key_hash) = 32)
);

comment on table personal_key_hashes is 'Finds the user of a key; revoking deletes the row.';
create index personal_key_hashes_key on personal_key_hashes (key_id);
create index personal_key_hashes_user on personal_key_hashes (user_id);
grant select, insert, delete on personal_key_hashes to flotilla_app;
