-- Which chart a master's connection stands on. A master runs one EA a chart,
-- under one key, and each lists the positions of its chart only: a list speaks
-- of the trades that connections of the same chart reported.

create table master_charts (
    account_id    uuid        not null references accounts (id) on delete cascade,
    session_epoch bigint      not null,
    owner_id      uuid        not null references users (id) on delete cascade,
    lineage       uuid        not null,
    chart_symbol  text        not null,
    signal_symbol text,
    connected_at  timestamptz not null default now(),

    primary key (account_id, session_epoch)
);

comment on table master_charts is 'Charts on which connections of masters stand.';
comment on column master_charts.lineage is 'Made of account, key and chart symbol.';
comment on column master_charts.chart_symbol is 'As the broker names it.';
comment on column master_charts.signal_symbol is 'As its signals name it, once one came.';
create index master_charts_lineage on master_charts (account_id, lineage);
create index master_charts_owner on master_charts (owner_id);

alter table master_charts enable row level security;
alter table master_charts force row level security;
create policy app_own on master_charts for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on master_charts for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on master_charts to flotilla_worker using (true) with check (true);
grant select on master_charts to flotilla_app, flotilla_readonly;
grant select, insert, update on master_charts to flotilla_worker;
