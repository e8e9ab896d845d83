-- How far a trade at an exchange ran for and against its trader is computed from
-- the exchange's candles, by a worker, some time after it was closed. What people
-- and files say of their trades is never computed.

create table trade_excursions (
    trade_id    uuid        primary key references trades (id) on delete cascade,
    owner_id    uuid        not null,
    environment text        not null,
    exit_at     timestamptz not null,
    due_at      timestamptz,
    tries       integer     not null default 0,

    constraint trade_excursions_environment check (environment in ('live', 'demo'))
);

comment on table trade_excursions is 'Trades whose mae and mfe are to be computed; the row goes once they are.';
comment on column trade_excursions.environment is 'Where it was traded.';
comment on column trade_excursions.exit_at is 'End of the trade it is about: one that ends anew begins anew here.';
comment on column trade_excursions.due_at is 'When it is tried next; none when they cannot be known, or it was tried often enough.';
comment on column trade_excursions.tries is 'How often it was begun.';
create index trade_excursions_due on trade_excursions (due_at) where due_at is not null;
create index trade_excursions_owner on trade_excursions (owner_id);

alter table trade_excursions enable row level security;
alter table trade_excursions force row level security;
create policy worker_all on trade_excursions to flotilla_worker using (true) with check (true);
grant select, insert, update, delete on trade_excursions to flotilla_worker;
