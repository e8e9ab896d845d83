alter table risk_phases no force row level security;
update risk_phases set thresholds =
    '{"money": {"caution": "50", "critical": "20"}, "count": {"caution": "25", "critical": "0"}}' || thresholds;
alter table risk_phases force row level security;
comment on column risk_phases.thresholds is 'Marks of rules that have none of their own.';

revoke select on risk_defaults from flotilla_worker;
drop policy worker_reads on risk_defaults;
alter table risk_defaults drop column thresholds;
alter table groups drop column thresholds;
