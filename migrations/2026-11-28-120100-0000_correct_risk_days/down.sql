revoke update (start_balance, start_equity) on risk_days from flotilla_app, flotilla_worker;
