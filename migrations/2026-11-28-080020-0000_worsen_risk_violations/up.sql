-- The least that was left since a line was crossed is part of the evidence, and
-- gets worse as long as the account does.
grant update (evidence) on risk_violations to flotilla_app, flotilla_worker;
