alter table risk_days drop column cash;
drop table risk_checkpoints;
