-- Last known figures of an account, replaced by each report.

create table account_figures (
    account_id  uuid        primary key references accounts (id) on delete cascade,
    owner_id    uuid        not null references users (id) on delete cascade,
    balance     numeric     not null,
    equity      numeric     not null,
    margin      numeric,
    free_margin numeric,
    currency    text,
    leverage    integer,
    at          timestamptz not null default now()
) with (fillfactor = 70);

comment on table account_figures is 'Last balance and equity an account reported, in its own currency.';
create index account_figures_owner on account_figures (owner_id);

alter table account_figures enable row level security;
alter table account_figures force row level security;
create policy app_own on account_figures to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on account_figures for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on account_figures to flotilla_worker using (true) with check (true);
grant select on account_figures to flotilla_app, flotilla_readonly;
grant select, insert, update on account_figures to flotilla_worker;
