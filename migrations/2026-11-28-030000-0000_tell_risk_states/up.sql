-- What was last told of an account, how it stood then, and when time alone will
-- change it: groups are judged by it, and the worker's timer follows it.

alter table risk_states
    add column risk jsonb,
    add column told jsonb not null default '{"status": null, "rules": {}, "day": null}',
    add column due_at timestamptz;

comment on column risk_states.risk is 'Where the account stood when the state was written; older than its figures may be, it is stale.';
comment on column risk_states.told is 'Statuses that were last told, and with what the day began.';
comment on column risk_states.due_at is 'When time alone changes something: a reset, figures that become too old.';
create index risk_states_due on risk_states (due_at) where due_at is not null;

grant update (risk, told, due_at) on risk_states to flotilla_app, flotilla_worker;
