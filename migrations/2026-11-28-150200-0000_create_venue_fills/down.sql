revoke delete on executions from flotilla_worker;
drop table venue_income;
drop table venue_fills;
