-- What days began with changes when money was moved before, and somebody notes it afterwards.

grant update (start_balance, start_equity) on risk_days to flotilla_app, flotilla_worker;
