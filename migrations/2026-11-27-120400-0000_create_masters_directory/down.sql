alter table accounts
    drop constraint accounts_slug_form,
    drop constraint accounts_public_has_slug,
    drop constraint accounts_description_length;
drop policy app_by_slug on masters;
drop policy app_takes_slot_by_slug on masters;
drop table masters_directory;
