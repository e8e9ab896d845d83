drop table risk_observations;
