-- Guards: what happens by itself when an account, or any account of a group,
-- comes too near a line. Off until its owner sets one.

create table guards (
    id         uuid        primary key default uuid_v7(),
    owner_id   uuid        not null references users (id) on delete cascade,
    group_id   uuid,
    account_id uuid,
    status     text,
    action     text,
    version    integer     not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),

    constraint guards_of_owner unique (owner_id, id),
    constraint guards_once unique nulls not distinct (owner_id, group_id, account_id),
    constraint guards_group foreign key (owner_id, group_id) references groups (owner_id, id) on delete cascade,
    constraint guards_account foreign key (owner_id, account_id) references accounts (owner_id, id) on delete cascade,
    constraint guards_one_scope check ((group_id is null) <> (account_id is null)),
    constraint guards_is_whole check ((status is null) = (action is null)),
    constraint guards_status_known check (status in ('caution', 'critical', 'violated')),
    constraint guards_action_known check (action in ('notify', 'stop_new', 'close_all')),
    constraint guards_version_positive check (version > 0)
);

comment on table guards is 'What happens by itself when an account, or any account of a group, stands badly.';
comment on column guards.status is 'From which status on it acts; none: it is off.';
comment on column guards.action is 'What it does then: tell, stop new copies, or also close every open copy.';
comment on column guards.version is 'Of an account''s: grows with each edit; an edit names the one it is based on. A group has its own.';
create index guards_of_account on guards (owner_id, account_id) where account_id is not null;
-- Every entry asks whether there are any.
create index guards_holding on guards (owner_id) where action in ('stop_new', 'close_all');

alter table guards enable row level security;
alter table guards force row level security;
create policy app_own on guards to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on guards for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on guards to flotilla_worker using (true) with check (true);
grant select, insert on guards to flotilla_app;
grant update (status, action, version, updated_at) on guards to flotilla_app;
grant select on guards to flotilla_readonly, flotilla_worker;

-- An account that stays where it is trips a guard once: a person resumes, and
-- only what comes anew trips it again. Who leaves a group is forgotten.
create table guard_latches (
    guard_id   uuid not null,
    account_id uuid not null,
    owner_id   uuid not null,
    group_id   uuid,
    status     text not null,

    primary key (guard_id, account_id),
    constraint guard_latches_guard foreign key (owner_id, guard_id) references guards (owner_id, id) on delete cascade,
    constraint guard_latches_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint guard_latches_member foreign key (group_id, account_id)
        references group_accounts (group_id, account_id) on delete cascade,
    constraint guard_latches_status_known check (status in ('caution', 'critical', 'violated'))
);

comment on table guard_latches is 'Accounts that a guard has answered to, until they are better again.';
comment on column guard_latches.group_id is 'The group, of a group''s guard.';
comment on column guard_latches.status is 'How the account stood; what is worse counts as new.';
create index guard_latches_of_guard on guard_latches (owner_id, guard_id);
create index guard_latches_of_account on guard_latches (owner_id, account_id);
create index guard_latches_of_member on guard_latches (group_id, account_id);

alter table guard_latches enable row level security;
alter table guard_latches force row level security;
create policy app_own on guard_latches to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy worker_all on guard_latches to flotilla_worker using (true) with check (true);
grant select, insert, delete on guard_latches to flotilla_app, flotilla_worker;
grant update (status) on guard_latches to flotilla_app, flotilla_worker;
