revoke update (actor_id) on stops from flotilla_app;
revoke update (updated_at) on guards from flotilla_worker;
revoke update (updated_at) on groups from flotilla_worker;
