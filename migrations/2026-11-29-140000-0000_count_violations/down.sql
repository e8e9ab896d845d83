alter table risk_violations drop column is_notional;
