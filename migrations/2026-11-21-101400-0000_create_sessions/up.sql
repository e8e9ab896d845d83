-- One row per account that ever connected. The epoch grows with every log-in
-- of a follower, which fences what an older session may still want to do.

create table sessions (
    account_id      uuid        primary key references accounts (id) on delete cascade,
    owner_id        uuid        not null references users (id) on delete cascade,
    epoch           bigint      not null,
    node_id         uuid        not null,
    sockets         integer     not null default 1,
    wire_master_id  uuid,
    connected_at    timestamptz not null default now(),
    last_seen_at    timestamptz not null default now(),
    disconnected_at timestamptz,

    constraint sessions_sockets_not_negative check (sockets >= 0),
    constraint sessions_offline_has_time check ((sockets = 0) = (disconnected_at is not null))
) with (fillfactor = 70);

comment on table sessions is 'Connection of an account''s EA to a worker.';
comment on column sessions.epoch is 'Grows with every log-in; claims name the epoch they were made under.';
comment on column sessions.sockets is 'Open sockets; a master may have several, one per chart.';
comment on column sessions.wire_master_id is 'Master of the token last seen on the wire.';
create index sessions_owner on sessions (owner_id);
create index sessions_node on sessions (node_id) where disconnected_at is null;

alter table sessions enable row level security;
alter table sessions force row level security;
create policy app_own on sessions for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on sessions for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on sessions to flotilla_worker using (true) with check (true);
grant select on sessions to flotilla_app, flotilla_readonly;
grant select, insert, update on sessions to flotilla_worker;
