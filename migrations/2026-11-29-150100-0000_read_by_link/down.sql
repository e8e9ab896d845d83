create or replace function reader_is_granted() returns boolean
    language sql stable parallel safe
    as $$
        select exists (
            select from public.viewer_grants
            where owner_id = current_owner()
                and viewer_id = current_actor()
                and revoked_at is null
                and (expires_at is null or expires_at > now()))
    $$;
