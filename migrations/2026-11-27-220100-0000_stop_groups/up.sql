-- The stop button for a group: it holds for whatever is in the group at the moment.

-- A group that is stopped cannot be deleted: its accounts would copy again
-- without anybody having said so.
alter table stops
    add column group_id uuid,
    add constraint stops_group foreign key (owner_id, group_id) references groups (owner_id, id),
    add constraint stops_one_scope check (account_id is null or group_id is null),
    drop constraint stops_once,
    add constraint stops_once unique nulls not distinct (owner_id, account_id, group_id);

comment on column stops.account_id is 'With no group either: every account of the owner.';
create index stops_group on stops (owner_id, group_id) where group_id is not null;

-- Copies of an account that joins later were not meant.
alter table requests add column account_ids uuid[];
comment on column requests.target_id is
    'What the kind names: an account, a group, a subscription, a copy; the owner for all his accounts.';
comment on column requests.account_ids is 'Of a group: the accounts that were in it when it was asked.';
