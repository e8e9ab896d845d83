revoke select (sealed_key), update (sealed_key) on api_keys from flotilla_worker;
drop policy worker_seals on api_keys;
