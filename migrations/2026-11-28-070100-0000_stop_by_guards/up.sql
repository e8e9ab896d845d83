-- A guard stops as a person does: by a row of the stop button and a request for
-- the worker, both written in the step that saw the status.

alter table stops
    alter column actor_id drop not null,
    add column trip_id uuid references guard_trips (id),
    add constraint stops_by_somebody check ((actor_id is null) = (trip_id is not null));
comment on column stops.trip_id is 'The guard that stopped; none: a person did.';
create index stops_trip on stops (trip_id) where trip_id is not null;
grant insert, update (trip_id) on stops to flotilla_worker;
grant update (trip_id) on stops to flotilla_app;

alter table requests
    alter column actor_id drop not null,
    add column trip_id uuid references guard_trips (id),
    add constraint requests_by_somebody check ((actor_id is null) = (trip_id is not null));
comment on column requests.trip_id is 'The guard that asked; none: a person did.';
create index requests_trip on requests (trip_id) where trip_id is not null;
grant insert on requests to flotilla_worker;

-- So that an entry sees by itself, whoever else is at work, that figures are too old.
alter table risk_states add column sees_until timestamptz;
comment on column risk_states.sees_until is
    'Until when a guard can judge by the account''s figures; none: something is not known.';
grant update (sees_until) on risk_states to flotilla_app, flotilla_worker;

alter table risk_events
    alter column phase_id drop not null,
    drop constraint risk_events_kind_known,
    add constraint risk_events_kind_known check (
        kind in ('transition', 'violation', 'stale', 'reset', 'guard_tripped', 'guard_resumed'));
