-- The last price of each chart that a terminal shows, replaced about once a
-- second. Unlogged: after a crash of the database the next line brings it back.

create unlogged table prices (
    account_id    uuid        not null references accounts (id) on delete cascade,
    owner_id      uuid        not null references users (id) on delete cascade,
    chart_symbol  text        not null,
    signal_symbol text,
    bid           numeric,
    ask           numeric,
    at            timestamptz not null,
    changed_at    timestamptz not null,

    constraint prices_pkey primary key (account_id, chart_symbol),
    constraint prices_is_whole check ((bid is null) = (ask is null)),
    constraint prices_positive check (bid > 0 and ask > 0)
) with (fillfactor = 50);

comment on table prices is 'Last price of each chart of a terminal.';
comment on column prices.chart_symbol is 'Instrument under the terminal''s own name.';
comment on column prices.signal_symbol is 'Name of the same instrument in the signals of this chart, once seen.';
comment on column prices.at is 'When the terminal last said so.';
comment on column prices.changed_at is 'When it last said something else: a terminal that lost its broker repeats itself.';
create index prices_owner on prices (owner_id);

alter table prices enable row level security;
alter table prices force row level security;
create policy app_own on prices for select to flotilla_app using (owner_id = (select current_owner()));
create policy app_followed on prices for select to flotilla_app
    using (account_id in (select s.master_account_id from subscriptions s
        where s.owner_id = (select current_owner()) and s.state <> 'ended'));
create policy readonly_granted on prices for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy readonly_followed on prices for select to flotilla_readonly
    using ((select reader_is_granted()) and account_id in (select s.master_account_id from subscriptions s
        where s.owner_id = (select current_owner()) and s.state <> 'ended'));
create policy worker_all on prices to flotilla_worker using (true) with check (true);
grant select on prices to flotilla_app, flotilla_readonly;
grant select, insert, update, delete on prices to flotilla_worker;
