revoke delete on users from flotilla_worker;
drop policy worker_erases on users;
do $$
declare name text;
begin
    foreach name in array array['signals', 'copy_orders', 'copy_events', 'evidence', 'trades', 'orphans',
        'copy_sightings', 'risk_observations'] loop
        execute format('revoke delete on %I from flotilla_worker', name);
        execute format('drop policy worker_erases on %I', name);
    end loop;
end $$;
drop table erasures;
