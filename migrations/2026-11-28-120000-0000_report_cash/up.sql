-- A terminal may tell what was moved in or out of its account, as a running
-- total of its whole history: what that changes by is a cash flow.

alter table risk_cash_flows
    alter column set_by drop not null,
    add column source text not null default 'noted',
    add constraint risk_cash_flows_source_known check (source in ('noted', 'reported')),
    add constraint risk_cash_flows_author check ((set_by is null) = (source = 'reported'));
comment on column risk_cash_flows.source is 'Whether a person noted it, or the account''s terminal reported it.';
grant insert on risk_cash_flows to flotilla_worker;

alter table risk_states
    add column reported_cash numeric,
    add column cash_reported_since timestamptz;
comment on column risk_states.reported_cash is 'Deposits less withdrawals of the account''s whole history, as its terminal last told.';
comment on column risk_states.cash_reported_since is 'Since when the terminal tells in this phase.';
grant update (reported_cash, cash_reported_since) on risk_states to flotilla_app, flotilla_worker;
