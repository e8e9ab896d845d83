alter table master_followers
    drop column lag_copies,
    drop column lag_p99_us,
    drop column lag_p50_us;
