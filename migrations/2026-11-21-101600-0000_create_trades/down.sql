drop table executions;
drop table trades;
