drop table venue_exits;
