-- Figures of accounts, about one a second for each. They are kept in four
-- partitions by month, used in turn: the one that comes next is emptied before
-- its month begins, so at least the last two whole months are there and old
-- figures go without deleting a single row.

create table risk_observations (
    account_id  uuid        not null,
    owner_id    uuid        not null,
    at          timestamptz not null,
    slot        smallint    not null,
    received_at timestamptz not null default now(),
    figures     jsonb       not null,

    constraint risk_observations_slot check (slot = mod(extract(month from at at time zone 'UTC')::integer, 4))
) partition by list (slot);

comment on table risk_observations is 'Figures of accounts at instants, as received, for some months.';
comment on column risk_observations.at is 'When the figures were true.';
comment on column risk_observations.slot is 'The month of at, modulo four: its partition.';
comment on column risk_observations.figures is 'The observation as the risk engine reads it.';
create index risk_observations_of_account on risk_observations (account_id, at);

alter table risk_observations enable row level security;
alter table risk_observations force row level security;
create policy app_own on risk_observations for select to flotilla_app using (owner_id = (select current_owner()));
create policy app_adds on risk_observations for insert to flotilla_app with check (owner_id = (select current_owner()));
create policy readonly_granted on risk_observations for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on risk_observations to flotilla_worker using (true) with check (true);
grant select, insert on risk_observations to flotilla_app, flotilla_worker;
grant select on risk_observations to flotilla_readonly;

-- Nobody reads a partition by its own name; the worker empties them.
do $$
declare name text;
begin
    for slot in 0..3 loop
        name := '__risk_observations_' || slot;
        execute format('create table %I partition of risk_observations for values in (%s)', name, slot);
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy worker_all on %I to flotilla_worker using (true) with check (true)', name);
        execute format('grant select, truncate on %I to flotilla_worker', name);
    end loop;
end $$;
