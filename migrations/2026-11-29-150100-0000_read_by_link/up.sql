-- A live link opens an owner's rows to whoever acts as it, as a live grant does to
-- a viewer: to the role that only reads. What of them is shown is the API's matter.

create or replace function reader_is_granted() returns boolean
    language sql stable parallel safe
    as $$
        select exists (
            select from public.viewer_grants
            where owner_id = current_owner()
                and viewer_id = current_actor()
                and revoked_at is null
                and (expires_at is null or expires_at > now()))
            or exists (
            select from public.shares
            where owner_id = current_owner()
                and id = current_actor()
                and revoked_at is null
                and expires_at > now())
    $$;
