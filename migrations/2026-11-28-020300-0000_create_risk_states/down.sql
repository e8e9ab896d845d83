drop table risk_states;
