drop index risk_violations_once;
delete from risk_violations v
using risk_violations first
where first.phase_id = v.phase_id and first.rule_id = v.rule_id and first.at = v.at and first.id < v.id;
alter table risk_violations add constraint risk_violations_once unique (phase_id, rule_id, at);
