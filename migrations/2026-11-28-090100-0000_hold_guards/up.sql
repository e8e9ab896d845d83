-- Whoever lets a guard act holds its row and its group's meanwhile, which only
-- those may who may write to them.
grant update (updated_at) on groups to flotilla_worker;
grant update (updated_at) on guards to flotilla_worker;

-- A person's stop takes the place of a guard's.
grant update (actor_id) on stops to flotilla_app;
