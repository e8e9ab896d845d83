alter table venue_accounts drop column leads_uid;
