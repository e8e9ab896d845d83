-- States of accounts as they were: what comes late is followed from the one
-- before it, not from the phase's beginning, and observations that were
-- forgotten since need not be there. Where they must be, days stand in for them.

create table risk_checkpoints (
    phase_id   uuid        not null,
    at         timestamptz not null,
    owner_id   uuid        not null,
    account_id uuid        not null,
    state      jsonb       not null,
    is_daily   boolean     not null default false,

    primary key (phase_id, at),
    constraint risk_checkpoints_phase foreign key (owner_id, phase_id)
        references risk_phases (owner_id, id) on delete cascade
);

comment on table risk_checkpoints is 'What was remembered of accounts at moments of their phases.';
comment on column risk_checkpoints.at is 'Until when everything is in it.';
comment on column risk_checkpoints.state is 'The state, as it was.';
comment on column risk_checkpoints.is_daily is 'The first of its date, kept as long as its phase lasts.';
create index risk_checkpoints_of_phase on risk_checkpoints (owner_id, phase_id);

alter table risk_checkpoints enable row level security;
alter table risk_checkpoints force row level security;
create policy app_own on risk_checkpoints to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy worker_all on risk_checkpoints to flotilla_worker using (true) with check (true);
grant select, insert, delete on risk_checkpoints to flotilla_app, flotilla_worker;

alter table risk_days add column cash numeric not null default 0;
comment on column risk_days.cash is 'Cash moved from the phase''s beginning to the end of the day.';
grant update (cash) on risk_days to flotilla_app, flotilla_worker;
