drop table risk_violations;
