-- Answers that are kept for repeated writes are forgotten after a day by the worker,
-- of everybody at once: it sees those alone, and of them only how old they are.

drop index idempotency_keys_age;
create index idempotency_keys_age on idempotency_keys (created_at);
create policy worker_old on idempotency_keys to flotilla_worker using (created_at < now() - interval '1 day');
grant select (created_at), delete on idempotency_keys to flotilla_worker;
