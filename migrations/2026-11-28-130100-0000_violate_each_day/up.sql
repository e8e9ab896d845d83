-- At the very instant of a reset a rule may be violated in the day that ends and in the one that begins.

alter table risk_violations drop constraint risk_violations_once;
create unique index risk_violations_once on risk_violations (phase_id, rule_id, at, (evidence ->> 'day'));
