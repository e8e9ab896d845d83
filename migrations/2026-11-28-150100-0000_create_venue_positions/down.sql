drop table venue_accounts;
drop table venue_positions;
