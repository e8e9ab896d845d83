drop table request_accounts;
comment on column requests.target_id is 'The account or subscription the kind names.';
alter table requests drop column began_at;
