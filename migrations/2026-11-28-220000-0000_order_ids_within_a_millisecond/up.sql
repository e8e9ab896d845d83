-- Identifiers keep the order in which they were made within a millisecond as
-- well: lists are sorted by them, and two rows of one millisecond stood in any
-- order. The twelve bits after the version hold the fraction of the
-- millisecond (RFC 9562, 6.2, method 3).
create or replace function uuid_v7() returns uuid
    language sql volatile parallel safe
    as $$
        select encode(
            overlay(
                overlay(uuid_send(gen_random_uuid())
                    placing substring(int8send(now_us / 1000) from 3) from 1 for 6)
                placing int2send((x'7000'::int + now_us % 1000 * 4096 / 1000)::smallint) from 7 for 2),
            'hex')::uuid
        from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now_us) as clock
    $$;
