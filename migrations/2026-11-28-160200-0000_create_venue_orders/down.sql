drop table venue_orders;
