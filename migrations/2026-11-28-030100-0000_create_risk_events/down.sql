drop table risk_events;
