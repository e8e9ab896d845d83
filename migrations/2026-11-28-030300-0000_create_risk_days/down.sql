drop table risk_days;
alter table risk_observations drop column floors;
