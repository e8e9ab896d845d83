-- Changes of where accounts stand, written in the transaction that found them,
-- so that none is lost between the commit and the hint. They outlive their
-- account and end with their owner.

create table risk_events (
    id          uuid        primary key default uuid_v7(),
    owner_id    uuid        not null references users (id) on delete cascade,
    account_id  uuid        not null,
    phase_id    uuid        not null,
    kind        text        not null,
    rule_id     text,
    from_status text,
    to_status   text,
    detail      jsonb       not null default '{}',
    at          timestamptz not null default now(),
    is_told     boolean     not null default false,

    constraint risk_events_kind_known check (kind in ('transition', 'violation', 'stale', 'reset')),
    constraint risk_events_transition_is_whole check (
        (kind = 'transition') = (from_status is not null) and (kind = 'transition') = (to_status is not null))
);

comment on table risk_events is 'Changes of where accounts stand, for those who watch and for the records.';
comment on column risk_events.rule_id is 'None: the account as a whole.';
comment on column risk_events.detail is 'Figures that go with it.';
comment on column risk_events.is_told is 'Whether the worker has hinted at it after the commit.';
create index risk_events_of_account on risk_events (owner_id, account_id, id desc);
create index risk_events_untold on risk_events (at) where not is_told;

alter table risk_events enable row level security;
alter table risk_events force row level security;
create policy app_own on risk_events to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on risk_events for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on risk_events to flotilla_worker using (true) with check (true);
grant select, insert on risk_events to flotilla_app, flotilla_worker;
grant update (is_told) on risk_events to flotilla_app, flotilla_worker;
grant delete on risk_events to flotilla_worker;
grant select on risk_events to flotilla_readonly;
