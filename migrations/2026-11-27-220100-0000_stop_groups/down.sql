delete from requests where account_ids is not null;
comment on column requests.target_id is 'What the kind names: an account, a subscription, a copy; the owner for all his accounts.';
alter table requests drop column account_ids;
delete from stops where group_id is not null;
alter table stops
    drop constraint stops_once,
    drop constraint stops_one_scope,
    drop column group_id,
    add constraint stops_once unique nulls not distinct (owner_id, account_id);
comment on column stops.account_id is 'None: every account of the owner.';
