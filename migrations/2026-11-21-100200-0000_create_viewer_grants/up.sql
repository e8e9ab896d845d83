-- How somebody reads rows that are not his: one row here, named by the
-- policies of the role flotilla_readonly on every other table. A viewer's
-- grant is given by the owner and lasts until revoked; an admin's is opened
-- by the admin, expires, and is audited under the owner, who can see it.

create table viewer_grants (
    id         uuid        primary key default uuid_v7(),
    owner_id   uuid        not null references users (id) on delete cascade,
    viewer_id  uuid        not null references users (id) on delete cascade,
    kind       text        not null default 'viewer',
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,

    constraint viewer_grants_kind check (kind in ('viewer', 'admin')),
    constraint viewer_grants_not_self check (owner_id <> viewer_id),
    constraint viewer_grants_admin_expires check (kind <> 'admin' or expires_at is not null)
);

comment on table viewer_grants is 'Who may read whose rows, and until when.';
create unique index viewer_grants_once on viewer_grants (owner_id, viewer_id, kind) where revoked_at is null;
create index viewer_grants_viewer on viewer_grants (viewer_id, owner_id);

alter table viewer_grants enable row level security;
alter table viewer_grants force row level security;
create policy app_own on viewer_grants to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy worker_all on viewer_grants to flotilla_worker using (true) with check (true);
create policy readonly_own_grants on viewer_grants for select to flotilla_readonly
    using (viewer_id = (select current_actor()));
grant select, insert, update on viewer_grants to flotilla_app;
grant select on viewer_grants to flotilla_worker, flotilla_readonly;

-- True while the acting user holds a live grant on the context's owner. Runs
-- with the caller's rights: he sees only grants that name him. The schema is
-- named because a temporary table of the caller's would be found first.
create function reader_is_granted() returns boolean
    language sql stable parallel safe
    as $$
        select exists (
            select from public.viewer_grants
            where owner_id = current_owner()
                and viewer_id = current_actor()
                and revoked_at is null
                and (expires_at is null or expires_at > now()))
    $$;

create policy readonly_granted on users for select to flotilla_readonly
    using (id = (select current_owner()) and (select reader_is_granted()));
grant select (id, email, name, role, is_active, email_verified, language, time_zone, security_version, created_at, last_login_at)
    on users to flotilla_readonly;
