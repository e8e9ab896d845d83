revoke update (quantity, price) on executions from flotilla_worker;
