drop table copy_events;
drop table evidence;
