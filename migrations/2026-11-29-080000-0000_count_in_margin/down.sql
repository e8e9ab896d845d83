revoke update (currency) on risk_phases from flotilla_worker;
revoke update (currency) on accounts from flotilla_worker;
