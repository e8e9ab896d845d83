delete from risk_cash_flows where kind = 'correction';
alter table risk_cash_flows
    drop constraint risk_cash_flows_kind_known,
    drop constraint risk_cash_flows_sign,
    add constraint risk_cash_flows_kind_known check (kind in ('deposit', 'withdrawal', 'payout', 'credit')),
    add constraint risk_cash_flows_sign check (case kind
        when 'deposit' then amount > 0 when 'credit' then amount <> 0 else amount < 0 end);
