-- Accounts at exchanges are served by the worker itself: their sessions are rows
-- like those of EAs, and none of the statements that write lines touches them.

alter table sessions
    add column venue text,
    add constraint sessions_venue check (venue in ('bingx', 'paper'));

comment on table sessions is 'Connection of an account''s EA to a worker, or the service of an account at an exchange by a worker.';
comment on column sessions.venue is 'Which exchange the account is served at; none: an EA is connected.';
