-- Users who asked to be erased. The API signs them out and puts their accounts
-- away; a worker deletes their rows a piece at a time, the user last. Whatever
-- refers to a user goes with him; the tables below refer to nobody.

create table erasures (
    user_id  uuid        primary key references users (id) on delete cascade,
    asked_at timestamptz not null default now()
);

comment on table erasures is 'Users who asked to be erased; the row goes with the user.';

alter table erasures enable row level security;
alter table erasures force row level security;
create policy app_asks on erasures for insert to flotilla_app with check (user_id = (select current_owner()));
create policy worker_all on erasures to flotilla_worker using (true) with check (true);
grant insert on erasures to flotilla_app;
grant select, update on erasures to flotilla_worker;

-- History is deleted of whoever asked for it, and of nobody else.
do $$
declare name text;
begin
    foreach name in array array['signals', 'copy_orders', 'copy_events', 'evidence', 'trades', 'orphans',
        'copy_sightings', 'risk_observations'] loop
        execute format('create policy worker_erases on %I as restrictive for delete to flotilla_worker
            using (exists (select from erasures where user_id = owner_id))', name);
        execute format('grant delete on %I to flotilla_worker', name);
    end loop;
end $$;
create policy worker_erases on users as restrictive for delete to flotilla_worker
    using (exists (select from erasures where user_id = id));
grant delete on users to flotilla_worker;
