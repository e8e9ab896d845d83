-- An account at an exchange is counted in what its money is in: the worker
-- writes down what the exchange says, also of a phase that has no figures yet.

grant update (currency) on accounts to flotilla_worker;
grant update (currency) on risk_phases to flotilla_worker;
