-- What the API asks the worker to do. The API never trades.

create table requests (
    id         uuid        primary key default uuid_v7(),
    owner_id   uuid        not null references users (id) on delete cascade,
    actor_id   uuid        not null,
    kind       text        not null,
    target_id  uuid        not null,
    state      text        not null default 'pending',
    done       integer     not null default 0,
    total      integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),

    constraint requests_kind check (kind in ('close_account', 'close_subscription')),
    constraint requests_state check (state in ('pending', 'running', 'done', 'failed'))
);

comment on table requests is 'Asked by the API, performed by the worker, which writes the progress.';
comment on column requests.target_id is 'The account or subscription the kind names.';
comment on column requests.done is 'Copies that have ended, of total.';
create index requests_waiting on requests (id) where state in ('pending', 'running');
create index requests_owner on requests (owner_id, id);

alter table requests enable row level security;
alter table requests force row level security;
create policy app_own on requests to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on requests for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on requests to flotilla_worker using (true) with check (true);
grant select, insert on requests to flotilla_app;
grant select on requests to flotilla_readonly;
grant select, update on requests to flotilla_worker;
