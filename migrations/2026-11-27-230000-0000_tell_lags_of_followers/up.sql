-- How long copies take to reach each follower, as the master's owner may know
-- it: measured by the worker over the last signals, like the rest of the row.

alter table master_followers
    add column lag_p50_us bigint,
    add column lag_p99_us bigint,
    add column lag_copies integer,
    add constraint master_followers_lag_is_whole check (
        (lag_p50_us is null) = (lag_p99_us is null)
        and (lag_p50_us is null) = (lag_copies is null));

comment on column master_followers.lag_p50_us is
    'Microseconds from the read of a signal to the answer of the follower: of half of its last copies at most this.';
comment on column master_followers.lag_p99_us is 'The same of 99 in a hundred.';
comment on column master_followers.lag_copies is 'Number of copies it was measured with.';
