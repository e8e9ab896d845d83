drop table risk_cash_flows;
drop table risk_floor_overrides;
drop table risk_day_starts;
