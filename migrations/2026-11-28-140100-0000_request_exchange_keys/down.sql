revoke update (trading_enabled, updated_at) on accounts from flotilla_worker;

drop index requests_of_keys;
delete from requests where kind in ('verify_key', 'set_leverage');
alter table requests
    drop column detail,
    drop constraint requests_kind,
    add constraint requests_kind check (kind in
        ('close_account', 'close_subscription', 'resolve_copy', 'stop_new', 'resume', 'flatten'));
