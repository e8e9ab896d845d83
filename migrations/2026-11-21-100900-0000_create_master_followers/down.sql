drop table master_followers;
