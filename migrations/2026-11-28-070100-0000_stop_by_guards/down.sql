delete from risk_events where kind in ('guard_tripped', 'guard_resumed');
alter table risk_events
    alter column phase_id set not null,
    drop constraint risk_events_kind_known,
    add constraint risk_events_kind_known check (kind in ('transition', 'violation', 'stale', 'reset'));
alter table risk_states drop column sees_until;
revoke insert on requests from flotilla_worker;
delete from requests where trip_id is not null;
alter table requests drop column trip_id, alter column actor_id set not null;
revoke insert, update (trip_id) on stops from flotilla_worker;
revoke update (trip_id) on stops from flotilla_app;
delete from stops where trip_id is not null;
alter table stops drop column trip_id, alter column actor_id set not null;
