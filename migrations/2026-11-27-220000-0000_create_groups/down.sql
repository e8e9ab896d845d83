drop table group_accounts;
drop table groups;
create index accounts_owner on accounts (owner_id, id);
alter table accounts drop constraint accounts_of_owner;
