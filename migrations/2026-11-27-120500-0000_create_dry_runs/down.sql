drop table dry_runs;
