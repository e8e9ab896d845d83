drop table risk_defaults;
