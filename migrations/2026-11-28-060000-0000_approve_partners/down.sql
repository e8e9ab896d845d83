alter policy app_takes_slot_by_slug on masters
    with check (account_id = (
        select account_id from masters_directory
        where slug = nullif(current_setting('flotilla.master_slug', true), '')));
alter policy app_takes_slot_by_token on masters
    with check (token = (select nullif(current_setting('flotilla.master_token', true), '')));

alter table subscriptions drop column approved_at;
