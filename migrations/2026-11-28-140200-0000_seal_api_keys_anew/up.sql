-- After a new key was put above an old one in the keys file, `flotilla keys
-- rotate` seals everything anew; it works with the worker's role.

create policy worker_seals on api_keys for update to flotilla_worker using (true) with check (true);
grant select (sealed_key), update (sealed_key) on api_keys to flotilla_worker;
