revoke select (created_at), delete on idempotency_keys from flotilla_worker;
drop policy worker_old on idempotency_keys;
drop index idempotency_keys_age;
create index idempotency_keys_age on idempotency_keys (owner_id, created_at);
