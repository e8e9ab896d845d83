-- Fills and flows of money of accounts at exchanges, each once. The journal's
-- trades of source 'exchange' are made from them.

create table venue_fills (
    account_id uuid        not null,
    order_id   text        not null,
    trade_id   text        not null,
    filled_at  timestamptz not null,
    owner_id   uuid        not null,
    symbol     text        not null,
    slot       text        not null,
    side       text        not null,
    quantity   numeric     not null,
    price      numeric     not null,
    fee        numeric     not null,

    primary key (account_id, order_id, trade_id, filled_at),
    constraint venue_fills_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint venue_fills_slot check (slot in ('LONG', 'SHORT', 'BOTH')),
    constraint venue_fills_side check (side in ('BUY', 'SELL')),
    constraint venue_fills_quantity_positive check (quantity > 0)
);

comment on table venue_fills is 'Fills of accounts at exchanges, each once.';
comment on column venue_fills.slot is 'Which position it worked on; BOTH in one-way mode.';
comment on column venue_fills.fee is 'Above zero is paid, in the margin currency.';
create index venue_fills_of_symbol on venue_fills (account_id, symbol, filled_at);
create index venue_fills_owner on venue_fills (owner_id);

create table venue_income (
    account_id uuid        not null,
    income_id  text        not null,
    owner_id   uuid        not null,
    kind       text        not null,
    symbol     text        not null,
    amount     numeric     not null,
    at         timestamptz not null,

    primary key (account_id, income_id),
    constraint venue_income_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade
);

comment on table venue_income is 'Funding and transfers of accounts at exchanges, each once.';
comment on column venue_income.kind is 'As the exchange names it: `FUNDING_FEE`, `TRANSFER` and so on.';
comment on column venue_income.symbol is 'Contract; empty where there is none.';
comment on column venue_income.amount is 'Below zero is paid.';
create index venue_income_of_symbol on venue_income (account_id, symbol, at);
create index venue_income_owner on venue_income (owner_id);

alter table venue_fills enable row level security;
alter table venue_fills force row level security;
create policy worker_all on venue_fills to flotilla_worker using (true) with check (true);
alter table venue_income enable row level security;
alter table venue_income force row level security;
create policy worker_all on venue_income to flotilla_worker using (true) with check (true);
grant select, insert on venue_fills, venue_income to flotilla_worker;
-- A trade that is made from fills is made anew with each of them.
grant delete on executions to flotilla_worker;
