-- An owner has one question at a time: each is a judgement of up to 2,000 followers.
-- Questions live for seconds, so none is missed. Not deleted: the owner of the table is shown no rows of it.

truncate dry_runs;
drop index dry_runs_owner;
create unique index dry_runs_owner on dry_runs (owner_id);
