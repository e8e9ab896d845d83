-- Mails to be sent. The API writes what is wanted and never reads it again; the
-- worker finds out to whom, makes the token of a link and sends. So no token is
-- ever in a row, and a row about an unknown address looks like any other.

create table outbox (
    id         uuid        primary key default uuid_v7(),
    user_id    uuid        references users (id) on delete cascade,
    kind       text        not null,
    address    text        not null,
    created_at timestamptz not null default now(),
    due_at     timestamptz not null default now(),
    ends_at    timestamptz not null,
    attempts   integer     not null default 0,
    sent_at    timestamptz,
    failed_at  timestamptz,
    failure    text,

    constraint outbox_kind check (
        kind in ('verify_email', 'confirm_email', 'reset_password', 'email_changed', 'password_changed')),
    constraint outbox_address_length check (char_length(address) between 3 and 254),
    constraint outbox_user check (user_id is not null or kind = 'reset_password')
);

comment on table outbox is 'Mails: wanted by the API, sent by the worker.';
comment on column outbox.user_id is 'Null: whoever has this address, if anybody.';
comment on column outbox.address is 'Where it goes; of a reset, the login name that was typed.';
comment on column outbox.due_at is 'When it is tried next; moved before each attempt.';
comment on column outbox.ends_at is 'After this time it is of no use and not sent.';
comment on column outbox.failure is 'Kind of the last failure, without words of the mail server.';
create index outbox_due on outbox (due_at) where sent_at is null and failed_at is null;
create index outbox_sent on outbox (address, kind, sent_at) where sent_at is not null;
create index outbox_user_id on outbox (user_id);

alter table outbox enable row level security;
alter table outbox force row level security;
create policy app_adds on outbox for insert to flotilla_app
    with check (user_id is null or user_id = (select current_owner()));
create policy worker_all on outbox to flotilla_worker using (true) with check (true);
grant insert (user_id, kind, address, ends_at) on outbox to flotilla_app;
grant select, update, delete on outbox to flotilla_worker;
