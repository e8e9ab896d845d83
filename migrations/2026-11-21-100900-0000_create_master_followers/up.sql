-- What a master's owner may know of followers that are not his: written by the
-- worker, owned by the master's owner. No figures, and no name unless the
-- follower is his own.

create table master_followers (
    subscription_id     uuid        primary key,
    owner_id            uuid        not null references users (id) on delete cascade,
    master_account_id   uuid        not null references accounts (id) on delete cascade,
    name                text        not null,
    state               text        not null,
    online              boolean     not null,
    open_copies         integer     not null,
    updated_at          timestamptz not null default now()
);

comment on table master_followers is 'Followers as the owner of their master sees them.';
comment on column master_followers.name is 'The account''s name if it is his own, else Follower and four letters.';
create index master_followers_master on master_followers (owner_id, master_account_id);

alter table master_followers enable row level security;
alter table master_followers force row level security;
create policy app_own on master_followers for select to flotilla_app
    using (owner_id = (select current_owner()));
create policy readonly_granted on master_followers for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on master_followers to flotilla_worker using (true) with check (true);
grant select on master_followers to flotilla_app, flotilla_readonly;
grant select, insert, update, delete on master_followers to flotilla_worker;
