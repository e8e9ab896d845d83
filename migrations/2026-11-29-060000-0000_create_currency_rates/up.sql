-- What currencies are worth in others on a day, as their owner says, so that
-- results and balances of several currencies can be told in one.

create table currency_rates (
    owner_id      uuid        not null references users (id) on delete cascade,
    currency      text        not null,
    base_currency text        not null,
    day           date        not null,
    rate          numeric     not null,
    created_at    timestamptz not null default now(),

    primary key (owner_id, currency, base_currency, day),
    constraint currency_rates_currency_form check (currency ~ '^[A-Z0-9]{2,10}$'),
    constraint currency_rates_base_form check (base_currency ~ '^[A-Z0-9]{2,10}$'),
    constraint currency_rates_of_another check (currency <> base_currency),
    constraint currency_rates_positive check (rate > 0)
);

comment on table currency_rates is 'What currencies are worth, by day.';
comment on column currency_rates.day is 'By the clock of the owner; it holds until the day of the next one.';
comment on column currency_rates.rate is 'Units of the base currency for one.';
comment on column currency_rates.created_at is 'When it was given, or given anew.';
create index currency_rates_by_day on currency_rates (owner_id, day, currency, base_currency);

alter table currency_rates enable row level security;
alter table currency_rates force row level security;
create policy app_own on currency_rates to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on currency_rates for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
grant select, insert, delete on currency_rates to flotilla_app;
grant update (rate, created_at) on currency_rates to flotilla_app;
grant select on currency_rates to flotilla_readonly;
