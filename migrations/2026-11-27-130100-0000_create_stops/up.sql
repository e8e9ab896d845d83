-- The stop button: while a row is here, nothing new is copied in its scope.
-- Closes never ask for it. Of a master it also stops what strangers would copy.

create table stops (
    id         uuid        primary key default uuid_v7(),
    owner_id   uuid        not null references users (id) on delete cascade,
    account_id uuid        references accounts (id) on delete cascade,
    actor_id   uuid        not null,
    created_at timestamptz not null default now(),

    constraint stops_once unique nulls not distinct (owner_id, account_id)
);

comment on table stops is 'Where copying is stopped until somebody resumes it.';
comment on column stops.account_id is 'None: every account of the owner.';
create index stops_account on stops (account_id);

alter table stops enable row level security;
alter table stops force row level security;
create policy app_own on stops to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on stops for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on stops to flotilla_worker using (true) with check (true);
grant select, insert, delete on stops to flotilla_app;
grant select on stops to flotilla_readonly, flotilla_worker;
