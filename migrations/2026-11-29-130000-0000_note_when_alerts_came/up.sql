-- An alert that nobody has read, and whose condition ended and came back, is news again.

alter table alerts add column came_at timestamptz;
-- Whoever owns the table sees its rows only while they are not forced on him.
alter table alerts no force row level security;
update alerts set came_at = first_at;
alter table alerts force row level security;
alter table alerts
    alter column came_at set default now(),
    alter column came_at set not null;

comment on column alerts.came_at is 'When its condition came up: first, or again after it had ended.';
grant update (came_at) on alerts to flotilla_app;
