drop table venue_audiences;
drop table venue_limits;
