-- What a link in a mail proves. Looked up by hash before an owner is known, so
-- nothing of the owner's data is here. A token is used by deleting its row.

create table mail_tokens (
    token_hash bytea       primary key,
    user_id    uuid        not null references users (id) on delete cascade,
    kind       text        not null,
    address    text        not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,

    constraint mail_tokens_hash_length check (octet_length(token_hash) = 32),
    constraint mail_tokens_kind check (kind in ('verify_email', 'confirm_email', 'reset_password'))
);

comment on table mail_tokens is 'SHA-256 of one-time tokens in mails; the token itself is in the mail alone.';
comment on column mail_tokens.address is 'The address that whoever has the token can read.';
create index mail_tokens_user on mail_tokens (user_id);
create index mail_tokens_expiry on mail_tokens (expires_at);

grant select, delete on mail_tokens to flotilla_app;
grant select, insert, delete on mail_tokens to flotilla_worker;
grant select on login_names to flotilla_worker;
