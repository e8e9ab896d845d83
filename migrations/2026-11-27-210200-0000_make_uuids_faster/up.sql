-- The same identifiers (48 bits of milliseconds, version 7, the rest random)
-- with a third of the work: a fan-out makes thousands in one statement.
create or replace function uuid_v7() returns uuid
    language sql volatile parallel safe
    as $$
        select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
            || '7' || substr(gen_random_uuid()::text, 16))::uuid
    $$;
