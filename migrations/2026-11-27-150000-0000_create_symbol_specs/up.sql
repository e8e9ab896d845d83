-- What a terminal says about an instrument: how many units a lot has.

create table symbol_specs (
    account_id    uuid        not null references accounts (id) on delete cascade,
    owner_id      uuid        not null references users (id) on delete cascade,
    symbol        text        not null,
    contract_size numeric     not null,
    digits        integer     not null,
    at            timestamptz not null default now(),

    constraint symbol_specs_pkey primary key (account_id, symbol),
    constraint symbol_specs_contract_size_positive check (contract_size > 0),
    constraint symbol_specs_digits check (digits between 0 and 20)
);

comment on table symbol_specs is 'Contract size and digits of an instrument, as an account''s terminal reports them.';
comment on column symbol_specs.symbol is 'Name the terminal used: of a follower, the master''s.';
create index symbol_specs_owner on symbol_specs (owner_id);

alter table symbol_specs enable row level security;
alter table symbol_specs force row level security;
create policy app_own on symbol_specs for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on symbol_specs for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on symbol_specs to flotilla_worker using (true) with check (true);
grant select on symbol_specs to flotilla_app, flotilla_readonly;
grant select, insert, update on symbol_specs to flotilla_worker;
