drop index dry_runs_owner;
create index dry_runs_owner on dry_runs (owner_id, id);
