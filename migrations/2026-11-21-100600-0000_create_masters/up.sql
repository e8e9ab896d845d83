-- The leading side of a master account, and all that a stranger who holds the
-- token may learn of it. He sees the one row whose token he names in
-- `flotilla.master_token`; nothing can be listed that way.

create table masters (
    account_id         uuid        primary key references accounts (id) on delete cascade,
    owner_id           uuid        not null references users (id) on delete cascade,
    name               text        not null,
    token              text        not null,
    copy_mode          text        not null default 'PUBSUB',
    partner_account_id uuid,
    is_open            boolean     not null default true,

    constraint masters_token unique (token),
    constraint masters_copy_mode check (copy_mode in ('PUBSUB', '1TO1', 'RECORD'))
);

comment on table masters is 'Master side of accounts: token, copy mode, partner.';
comment on column masters.name is 'Name of the account, kept equal to accounts.name.';
comment on column masters.partner_account_id is 'The one follower of one-to-one copying; kept as a reservation in other modes.';
comment on column masters.is_open is 'False while the account is inactive or archived.';
create index masters_owner on masters (owner_id);

alter table masters enable row level security;
alter table masters force row level security;
create policy app_own on masters to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy app_by_token on masters for select to flotilla_app
    using (token = (select nullif(current_setting('flotilla.master_token', true), '')));
create policy app_takes_slot_by_token on masters for update to flotilla_app
    using (token = (select nullif(current_setting('flotilla.master_token', true), '')))
    with check (token = (select nullif(current_setting('flotilla.master_token', true), '')));
create policy readonly_granted on masters for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on masters to flotilla_worker using (true) with check (true);
grant select, insert, delete on masters to flotilla_app;
grant update (name, copy_mode, partner_account_id, is_open) on masters to flotilla_app;
grant select on masters to flotilla_readonly;
grant select, update on masters to flotilla_worker;
