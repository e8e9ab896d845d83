drop table guard_latches;
drop table guards;
