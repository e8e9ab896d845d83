-- The key with which an account trades at an exchange. The API seals it and
-- cannot read it again; only the worker opens it.

create table exchange_keys (
    account_id          uuid        primary key,
    owner_id            uuid        not null,
    environment         text        not null,
    sealed              bytea,
    generation          bigint      not null default 0,
    candidate           bytea,
    offer               bigint      not null default 0,
    offered_at          timestamptz,
    status              text        not null default 'pending',
    permissions         text[]      not null default '{}',
    ip_restricted       boolean,
    uid                 text,
    uid_hint            text        generated always as ('…' || right(uid, 4)) stored,
    account_type        text,
    position_mode       text,
    leverage            integer     not null default 5,
    leverage_set_at     timestamptz,
    margin_asset        text,
    balance             numeric,
    available           numeric,
    last_verified_at    timestamptz,
    last_checked_at     timestamptz,
    last_error          text,
    last_error_text     text,
    last_error_at       timestamptz,
    check_due_at        timestamptz not null default now(),
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),

    constraint exchange_keys_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint exchange_keys_environment check (environment in ('live', 'demo')),
    constraint exchange_keys_status check (status in ('pending', 'verified', 'failed')),
    constraint exchange_keys_proven check ((status = 'pending') = (sealed is null)),
    constraint exchange_keys_something check (sealed is not null or candidate is not null),
    constraint exchange_keys_offered check ((candidate is null) = (offered_at is null)),
    constraint exchange_keys_account_type check (account_type in ('perpetual', 'spot')),
    constraint exchange_keys_position_mode check (position_mode in ('one_way', 'hedge')),
    constraint exchange_keys_leverage check (leverage between 1 and 150),
    constraint exchange_keys_error_is_whole check ((last_error is null) = (last_error_at is null))
);

comment on table exchange_keys is 'Keys of accounts at exchanges, one per account.';
comment on column exchange_keys.environment is 'Real money or demo; the same key works on both hosts, so it never changes.';
comment on column exchange_keys.sealed is 'The proven key, sealed under the exchange purpose and bound to row and owner.';
comment on column exchange_keys.generation is 'The offer that is in place; whoever keeps the opened key compares it.';
comment on column exchange_keys.candidate is 'A key that is being proven; the one in place stays until then.';
comment on column exchange_keys.offer is 'Grows with each key that was handed in.';
comment on column exchange_keys.status is 'pending until a first key is proven.';
comment on column exchange_keys.permissions is 'What the key may do: read, perpetual, spot, transfer, withdraw.';
comment on column exchange_keys.ip_restricted is 'Whether the key works from listed addresses only.';
comment on column exchange_keys.uid is 'Number of the account at the exchange.';
comment on column exchange_keys.leverage is 'What the owner wants; set at the exchange only after he said so.';
comment on column exchange_keys.leverage_set_at is 'When the owner last said so; null: the exchange keeps what it has.';
comment on column exchange_keys.available is 'What new positions may use, in the margin asset.';
comment on column exchange_keys.last_verified_at is 'When everything about the key was last found in order.';
comment on column exchange_keys.last_checked_at is 'When the exchange last took the key.';
comment on column exchange_keys.check_due_at is 'When it is to be looked at again.';
-- One account at the exchange is connected once, whoever asks.
create unique index exchange_keys_uid on exchange_keys (environment, uid);
create index exchange_keys_owner on exchange_keys (owner_id);
create index exchange_keys_due on exchange_keys (check_due_at);

alter table exchange_keys enable row level security;
alter table exchange_keys force row level security;
create policy app_own on exchange_keys to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on exchange_keys for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on exchange_keys to flotilla_worker using (true) with check (true);

grant select (account_id, owner_id, environment, generation, offer, offered_at, status, permissions, ip_restricted,
    uid_hint, account_type, position_mode, leverage, leverage_set_at, margin_asset, balance, available,
    last_verified_at, last_checked_at, last_error, last_error_text, last_error_at, created_at, updated_at)
    on exchange_keys to flotilla_app, flotilla_readonly;
grant insert (account_id, owner_id, environment, candidate, offer, offered_at) on exchange_keys to flotilla_app;
grant update (candidate, offer, offered_at, updated_at) on exchange_keys to flotilla_app;
grant delete on exchange_keys to flotilla_app;
grant select, update, delete on exchange_keys to flotilla_worker;
