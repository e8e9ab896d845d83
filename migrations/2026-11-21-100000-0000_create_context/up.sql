-- Who is acting, for row-level security. Both settings are local to a
-- transaction; after it they are an empty string, hence the nullif. Without
-- context every comparison is with null, so nothing is visible.

create function current_owner() returns uuid
    language sql stable parallel safe
    as $$ select nullif(current_setting('flotilla.owner', true), '')::uuid $$;

create function current_actor() returns uuid
    language sql stable parallel safe
    as $$ select nullif(current_setting('flotilla.actor', true), '')::uuid $$;

-- Version 7 identifiers made by bulk statements: ordered by time, so that
-- index pages fill from one side.
create function uuid_v7() returns uuid
    language sql volatile parallel safe
    as $$
        select encode(
            set_bit(set_bit(
                overlay(uuid_send(gen_random_uuid())
                    placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                    from 1 for 6),
                52, 1), 53, 1),
            'hex')::uuid
    $$;

