-- Closes that are owed to masters that copy one to one: the partner does not
-- hold the trade, so it shall not stand alone. Written with the change of the
-- copy, sent again and again until the trade has left.

create table pair_closes (
    id                 uuid        primary key default uuid_v7(),
    owner_id           uuid        not null references users (id) on delete cascade,
    master_account_id  uuid        not null,
    master_ticket      bigint      not null,
    partner_account_id uuid        not null,
    copy_id            uuid        not null,
    cause              text        not null,
    words              text        not null,
    created_at         timestamptz not null default now(),
    due_at             timestamptz not null,
    attempts           integer     not null,
    told_at            timestamptz,
    ended_at           timestamptz,
    ended_by           text,

    constraint pair_closes_account foreign key (owner_id, master_account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint pair_closes_cause check (cause in ('refused', 'lost', 'stop_out')),
    constraint pair_closes_attempts_not_negative check (attempts >= 0),
    constraint pair_closes_ended_by check (ended_by in ('closed', 'held', 'unpaired', 'expired')),
    constraint pair_closes_end_is_whole check ((ended_at is null) = (ended_by is null))
);

comment on table pair_closes is 'Trades of one-to-one masters that shall be closed because the partner does not hold them.';
comment on column pair_closes.owner_id is 'Owner of the master.';
comment on column pair_closes.copy_id is 'The copy that was refused or lost, or that the stopped-out partner may hold.';
comment on column pair_closes.words is 'What the master''s terminal is told, and its owner.';
comment on column pair_closes.due_at is 'When the order to close is sent again.';
comment on column pair_closes.told_at is 'When the owner was told that the trade still stands alone.';
comment on column pair_closes.ended_by is 'closed: the master reported the exit. held: the partner has the position after all. unpaired: the two are no pair any more. expired: nobody saw it end for so long that it is left to a person.';
create unique index pair_closes_owed on pair_closes (master_account_id, master_ticket) where ended_at is null;
create index pair_closes_of_account on pair_closes (owner_id, master_account_id);

alter table pair_closes enable row level security;
alter table pair_closes force row level security;
create policy app_own on pair_closes for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on pair_closes for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on pair_closes to flotilla_worker using (true) with check (true);
grant select on pair_closes to flotilla_app, flotilla_readonly;
grant select, insert, update on pair_closes to flotilla_worker;
