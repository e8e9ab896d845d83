-- What lists of open tickets said about copies, apart from the copies: those are
-- written thousands at a time and stay narrow. Only lists write here.
--
-- The first two indexes serve every list of a follower, the third the alarm about
-- copies that stay in doubt; the rows of the latter two are few.

create table copy_sightings (
    copy_id       uuid        primary key,
    owner_id      uuid        not null,
    venue_ref     text,
    listed_at     timestamptz,
    missing_since timestamptz,
    alarmed_at    timestamptz
);

comment on table copy_sightings is 'What lists of open tickets said about copies.';
comment on column copy_sightings.venue_ref is 'The ticket the copy had then; with another one nothing here counts.';
comment on column copy_sightings.listed_at is 'When a list first had its ticket.';
comment on column copy_sightings.missing_since is 'When a list first lacked it, if every list since did.';
comment on column copy_sightings.alarmed_at is 'When its owner was told that it is in doubt.';
create index copy_sightings_owner on copy_sightings (owner_id);

alter table copy_sightings enable row level security;
alter table copy_sightings force row level security;
create policy app_own on copy_sightings for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on copy_sightings for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on copy_sightings to flotilla_worker using (true) with check (true);
grant select on copy_sightings to flotilla_app, flotilla_readonly;
grant select, insert, update on copy_sightings to flotilla_worker;

alter table copy_events add column snapshot_id bigint;
comment on column copy_events.snapshot_id is 'The list that is the evidence, if it was one.';

create index copy_orders_listed on copy_orders (follower_account_id, id)
    where state in ('open', 'closing', 'unconfirmed', 'attention');
create index copy_orders_not_opened on copy_orders (follower_account_id)
    where state = 'failed' and reason_code = 'not_opened';
create index copy_orders_in_doubt on copy_orders (claimed_at) where state = 'unconfirmed';
