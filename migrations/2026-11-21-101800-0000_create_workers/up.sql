-- Running worker processes. No owner: nothing here belongs to anybody.

create table workers (
    node_id      uuid        primary key,
    started_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now()
);

comment on table workers is 'Worker processes and when they were last heard of.';

grant select on workers to flotilla_app, flotilla_readonly;
grant select, insert, update, delete on workers to flotilla_worker;
