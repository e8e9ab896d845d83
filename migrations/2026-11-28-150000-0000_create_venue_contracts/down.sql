drop table venue_contracts;
