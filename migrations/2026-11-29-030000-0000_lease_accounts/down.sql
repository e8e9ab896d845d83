alter table workers drop column leased_until;
