-- Events of master trades, append-only. The natural key is unique for ever:
-- a line that comes twice is one signal.

create table signals (
    id                uuid        primary key default uuid_v7(),
    owner_id          uuid        not null,
    master_account_id uuid        not null,
    ticket            bigint      not null,
    kind              text        not null,
    part              integer     not null,
    symbol            text        not null,
    side              text,
    lots              numeric,
    price             numeric,
    stop_loss         numeric,
    take_profit       numeric,
    profit            numeric,
    line_hash         bytea       not null,
    session_epoch     bigint      not null,
    read_to_commit_us integer,
    copies            jsonb       not null default '{}',
    received_at       timestamptz not null default now(),

    constraint signals_once unique (master_account_id, ticket, kind, part),
    constraint signals_kind check (kind in ('open', 'add', 'close')),
    constraint signals_side check (side in ('BUY', 'SELL')),
    constraint signals_entry_is_whole check (kind = 'close' or (side is not null and lots > 0 and price > 0)),
    constraint signals_ticket_positive check (ticket > 0)
);

comment on table signals is 'Events of master trades.';
comment on column signals.part is 'Counts events of one kind of one ticket, from 0.';
comment on column signals.line_hash is 'SHA-256 of the line, to recognise a resend.';
comment on column signals.copies is 'Number of copies per state, projected by the worker for the master''s owner.';
comment on column signals.received_at is 'Database time of acceptance minus the time since the read.';
create index signals_owner on signals (owner_id, id);
create index signals_account on signals (master_account_id, id);

alter table signals enable row level security;
alter table signals force row level security;
create policy app_own on signals for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on signals for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on signals to flotilla_worker using (true) with check (true);
grant select on signals to flotilla_app, flotilla_readonly;
grant select, insert, update (read_to_commit_us, copies) on signals to flotilla_worker;
