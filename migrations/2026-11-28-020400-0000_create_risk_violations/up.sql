-- Crossed lines with their evidence, for ever: they outlive account and phase,
-- and end with their owner.

create table risk_violations (
    id           uuid        primary key default uuid_v7(),
    owner_id     uuid        not null references users (id) on delete cascade,
    account_id   uuid        not null,
    phase_id     uuid        not null,
    rule_id      text        not null,
    kind         text        not null,
    severity     text        not null,
    at           timestamptz not null,
    evidence     jsonb       not null,
    recorded_at  timestamptz not null default now(),
    cleared_at   timestamptz,
    cleared_by   uuid,
    clear_reason text,

    constraint risk_violations_once unique (phase_id, rule_id, at),
    constraint risk_violations_severity_known check (severity in ('hard', 'soft')),
    constraint risk_violations_clearing_is_whole check (
        (cleared_at is null) = (cleared_by is null) and (cleared_at is null) = (clear_reason is null)),
    constraint risk_violations_clear_reason_length check (char_length(clear_reason) between 1 and 500)
);

comment on table risk_violations is 'Lines that accounts have crossed by our measurement; the firm decides.';
comment on column risk_violations.at is 'When the figures were true, or the line moved.';
comment on column risk_violations.evidence is 'What was measured, against which line, when and how that was learnt.';
comment on column risk_violations.cleared_at is 'When an authorised person took it back.';
create index risk_violations_of_account on risk_violations (owner_id, account_id, at desc);

alter table risk_violations enable row level security;
alter table risk_violations force row level security;
create policy app_own on risk_violations to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on risk_violations for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on risk_violations to flotilla_worker using (true) with check (true);
grant select, insert on risk_violations to flotilla_app, flotilla_worker;
grant update (cleared_at, cleared_by, clear_reason) on risk_violations to flotilla_app;
grant select on risk_violations to flotilla_readonly;
