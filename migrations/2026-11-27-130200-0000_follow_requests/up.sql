-- Requests of the stop button, and how far each request is per account.

alter table requests add column began_at timestamptz;

comment on column requests.target_id is 'What the kind names: an account, a subscription, a copy; the owner for all his accounts.';
comment on column requests.began_at is 'When the worker first looked at it; younger copies are not concerned.';

create table request_accounts (
    request_id uuid    not null references requests (id) on delete cascade,
    owner_id   uuid    not null references users (id) on delete cascade,
    account_id uuid    not null,
    total      integer not null,
    remaining  integer not null,

    primary key (request_id, account_id),
    constraint request_accounts_counts check (remaining between 0 and total)
);

comment on table request_accounts is 'How far a request is in each follower account.';
comment on column request_accounts.total is 'Copies to be closed.';
comment on column request_accounts.remaining is 'Copies of which there is no evidence yet that they are gone.';
create index request_accounts_owner on request_accounts (owner_id, request_id);

alter table request_accounts enable row level security;
alter table request_accounts force row level security;
create policy app_own on request_accounts for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on request_accounts for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on request_accounts to flotilla_worker using (true) with check (true);
grant select on request_accounts to flotilla_app, flotilla_readonly;
grant select, insert, update on request_accounts to flotilla_worker;
