-- How fast the orders of followers leave for an exchange, and how many share
-- each way. The worker writes what it really does: who is about to follow is
-- told from it how late the last order of a signal would be.

create table venue_limits (
    node_id     uuid    not null references workers (node_id) on delete cascade,
    environment text    not null,
    egress      text    not null,
    name        text    not null,
    requests    integer not null,
    per_ms      integer not null,

    primary key (node_id, environment, egress, name),
    constraint venue_limits_environment check (environment in ('live', 'demo')),
    constraint venue_limits_positive check (requests > 0 and per_ms > 0)
);

comment on table venue_limits is 'Limits that each order which opens counts against, by worker and source address.';
comment on column venue_limits.egress is 'Name of the source address.';
comment on column venue_limits.requests is 'So many in any stretch of `per_ms` milliseconds.';

create table venue_audiences (
    node_id           uuid    not null references workers (node_id) on delete cascade,
    master_account_id uuid    not null references accounts (id) on delete cascade,
    environment       text    not null,
    egress            text    not null,
    followers         integer not null,

    primary key (master_account_id, environment, egress, node_id),
    constraint venue_audiences_environment check (environment in ('live', 'demo')),
    constraint venue_audiences_positive check (followers > 0)
);

comment on table venue_audiences is 'How many accounts at an exchange follow a master over one source address of a worker.';
create index venue_audiences_node on venue_audiences (node_id);

-- Limits are nobody's secret. A number of followers is for the master's owner,
-- and for whoever names the master in this transaction: both see its row.
alter table venue_limits enable row level security;
alter table venue_limits force row level security;
create policy app_reads on venue_limits for select to flotilla_app using (true);
create policy worker_all on venue_limits to flotilla_worker using (true) with check (true);
alter table venue_audiences enable row level security;
alter table venue_audiences force row level security;
create policy app_named on venue_audiences for select to flotilla_app
    using (exists (select from masters m where m.account_id = master_account_id));
create policy worker_all on venue_audiences to flotilla_worker using (true) with check (true);
grant select on venue_limits, venue_audiences to flotilla_app;
grant select, insert, update, delete on venue_limits, venue_audiences to flotilla_worker;
