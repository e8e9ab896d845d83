-- The API asks the worker to prove a key and to set leverage at the exchange.

alter table requests
    add column detail jsonb not null default '{}',
    drop constraint requests_kind,
    add constraint requests_kind check (kind in
        ('close_account', 'close_subscription', 'resolve_copy', 'stop_new', 'resume', 'flatten', 'verify_key', 'set_leverage'));

comment on column requests.detail is 'What else is asked, and what came of it; never secrets.';
create index requests_of_keys on requests (id)
    where kind in ('verify_key', 'set_leverage') and state in ('pending', 'running');

-- A key of another account at the exchange needs its owner's word again.
grant update (trading_enabled, updated_at) on accounts to flotilla_worker;
