-- A line of a follower is processed again after a crash or an outage; its name
-- makes sure that it counts once.

alter table evidence add column line_id uuid;
alter table evidence add constraint evidence_line_once unique (line_id);

comment on column evidence.line_id is 'Names the line for ever; older lines have none.';
