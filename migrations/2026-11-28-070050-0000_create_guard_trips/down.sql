drop table guard_trips;
