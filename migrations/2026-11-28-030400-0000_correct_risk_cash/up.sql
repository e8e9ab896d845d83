-- A balance may also be wrong: setting it right is neither a deposit nor a result.

alter table risk_cash_flows
    drop constraint risk_cash_flows_kind_known,
    drop constraint risk_cash_flows_sign,
    add constraint risk_cash_flows_kind_known
        check (kind in ('deposit', 'withdrawal', 'payout', 'credit', 'correction')),
    add constraint risk_cash_flows_sign check (case kind
        when 'deposit' then amount > 0 when 'credit' then amount <> 0 when 'correction' then amount <> 0
        else amount < 0 end);
