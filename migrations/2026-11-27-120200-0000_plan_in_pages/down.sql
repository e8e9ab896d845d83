revoke update (plan_state) on signals from flotilla_worker;
alter table signals drop column plan_state;
