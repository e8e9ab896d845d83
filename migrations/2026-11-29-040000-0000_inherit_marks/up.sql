-- Marks per account, group and owner, in that order. So far every account was
-- written down with marks, most with those that hold for everybody: these it
-- has not set.

alter table groups
    add column thresholds jsonb,
    add constraint groups_thresholds_form check (jsonb_typeof(thresholds) = 'object');
comment on column groups.thresholds is 'Marks of its accounts that set none of their own; none: those of their owner hold.';
grant update (thresholds) on groups to flotilla_app;

alter table risk_defaults
    add column thresholds jsonb,
    add constraint risk_defaults_thresholds_form check (jsonb_typeof(thresholds) = 'object');
comment on column risk_defaults.thresholds is
    'Marks of accounts for which neither they nor their groups set any; none: those that hold for everybody.';
grant update (thresholds) on risk_defaults to flotilla_app;
create policy worker_reads on risk_defaults for select to flotilla_worker using (true);
grant select on risk_defaults to flotilla_worker;

comment on column risk_phases.thresholds is
    'Marks of rules that have none of their own, as far as the account sets them itself.';
-- Whoever owns the table sees its rows only while they are not forced on him.
alter table risk_phases no force row level security;
update risk_phases set thresholds = thresholds - 'money'
where thresholds -> 'money' = '{"caution": "50", "critical": "20"}';
update risk_phases set thresholds = thresholds - 'count'
where thresholds -> 'count' = '{"caution": "25", "critical": "0"}';
alter table risk_phases force row level security;
