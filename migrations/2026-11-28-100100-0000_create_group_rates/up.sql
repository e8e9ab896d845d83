-- What currencies are worth in that of a group, as its owner says, so that
-- money of accounts in several currencies can be compared.

create table group_rates (
    group_id      uuid        not null,
    currency      text        not null,
    owner_id      uuid        not null,
    base_currency text        not null,
    rate          numeric     not null,
    as_of         timestamptz not null default now(),

    primary key (group_id, currency),
    constraint group_rates_group foreign key (owner_id, group_id)
        references groups (owner_id, id) on delete cascade,
    constraint group_rates_currency_form check (currency ~ '^[A-Z0-9]{2,10}$'),
    constraint group_rates_of_another check (currency <> base_currency),
    constraint group_rates_positive check (rate > 0)
);

comment on table group_rates is 'What currencies are worth to groups.';
comment on column group_rates.base_currency is 'That of the group when the rate was given; the rate holds for no other.';
comment on column group_rates.rate is 'Units of the base currency for one.';
create index group_rates_of_group on group_rates (owner_id, group_id);

alter table group_rates enable row level security;
alter table group_rates force row level security;
create policy app_own on group_rates to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on group_rates for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on group_rates to flotilla_worker using (true) with check (true);
grant select, insert, delete on group_rates to flotilla_app;
grant select on group_rates to flotilla_readonly, flotilla_worker;
