-- Answers to writes that a client may repeat: the same key answers the same.

create table idempotency_keys (
    owner_id     uuid        not null,
    key          text        not null,
    request_hash bytea       not null,
    status       integer     not null,
    answer       text        not null,
    created_at   timestamptz not null default now(),

    constraint idempotency_keys_once primary key (owner_id, key),
    constraint idempotency_keys_key_length check (length(key) between 1 and 128)
);

comment on table idempotency_keys is 'What writes with an Idempotency-Key answered, for a day.';
comment on column idempotency_keys.request_hash is 'SHA-256 of method, path and body: the same key with another request is refused.';
create index idempotency_keys_age on idempotency_keys (owner_id, created_at);

alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy app_own on idempotency_keys to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
grant select, insert, delete on idempotency_keys to flotilla_app;
