-- One row per refresh token ever issued in a live login. Looked up by hash
-- before an owner is known, so nothing of the owner's data is here.

create table refresh_tokens (
    token_hash  bytea       primary key,
    login_id    uuid        not null,
    user_id     uuid        not null references users (id) on delete cascade,
    created_at  timestamptz not null default now(),
    used_at     timestamptz,
    revoked_at  timestamptz,
    expires_at  timestamptz not null,
    login_ends_at timestamptz not null,

    constraint refresh_tokens_hash_length check (octet_length(token_hash) = 32)
);

comment on table refresh_tokens is 'SHA-256 of one-time refresh tokens, by login (token family).';
comment on column refresh_tokens.login_id is 'The signed-in device; reuse of one token ends all tokens of its login.';
comment on column refresh_tokens.used_at is 'When it was exchanged for its successor.';
comment on column refresh_tokens.expires_at is 'End of inactivity.';
comment on column refresh_tokens.login_ends_at is 'Absolute end of the login, inherited by successors.';
create index refresh_tokens_login on refresh_tokens (login_id);
create index refresh_tokens_user on refresh_tokens (user_id);

create table ws_tickets (
    ticket_hash bytea       primary key,
    user_id     uuid        not null references users (id) on delete cascade,
    login_id    uuid        not null,
    expires_at  timestamptz not null,

    constraint ws_tickets_hash_length check (octet_length(ticket_hash) = 32)
);

comment on table ws_tickets is 'SHA-256 of one-use WebSocket tickets.';
create index ws_tickets_expiry on ws_tickets (expires_at);

grant select, insert, update, delete on refresh_tokens to flotilla_app;
grant select, insert, delete on ws_tickets to flotilla_app;
