drop table risk_phases;
