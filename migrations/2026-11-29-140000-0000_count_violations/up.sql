-- A cap on size counts in lots or in money, and an edit of the rules does not change what was measured before it. What
-- is recorded already counts as its rule says now.

alter table risk_violations add column is_notional boolean not null default false;
comment on column risk_violations.is_notional is
    'The rule capped size by the money at stake, so its amounts are money.';
-- Whoever owns the tables sees their rows only while they are not forced on him.
alter table risk_violations no force row level security;
alter table risk_phases no force row level security;
update risk_violations v set is_notional = true
from risk_phases p, jsonb_array_elements(p.rules) rule
where v.kind = 'max_lots' and p.id = v.phase_id and rule ->> 'id' = v.rule_id and rule ->> 'metric' = 'notional';
alter table risk_violations force row level security;
alter table risk_phases force row level security;
