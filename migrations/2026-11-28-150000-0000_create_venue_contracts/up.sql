-- Contracts of exchanges and their last prices, read by the worker once for
-- all tenants.

create table venue_contracts (
    environment        text        not null,
    symbol             text        not null,
    base               text        not null,
    quote              text        not null,
    quantity_precision integer     not null,
    price_precision    integer     not null,
    min_quantity       numeric     not null,
    min_notional       numeric     not null,
    max_long_leverage  numeric,
    max_short_leverage numeric,
    taker_fee_rate     numeric,
    is_open            boolean     not null,
    may_close          boolean     not null,
    read_at            timestamptz not null default now(),
    last_price         numeric,
    price_at           timestamptz,

    primary key (environment, symbol),
    constraint venue_contracts_environment check (environment in ('live', 'demo')),
    constraint venue_contracts_price_is_whole check ((last_price is null) = (price_at is null)),
    constraint venue_contracts_price_positive check (last_price > 0)
) with (fillfactor = 70);

comment on table venue_contracts is 'What may be traded at exchanges, in which steps, and at which price.';
comment on column venue_contracts.base is 'What a quantity counts.';
comment on column venue_contracts.quote is 'What prices are in.';
comment on column venue_contracts.quantity_precision is 'Decimals of a quantity.';
comment on column venue_contracts.min_notional is 'Smallest value of an order, in the quote currency.';
comment on column venue_contracts.taker_fee_rate is 'As a fraction.';
comment on column venue_contracts.is_open is 'Whether orders may open positions; a contract that is no longer listed is closed.';
comment on column venue_contracts.read_at is 'When the exchange last listed it.';
comment on column venue_contracts.price_at is 'When the exchange last said this price.';

-- Figures of a public market: everybody may read them.
alter table venue_contracts enable row level security;
alter table venue_contracts force row level security;
create policy app_reads on venue_contracts for select to flotilla_app using (true);
create policy readonly_reads on venue_contracts for select to flotilla_readonly using (true);
create policy worker_all on venue_contracts to flotilla_worker using (true) with check (true);
grant select on venue_contracts to flotilla_app, flotilla_readonly;
grant select, insert, update on venue_contracts to flotilla_worker;
