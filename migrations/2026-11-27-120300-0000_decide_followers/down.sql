drop policy app_decides on master_followers;
alter table master_followers drop column decision;
alter table masters drop column needs_approval;
