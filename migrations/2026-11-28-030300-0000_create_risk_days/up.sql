-- Days of accounts, for ever: a row is written when the day has ended. The
-- equity of single moments is kept for some months, with the floors of then.

create table risk_days (
    phase_id      uuid        not null,
    label         date        not null,
    owner_id      uuid        not null,
    account_id    uuid        not null,
    started_at    timestamptz not null,
    start_as_of   timestamptz not null,
    start_balance numeric     not null,
    start_equity  numeric     not null,
    end_balance   numeric     not null,
    end_equity    numeric     not null,
    low_equity    numeric     not null,
    high_equity   numeric     not null,
    ended_at      timestamptz not null,

    primary key (phase_id, label),
    constraint risk_days_phase foreign key (owner_id, phase_id)
        references risk_phases (owner_id, id) on delete cascade
);

comment on table risk_days is 'Days of accounts by their own clocks, without the cash moved since the phase began.';
comment on column risk_days.label is 'The date that the day carries.';
comment on column risk_days.start_as_of is 'When the figures it began with were true.';
comment on column risk_days.ended_at is 'When the figures it ended with were true.';
create index risk_days_of_phase on risk_days (owner_id, phase_id);
create index risk_days_of_account on risk_days (owner_id, account_id, label desc);

alter table risk_days enable row level security;
alter table risk_days force row level security;
create policy app_own on risk_days to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on risk_days for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on risk_days to flotilla_worker using (true) with check (true);
grant select, insert on risk_days to flotilla_app, flotilla_worker;
grant update (end_balance, end_equity, low_equity, high_equity, ended_at) on risk_days to flotilla_app, flotilla_worker;
grant select on risk_days to flotilla_readonly;

alter table risk_observations add column floors jsonb;
comment on column risk_observations.floors is 'Where the floors were then, by rule; none where figures came late.';
