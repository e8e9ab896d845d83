-- What followers said, kept so that each transition can be judged again, and
-- the transitions themselves. Both append-only, written in batches.

create table evidence (
    id            bigint      generated always as identity primary key,
    owner_id      uuid        not null,
    account_id    uuid        not null,
    session_epoch bigint      not null,
    line          text        not null,
    received_at   timestamptz not null default now()
);

comment on table evidence is 'Lines from followers that say something about a position.';
create index evidence_account on evidence (account_id, id);
create index evidence_owner on evidence (owner_id, id);

create table copy_events (
    id          bigint      generated always as identity primary key,
    owner_id    uuid        not null,
    copy_id     uuid        not null,
    at          timestamptz not null default now(),
    from_state  text        not null,
    to_state    text        not null,
    cause       text        not null,
    detail      text,
    evidence_id bigint
);

comment on table copy_events is 'Every edge a copy took, with its cause.';
comment on column copy_events.cause is 'Stable word of the engine.';
comment on column copy_events.detail is 'The other side''s words, if it said any.';
create index copy_events_copy on copy_events (copy_id, id);
create index copy_events_owner on copy_events (owner_id, id);

alter table evidence enable row level security;
alter table evidence force row level security;
create policy app_own on evidence for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on evidence for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on evidence to flotilla_worker using (true) with check (true);
alter table copy_events enable row level security;
alter table copy_events force row level security;
create policy app_own on copy_events for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on copy_events for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on copy_events to flotilla_worker using (true) with check (true);
grant select on evidence, copy_events to flotilla_app, flotilla_readonly;
grant select, insert on evidence, copy_events to flotilla_worker;
