drop table venue_lead_positions;
drop table venue_lead_orders;
