-- From what kind of device somebody signed in before, so that an unknown one
-- is told. A kind is a browser on a system, not one machine.

create table devices (
    owner_id     uuid        not null references users (id) on delete cascade,
    kind         text        not null,
    first_at     timestamptz not null default now(),
    last_at      timestamptz not null default now(),

    primary key (owner_id, kind),
    constraint devices_kind_length check (char_length(kind) between 1 and 100)
);

comment on table devices is 'Kinds of devices a user signed in from.';
comment on column devices.kind is 'Browser and system, as in Firefox on Windows.';

alter table devices enable row level security;
alter table devices force row level security;
create policy app_own on devices to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
grant select, insert, update on devices to flotilla_app;
