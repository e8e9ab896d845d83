-- Lists of open tickets that terminals sent, kept so that each transition can
-- be judged again and the next list has one to stand against. Append-only; the
-- worker removes old ones.

create table snapshots (
    id            bigint      generated always as identity primary key,
    owner_id      uuid        not null,
    account_id    uuid        not null,
    session_epoch bigint      not null,
    lineage       uuid,
    tickets       bigint[]    not null,
    received_at   timestamptz not null default now()
);

comment on table snapshots is 'Lists of open tickets that terminals sent.';
comment on column snapshots.lineage is 'Of a master: the chart it speaks of, once it was applied.';
create index snapshots_account on snapshots (account_id, id);
create index snapshots_owner on snapshots (owner_id, id);
create index snapshots_age on snapshots using brin (received_at);

alter table snapshots enable row level security;
alter table snapshots force row level security;
create policy app_own on snapshots for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on snapshots for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on snapshots to flotilla_worker using (true) with check (true);
grant select on snapshots to flotilla_app, flotilla_readonly;
grant select, insert, update (lineage), delete on snapshots to flotilla_worker;
