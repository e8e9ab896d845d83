revoke update (evidence) on risk_violations from flotilla_app, flotilla_worker;
