revoke update (reported_cash, cash_reported_since) on risk_states from flotilla_app, flotilla_worker;
alter table risk_states drop column reported_cash, drop column cash_reported_since;

revoke insert on risk_cash_flows from flotilla_worker;
delete from risk_cash_flows where source = 'reported';
alter table risk_cash_flows
    drop constraint risk_cash_flows_source_known,
    drop constraint risk_cash_flows_author,
    drop column source,
    alter column set_by set not null;
