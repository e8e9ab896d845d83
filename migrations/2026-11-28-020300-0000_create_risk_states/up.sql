-- Where each account stands by its rules: changed in the transaction of the
-- observation that changed it.

create table risk_states (
    account_id uuid        not null,
    owner_id   uuid        not null,
    phase_id   uuid        not null,
    state      jsonb       not null,
    updated_at timestamptz not null default now(),

    primary key (account_id),
    constraint risk_states_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint risk_states_phase foreign key (owner_id, phase_id)
        references risk_phases (owner_id, id) on delete cascade
) with (fillfactor = 50);

comment on table risk_states is 'Peaks, day starts, recorded violations and last figures of accounts, as the risk engine keeps them.';
comment on column risk_states.phase_id is 'The phase that the state belongs to.';
create index risk_states_of_phase on risk_states (owner_id, phase_id);

alter table risk_states enable row level security;
alter table risk_states force row level security;
create policy app_own on risk_states to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on risk_states for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on risk_states to flotilla_worker using (true) with check (true);
grant select, insert on risk_states to flotilla_app, flotilla_worker;
grant update (phase_id, state, updated_at) on risk_states to flotilla_app, flotilla_worker;
grant select on risk_states to flotilla_readonly;
