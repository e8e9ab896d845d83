-- What guards did, for ever: names are those of that moment, and the rows
-- outlive accounts and groups. They end with their owner.
create table guard_trips (
    id           uuid        primary key default uuid_v7(),
    owner_id     uuid        not null references users (id) on delete cascade,
    guard_id     uuid        not null,
    group_id     uuid,
    guarded_id   uuid,
    scope_name   text        not null,
    account_id   uuid        not null,
    account_name text        not null,
    rule_id      text,
    rule_kind    text,
    status       text        not null,
    action       text        not null,
    title        text        not null,
    at           timestamptz not null default clock_timestamp(),
    resumed_at   timestamptz,
    resumed_by   uuid,

    constraint guard_trips_one_scope check ((group_id is null) <> (guarded_id is null)),
    constraint guard_trips_status_known check (status in ('caution', 'critical', 'violated')),
    constraint guard_trips_action_known check (action in ('stop_new', 'close_all')),
    constraint guard_trips_resumed check (resumed_at is not null or resumed_by is null)
);

comment on table guard_trips is 'Each time a guard acted, and who ended that.';
comment on column guard_trips.group_id is 'The group whose guard it was.';
comment on column guard_trips.guarded_id is 'The account whose guard it was.';
comment on column guard_trips.account_id is 'The account that tripped it.';
comment on column guard_trips.rule_id is 'The rule of that account which stood worst.';
comment on column guard_trips.title is 'How it is named where a copy was skipped.';
comment on column guard_trips.resumed_by is 'Who resumed; none: a stronger action of the same guard took its place.';
create unique index guard_trips_standing on guard_trips (guard_id) where resumed_at is null;
create index guard_trips_of_group on guard_trips (owner_id, group_id, id) where group_id is not null;
create index guard_trips_of_guarded on guard_trips (owner_id, guarded_id, id) where guarded_id is not null;

alter table guard_trips enable row level security;
alter table guard_trips force row level security;
create policy app_own on guard_trips to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on guard_trips for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on guard_trips to flotilla_worker using (true) with check (true);
grant select, insert on guard_trips to flotilla_app, flotilla_worker;
grant update (resumed_at, resumed_by) on guard_trips to flotilla_app, flotilla_worker;
grant select on guard_trips to flotilla_readonly;
