comment on table sessions is 'Connection of an account''s EA to a worker.';
alter table sessions drop column venue;
