-- What followers would do about an order. Asked by the API, answered by the
-- worker, which alone sees the followers of other owners; gone once it is read.

create table dry_runs (
    id         uuid        primary key default uuid_v7(),
    owner_id   uuid        not null references users (id) on delete cascade,
    account_id uuid        not null references accounts (id) on delete cascade,
    asked      jsonb       not null,
    answer     jsonb,
    created_at timestamptz not null default now()
);

comment on table dry_runs is 'Orders that are judged for every follower and not sent to anybody.';
comment on column dry_runs.asked is 'The order of the master.';
comment on column dry_runs.answer is 'What each follower would do; of other owners'' followers the reason only.';
create index dry_runs_owner on dry_runs (owner_id, id);
create index dry_runs_unanswered on dry_runs (id) where answer is null;

alter table dry_runs enable row level security;
alter table dry_runs force row level security;
create policy app_own on dry_runs to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy worker_all on dry_runs to flotilla_worker using (true) with check (true);
grant select, insert, delete on dry_runs to flotilla_app;
grant select, update (answer), delete on dry_runs to flotilla_worker;
